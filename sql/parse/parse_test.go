package parse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/internal/fault"
)

func mustExpr(t *testing.T, text string) Expr {
	t.Helper()
	e, err := ParseExpr(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"a + b", "( A_ + b)", false},
		{"a + b", "(a) + (b)", true},
		{`"a"`, "a", true},
		{"A", "a", false},
		{"floor(t to day)", "FLOOR(t TO DAYS)", true},
		{"sum(x) filter (where y)", "SUM(x) FILTER(WHERE (y))", true},
		{"a <> b", "a != b", true},
		{"1.0", "1.00", false},
		{"1e5", "1E5", true},
		{"x IN (1, 2)", "x IN (2, 1)", false},
		{"x::BIGINT", "CAST(x AS BIGINT)", true},
		{"CAST(x AS INT)", "CAST(x AS INTEGER)", true},
		{"a - b - c", "a - (b - c)", false},
		{"a - b - c", "(a - b) - c", true},
		{"NOT a = b", "(NOT a) = b", false},
		{"EXISTS (SELECT 1)", "EXISTS(select 1)", true},
		{"EXISTS (SELECT 1)", "EXISTS (SELECT 2)", false},
		{"TRIM(a)", "TRIM(BOTH FROM a)", true},
		{"count(*)", "COUNT(*)", true},
		{"COUNT(*)", "COUNT()", false},
		{"?", "?", true},
	} {
		if got := Equal(mustExpr(t, c.a), mustExpr(t, c.b)); got != c.want {
			t.Errorf("Equal(%s, %s) = %v", c.a, c.b, got)
		}
	}
	if Equal(nil, mustExpr(t, "a")) || !Equal(nil, nil) {
		t.Error("nil is equal to nil only")
	}
}

func TestIntervalValue(t *testing.T) {
	const minute, hour, day = 60_000, 3_600_000, 86_400_000
	for text, want := range map[string][2]int64{
		"INTERVAL '1' DAY":                          {0, day},
		"INTERVAL '-1' DAY":                         {0, -day},
		"INTERVAL -'1' DAY":                         {0, -day},
		"INTERVAL - '-2' HOURS":                     {0, 2 * hour},
		"INTERVAL '2' WEEK":                         {0, 14 * day},
		"INTERVAL '2' QUARTER":                      {6, 0},
		"INTERVAL '1-2' YEAR TO MONTH":              {14, 0},
		"INTERVAL '-1-2' YEAR TO MONTH":             {-14, 0},
		"INTERVAL '1 02' DAY TO HOUR":               {0, day + 2*hour},
		"INTERVAL '1 02:03' DAY TO MINUTE":          {0, day + 2*hour + 3*minute},
		"INTERVAL '1 02:03:04.567' DAY TO SECOND":   {0, day + 2*hour + 3*minute + 4567},
		"INTERVAL '1 02:03:04' DAY(2) TO SECOND(3)": {0, day + 2*hour + 3*minute + 4000},
		"INTERVAL '90:30' MINUTE TO SECOND":         {0, 90*minute + 30_000},
		"INTERVAL '100' DAY(3)":                     {0, 100 * day},
		"INTERVAL '1.5' SECOND":                     {0, 1500},
		"INTERVAL 3 MONTH":                          {3, 0},
	} {
		months, millis, err := mustExpr(t, text).(*Interval).Value()
		if err != nil || months != want[0] || millis != want[1] {
			t.Errorf("%s = %d months, %d ms, %v; want %v", text, months, millis, err, want)
		}
	}
	for _, bad := range []string{
		"INTERVAL 'x' DAY", "INTERVAL '' DAY", "INTERVAL '1.5' DAY", "INTERVAL '1-12' YEAR TO MONTH", "INTERVAL '1 24' DAY TO HOUR",
		"INTERVAL '1 02:60' DAY TO MINUTE", "INTERVAL '1' DAY TO MONTH", "INTERVAL '1' DOW", "INTERVAL '1:2' DAY TO HOUR", "INTERVAL '--1' DAY",
		"INTERVAL '+-1' DAY", "INTERVAL '99999999999' DAY", "INTERVAL '1.' SECOND", "INTERVAL '1' HOUR TO DAY",
	} {
		if e, err := ParseExpr(bad); err == nil {
			t.Errorf("%s gave %s", bad, Format(e))
		}
	}
}

func TestDepthIsLimited(t *testing.T) {
	for _, c := range []struct{ open, core, close string }{
		{"(", "1", ")"}, {"NOT ", "a", ""}, {"- ", "a", ""}, {"f(", "1", ")"}, {"CASE WHEN a THEN ", "1", " END"}, {"ARRAY[", "1", "]"},
		{"(SELECT ", "1", ")"}, {"a IN (", "1", ")"}, {"a || (", "b", ")"}, {"CAST(", "1", " AS BIGINT)"}, {"a[", "1", "]"},
	} {
		ok := "SELECT " + strings.Repeat(c.open, 60) + c.core + strings.Repeat(c.close, 60)
		if _, err := Parse(ok); err != nil {
			t.Errorf("60 levels of %s: %v", c.open, err)
		}
		_, err := Parse("SELECT " + strings.Repeat(c.open, 5000) + c.core + strings.Repeat(c.close, 5000))
		var e *fault.Error
		if !errors.As(err, &e) || e.Kind != fault.Limit || e.Line != 1 {
			t.Errorf("5000 levels of %s: %.200v", c.open, err)
		}
	}
	for _, open := range []string{"SELECT * FROM (", "(", "SELECT * FROM t GROUP BY GROUPING SETS (", "SELECT * FROM a JOIN ("} {
		if _, err := Parse(strings.Repeat(open, 5000)); err == nil {
			t.Errorf("5000 times %s was parsed", open)
		}
	}
}

// A list, a chain of operators, joins or unions takes no depth, and time in
// proportion to its length.
func TestLongIsLinear(t *testing.T) {
	const n = 100_000
	long := map[string]string{
		"list":   "SELECT * FROM t WHERE a IN (" + strings.Repeat("'value', ", n) + "'z')",
		"or":     "SELECT * FROM t WHERE " + strings.Repeat("a = 1 OR ", n) + "b",
		"union":  strings.Repeat("SELECT 1 UNION ALL ", n) + "SELECT 2",
		"tables": "SELECT * FROM " + strings.Repeat("t, ", n) + "u",
		"values": "VALUES " + strings.Repeat("(1, 'x'), ", n) + "(2, 'y')",
		"lines":  "SELECT " + strings.Repeat("\n", n) + "1",
	}
	start := time.Now()
	for name, text := range long {
		s, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %.300v", name, err)
		}
		Walk(s.Body, func(Node) bool { return true })
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

// No part of the tree is shared, or these would be exponential.
func TestNestedCaseIsLinear(t *testing.T) {
	text := "SELECT " + strings.Repeat("CASE x WHEN 1, 2, 3 THEN ", 100) + "y" + strings.Repeat(" END", 100)
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.String(); got != text {
		t.Errorf("got %s", got)
	}
}

func TestWalkSeesEveryColumn(t *testing.T) {
	const text = `WITH c AS (SELECT c1 FROM t) SELECT c2, SUM(c3 ORDER BY c4) FILTER (WHERE c5) OVER (PARTITION BY c6 ORDER BY c7),
		CASE c8 WHEN c9 THEN c10 ELSE c11 END, c12[c13], (c14, c15) IN (SELECT c16, c17 FROM u), JSON_OBJECT(c18: c19), FLOOR(c20 TO DAY),
		EXTRACT(DAY FROM c21), TRIM(c22 FROM c23), c24 LIKE c25 ESCAPE c26, c27 BETWEEN c28 AND c29, CAST(c30 AS BIGINT), c31 = ANY (c32, c33)
		FROM a JOIN b ON c34 = c35, UNNEST(c36), TABLE(f(x => c37)) WHERE c38 GROUP BY ROLLUP (c39, (c40, c41)) HAVING c42 QUALIFY c43 ORDER BY c44`
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	Walk(s.Body, func(node Node) bool {
		if id, ok := node.(*Ident); ok {
			n++
			if want := fmt.Sprint("c", n); id.Parts[0].Text != want && n < 3 {
				t.Errorf("column %d is %s", n, id.Parts[0].Text)
			}
			if at := id.Pos(); text[at.Offset:at.End] != id.Parts[0].Text {
				t.Errorf("column %s is placed at %q", id.Parts[0].Text, text[at.Offset:at.End])
			}
		}
		return true
	})
	if n != 44 {
		t.Errorf("saw %d columns", n)
	}
}

// A place counts characters, not bytes, and any kind of line end.
func TestPlaces(t *testing.T) {
	s, err := Parse("SELECT 'größe→'\r\n, x\r, y\n\t, 日本, \"z\"")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range s.Body.(*Select).Items {
		got = append(got, fmt.Sprintf("%d:%d", i.Pos().Line, i.Pos().Column))
	}
	if want := "1:8 2:3 3:3 4:4 4:8"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestInvalidUTF8(t *testing.T) {
	_, err := Parse("SELECT a,\n 'é\xff'")
	var e *fault.Error
	if !errors.As(err, &e) || e.Line != 2 || e.Column != 4 {
		t.Errorf("got %v", err)
	}
}

// A word that the parser asks for must be a keyword, or it is never found.
func TestWordsAreKeywords(t *testing.T) {
	calls := regexp.MustCompile(`\.(?:is|are|accept|expect|isOneOf|acceptOneOf)\(([^()]*)`)
	words := regexp.MustCompile(`"([A-Z_]{2,}|[A-Z])"`)
	paths, _ := filepath.Glob("parse*.go")
	n := 0
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range calls.FindAllStringSubmatch(string(data), -1) {
			for _, w := range words.FindAllStringSubmatch(c[1], -1) {
				n++
				if keyword(w[1]) != w[1] {
					t.Errorf("%s asks for %s, which is no keyword", path, w[1])
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("found only %d words", n)
	}
	for _, m := range []map[string]func(*parser) Expr{prefixes, specials} {
		for w := range m {
			if isWord(w) && keyword(w) != w {
				t.Errorf("%s is no keyword", w)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	paths, _ := filepath.Glob("testdata/*.txt")
	for _, path := range paths {
		for _, b := range readScript(f, path) {
			f.Add(b.input)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			var e *fault.Error
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("%q: error without a place: %v", text, err)
			}
			return
		}
		checkPlaces(t, text, s)
		out := s.String()
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("%q\nis printed as %q\nwhich fails: %v", text, out, err)
		}
		if !EqualStatements(s, again) {
			t.Fatalf("%q\nis printed as %q\nwhich is read as %q", text, out, again.String())
		}
	})
}

// checkPlaces demands that every node lies in the text.
func checkPlaces(t *testing.T, text string, s *Statement) {
	Walk(s.Body, func(n Node) bool {
		at := n.Pos()
		if at.Line < 1 || at.Column < 1 || at.Offset < 0 || at.Offset > at.End || at.End > len(text) {
			t.Fatalf("%q: %T is at %+v", text, n, at)
		}
		return true
	})
}

package fn_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// table is a lookup for tests.
type table map[string]string

func (m table) Get(k string) (string, bool) { v, ok := m[k]; return v, ok }
func (m table) OneToOne() bool              { return false }
func (m table) Each(visit func(k, v string)) {
	for _, k := range []string{"k1", "k9"} {
		visit(k, m[k])
	}
}

var textEnv = &expr.Env{Now: 1700000000000, Lookup: func(name string) (expr.LookupTable, bool) {
	return table{"k1": "one", "k9": ""}, name == "names"
}}

// TestTextScripts runs the lines of testdata/{string,format,regex,ip,time}.txt:
// over literals, which are folded, and over columns that hold them.
func TestTextScripts(t *testing.T) {
	for _, name := range []string{"string", "format", "regex", "ip", "time"} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		// An expression may go over several lines, up to its arrow.
		for _, line := range strings.Split(strings.ReplaceAll(string(text), "'a\nb'", "'a\\nb'"), "\n") {
			source, want, ok := strings.Cut(line, " => ")
			if !ok || strings.HasPrefix(line, "#") {
				continue
			}
			for _, form := range []string{"literals", "columns"} {
				if got := runText(t, source, form == "columns"); !agrees(got, want) {
					t.Errorf("%s over %s: got %v, want %s", source, form, got, want)
				}
			}
		}
	}
}

// agrees compares a value or an error with what a line wants.
func agrees(got any, want string) bool {
	if part, ok := strings.CutPrefix(want, "error "); ok {
		err, is := got.(error)
		return is && strings.Contains(err.Error(), part)
	}
	if f, ok := got.(float64); ok {
		return string(expr.AppendDouble(nil, f)) == want
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	return e.Encode(marked(got)) == nil && strings.TrimSpace(text.String()) == want
}

// marked shows halves of characters as their numbers.
func marked(x any) any {
	switch x := x.(type) {
	case string:
		var out strings.Builder
		for x != "" {
			r, size := wtf8.DecodeRune(x)
			if utf16.IsSurrogate(r) {
				fmt.Fprintf(&out, "<%X>", r)
			} else {
				out.WriteString(x[:size])
			}
			x = x[size:]
		}
		return out.String()
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = marked(x[i])
		}
		return out
	}
	return x
}

// runText evaluates an expression for two rows that are alike. With columns,
// the first argument, if it is a literal, becomes a column.
func runText(t *testing.T, source string, columns bool) any {
	t.Helper()
	e, err := expr.Parse(source)
	if err != nil {
		t.Errorf("%s: %v", source, err)
		return err
	}
	schema, batch := data.Schema{{Name: "other", Type: data.LongType}}, &data.Batch{N: 2}
	batch.Cols = append(batch.Cols, data.Literal(data.LongType, int64(1), 2).Flat(nil))
	if c, ok := e.(*expr.Call); ok && columns && len(c.Args) > 0 {
		if l, ok := c.Args[0].(*expr.Lit); ok && l.Type.Kind != data.Null {
			schema = append(schema, data.Field{Name: "x", Type: l.Type})
			batch.Cols = append(batch.Cols, data.Literal(l.Type, l.Value, 2).Flat(nil))
			args := append([]expr.Expr{expr.Column("x")}, c.Args[1:]...)
			e = &expr.Call{Func: c.Func, Args: args}
		}
	}
	p, err := expr.Compile(e, schema, textEnv)
	if err != nil {
		return err
	}
	v, err := p.Eval(&data.Scratch{}, batch)
	if err != nil {
		return err
	}
	if v.Type != p.Type {
		t.Errorf("%s: gave %s, announced %s", source, v.Type, p.Type)
	}
	if v.N != 2 || !agrees(v.Value(0), mustJSON(v.Value(1))) {
		t.Errorf("%s: rows that are alike give %v and %v", source, v.Value(0), v.Value(1))
	}
	return v.Value(0)
}

func mustJSON(x any) string {
	if f, ok := x.(float64); ok {
		return string(expr.AppendDouble(nil, f))
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(marked(x))
	return strings.TrimSpace(text.String())
}

// TestSQLForms checks what calls SQL's names become, in UTC and in a zone.
func TestSQLForms(t *testing.T) {
	const paris = "Europe/Paris"
	for _, c := range []struct{ name, args, zone, want string }{
		{"FLOOR_TO", "t, 'DAY'", "", "timestamp_floor(t, 'P1D')"},
		{"TIME_FLOOR", "t, 'P1D'", "", "timestamp_floor(t, 'P1D')"},
		{"TIME_FLOOR", "t, 'P1D', null, 'UTC'", "", "timestamp_floor(t, 'P1D')"},
		{"DATE_TRUNC", "'day', t", "", "timestamp_floor(t, 'P1D')"},
		{"DATE_TRUNC", "'quarter', t", "", "timestamp_floor(t, 'P3M')"},
		{"DATE_TRUNC", "'milliseconds', t", "", "t"},
		{"DATE_TRUNC", "'century', t", "", "timestamp_floor(t, 'P100Y', 978307200000)"},
		{"FLOOR_TO", "t, 'DAY'", paris, "timestamp_floor(t, 'P1D', null, 'Europe/Paris')"},
		{"TIME_FLOOR", "t, 'P1D', null, 'UTC'", paris, "timestamp_floor(t, 'P1D')"},
		{"TIME_FLOOR", "t, 'P1D', 5", paris, "timestamp_floor(t, 'P1D', 5, 'Europe/Paris')"},
		{"TIME_FLOOR", "s, 'P1D'", "", "error expects a TIMESTAMP"},
		{"CEIL_TO", "t, 'YEAR'", "", "timestamp_ceil(t, 'P1Y')"},
		{"TIME_EXTRACT", "t, 'hour'", "", "timestamp_extract(t, 'HOUR')"},
		{"TIME_EXTRACT", "t, 'HOUR', 'Asia/Tokyo'", paris, "timestamp_extract(t, 'HOUR', 'Asia/Tokyo')"},
		{"EXTRACT", "'HOUR', t", paris, "timestamp_extract(t, 'HOUR', 'Europe/Paris')"},
		{"EXTRACT", "'CENTURY', t", "", "cast(timestamp_extract(t, 'CENTURY'), 'LONG')"},
		{"EXTRACT", "'FORTNIGHT', t", "", "error unknown time unit"},
		{"TIME_SHIFT", "t, 'P1M', -1", "", "timestamp_shift(t, 'P1M', -1)"},
		{"TIMESTAMPADD", "'DAY', 2, t", paris, "plus(t, 172800000)"},
		{"TIMESTAMPADD", "'MONTH', l, t", paris, "timestamp_shift(t, 'P1M', l, 'Europe/Paris')"},
		{"TIMESTAMPDIFF", "'DAY', t, l", "", "divide(minus(l, t), 86400000)"},
		{"TIMESTAMPDIFF", "'QUARTER', t, l", "", "divide(subtract_months(l, t), 3)"},
		{"TIME_PARSE", "s", paris, "timestamp_parse(s, null, 'Europe/Paris')"},
		{"TIME_FORMAT", "t", "", `timestamp_format(t, 'yyyy-MM-dd\'T\'HH:mm:ss.SSSZZ')`},
		{"TIMESTAMP FROM TEXT", "s", "", "timestamp_parse(s)"},
		{"DATE FROM TEXT", "s", paris, "timestamp_floor(timestamp_parse(s, null, 'Europe/Paris'), 'P1D', null, 'Europe/Paris')"},
		{"TEXT FROM TIMESTAMP", "t", "", "timestamp_format(t, 'yyyy-MM-dd HH:mm:ss')"},
		{"TIME_IN_INTERVAL", "t, '1970-01-01/P1D'", paris, "and(greaterequal(t, -3600000), less(t, 82800000))"},
		{"CURRENT_DATE", "", paris, "timestamp_floor(current_timestamp(), 'P1D', null, 'Europe/Paris')"},
		{"MILLIS_TO_TIMESTAMP", "l", "", "l"},
		{"SUBSTRING", "s, 2, 3", "", "substring(s, 1, 3)"},
		{"SUBSTRING", "s, l + 1", "", "substring(s, minus(plus(l, 1), 1), -1)"},
		{"SUBSTRING", "s, 1, -1", "", "error must not be below 0"},
		{"STRPOS", "s, 'a'", "", "plus(strpos(s, 'a'), 1)"},
		{"POSITION", "'a', s, 2", "", "plus(strpos(s, 'a', 1), 1)"},
		{"LPAD", "s, 3", "", "lpad(s, 3, ' ')"},
		{"BTRIM", "s", "", "trim(s, ' ')"},
	} {
		got := buildSQL(t, c.name, c.args, c.zone)
		if part, ok := strings.CutPrefix(c.want, "error "); ok && !strings.Contains(got, part) || !ok && got != c.want {
			t.Errorf("%s(%s) in %q: got %s, want %s", c.name, c.args, c.zone, got, c.want)
		}
	}
}

func buildSQL(t *testing.T, name, args, zone string) string {
	t.Helper()
	f, sql, ok := expr.LookupSQL(name)
	if !ok {
		t.Fatalf("no SQL function %s", name)
	}
	var typed []expr.Typed
	if args != "" {
		e, err := expr.Parse("concat(" + args + ")")
		if err != nil {
			t.Fatal(err)
		}
		schema := data.Schema{{Name: "t", Type: data.LongType}, {Name: "l", Type: data.LongType}, {Name: "s", Type: data.StringType}}
		for _, a := range e.(*expr.Call).Args {
			at, err := expr.TypeOf(a, schema)
			if err != nil {
				t.Fatal(err)
			}
			typed = append(typed, expr.Typed{Expr: a, Type: at})
		}
	}
	if zone != "" {
		typed = append(typed, expr.ZoneArg(zone))
	}
	if sql.Build == nil {
		t.Fatalf("%s of %s builds nothing", name, f.Name)
	}
	built, err := sql.Build(typed)
	if err != nil {
		return err.Error()
	}
	return built.String()
}

// TestTimeColumns checks the column loops against one time after the other:
// over instants around changes of offset, in runs and out of order.
func TestTimeColumns(t *testing.T) {
	z, err := chrono.LoadZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	var times []int64
	for _, start := range []int64{1710054000000, 1730610000000, -3600000, 1e13} {
		for i := range int64(200) {
			times = append(times, start+i*i*977777, start-i*600000)
		}
	}
	times = append(times, -1<<62, 1<<62)
	b := data.NewBuilder(data.LongType)
	for _, ms := range times {
		b.Long(ms)
	}
	batch := &data.Batch{N: len(times), Cols: []*data.Vec{b.Vec()}}
	schema := data.Schema{{Name: "t", Type: data.LongType}}
	check := func(source string, one func(ms int64) int64) {
		e, err := expr.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		p, err := expr.Compile(e, schema, nil)
		if err != nil {
			t.Fatal(err)
		}
		v, err := p.Eval(&data.Scratch{}, batch)
		if err != nil {
			t.Fatal(err)
		}
		for i, ms := range times {
			if got, want := v.Long(i), one(ms); got != want {
				t.Errorf("%s of %d: got %d, want %d", source, ms, got, want)
				return
			}
		}
	}
	for _, period := range []string{"PT15M", "PT1H", "PT7H", "P1D", "P2D", "P1W", "P1M", "P3M", "P1Y", "P100Y"} {
		p, _ := chrono.ParsePeriod(period)
		g, err := chrono.NewPeriodGranularity(p, nil, z)
		if err != nil {
			t.Fatal(err)
		}
		check("timestamp_floor(t, '"+period+"', null, 'America/New_York')", g.Floor)
		check("timestamp_ceil(t, '"+period+"', null, 'America/New_York')", func(ms int64) int64 { return chrono.Ceil(g, ms) })
	}
	for _, unit := range []string{"SECOND", "MINUTE", "HOUR", "DAY", "DOW", "DOY", "WEEK", "MONTH", "QUARTER", "YEAR", "DECADE", "CENTURY"} {
		check("timestamp_extract(t, '"+unit+"', 'America/New_York')", func(ms int64) int64 {
			x, _ := chrono.Extract(unit, ms, z)
			return x
		})
	}
}

// TestGranularity checks that planners recognise calls that cut time.
func TestGranularity(t *testing.T) {
	for source, want := range map[string]string{
		"timestamp_floor(t, 'P1D')": "DAY", "timestamp_floor(t, 'PT1H', null, 'UTC')": "HOUR", "timestamp_floor(t, p)": "", "timestamp_ceil(t, 'P1D')": "",
	} {
		e, err := expr.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, g, ok := fn.Granularity(e); ok {
			got = g.String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}

// FuzzFormat looks for formats that break the formatter.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"%5.2f", "%-+,(d", "%2$s%<x", "%%%n", "%.0g", "%#o"} {
		f.Add(s, int64(-5), 1.25)
	}
	f.Fuzz(func(t *testing.T, format string, l int64, d float64) {
		if len(format) > 20 {
			return
		}
		e := expr.Of("format", expr.String(format), expr.Long(l), expr.Double(d), expr.Double(d))
		p, err := expr.Compile(e, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Eval(nil, &data.Batch{N: 1}); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzLike checks patterns against a plain matcher.
func FuzzLike(f *testing.F) {
	f.Add("a%b_c", "axxbyc")
	f.Add("%ab%ab%", "abab")
	f.Add("_%_", "é")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		pattern, text = strings.ToValidUTF8(pattern, "?"), strings.ToValidUTF8(text, "?")
		if len(pattern) > 12 || len(text) > 16 {
			return
		}
		if got, want := fn.NewLike(pattern, -1, false).Match(text), plainLike([]rune(pattern), []rune(text)); got != want {
			t.Errorf("%q LIKE %q: got %v, want %v", text, pattern, got, want)
		}
	})
}

func plainLike(p, x []rune) bool {
	switch {
	case len(p) == 0:
		return len(x) == 0
	case p[0] == '%':
		return plainLike(p[1:], x) || len(x) > 0 && plainLike(p, x[1:])
	}
	return len(x) > 0 && (p[0] == '_' || p[0] == x[0]) && plainLike(p[1:], x[1:])
}

// TestMultiLiteral checks that several strings stay several when they are a
// constant: folded, evaluated and sent as JSON.
func TestMultiLiteral(t *testing.T) {
	lit := &expr.Lit{Value: []any{"a", nil, "b"}, Type: data.StringType}
	sent, err := json.Marshal(expr.Box{Expr: expr.Of("upper", lit)})
	if err != nil {
		t.Fatal(err)
	}
	var got expr.Box
	if err := json.Unmarshal(sent, &got); err != nil {
		t.Fatal(err)
	}
	p, err := expr.Compile(got.Expr, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Eval(nil, &data.Batch{N: 2})
	if err != nil {
		t.Fatal(err)
	}
	if text := mustJSON(v.Value(1)); text != `["A",null,"B"]` {
		t.Errorf("got %s", text)
	}
}

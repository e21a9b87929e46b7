package benchmarks

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	qs, err := parse(strings.NewReader("# of all\n\nname   a\nsql    SELECT 1\npeer   select 1\norder  any\nanswer [[1]]\n\n\n# of one\nname b\nnative {\"queryType\":\"scan\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(qs) != 2 || qs[0].SQL != "SELECT 1" || qs[0].Peer != "select 1" || qs[0].Order != AnyOrder || string(qs[0].Answer) != "[[1]]" || qs[0].Line != 3 {
		t.Fatalf("got %+v", qs)
	}
	if qs[1].Name != "b" || string(qs[1].Native) != `{"queryType":"scan"}` || qs[1].Answer != nil || qs[1].Line != 11 {
		t.Fatalf("got %+v", qs[1])
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"name a\nsqll SELECT 1":             `2: expected name, sql, native, peer, clickhouse, order or answer, got "sqll"`,
		"name a\nsql":                       "2: sql: expected a value",
		"sql SELECT 1":                      "1: a query without a name",
		"name a\npeer select 1":             "1: query a: expected either sql or native",
		"name a\nsql SELECT 1\nnative {}":   "1: query a: expected either sql or native",
		"name a\nsql x\n\nname a\nsql x":    "4: a second query a",
		"name a\nsql x\nanswer [[1]":        "3: answer: expected a JSON array",
		"name a\nsql x\nanswer 1":           "3: answer: expected a JSON array",
		"name a\nnative [1]":                "2: native: expected a JSON object",
		"name a\nsql x\norder 0":            "3: order: expected any or the number of a column, from 1",
		"name a\nsql x\norder last":         "3: order: expected any or the number of a column, from 1",
		strings.Repeat("x", 17<<20) + "\na": "1: bufio.Scanner: token too long",
	} {
		if _, err := parse(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%.40q: want %q, got %v", text, want, err)
		}
	}
}

// TestSuites reads every suite: each query has an answer.
func TestSuites(t *testing.T) {
	paths, err := filepath.Glob("*.bench")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		qs, err := Read(path)
		if err != nil {
			t.Error(err)
		}
		for _, q := range qs {
			if q.Answer == nil || q.Peer == "" {
				t.Errorf("%s:%d: %s has no answer, or nothing to ask of peers", path, q.Line, q.Name)
			} else if d := differs(q.Answer, q.Answer, q.Order); d != "" {
				t.Errorf("%s:%d: %s: its answer is not equal to itself: %s", path, q.Line, q.Name, d)
			}
		}
	}
}

func TestDiffers(t *testing.T) {
	for _, c := range []struct {
		want, got string
		order     Order
		differ    string // how the difference begins; "" if there is none
	}{
		{`[[1,"a",null,true]]`, `[[1,"a",null,true]]`, 0, ""},
		{`[[34769743025.01]]`, `[[3.4769743025009995E10]]`, 0, ""},
		{`[[0]]`, `[[0.0]]`, 0, ""},
		{`[[1.00000001]]`, `[[1]]`, 0, "[0][0]: want 1.00000001, got 1"},
		{`[[0]]`, `[[1e-300]]`, 0, "[0][0]: want 0, got 1e-300"},
		{`[["1"]]`, `[[1]]`, 0, "[0][0]: want 1, got 1"},
		{`[[1]]`, `[["1"]]`, 0, "[0][0]: want 1, got 1"},
		{`[[null]]`, `[[""]]`, 0, "[0][0]: want <nil>, got "},
		{`[[null]]`, `[[[1]]]`, 0, "[0][0]: want <nil>, got [1]"},
		{`[[1],[2]]`, `[[1]]`, 0, "want 2 rows, got 1"},
		{`[[1,2]]`, `[[1]]`, 0, "[0]: want 2 values, got [1]"},
		{`[]`, `{"error":"x"}`, 0, `want rows, got {"error":"x"}`},

		{`[{"a":{"b":1}}]`, `[{"a":{"b":1.0}}]`, 0, ""},
		{`[{"a":{"b":1}}]`, `[{"a":{"b":2}}]`, 0, "[0].a.b: want 1, got 2"},
		{`[{"a":null}]`, `[{"b":null}]`, 0, "[0]: want a member a, got map[b:<nil>]"},
		{`[{"a":1}]`, `[{"a":1,"b":2}]`, 0, "[0]: want 1 members"},

		{`[[1],[2]]`, `[[2],[1]]`, 0, "[0][0]: want 1, got 2"},
		{`[[1],[2]]`, `[[2],[1]]`, AnyOrder, ""},
		{`[[1],[1],[2]]`, `[[2],[1],[2]]`, AnyOrder, "[1]: want [1] among"},

		{`[["a",9],["b",9],["c",8]]`, `[["b",9],["a",9],["d",8]]`, 2, ""}, // of the last any may come
		{`[["a",9],["b",9],["c",8]]`, `[["b",9],["x",9],["c",8]]`, 2, "[0]: want [a 9] among rows 0 to 1"},
		{`[["a",9],["b",8]]`, `[["b",8],["a",9]]`, 2, "[0][1]: want 9, got 8"},
		{`[["a",9],["b",8]]`, `[["a",9],["b",7]]`, 2, "[1][1]: want 8, got 7"},
		{`[["a"]]`, `[["a",1]]`, 2, "[0][1]: want <nil>, got 1"},
		{`[["a",1]]`, `[1]`, 2, "[0][1]: want 1, got <nil>"},
	} {
		got := differs(json.RawMessage(c.want), json.RawMessage(c.got), c.order)
		if (c.differ == "") != (got == "") || !strings.HasPrefix(got, c.differ) {
			t.Errorf("%s against %s, order %d: want %q, got %q", c.got, c.want, c.order, c.differ, got)
		}
	}
}

func TestRun(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		var body struct {
			Query, QueryType, ResultFormat string
			Context                        map[string]any
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Context["useCache"] != false {
			t.Errorf("%v: asked %+v", err, body)
		}
		switch {
		case r.URL.Path == "/druid/v2/sql" && body.ResultFormat == "array" && body.Query == "SELECT 1":
			_, _ = w.Write([]byte("[[1]]"))
		case r.URL.Path == "/druid/v2" && body.QueryType == "scan" && body.Context["priority"] == 3.0:
			_, _ = w.Write([]byte(`[{"n":1}]`))
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer server.Close()
	for _, q := range []Query{
		{Name: "sql", SQL: "SELECT 1", Answer: json.RawMessage("[[1]]")},
		{Name: "native", Native: json.RawMessage(`{"queryType":"scan","context":{"priority":3,"useCache":true}}`), Answer: json.RawMessage(`[{"n":1}]`)},
	} {
		asked = 0
		r, err := Run(context.Background(), server.URL, q, 3)
		if err != nil || r.Wrong != "" || asked != 3+warmUps || r.Least <= 0 || r.Median < r.Least || r.Most < r.Median {
			t.Errorf("%s: %+v %v, asked %d times", q.Name, r, err, asked)
		}
		q.Answer = json.RawMessage("[[2]]")
		if r, err = Run(context.Background(), server.URL, q, 1); err != nil || r.Wrong == "" {
			t.Errorf("%s: a wrong answer passes: %v", q.Name, err)
		}
	}
	if _, err := Run(context.Background(), server.URL, Query{Name: "bad", SQL: "SELECT"}, 1); err == nil || !strings.HasPrefix(err.Error(), "bad: status 400") {
		t.Errorf("got %v", err)
	}
	if _, err := Run(context.Background(), server.URL, Query{Name: "none", SQL: "SELECT 1"}, 0); err == nil {
		t.Error("no runs pass")
	}
}

func FuzzParse(f *testing.F) {
	if text, err := os.ReadFile("lineitem.bench"); err == nil {
		f.Add(string(text))
	}
	f.Add("name a\nnative {}\norder 2\nanswer []\n\n#\nname b\nsql x")
	f.Fuzz(func(t *testing.T, text string) {
		qs, err := parse(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, q := range qs {
			if q.Name == "" || q.Line == 0 || (q.SQL == "") == (q.Native == nil) {
				t.Errorf("read %+v", q)
			}
			if q.Answer != nil {
				_ = differs(q.Answer, q.Answer, q.Order)
			}
		}
	})
}

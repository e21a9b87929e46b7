package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
)

// A recording is a query and what the reference answered. Rows in order "any"
// compare as a multiset; approx is a relative tolerance of numbers. One with a
// quirk, an absurd behaviour of the reference, is asked but does not count.
type recording struct {
	ID     string          `json:"id"`
	Group  string          `json:"group"`
	Kind   string          `json:"kind"`
	Body   json.RawMessage `json:"body"`
	Order  string          `json:"order"`
	Approx float64         `json:"approx"`
	Quirk  string          `json:"quirk"`
	Why    string          `json:"-"` // it is disputed, and Answer is ours
	Status int             `json:"status"`
	Answer json.RawMessage `json:"answer"`
}

func readCorpus(t testing.TB) []recording {
	var out []recording
	for _, name := range []string{"native", "sql", "beyond", "neighbours"} {
		f, err := os.Open(filepath.Join(testdata, "corpus", name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		in := bufio.NewScanner(f)
		in.Buffer(nil, 16<<20)
		for line := 1; in.Scan(); line++ {
			var r recording
			if err := json.Unmarshal(in.Bytes(), &r); err != nil {
				t.Fatalf("%s:%d: %v", f.Name(), line, err)
			}
			out = append(out, r)
		}
		if err := in.Err(); err != nil {
			t.Fatal(err)
		}
	}
	dispute(t, out)
	return out
}

// verdict says what is wrong with an answer; "" is nothing.
func (r *recording) verdict(status int, text []byte) string {
	if r.Status != 200 {
		return r.refusal(status, text)
	}
	if status != 200 {
		return fmt.Sprint("status ", status)
	}
	want, got := parseJSON(r.Answer), parseJSON(text)
	if r.Kind == "sql" {
		if a, b := columns(want), columns(got); a != nil && b != nil && !slices.Equal(a, b) {
			return fmt.Sprintf("columns %v, expected %v", b, a)
		}
	}
	if r.Order == "any" && !sameAnyOrder(want, got, r.Approx) {
		return "rows differ"
	}
	if r.Order != "any" && !same(want, got, r.Approx) {
		return "answer differs"
	}
	return ""
}

// columns are the members of the first row, in order.
func columns(rows any) []string {
	list, _ := rows.([]any)
	if len(list) == 0 {
		return nil
	}
	o, _ := list[0].(*object)
	if o == nil {
		return nil
	}
	return o.keys
}

// refusal judges an answer where an error is expected: by class of status and,
// where they were recorded, code and category; it must say something. Where the
// reference blamed itself for a user's mistake, any 4xx is right, and a 501.
func (r *recording) refusal(status int, text []byte) string {
	want, _ := parseJSON(r.Answer).(*object)
	switch {
	case status == 0 || status == 200:
		return fmt.Sprint("expected an error ", r.Status)
	case r.Status == 500:
		if status/100 != 4 && status != 501 {
			return fmt.Sprintf("status %d, expected 4xx", status)
		}
		want = nil
	case status/100 != r.Status/100:
		return fmt.Sprintf("status %d, expected %d", status, r.Status)
	}
	got, ok := parseJSON(text).(*object)
	if !ok {
		if r.Status == 415 {
			return ""
		}
		return "the error is not a JSON object"
	}
	for _, k := range []string{"errorCode", "category"} {
		if want == nil {
			break
		}
		if w, recorded := want.member[k]; recorded && !same(w, got.member[k], 0) {
			return fmt.Sprintf("%s %v, expected %v", k, got.member[k], w)
		}
	}
	for _, k := range []string{"errorMessage", "error"} {
		if v := got.member[k]; v != nil && v != "" {
			return ""
		}
	}
	return "the error says nothing"
}

// TestCorpus asks every recorded query. The failures must be the known ones:
// that file may only shrink.
func TestCorpus(t *testing.T) { recorded(t, config()).corpus(t, readCorpus(t)) }

// corpus asks recorded queries and gives the verdict of each.
func (n *node) corpus(t *testing.T, cases []recording) []string {
	why := n.askAll(cases)
	var failed []string
	for i := range cases {
		if why[i] != "" && cases[i].Quirk == "" {
			failed = append(failed, cases[i].ID)
		}
	}
	t.Log("\n" + score(cases, why))
	if status, text := n.ask("sql", []byte(`{"query": "SELECT COUNT(*) AS n FROM wikipedia"}`)); status != 200 || !bytes.Contains(text, []byte("39244")) {
		t.Errorf("after the corpus the server is not well: %d %s", status, text)
	}
	compareFailures(t, cases, why, failed)
	return why
}

// askAll gives the verdict of each case.
func (n *node) askAll(cases []recording) []string {
	why := make([]string, len(cases))
	next := make(chan int)
	var asking sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		asking.Go(func() {
			for i := range next {
				status, text := n.ask(cases[i].Kind, run(cases[i].Body))
				why[i] = cases[i].verdict(status, text)
			}
		})
	}
	for i := range cases {
		next <- i
	}
	close(next)
	asking.Wait()
	return why
}

// run is the query as the flags want it run.
func run(body []byte) []byte {
	c := map[string]any{}
	if *workers > 0 {
		c["workers"] = *workers
	}
	if *batchRows > 0 {
		c["batchRows"] = *batchRows
	}
	if *exchange != "" {
		c["exchange"] = *exchange
	}
	if *memory > 0 {
		c["maxQueryMemoryBytes"] = *memory
	}
	if len(c) == 0 {
		return body
	}
	return with(body, c)
}

// score is a table of groups, then answers and errors of each kind.
func score(cases []recording, why []string) string {
	type tally struct{ good, of int }
	groups, sums := map[string]*tally{}, map[string]*tally{}
	count := func(m map[string]*tally, key string, good bool) {
		if m[key] == nil {
			m[key] = new(tally)
		}
		m[key].of++
		if good {
			m[key].good++
		}
	}
	for i, c := range cases {
		kind, what := c.Kind, "answers"
		if c.Status != 200 {
			what = "errors"
		}
		if c.Group == "beyond" {
			kind = "beyond"
		}
		if c.Quirk != "" {
			kind, what = "quirks", "(not counted)"
			count(groups, "quirks", why[i] == "")
		} else if c.Why != "" {
			kind, what = "disputed", "(not counted)"
			count(groups, "disputed", why[i] == "")
		} else {
			count(groups, kind+" "+c.Group, why[i] == "")
		}
		count(sums, kind+" "+what, why[i] == "")
	}
	var b strings.Builder
	for _, m := range []map[string]*tally{groups, sums} {
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			fmt.Fprintf(&b, "%-28s %4d/%4d  %5.1f %%\n", k, m[k].good, m[k].of, 100*float64(m[k].good)/float64(m[k].of))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func compareFailures(t *testing.T, cases []recording, why, failed []string) {
	sort.Strings(failed)
	file := filepath.Join(testdata, "corpus", "known_failures.txt")
	if *rewrite {
		if err := os.WriteFile(file, []byte(strings.Join(append(failed, ""), "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields(string(text))
	if !slices.IsSorted(known) || len(slices.Compact(slices.Clone(known))) != len(known) {
		t.Errorf("%s: the ids must be sorted, each once", file)
	}
	for _, id := range known {
		switch i := slices.IndexFunc(cases, func(c recording) bool { return c.ID == id }); {
		case i < 0:
			t.Errorf("%s lists %s, which is no case", file, id)
		case why[i] == "":
			t.Errorf("%s passes now: remove it from %s", id, file)
		}
	}
	for _, id := range failed {
		if _, listed := slices.BinarySearch(known, id); !listed {
			i := slices.IndexFunc(cases, func(c recording) bool { return c.ID == id })
			t.Errorf("%s: %s\n\tasked  %s\n\texpect %.1000s", id, why[i], cases[i].Body, cases[i].Answer)
		}
	}
}

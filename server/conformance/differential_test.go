package conformance

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/ovatedb/ovate/server/single"
)

var duckdb = flag.String("duckdb", "", "a python that has the package duckdb, for TestDifferential")

// explained are differences from DuckDB that are meant, by the shape of a query,
// what DuckDB says, and whether there is no row here.
var explained = []struct {
	reason      string
	query, says *regexp.Regexp
	empty       bool
}{
	{"longs wrap; there they overflow", nil, regexp.MustCompile(`Out of Range|out of range|Overflow`), false},
	{"what no function is defined for is NaN; there it is an error", nil, regexp.MustCompile(`cannot take|undefined|Invalid Input`), false},
	{"DuckDB 2.0 forgets the condition of a CASE of one literal under LIKE and its like", regexp.MustCompile(`CASE WHEN .* THEN '[a-z]*' END`), nil, false},
	{"no rows have no grand total, as in Druid", regexp.MustCompile(`GROUPING SETS|ROLLUP|CUBE`), nil, true},
}

// otherPlans are ways to run a query that its answer must not depend on.
var otherPlans = []struct {
	name string
	of   func(ours string) string
	with map[string]any
}{
	{"small batches", func(q string) string { return q }, map[string]any{"batchRows": 7, "workers": 5}},
	{"nothing is pushed into scans", func(q string) string {
		return strings.ReplaceAll(q, "FROM edge", "FROM (SELECT * FROM edge LIMIT 1000000)")
	}, nil},
}

// TestDifferential asks random SQL of DuckDB and of this engine, there in
// several ways and of one server and three.
func TestDifferential(t *testing.T) {
	if *duckdb == "" {
		t.Skip("no -duckdb: .ci/differential installs one and runs this")
	}
	one, three := recorded(t, single.Config{Compute: 1}), recorded(t, single.Config{Compute: 3})
	d := newDrawer(rand.New(rand.NewPCG(*seed, 7)))
	tally := &tally{drawn: map[string]int{}, meant: map[string]int{}}
	jobs := make(chan job)
	var running sync.WaitGroup
	for range differentialWorkers {
		duck := startDuck(t)
		duck.load(t, one, "edge")
		running.Go(func() {
			for j := range jobs {
				tally.add(duck.differs(j, one, three))
			}
		})
	}
	for i := range *questions {
		q := d.question()
		for _, a := range q.about {
			tally.drawn[a]++
		}
		jobs <- job{i, q}
		if tally.enough() {
			break
		}
	}
	close(jobs)
	running.Wait()
	for _, f := range tally.failures {
		t.Error(f)
	}
	report(t, tally)
}

// differentialWorkers ask at a time, each with a DuckDB of its own.
const differentialWorkers = 4

type job struct {
	number int
	drawn
}

// A tally is what the workers found. drawn is of the one who draws.
type tally struct {
	drawn    map[string]int
	mu       sync.Mutex
	meant    map[string]int
	compared int
	failures []string
}

func (t *tally) add(reason string, failures []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, failures...)
	if reason != "" {
		t.meant[reason]++
	} else if len(failures) == 0 {
		t.compared++
	}
}

func (t *tally) enough() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.failures) > 20
}

// differs asks a query of DuckDB and in our plans: the reason why they may
// differ, and how they do.
func (d *duck) differs(j job, one, three *node) (reason string, failures []string) {
	status, text := one.sql(j.ours, nil)
	got := parseJSON(text)
	want, says := d.ask(j.duck)
	list, _ := got.([]any)
	equal := says == "" && status == 200 && sameAnyOrder(want, got, 1e-9)
	if !equal {
		reason = reasonFor(j.drawn, says, status == 200 && len(list) == 0)
	}
	switch {
	case equal, reason != "":
	case says != "":
		failures = append(failures, fmt.Sprintf("query %d: DuckDB cannot do it\n\t%s\n\t%s", j.number, j.duck, says))
	default:
		failures = append(failures, fmt.Sprintf("query %d:\n\tours %s\n\tduck %s\n\twant %.800s\n\tgot  %d %.800s", j.number, j.ours, j.duck, canonical(nil, want), status, text))
	}
	p := otherPlans[j.number%len(otherPlans)]
	s, other := []*node{one, three}[j.number/2%2].sql(p.of(j.ours), p.with)
	if s != status || s == 200 && !sameAnyOrder(got, parseJSON(other), 1e-9) {
		failures = append(failures, fmt.Sprintf("query %d, %s:\n\t%s\n\tfirst %d %.600s\n\tnow   %d %.600s", j.number, p.name, p.of(j.ours), status, text, s, other))
	}
	return reason, failures
}

func report(t *testing.T, c *tally) {
	names := make([]string, 0, len(c.drawn))
	for n := range c.drawn {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool { return c.drawn[names[i]] < c.drawn[names[j]] })
	for _, n := range names {
		t.Logf("%6d %s", c.drawn[n], n)
		if *questions >= 20_000 && c.drawn[n] < 20 {
			t.Errorf("%s was drawn %d times", n, c.drawn[n])
		}
	}
	for _, f := range forms {
		if *questions >= 500 && c.drawn[f.name] == 0 {
			t.Errorf("%s was never drawn", f.name)
		}
	}
	t.Logf("%d of %d queries as DuckDB answers them; differences that are meant: %v", c.compared, *questions, c.meant)
	if c.compared < *questions*3/4 {
		t.Errorf("only %d of %d queries could be compared", c.compared, *questions)
	}
}

func reasonFor(q drawn, says string, empty bool) string {
	for _, e := range explained {
		if (e.query == nil || e.query.MatchString(q.ours)) && (e.says == nil || says != "" && e.says.MatchString(says)) && (!e.empty || empty) {
			return e.reason
		}
	}
	return ""
}

// sql asks for rows as lists.
func (n *node) sql(query string, context map[string]any) (int, []byte) {
	body := map[string]any{"query": query, "resultFormat": "array"}
	if context != nil {
		body["context"] = context
	}
	return n.ask("sql", must(json.Marshal(body)))
}

// A duck is a process that answers with DuckDB.
type duck struct {
	in  io.Writer
	out *bufio.Reader
}

func startDuck(t *testing.T) *duck {
	cmd := exec.Command(*duckdb, "testdata/duck.py")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = testLog{t}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error("DuckDB did not end well:", err)
		}
	})
	return &duck{in, bufio.NewReaderSize(out, 1<<20)}
}

func (d *duck) send(request any) ([]byte, error) {
	if _, err := d.in.Write(append(must(json.Marshal(request)), '\n')); err != nil {
		return nil, err
	}
	return d.out.ReadBytes('\n')
}

// ask gives rows, or what DuckDB says instead.
func (d *duck) ask(query string) (rows any, says string) {
	var out struct {
		Rows  json.RawMessage
		Error string
	}
	line, err := d.send(map[string]string{"sql": query})
	if err == nil {
		err = json.Unmarshal(line, &out)
	}
	switch {
	case err != nil:
		return nil, "the process: " + err.Error()
	case out.Error != "":
		return nil, out.Error
	}
	return parseJSON(out.Rows), ""
}

// load copies the plain columns of a table from a node.
func (d *duck) load(t *testing.T, n *node, table string) {
	status, text := n.sql("SELECT __time, id, s, s2, num_str, flag, sparse, l, d, big FROM "+table, nil)
	if status != 200 {
		t.Fatalf("%s: %d %s", table, status, text)
	}
	types := []string{"__time TIMESTAMP", "id BIGINT", "s VARCHAR", "s2 VARCHAR", "num_str VARCHAR", "flag VARCHAR", "sparse VARCHAR", "l BIGINT", "d DOUBLE", "big BIGINT"}
	var columns [][]string
	for _, c := range types {
		columns = append(columns, strings.Fields(c))
	}
	if _, err := d.send(map[string]any{"table": table, "columns": columns, "rows": json.RawMessage(text)}); err != nil {
		t.Fatal("DuckDB:", err)
	}
}

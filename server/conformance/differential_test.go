package conformance

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/server/single"
)

var duckdb = flag.String("duckdb", "", "a python that has the package duckdb, for TestDifferential")

// explained are differences from DuckDB that are meant: by the shape of the
// query, by what DuckDB says instead of an answer, and by what comes here.
var explained = []struct {
	reason      string
	query, says *regexp.Regexp
	empty       bool // only where there is no row here
}{
	{"longs wrap; there they overflow", regexp.MustCompile(`[-+*]|SUM|ABS|DIV|POWER`), regexp.MustCompile(`Out of Range|out of range|Overflow`), false},
	{"what no function is defined for is NaN; there it is an error", regexp.MustCompile(`SIN|COS|TAN|SQRT|LN|LOG10|EXP|POWER|CAST`), regexp.MustCompile(`cannot take|undefined|Invalid Input|out of range`), false},
	{"DuckDB 2.0 forgets the condition of a CASE of one literal under LIKE and its like", regexp.MustCompile(`CASE WHEN .* THEN (COALESCE\()?'[a-z0-9]*'`), nil, false},
	{"DuckDB 2.0 forgets that NULLIF gives null where all texts begin alike", regexp.MustCompile(`(STARTS_WITH|LIKE).*NULLIF\(|NULLIF\(.* LIKE`), nil, false},
	{"DuckDB 2.0 forgets the condition of a CASE among the elements of an array that it unnests", regexp.MustCompile(`UNNEST\(ARRAY\[.*(IF\(|CASE )`), nil, false},
	{"no rows have no grand total, as in Druid", regexp.MustCompile(`GROUPING SETS|ROLLUP|CUBE`), nil, true},
}

// TestDifferential asks random SQL over all recorded tables of DuckDB and of
// this engine, there in several ways and of one server and three; and what
// DuckDB lacks, of ourselves in these ways.
func TestDifferential(t *testing.T) {
	if *duckdb == "" {
		t.Skip("no -duckdb: .ci/differential installs one and runs this")
	}
	// Most of what it costs to answer a small query is otherwise the collector's.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	r := &rival{recorded(t, single.Config{Compute: 1}), recorded(t, single.Config{Compute: 3})}
	dir := t.TempDir()
	all := tables(t, r.one, dir)
	d := newDrawer(rand.New(rand.NewPCG(*seed, 7)), all)
	tally := &tally{drawn: map[string]int{}, meant: map[string]int{}, ways: map[string]int{}}
	jobs := make(chan []job)
	var running sync.WaitGroup
	for range differentialWorkers {
		duck := startDuck(t)
		for _, tab := range all {
			duck.load(t, tab, dir)
		}
		running.Go(func() {
			for j := range jobs {
				r.answer(duck, j, tally)
			}
		})
	}
	for next := 0; next < *questions && !tally.enough(); {
		if next%2000 == 0 {
			tally.progress(t)
		}
		var list []job
		for len(list) < 40 && next < *questions {
			list = append(list, job{next, d.question()})
			next++
		}
		jobs <- list
	}
	close(jobs)
	running.Wait()
	tally.report(t)
}

// differentialWorkers ask at a time, each with a DuckDB of its own.
const differentialWorkers = 3

type job struct {
	number int
	drawn
}

// answer asks a list of queries.
func (r *rival) answer(duck *duck, list []job, c *tally) {
	var texts []string
	for _, j := range list {
		if j.duck != "" {
			texts = append(texts, j.duck)
		}
	}
	answers := duck.ask(texts)
	for _, j := range list {
		var of *duckAnswer
		if j.duck != "" {
			of, answers = &answers[0], answers[1:]
		}
		r.askOne(j, of, c)
	}
}

// askOne asks one query in two ways, and compares it with DuckDB's answer, if any.
func (r *rival) askOne(j job, of *duckAnswer, c *tally) {
	q, err := r.prepare(j.drawn)
	if err != nil {
		c.add("", fmt.Sprintf("query %d is refused: %s\n\t%v", j.number, q.text(), err))
		return
	}
	status, text := r.one.here(q.kind, q.body)
	c.count(q, status)
	if of != nil {
		reason, how := duckDiffers(q, of, status, text)
		if how != "" {
			how = fmt.Sprintf("query %d: %s", j.number, how)
		}
		c.add(reason, how)
	} else if status != 200 {
		c.add("", fmt.Sprintf("query %d: %s\n\t%d %.400s", j.number, q.text(), status, text))
	} else {
		c.add("", "")
	}
	for k := range 2 {
		w := ways[(j.number+k*(1+j.number/len(ways)%(len(ways)-1)))%len(ways)]
		how, done := r.differs(q, w, status, text)
		if done {
			c.way(w.name)
		}
		if how != "" {
			c.add("", fmt.Sprintf("query %d, %s", j.number, how))
		}
	}
}

// duckDiffers says how the answer differs from DuckDB's, or why it may.
func duckDiffers(q *prepared, of *duckAnswer, status int, text []byte) (reason, how string) {
	got := parseJSON(text)
	if of.Error == "" && status == 200 && q.same(parseJSON(of.Rows), got, 1e-9) {
		return "", ""
	}
	list, _ := got.([]any)
	for _, e := range explained {
		if (e.query == nil || e.query.MatchString(q.ours)) && (e.says == nil || of.Error != "" && e.says.MatchString(of.Error)) && (!e.empty || status == 200 && len(list) == 0) {
			return e.reason, ""
		}
	}
	if of.Error != "" {
		return "", fmt.Sprintf("DuckDB cannot do it\n\t%s\n\t%s", q.duck, of.Error)
	}
	return "", fmt.Sprintf("\n\tours %s\n\tduck %s\n\t%s", q.ours, q.duck, q.apart(parseJSON(of.Rows), got, status))
}

// A tally is what the workers found.
type tally struct {
	mu                 sync.Mutex
	drawn, meant, ways map[string]int
	beside, asked      int // queries that DuckDB was asked, too, and all
	compared           int
	failures           []string
	told               int // of failures
}

func (c *tally) add(reason, failure string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case failure != "":
		c.failures = append(c.failures, failure)
	case reason != "":
		c.meant[reason]++
	default:
		c.compared++
	}
}

// count counts what a query is about, if it had an answer.
func (c *tally) count(q *prepared, status int) {
	names := q.called()
	slices.Sort(names)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	if q.duck != "" {
		c.beside++
	}
	if status != 200 {
		return
	}
	for _, n := range slices.Compact(append(names, q.about...)) {
		c.drawn[n]++
	}
}

func (c *tally) way(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ways[name]++
}

// mostFailures ends a run that has nothing new to say.
const mostFailures = 60

func (c *tally) enough() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.failures) > mostFailures
}

// progress tells what was found since it last did.
func (c *tally) progress(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.failures[c.told:] {
		t.Error(f)
	}
	c.told = len(c.failures)
	t.Logf("%d queries asked, %d failures", c.asked, c.told)
}

// wanted is what every long run draws, of a thousand queries in one at least:
// all functions, all aggregates, all joins.
func wanted() (out []string) {
	for _, f := range expr.Funcs() {
		out = append(out, "call "+f.Name)
	}
	for _, f := range agg.Funcs() {
		out = append(out, "func "+f.Name)
	}
	for _, k := range []string{"inner", "left", "right", "full", "semi", "anti"} {
		out = append(out, "joinType "+k)
	}
	for _, f := range forms {
		out = append(out, f.name)
	}
	return out
}

func (c *tally) report(t *testing.T) {
	c.progress(t)
	names := wanted()
	for n := range c.drawn {
		names = append(names, n)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	sort.SliceStable(names, func(i, j int) bool { return c.drawn[names[i]] < c.drawn[names[j]] })
	must := wanted()
	var line strings.Builder
	for _, n := range names {
		fmt.Fprintf(&line, "%d %s; ", c.drawn[n], n)
		if *questions >= 2000 && c.drawn[n] < *questions/1000 && slices.Contains(must, n) {
			t.Errorf("%s was drawn %d times, expected %d", n, c.drawn[n], *questions/1000)
		}
	}
	t.Log("drawn: ", line.String())
	ways, _ := json.Marshal(c.ways)
	t.Logf("%d queries, %d of them beside DuckDB, in other ways %s", c.asked, c.beside, ways)
	t.Logf("differences that are meant: %v", c.meant)
	if c.compared < c.asked*3/4 {
		t.Errorf("only %d of %d queries could be compared", c.compared, c.asked)
	}
}

// sql asks for rows as lists.
func (n *node) sql(query string, context map[string]any) (int, []byte) {
	body := map[string]any{"query": query, "resultFormat": "array"}
	if context != nil {
		body["context"] = context
	}
	return n.ask("sql", must(json.Marshal(body)))
}

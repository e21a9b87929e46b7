package conformance

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/server/single"
)

var (
	seed      = flag.Uint64("seed", 1, "of the rows and of the random queries")
	questions = flag.Int("queries", 400, "how many random queries to ask")
)

// A world is one way to hold the rows and to run a query over them.
type world struct {
	node   *node
	name   string
	source string
}

// TestMetamorphic asks random queries of every world; the answers must be the
// same whatever segments the rows were dealt to, how many servers hold them,
// how many workers read them, and how many rows a batch has.
func TestMetamorphic(t *testing.T) {
	list := deal(t, *seed)
	var worlds []world
	for _, servers := range []int{1, 3} {
		n := start(t, list, single.Config{Compute: servers})
		for _, segments := range deals {
			worlds = append(worlds, world{n, fmt.Sprintf("%d segments on %d servers", segments, servers), fmt.Sprint("dealt", segments)})
		}
	}
	r := &random{Rand: rand.New(rand.NewPCG(*seed, 2))}
	answered := map[string]int{}
	bad := 0
	held, refusals := map[int]int{}, map[int]int{}
	for i := range *questions {
		q := r.question()
		status, text := worlds[0].ask(q, 1, 4096, 0)
		if status == 200 {
			for _, name := range q.about {
				answered[name]++
			}
			answered["in all"]++
		}
		want := parseJSON(text)
		for j, w := range worlds {
			workers, batch := []int{1, 2, 5}[(i+j)%3], []int{1, 7, 4096}[(i/3+j)%3]
			bytes := budgets[(i+2*j)%len(budgets)]
			s, text := w.ask(q, workers, batch, bytes)
			if s == status && (s != 200 || q.sameAs(want, parseJSON(text))) {
				held[bytes]++
				continue
			}
			if bytes > 0 && limited(s, text) {
				refusals[bytes]++
				continue
			}
			if bad++; bad <= 20 {
				t.Errorf("query %d, %s, %d workers, batches of %d, memory %d:\n\t%s\n\tfirst %d %.600s\n\tnow   %d %.600s", i, w.name, workers, batch, bytes,
					q.over(w.source, nil), status, canonical(nil, want), s, text)
			}
			break
		}
	}
	if bad > 20 {
		t.Errorf("and %d more", bad-20)
	}
	t.Logf("%d of %d queries had an answer, with %d members of the registries", answered["in all"], *questions, len(answered)-1)
	t.Logf("by bytes of memory: the same answers %v, refused %v", held, refusals)
	for memory, n := range refusals {
		if n > held[memory] {
			t.Errorf("with %d bytes of memory, %d of %d questions were refused", memory, n, n+held[memory])
		}
	}
	if answered["in all"] < *questions/4 {
		t.Errorf("only %d of %d queries made sense: the generator is of little use", answered["in all"], *questions)
	}
}

// TestFiltersAreDrawn wants a generator for every filter.
func TestFiltersAreDrawn(t *testing.T) {
	for _, name := range filter.Names() {
		if nativeFilters[name] == nil && !slices.Contains(refused, name) {
			t.Errorf("no random filters of type %q are drawn: add it to nativeFilters", name)
		}
	}
}

// budgets are the bytes of memory that a query may hold; 0: as many as it likes.
// With little, groups and rows go to disk, and what cannot may be refused.
var budgets = []int{0, 300_000, 40_000}

// limited says whether the answer is that the query needs more than it may have.
func limited(status int, text []byte) bool {
	return status == 400 && strings.Contains(string(text), "Resource limit exceeded")
}

func (w world) ask(q *question, workers, batch, memory int) (int, []byte) {
	context := map[string]any{"workers": workers, "batchRows": batch, "sqlCurrentTimestamp": "2023-11-15T12:00:00Z"}
	if memory > 0 {
		context["maxQueryMemoryBytes"] = memory
	}
	return w.node.ask(q.kind, q.over(w.source, context))
}

func (q *question) sameAs(want, got any) bool {
	tolerance := 0.0
	switch {
	case slices.ContainsFunc(q.about, estimates):
		tolerance = 0.05
	case slices.ContainsFunc(q.about, func(name string) bool { return strings.HasPrefix(name, "float") }):
		tolerance = 1e-6 // of one segment a FLOAT is printed short, of several as the double that it is
	}
	if q.ordered {
		return same(want, got, tolerance)
	}
	return sameAnyOrder(want, got, tolerance)
}

// estimates says of an aggregate that it is a sketch's estimate: one that was
// merged estimates otherwise than one that saw all rows.
func estimates(name string) bool {
	n := strings.ToLower(name)
	return strings.Contains(n, "hll") || strings.Contains(n, "sketch") || strings.Contains(n, "theta") ||
		strings.Contains(n, "approx") || n == "cardinality" || n == "hyperunique"
}

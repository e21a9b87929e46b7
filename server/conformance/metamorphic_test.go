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
	for i := range *questions {
		q := r.question()
		status, text := worlds[0].ask(q, 1, 4096)
		if status == 200 {
			for _, name := range q.about {
				answered[name]++
			}
			answered["in all"]++
		}
		want := parseJSON(text)
		for j, w := range worlds {
			workers, batch := []int{1, 2, 5}[(i+j)%3], []int{1, 7, 4096}[(i/3+j)%3]
			s, text := w.ask(q, workers, batch)
			if s == status && (s != 200 || q.sameAs(want, parseJSON(text))) {
				continue
			}
			if bad++; bad <= 20 {
				t.Errorf("query %d, %s, %d workers, batches of %d:\n\t%s\n\tfirst %d %.600s\n\tnow   %d %.600s", i, w.name, workers, batch,
					q.over(w.source, nil), status, canonical(nil, want), s, text)
			}
			break
		}
	}
	if bad > 20 {
		t.Errorf("and %d more", bad-20)
	}
	t.Logf("%d of %d queries had an answer, with %d members of the registries", answered["in all"], *questions, len(answered)-1)
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

func (w world) ask(q *question, workers, batch int) (int, []byte) {
	return w.node.ask(q.kind, q.over(w.source, map[string]any{
		"workers": workers, "batchRows": batch, "sqlCurrentTimestamp": "2023-11-15T12:00:00Z"}))
}

func (q *question) sameAs(want, got any) bool {
	tolerance := 0.0
	if slices.ContainsFunc(q.about, estimates) {
		tolerance = 0.05
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

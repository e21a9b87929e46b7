package compute

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server/cache"
	"github.com/ovatedb/ovate/server/wire"
)

// groupsOf asks for counts by page; e, if not "", is a key in its place.
func groupsOf(t *testing.T, e string, in chrono.Interval, id segment.ID) *wire.Request {
	t.Helper()
	schema := data.Schema{{Name: segment.Time, Type: data.LongType}, {Name: "page", Type: data.StringType}}
	scan := &planner.Scan{Source: "wikipedia", Columns: schema, Types: schema}
	scan.Slices = planner.SliceList{{ID: id, Intervals: []chrono.Interval{in}}}
	key := expr.Expr(expr.Column("page"))
	if e != "" {
		var err error
		if key, err = expr.Parse(e); err != nil {
			t.Fatal(err)
		}
	}
	plan := planner.NewAggregate(scan, []exec.Named{{Name: "k", Expr: key}}, []agg.Call{agg.Of("count", "n")})
	tree, err := (&planner.Fragment{Plan: plan}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return &wire.Request{Version: wire.Version, Plan: tree}
}

// TestPartials: the same fragment is answered from the cache, with the same rows
// and facts; what reads other rows, what may change and who does not want it are
// not.
func TestPartials(t *testing.T) {
	n, _ := running(t, 1<<30)
	d := descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment})
	ordered(t, n, cluster.Order{Action: cluster.Load, Segment: *d})
	id := d.ID()
	n.cfg.Partials = CacheConfig{Bytes: 64 << 20, MaxEntry: 64 << 20, Use: true, Populate: true}
	n.partials = cache.New[partial](n.cfg.Partials.Bytes)
	n.cfg.Lookup = func(string) (expr.LookupTable, bool) { return nil, false }
	off := false
	half := chrono.Interval{Start: id.Interval.Start, End: id.Interval.Start + id.Interval.Millis()/2}
	without := groupsOf(t, "", chrono.Eternity, id)
	without.UseCache, without.PopulateCache = &off, &off
	for _, c := range []struct {
		what          string
		r             *wire.Request
		hits, entries int64
	}{
		{"nothing is there", groupsOf(t, "", chrono.Eternity, id), 0, 1},
		{"the same", groupsOf(t, "", chrono.Eternity, id), 1, 1},
		{"half of the rows", groupsOf(t, "", half, id), 1, 2},
		{"another key", groupsOf(t, "strlen(page)", chrono.Eternity, id), 1, 3},
		{"it is not wanted", without, 1, 3},
		{"rows as they are", scanOf(t, id), 1, 3},
		{"the same once more", groupsOf(t, "", chrono.Eternity, id), 2, 3},
	} {
		if err := sameAsUncached(n, c.r); err != "" {
			t.Errorf("%s: %s", c.what, err)
		}
		if s := n.partials.Stats(); s.Hits != c.hits || s.Entries != c.entries {
			t.Errorf("%s: %d hits and %d entries, want %d and %d", c.what, s.Hits, s.Entries, c.hits, c.entries)
		}
	}
}

// sameAsUncached says how the rows and facts of a fragment differ from those
// that come without a cache.
func sameAsUncached(n *Node, r *wire.Request) string {
	facts, want := new(planner.Facts), new(planner.Facts)
	got, err := table(n.Fragment(context.Background(), r, facts))
	if err != nil {
		return err.Error()
	}
	off, plain := false, *r
	plain.UseCache, plain.PopulateCache = &off, &off
	rows, err := table(n.Fragment(context.Background(), &plain, want))
	switch {
	case err != nil:
		return err.Error()
	case len(rows) == 0 || !reflect.DeepEqual(rows, got):
		return "other rows"
	case !reflect.DeepEqual(facts.Slices(), want.Slices()):
		return "other facts"
	}
	return ""
}

func table(in exec.Batches) (out map[string]int, err error) {
	out = map[string]int{}
	for b, err := range in {
		if err != nil {
			return nil, err
		}
		for i := range b.N {
			row := ""
			for _, c := range b.Cols {
				row += fmt.Sprint(c.Value(i), "|")
			}
			out[row]++
		}
	}
	return out, nil
}

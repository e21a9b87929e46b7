package compute

import (
	"testing"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// TestPlans: a fragment is read once; one that carries rows, or is measured, each
// time.
func TestPlans(t *testing.T) {
	n := New(Config{})
	id := segment.ID{Source: "wikipedia", Interval: chrono.Interval{Start: 0, End: 1}, Version: "v"}
	first, err := n.plan(groupsOf(t, "", chrono.Eternity, id))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		key    string
		gather int
		rows   []*data.Batch
		same   bool
	}{
		{"the same", "", 0, nil, true},
		{"another key", "strlen(page)", 0, nil, false},
		{"measured", "", 1, nil, false},
		{"with rows", "", 0, []*data.Batch{{}}, false},
	} {
		r := groupsOf(t, c.key, chrono.Eternity, id)
		r.Gather, r.Rows = c.gather, c.rows
		if f, err := n.plan(r); err != nil || (f == first) != c.same {
			t.Errorf("%s: %v, the same tree: %v", c.what, err, f == first)
		}
	}
	bad := groupsOf(t, "", chrono.Eternity, id)
	bad.Plan = bad.Plan[:len(bad.Plan)-1]
	if _, err := n.plan(bad); err == nil {
		t.Error("half a tree is read")
	}
}

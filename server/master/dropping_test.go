package master

import (
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
)

// TestDropping: a copy that is to be dropped does not count until its server
// stops announcing it, and does again when the server never does.
func TestDropping(t *testing.T) {
	a := &cluster.Descriptor{Source: "a", Version: "v1"}
	b := &cluster.Descriptor{Source: "b", Version: "v1"}
	now := time.Unix(1000, 0)
	d := dropping{}
	d.told("s", a.ID(), now)
	if got := d.still("s", []*cluster.Descriptor{a, b}, now.Add(time.Second)); len(got) != 1 || got[0] != a.ID() {
		t.Fatalf("still announced: %v", got)
	}
	if got := d.still("other", []*cluster.Descriptor{a}, now); len(got) != 0 {
		t.Fatalf("another server: %v", got)
	}
	if got := d.still("s", []*cluster.Descriptor{b}, now.Add(2*time.Second)); len(got) != 0 {
		t.Fatalf("not announced any more: %v", got)
	}
	if got := d.still("s", []*cluster.Descriptor{a, b}, now.Add(3*time.Second)); len(got) != 0 {
		t.Fatalf("loaded again: %v", got)
	}
	d.told("s", b.ID(), now)
	if got := d.still("s", []*cluster.Descriptor{b}, now.Add(2*patience)); len(got) != 0 {
		t.Fatalf("never dropped: %v", got)
	}
}

package cluster

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ovatedb/ovate/internal/chrono"
)

var lookupSegments = flag.Int("segments", 100_000, "segments of TestLookupTime")

// TestLookupTime wants a day found fast among the segments of one source, also
// while a snapshot is taken for each look-up and segments come and go. (-segments
// 1000000 is the size to care for.)
func TestLookupTime(t *testing.T) {
	const day, perDay = 24 * 60 * 60 * 1000, 100
	line := NewTimeline()
	days := *lookupSegments / perDay
	server := &Server{Name: "a"}
	at := func(i int) *Descriptor {
		d := &Descriptor{Source: "s", Version: "v", Shard: &Numbered{Partition: i % perDay, Partitions: perDay}}
		d.Interval = chrono.Interval{Start: int64(i/perDay) * day, End: int64(i/perDay+1) * day}
		return d
	}
	for i := range days * perDay {
		line.Add(at(i), server)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	for range 2000 {
		n := rng.Int64N(int64(days))
		best := time.Hour // of three: a machine that does something else meanwhile is no fault of ours
		for range 3 {
			begun := time.Now()
			found := line.Snapshot().Lookup([]chrono.Interval{{Start: n * day, End: (n + 1) * day}})
			best = min(best, time.Since(begun))
			if len(found) != perDay {
				t.Fatalf("%d segments of day %d", len(found), n)
			}
		}
		took = append(took, best)
		line.Add(at(rng.IntN(days*perDay)), server)
	}
	slices.Sort(took)
	median, slow := took[len(took)/2], took[len(took)*99/100]
	t.Logf("%d segments: a day of %d is found in %v, 99 of 100 times within %v", line.Len(), perDay, median, slow)
	if slow > time.Millisecond {
		t.Errorf("99 of 100 look-ups took up to %v", slow)
	}
}

package assign

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

var (
	scaleServers  = flag.Int("servers", 50, "servers of TestScale")
	scaleSegments = flag.Int("segments", 5_000, "segments of TestScale")
)

// cpu is how much processor time this process has used: on a busy machine a
// round's own time is not what the clock says.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestScale plans a cluster that is whole, then one that has lost a tenth of its
// servers, round by round until it is whole again. Every round must take less
// than 10 seconds and 4 GB. (-servers 1000 -segments 1000000 is the size to care
// for; two tiers, two copies of each segment.)
func TestScale(t *testing.T) {
	servers, segments := *scaleServers, *scaleSegments
	s := State{Now: newYear, Rules: map[string][]Rule{
		DefaultRules: {&loadForever{load: load{Tiers: map[string]int{cluster.DefaultTier: 2}}}},
		"s0":         {&loadForever{load: load{Tiers: map[string]int{cluster.DefaultTier: 1, "hot": 1}}}},
		"everywhere": {&broadcastForever{}},
	}, Lines: map[string]*cluster.Timeline{}, Limits: Limits{Queue: 500, Replicas: max(100, segments/20), Moves: 1000}}
	for i := range servers {
		tier := []string{"hot", "", "", "", ""}[i%5]
		s.Servers = append(s.Servers, Server{Server: cluster.Server{Name: fmt.Sprintf("h%04d", i), Type: cluster.Historical, Tier: tier, MaxSize: int64(segments/servers) * 800}})
	}
	add := func(source string, at, partition int) *cluster.Descriptor {
		d := &cluster.Descriptor{Source: source, Version: "v", Size: 50 + int64(at*7%100), Shard: &cluster.Numbered{Partition: partition}}
		d.Interval = chrono.Interval{Start: newYear + int64(at)*day, End: newYear + int64(at+1)*day}
		s.Segments = append(s.Segments, d)
		if s.Lines[source] == nil {
			s.Lines[source] = cluster.NewTimeline()
		}
		s.Lines[source].Add(d, nil)
		return d
	}
	for i := range segments {
		d := add(fmt.Sprintf("s%d", i%10), i/10%365, i/3650)
		first, second := i%servers, (i+1)%servers // not hot, or one of each
		for i%10 != 0 && first%5 == 0 {
			first = (first + 2) % servers
		}
		for (i%10 != 0) == (second%5 == 0) || second == first {
			second = (second + 1) % servers
		}
		for i%10 == 0 && first%5 == 0 {
			first = (first + 1) % servers
		}
		for _, at := range []int{first, second} {
			s.Servers[at].Serves = append(s.Servers[at].Serves, d)
		}
	}
	add("everywhere", 0, 0)

	var longest time.Duration
	var most uint64
	round := func() int {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begun := cpu()
		moves := Plan(s)
		longest = max(longest, cpu()-begun)
		runtime.ReadMemStats(&after)
		most = max(most, after.TotalAlloc-before.TotalAlloc+before.HeapAlloc) // as if nothing had been freed
		s.carry(moves)
		return len(moves)
	}
	settle := func() (rounds, moves int) {
		if moves = round(); moves == 0 {
			return 1, 0
		}
		s.Limits.Moves = -1 // one round for balance shows what that costs
		for rounds = 2; rounds < 100; rounds++ {
			n := round()
			if moves += n; n == 0 {
				return rounds, moves
			}
		}
		t.Fatal("it does not settle")
		return
	}
	rounds, moves := settle()
	t.Logf("%d servers, %d segments: settled in %d rounds by %d moves; longest round %v of processor time, %d MB", servers, segments, rounds, moves, longest, most>>20)
	if missing := lost(s); missing > 0 {
		t.Errorf("%d copies are missing of what should be whole", missing)
	}
	s.Servers = slices.DeleteFunc(s.Servers, func(x Server) bool { return x.Name[4] == '3' })
	missing := lost(s)
	longest = 0
	rounds, moves = settle()
	t.Logf("a tenth of the servers lost, %d copies: whole in %d rounds by %d moves; longest round %v of processor time, %d MB", missing, rounds, moves, longest, most>>20)
	if left := lost(s); left > 0 || missing < segments/10 {
		t.Errorf("%d copies were lost, and %d are still missing", missing, left)
	}
	if longest > 10*time.Second || most > 4<<30 {
		t.Errorf("longest round %v, %d MB", longest, most>>20)
	}
}

func lost(s State) (n int) {
	for _, tiers := range Missing(s) {
		for _, k := range tiers {
			n += k
		}
	}
	return n
}

// carry does all moves at once.
func (s *State) carry(moves []Move) {
	at := map[string]*Server{}
	for i := range s.Servers {
		at[s.Servers[i].Name] = &s.Servers[i]
	}
	drops := map[string]map[segment.ID]bool{}
	for _, m := range moves {
		switch m.Do {
		case Load:
			at[m.Server].Serves = append(at[m.Server].Serves, m.Segment)
		case Drop:
			if drops[m.Server] == nil {
				drops[m.Server] = map[segment.ID]bool{}
			}
			drops[m.Server][m.Segment.ID()] = true
		}
	}
	for name, ids := range drops {
		at[name].Serves = slices.DeleteFunc(at[name].Serves, func(d *cluster.Descriptor) bool { return ids[d.ID()] })
	}
}

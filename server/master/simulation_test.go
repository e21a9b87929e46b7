package master

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/assign"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/internal/chrono"
)

var (
	simServers  = flag.Int("servers", 30, "servers of the simulated cluster")
	simSegments = flag.Int("segments", 4_000, "segments of the simulated cluster")
)

// catalog is a Metadata of segments that are all used, and of the rules.
type catalog struct {
	cluster.Metadata
	segments []cluster.Descriptor
	rules    map[string]string
	unused   int
}

func (c *catalog) Commit(_ context.Context, x cluster.Commit) error {
	c.unused += len(x.Unuse)
	return nil
}

func (c *catalog) Get(context.Context, string) (cluster.Document, error) {
	return cluster.Document{}, nil
}

func (c *catalog) List(_ context.Context, prefix string) iter.Seq2[cluster.Document, error] {
	return func(yield func(cluster.Document, error) bool) {
		for source, text := range c.rules {
			if prefix == "rules/" && !yield(cluster.Document{Key: prefix + source, Value: []byte(text)}, nil) {
				return
			}
		}
	}
}

func (c *catalog) WatchDocuments(context.Context, string) iter.Seq2[cluster.Document, error] {
	return nil
}

// hotSince is when the times begin that are wanted in the hot tier.
var hotSince = time.Date(2020, 6, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// A simulation is a master and the servers that carry out its orders, all that
// one round gave before the next: a minute goes by as fast as it is decided.
type simulation struct {
	t       *testing.T
	m       *Master
	co      *embedded.Coordinator
	view    *cluster.View
	catalog *catalog
	servers []cluster.Server
	loaded  map[string]map[string]bool // keys served, by server
	longest time.Duration              // of a round
	base    uint64                     // bytes of heap without the master
	most    uint64                     // beyond that, after a round
}

// simulate makes a cluster of two tiers, a fifth of the servers hot. Ten sources
// are wanted twice, the young segments of one of them once in the hot tier.
func simulate(t *testing.T, ctx context.Context, servers, segments int) *simulation {
	s := &simulation{t: t, co: embedded.NewCoordinator(), view: cluster.NewView(), loaded: map[string]map[string]bool{}, catalog: &catalog{rules: map[string]string{
		"_default": `[{"type":"loadForever","tieredReplicants":{"_default_tier":2}}]`,
		"s0":       `[{"type":"loadByInterval","interval":"2020-06-01/2030-01-01","tieredReplicants":{"hot":1,"_default_tier":1}},{"type":"loadForever","tieredReplicants":{"_default_tier":2}}]`,
		"tiny":     `[{"type":"broadcastForever"}]`,
	}}}
	rng := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	add := func(source string, at int64, partition int, size int64) {
		s.catalog.segments = append(s.catalog.segments, cluster.Descriptor{
			Source: source, Interval: chrono.Interval{Start: start + at*day, End: start + (at+1)*day}, Version: "2024-01-01T00:00:00.000Z",
			LoadSpec: json.RawMessage(fmt.Sprintf(`{"type":"s3_zip","bucket":"b","key":"%s/%d/%d/index.zip"}`, source, at, partition)),
			Size:     size, Shard: &cluster.Numbered{Partition: partition},
		})
	}
	for i := range segments {
		source := i % 10
		add(fmt.Sprintf("s%d", source), int64(i/10%365), i/3650, 50<<20+rng.Int64N(100<<20))
	}
	add("tiny", 0, 0, 1<<20)
	share := int64(segments) * (100 << 20) / int64(servers)
	for i := range servers {
		tier := cluster.DefaultTier
		if i%5 == 0 {
			tier = "hot"
		}
		s.servers = append(s.servers, cluster.Server{Name: fmt.Sprintf("h%04d:8083", i), Host: fmt.Sprintf("h%04d:8083", i),
			Type: cluster.Historical, Tier: tier, MaxSize: 4 * share})
	}
	for _, x := range s.servers {
		s.loaded[x.Name] = map[string]bool{}
		value, err := json.Marshal(x)
		if err == nil {
			err = s.co.Set(ctx, cluster.ServerKey(x.Name), value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// preload has every segment served already as its rules want, dealt in turn.
func (s *simulation) preload(ctx context.Context) {
	tiers := map[string][]string{}
	for _, x := range s.servers {
		tiers[x.Tier] = append(tiers[x.Tier], x.Name)
	}
	turn := map[string]int{}
	for i := range s.catalog.segments {
		d := &s.catalog.segments[i]
		value, err := json.Marshal(d)
		if err != nil {
			s.t.Fatal(err)
		}
		on := []string{cluster.DefaultTier, cluster.DefaultTier}
		switch {
		case d.Source == "tiny":
			on = nil // the master is to see to it
		case d.Source == "s0" && d.Interval.End > hotSince:
			on = []string{cluster.DefaultTier, "hot"}
		}
		for _, tier := range on {
			server := tiers[tier][turn[tier]%len(tiers[tier])]
			turn[tier]++
			key := cluster.ServedKey(server, d.ID())
			s.loaded[server][key] = true
			if err := s.co.Set(ctx, key, value); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// heap is how many bytes are held.
func heap() uint64 {
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return mem.HeapAlloc
}

// start runs the master's eyes and ears.
func (s *simulation) start(ctx context.Context) {
	s.base = heap()
	s.m = New(Config{Name: "m", Metadata: s.catalog, Coordinator: s.co, View: s.view})
	for _, d := range s.catalog.segments {
		d.LoadSpec = slices.Clone(d.LoadSpec)
		s.m.take(cluster.Change{Kind: cluster.Used, Segment: d})
	}
	s.m.take(cluster.Change{Kind: cluster.Synced})
	go func() { _ = s.view.Run(ctx, s.co, nil) }()
	go func() { _ = s.m.followOrders(ctx) }()
	<-s.view.Ready()
	s.until("servers are seen", func() bool { return len(s.view.Servers()) == len(s.servers) })
}

// until waits for what goroutines will do.
func (s *simulation) until(what string, f func() bool) {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited in vain: %s", what)
		}
	}
}

// round lets the master decide and the servers do what it ordered; it gives how
// many orders there were.
func (s *simulation) round(ctx context.Context) int {
	begun := time.Now()
	s.m.round(ctx)
	s.longest = max(s.longest, time.Since(begun))
	s.most = max(s.most, heap()-s.base)
	var orders []cluster.Event
	for e, err := range s.co.Watch(ctx, cluster.LoadPrefix) {
		if err != nil {
			s.t.Fatal(err)
		}
		if e.Key == "" {
			break
		}
		orders = append(orders, e)
	}
	for _, e := range orders {
		var o cluster.Order
		if err := json.Unmarshal(e.Value, &o); err != nil {
			s.t.Fatal(err)
		}
		server := cluster.SplitKey(cluster.LoadPrefix, e.Key)[0]
		key, value := cluster.ServedKey(server, o.Segment.ID()), []byte(nil)
		delete(s.loaded[server], key)
		if o.Action == cluster.Load {
			s.loaded[server][key] = true
			value, _ = json.Marshal(o.Segment) // it came as JSON
		}
		if err := s.co.Set(ctx, key, value); err != nil {
			s.t.Fatal(err)
		}
		if err := s.co.Set(ctx, e.Key, nil); err != nil {
			s.t.Fatal(err)
		}
	}
	s.settle()
	return len(orders)
}

// settle waits until master and view have heard of all.
func (s *simulation) settle() {
	s.until("orders are done", func() bool { s.m.mu.Lock(); defer s.m.mu.Unlock(); return len(s.m.orders) == 0 })
	for _, x := range s.servers {
		s.until("what is served is seen", func() bool { return len(s.view.Served(x.Name)) == len(s.loaded[x.Name]) })
	}
}

// rounds goes on until there is nothing left to order.
func (s *simulation) rounds(ctx context.Context, most int) (n int) {
	for n = 1; s.round(ctx) > 0; n++ {
		if n == most {
			s.t.Fatalf("still not settled after %d rounds", n)
		}
	}
	return n
}

// lost is how many copies are wanted and not served.
func (s *simulation) lost(ctx context.Context) (n int) {
	state, err := s.m.state(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, tiers := range assign.Missing(*state) {
		for _, k := range tiers {
			n += k
		}
	}
	return n
}

// TestSimulation starts a cluster from nothing, and then loses a tenth of its
// servers at once. Every segment must be whole again, in rounds of less than 10
// seconds. (-servers 1000 -segments 1000000 is the size to care for.)
func TestSimulation(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	servers, segments := *simServers, *simSegments
	s := simulate(t, ctx, servers, segments)
	if segments > 100_000 {
		s.preload(ctx)
	}
	s.start(ctx)
	begun := time.Now()
	n := s.rounds(ctx, 200)
	t.Logf("%d servers, %d segments: settled in %d rounds, %v; longest round %v, heap %d MB", servers, segments, n, time.Since(begun), s.longest, s.most>>20)
	if missing := s.lost(ctx); missing != 0 {
		t.Errorf("%d copies are missing", missing)
	}
	least, most := s.fullness()
	t.Logf("servers are from %.3f to %.3f full", least, most)

	for i, x := range s.servers {
		if i%10 == 3 {
			for key := range s.loaded[x.Name] {
				_ = s.co.Set(ctx, key, nil)
			}
			_ = s.co.Set(ctx, cluster.ServerKey(x.Name), nil)
			s.loaded[x.Name] = map[string]bool{}
		}
	}
	s.settle()
	s.until("servers are gone", func() bool { return len(s.view.Servers()) == servers-servers/10 })
	missing := s.lost(ctx)
	s.longest, begun = 0, time.Now()
	n = s.rounds(ctx, 200)
	t.Logf("after the loss of %d servers and %d copies: whole in %d rounds, %v; longest round %v, heap %d MB", servers/10, missing, n, time.Since(begun), s.longest, s.most>>20)
	if left := s.lost(ctx); missing < segments/10 || left != 0 {
		t.Errorf("%d copies were lost, %d are still missing", missing, left)
	}
	if s.longest > 10*time.Second || s.most > 4<<30 || s.catalog.unused > 0 {
		t.Errorf("longest round %v, heap %d MB, %d segments marked unused", s.longest, s.most>>20, s.catalog.unused)
	}
}

// fullness is that of the emptiest and the fullest server of the default tier.
func (s *simulation) fullness() (least, most float64) {
	least = 1
	for _, x := range s.servers {
		if x.Tier != cluster.DefaultTier {
			continue
		}
		size := int64(0)
		for _, d := range s.view.Served(x.Name) {
			size += d.Size
		}
		f := float64(size) / float64(x.MaxSize)
		least, most = min(least, f), max(most, f)
	}
	return least, most
}

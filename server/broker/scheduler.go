package broker

import (
	"container/heap"
	"context"
	"encoding/json"
	"math"
	"strconv"
	"sync"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
)

// Scheduling says how many queries a broker runs at once, and which of them
// share a limit. The zero value limits nothing.
type Scheduling struct {
	Threads int            // queries at once; more wait, those of a higher priority less; 0: no limit
	Lanes   map[string]int // queries at once of a lane; more are refused
	// Low puts queries of a priority below 0, which name no lane, into the lane
	// LowLane.
	Low       bool
	Threshold *Threshold // nil: queries have the priority that they ask for
}

// LowLane is the lane of queries of low priority.
const LowLane = "low"

// Threshold lowers the priority of queries that read much, by Adjustment if
// they pass any of the limits. A limit of zero is none.
type Threshold struct {
	Period     chrono.Period // how far back they read
	Duration   chrono.Period // how long a time
	Segments   int           // how many
	Range      chrono.Period // how long the times of all their segments are together
	Adjustment int
}

// Percent is how many of limit queries a share of them is: at least one.
func Percent(limit, percent int) int { return int(math.Ceil(float64(limit) * float64(percent) / 100)) }

// A scheduler counts the queries under way.
type scheduler struct {
	cfg Scheduling

	mu      sync.Mutex
	running int
	lanes   map[string]int
	waiting waiters
	arrived int64
}

func newScheduler(cfg Scheduling) *scheduler { return &scheduler{cfg: cfg, lanes: map[string]int{}} }

// lane is the lane that a query belongs to; "" is none.
func (s *scheduler) lane(q *Settings) string {
	if q.Lane == "" && s.cfg.Low && q.Priority < 0 {
		return LowLane
	}
	return q.Lane
}

// schedule reads what a query's context says of when it is to be run, and with
// which segments.
func (s *Settings) schedule(c map[string]json.RawMessage) error {
	bad := func(key, want string) error {
		return &fault.Error{Kind: fault.Invalid, Path: "context." + key, Code: "legacyQueryException", Word: "Query context parse failed",
			Message: "expected " + want + ", got " + string(c[key])}
	}
	given := func(key string) bool { return len(c[key]) > 0 && string(c[key]) != "null" }
	if given("priority") {
		n, err := wholeOf(c["priority"])
		if err != nil || n != int64(int32(n)) {
			return bad("priority", "a whole number")
		}
		s.Priority = int(n)
	}
	if given("lane") && json.Unmarshal(c["lane"], &s.Lane) != nil {
		return bad("lane", "the name of a lane")
	}
	if given("secondaryPartitionPruning") {
		on, err := strconv.ParseBool(unquoted(c["secondaryPartitionPruning"]))
		if err != nil {
			return bad("secondaryPartitionPruning", "true or false")
		}
		s.Unpruned = !on
	}
	return nil
}

// admit waits until a query may run; release is to be called when it is done. A
// full lane is fault.Capacity at once, and no place before ctx ends likewise.
func (s *scheduler) admit(ctx context.Context, q *Settings) (release func(), err error) {
	lane := s.lane(q)
	limit, limited := s.cfg.Lanes[lane]
	s.mu.Lock()
	if limited && s.lanes[lane] >= limit {
		s.mu.Unlock()
		return nil, fault.New(fault.Capacity, "Too many concurrent queries for lane '%s', query capacity of %d exceeded. Please try your query again later.", lane, limit)
	}
	s.lanes[lane]++
	if s.cfg.Threads == 0 || s.running < s.cfg.Threads {
		s.running++
		s.mu.Unlock()
		return func() { s.release(lane) }, nil
	}
	w := &waiter{priority: q.Priority, arrived: s.arrived, admitted: make(chan struct{})}
	s.arrived++
	heap.Push(&s.waiting, w)
	s.mu.Unlock()
	select {
	case <-w.admitted:
		return func() { s.release(lane) }, nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.place >= 0 {
		heap.Remove(&s.waiting, w.place)
	} else { // it was admitted just now
		s.next()
	}
	s.leave(lane)
	if cause := context.Cause(ctx); fault.Of(cause).Kind != fault.Timeout {
		return nil, cause
	}
	return nil, fault.New(fault.Capacity, "Too many concurrent queries, total query capacity of %d exceeded. Please try your query again later.", s.cfg.Threads)
}

func (s *scheduler) release(lane string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave(lane)
	s.next()
}

// leave and next are called with the lock held.

func (s *scheduler) leave(lane string) {
	if s.lanes[lane]--; s.lanes[lane] == 0 {
		delete(s.lanes, lane)
	}
}

// next gives the place of a query that ended to the first that waits.
func (s *scheduler) next() {
	if len(s.waiting) == 0 {
		s.running--
		return
	}
	close(heap.Pop(&s.waiting).(*waiter).admitted)
}

// A waiter is a query that waits for a place.
type waiter struct {
	priority int
	arrived  int64
	admitted chan struct{}
	place    int // in waiters; -1: it left
}

// waiters is a heap: the highest priority, and of these who came first, on top.
type waiters []*waiter

func (w waiters) Len() int { return len(w) }
func (w waiters) Less(i, j int) bool {
	if w[i].priority != w[j].priority {
		return w[i].priority > w[j].priority
	}
	return w[i].arrived < w[j].arrived
}
func (w waiters) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].place, w[j].place = i, j
}
func (w *waiters) Push(x any) {
	n := x.(*waiter)
	n.place = len(*w)
	*w = append(*w, n)
}
func (w *waiters) Pop() any {
	old := *w
	last := old[len(old)-1]
	last.place = -1
	*w = old[:len(old)-1]
	return last
}

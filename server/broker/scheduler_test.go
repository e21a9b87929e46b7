package broker

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

func TestLanes(t *testing.T) {
	s := newScheduler(Scheduling{Lanes: map[string]int{LowLane: Percent(10, 15), "slow": 1}, Low: true})
	ctx := context.Background()
	var ends []func()
	for i, c := range []struct {
		q    Settings
		want string // the error; "" is none
	}{
		{Settings{Priority: -1}, ""},
		{Settings{Priority: -5}, ""},
		{Settings{Priority: -1}, "Too many concurrent queries for lane 'low', query capacity of 2 exceeded. Please try your query again later."},
		{Settings{Lane: LowLane}, "Too many concurrent queries for lane 'low', query capacity of 2 exceeded. Please try your query again later."},
		{Settings{}, ""},
		{Settings{Priority: -1, Lane: "other"}, ""}, // a lane without limit
		{Settings{Lane: "slow"}, ""},
		{Settings{Lane: "slow"}, "Too many concurrent queries for lane 'slow', query capacity of 1 exceeded. Please try your query again later."},
	} {
		end, err := s.admit(ctx, &c.q)
		if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want || fault.Of(err).Status() != 429) {
			t.Errorf("query %d: %v, want %q", i, err, c.want)
		}
		if err == nil {
			ends = append(ends, end)
		}
	}
	for _, end := range ends {
		end()
	}
	if s.running != 0 || len(s.lanes) != 0 {
		t.Errorf("%d queries are left in %v", s.running, s.lanes)
	}
}

// TestWaiting wants queries beyond the total to wait, those of a higher
// priority less, and to give up in time.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(Scheduling{Threads: 1})
		first, err := s.admit(t.Context(), &Settings{})
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		ask := func(name string, priority int, timeout time.Duration) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, fault.New(fault.Timeout, "too long"))
			go func() {
				defer cancel()
				end, err := s.admit(ctx, &Settings{Priority: priority})
				if err != nil {
					name = "no " + name + " " + fault.Of(err).Message[:25]
				}
				order = append(order, name) // one at a time: the total is 1, or it failed alone
				if err == nil {
					time.Sleep(time.Second)
					end()
				}
			}()
			synctest.Wait()
		}
		ask("a", 0, time.Minute)
		ask("b", 5, time.Minute)
		ask("c", 0, time.Minute)
		ask("d", 9, time.Millisecond)
		time.Sleep(time.Second)
		first()
		time.Sleep(10 * time.Second)
		if got := strings.Join(order, ", "); got != "no d Too many concurrent queri, b, a, c" {
			t.Errorf("order: %s", got)
		}
		if s.running != 0 || len(s.waiting) != 0 {
			t.Errorf("%d run, %d wait", s.running, len(s.waiting))
		}
	})
}

func TestThreshold(t *testing.T) {
	b := clusterOf(t, []cluster.Descriptor{descriptor("s", 1, "v"), descriptor("s", 2, "v")}, nil)
	table, _ := b.Table("s")
	for i, c := range []struct {
		t    Threshold
		days int64 // read, of days from 1 on
		want int
	}{
		{Threshold{Segments: 2, Adjustment: 3}, 2, 7},
		{Threshold{Segments: 1, Adjustment: 3}, 2, 4},
		{Threshold{Segments: 1, Adjustment: 3}, 1, 7},
		{Threshold{Duration: chrono.Period{Days: 1}, Adjustment: 5}, 1, 7},
		{Threshold{Duration: chrono.Period{Days: 1}, Adjustment: 5}, 2, 2},
		{Threshold{Range: chrono.Period{Days: 1}, Segments: 1, Adjustment: 5}, 2, 2}, // once, if several are passed
		{Threshold{Period: chrono.Period{Days: 9}, Adjustment: 1}, 1, 7},
		{Threshold{Period: chrono.Period{Days: 8}, Adjustment: 1}, 1, 6},
	} {
		b.scheduler.cfg.Threshold = &c.t
		s := Settings{Priority: 7, Now: 10 * day}
		b.prioritize(planner.NewScan(table, []chrono.Interval{{Start: day, End: (1 + c.days) * day}}), &s)
		if s.Priority != c.want {
			t.Errorf("case %d: priority %d, want %d", i, s.Priority, c.want)
		}
	}
}

// TestRefused wants a query that finds its lane full to fail before it begins.
func TestRefused(t *testing.T) {
	b := clusterOf(t, nil, nil)
	b.scheduler.cfg.Lanes = map[string]int{"x": 0}
	err := b.Execute(t.Context(), &planner.Values{Rows: &data.Batch{}}, Settings{Lane: "x"}, nil)
	if fault.Of(err).Kind != fault.Capacity {
		t.Error(err)
	}
	if s, err := new(Broker).settings(map[string]json.RawMessage{"priority": []byte("-3"), "lane": []byte(`"a"`), "secondaryPartitionPruning": []byte("false")}); err != nil || s.Priority != -3 || s.Lane != "a" || !s.Unpruned {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{`{"priority":"x"}`, `{"lane":5}`, `{"secondaryPartitionPruning":"maybe"}`} {
		var c map[string]json.RawMessage
		if err := json.Unmarshal([]byte(bad), &c); err != nil {
			t.Fatal(err)
		}
		if _, err := new(Broker).settings(c); fault.Of(err).Word != "Query context parse failed" {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

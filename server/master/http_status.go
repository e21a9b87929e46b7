package master

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/assign"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
)

// statusRoutes show how far the servers are with what is to be loaded.
func (m *Master) statusRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET loadstatus":                      m.getLoadStatus,
		"GET loadqueue":                       m.getLoadQueue,
		"GET datasources/{source}/loadstatus": m.getSourceLoadStatus,
		"GET duties":                          m.getDuties,
	}
}

// getLoadStatus gives the percentage of each source that is served; simple,
// how many segments are missing; full, how many replicas, by tier.
func (m *Master) getLoadStatus(r *http.Request) (any, error) {
	list, err := m.used(r.Context(), "")
	if err != nil {
		return nil, err
	}
	return m.loadStatus(r, list)
}

// getSourceLoadStatus does so for one source; with interval, for what overlaps
// that.
func (m *Master) getSourceLoadStatus(r *http.Request) (any, error) {
	source := r.PathValue("source")
	q := cluster.SegmentQuery{Source: source}
	if text := r.URL.Query().Get("interval"); text != "" {
		in, err := parseInterval(text)
		if err != nil {
			return nil, fault.At(err, "interval")
		}
		q.Intervals = []chrono.Interval{in}
	}
	list, err := m.find(r.Context(), q)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "no used segment of %q found for that interval", source)
	}
	if err != nil {
		return nil, err
	}
	return m.loadStatus(r, list)
}

func (m *Master) loadStatus(r *http.Request, list []*cluster.Descriptor) (any, error) {
	missing, short, err := m.missing(r.Context(), list, asks(r, "computeUsingClusterView"))
	switch {
	case err != nil:
		return nil, err
	case asks(r, "full"):
		return short, nil
	case asks(r, "simple"):
		return missing, nil
	}
	all, out := map[string]int{}, map[string]float64{}
	for _, d := range list {
		all[d.Source]++
	}
	for source, n := range all {
		out[source] = 100 * float64(n-missing[source]) / float64(n)
	}
	return out, nil
}

// missing counts by source the segments that are to be loaded and are served
// by nobody, and by tier and source the copies that are missing; with possible,
// of no more copies than the tier has servers.
func (m *Master) missing(ctx context.Context, list []*cluster.Descriptor, possible bool) (map[string]int, map[string]map[string]int, error) {
	rules, err := m.rulesNow(ctx)
	if err != nil {
		return nil, nil, err
	}
	servers := map[string]int{}
	for _, s := range m.cfg.View.Servers() {
		if s.Type == cluster.Historical {
			servers[s.Tier]++
		}
	}
	missing, short := map[string]int{}, map[string]map[string]int{}
	now := time.Now().UnixMilli()
	for source, segments := range bySource(list) {
		missing[source] = 0
		t, hidden := m.cfg.View.Timeline(source), hiddenOf(segments)
		for _, d := range segments {
			wanted, have := replicas(rules, d, now), map[string]int{}
			if hidden[d.ID()] {
				wanted = nil
			}
			if t != nil {
				s, _ := t.Get(d.ID())
				for _, server := range s.Servers {
					have[server.Tier]++
				}
			}
			if total(wanted) > 0 && len(have) == 0 {
				missing[source]++
			}
			for tier, want := range wanted {
				if short[tier] == nil {
					short[tier] = map[string]int{}
				}
				if possible {
					want = min(want, servers[tier])
				}
				short[tier][source] += max(0, want-have[tier])
			}
		}
	}
	return missing, short, nil
}

func total(replicas map[string]int) (n int) {
	for _, k := range replicas {
		n += k
	}
	return n
}

// replicas are how many servers of each tier are to have a segment; none if it
// is to be dropped, or kept in storage only.
func replicas(rules map[string][]assign.Rule, d *cluster.Descriptor, now int64) map[string]int {
	last, ok := rules[assign.DefaultRules]
	if !ok {
		last = assign.Forever()
	}
	for _, list := range [][]assign.Rule{rules[d.Source], last} {
		for _, rule := range list {
			if rule.Matches(d.Interval, now) {
				return rule.Fate().Replicas
			}
		}
	}
	return nil
}

// queue is the orders to a server that it has not carried out.
type queue struct {
	Load     int   `json:"segmentsToLoad"`
	Drop     int   `json:"segmentsToDrop"`
	LoadSize int64 `json:"segmentsToLoadSize"`
	DropSize int64 `json:"segmentsToDropSize"`
	Millis   int64 `json:"expectedLoadTimeMillis"` // not known: 0
}

// getLoadQueue gives which segments are ordered to each server; full, with all
// that is known of them; simple, how many.
func (m *Master) getLoadQueue(r *http.Request) (any, error) {
	simple, ids, full := map[string]*queue{}, map[string]map[string][]string{}, map[string]map[string][]cluster.Descriptor{}
	for _, s := range m.holders() {
		simple[s.Name] = &queue{}
		ids[s.Name] = map[string][]string{"segmentsToLoad": {}, "segmentsToDrop": {}}
		full[s.Name] = map[string][]cluster.Descriptor{"segmentsToLoad": {}, "segmentsToDrop": {}}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, o := range m.orders {
		at := cluster.SplitKey(cluster.LoadPrefix, key)
		if len(at) != 2 || simple[at[0]] == nil || o.Failed != "" {
			continue
		}
		name, do := at[0], "segmentsToDrop"
		if q := simple[name]; o.Action == cluster.Load {
			do = "segmentsToLoad"
			q.Load, q.LoadSize = q.Load+1, q.LoadSize+o.Segment.Size
		} else {
			q.Drop, q.DropSize = q.Drop+1, q.DropSize+o.Segment.Size
		}
		ids[name][do] = append(ids[name][do], o.Segment.ID().String())
		full[name][do] = append(full[name][do], o.Segment)
	}
	switch {
	case asks(r, "simple"):
		return simple, nil
	case asks(r, "full"):
		return full, nil
	}
	return ids, nil
}

// getDuties says how the rounds go.
func (m *Master) getDuties(*http.Request) (any, error) {
	type group struct {
		Name   string   `json:"name"`
		Period string   `json:"period"`
		Duties []string `json:"dutyNames"`
		Begun  *string  `json:"lastRunStart"`
		Ended  *string  `json:"lastRunEnd"`
		Usual  int64    `json:"avgRuntimeMillis"`
	}
	at := func(t time.Time) *string {
		if t.IsZero() {
			return nil
		}
		s := chrono.FormatTime(t.UnixMilli(), chrono.UTC)
		return &s
	}
	period := func(d time.Duration) string { return fmt.Sprintf("PT%gS", d.Seconds()) }
	m.mu.Lock()
	defer m.mu.Unlock()
	rounds := group{Name: "rounds", Period: period(m.cfg.Period), Duties: []string{"retire", "cleanUp", "supply", "thinOut", "balance"}, Begun: at(m.begun), Ended: at(m.ended)}
	if m.rounds > 0 {
		rounds.Usual = m.spent.Milliseconds() / m.rounds
	}
	kills := group{Name: "kill", Period: period(m.cfg.KillPeriod), Duties: []string{"killUnusedSegments"}}
	return map[string][]group{"dutyGroups": {rounds, kills}}, nil
}

package master

import (
	"net/http"
	"slices"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/assign"
)

// statusRoutes show how far the servers are with what is to be loaded.
func (m *Master) statusRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET loadstatus": m.getLoadStatus,
		"GET loadqueue":  m.getLoadQueue,
		"GET datasources/{source}/loadstatus": func(r *http.Request) (any, error) {
			list, err := m.usedOf(r)
			if err != nil {
				return nil, err
			}
			missing := m.missing(r, list)
			if asks(r, "simple") {
				return map[string]int{r.PathValue("source"): missing[r.PathValue("source")]}, nil
			}
			return percentages(list, missing), nil
		},
	}
}

// getLoadStatus gives the percentage of each source that is served; simple,
// how many segments are missing; full, how many replicas, by tier.
func (m *Master) getLoadStatus(r *http.Request) (any, error) {
	list, err := m.used(r.Context(), "")
	if err != nil {
		return nil, err
	}
	if asks(r, "full") {
		return m.underReplicated(r, list), nil
	}
	missing := m.missing(r, list)
	if asks(r, "simple") {
		return missing, nil
	}
	return percentages(list, missing), nil
}

// missing counts by source the segments that are to be loaded and are served
// by nobody.
func (m *Master) missing(r *http.Request, list []*cluster.Descriptor) map[string]int {
	out, rules := map[string]int{}, m.rules(r.Context())
	for source, segments := range bySource(list) {
		out[source] = 0
		t, hidden := m.cfg.View.Timeline(source), timelineOf(segments).Overshadowed()
		for _, d := range segments {
			if len(replicas(rules, d)) == 0 || slices.Contains(hidden, d.ID()) {
				continue
			}
			if t != nil {
				if _, there := t.Get(d.ID()); there {
					continue
				}
			}
			out[source]++
		}
	}
	return out
}

func percentages(list []*cluster.Descriptor, missing map[string]int) map[string]float64 {
	out := map[string]float64{}
	for source, segments := range bySource(list) {
		out[source] = 100 * float64(len(segments)-missing[source]) / float64(len(segments))
	}
	return out
}

// replicas are how many servers of each tier are to have a segment; none if it
// is to be dropped, or kept in storage only.
func replicas(rules map[string][]assign.Rule, d *cluster.Descriptor) map[string]int {
	now := time.Now().UnixMilli()
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

// underReplicated counts by tier and source the replicas that are missing.
func (m *Master) underReplicated(r *http.Request, list []*cluster.Descriptor) map[string]map[string]int {
	out, rules := map[string]map[string]int{}, m.rules(r.Context())
	for source, segments := range bySource(list) {
		t := m.cfg.View.Timeline(source)
		for _, d := range segments {
			have := map[string]int{}
			if t != nil {
				s, _ := t.Get(d.ID())
				for _, server := range s.Servers {
					have[server.Tier]++
				}
			}
			for tier, want := range replicas(rules, d) {
				if out[tier] == nil {
					out[tier] = map[string]int{}
				}
				out[tier][source] += max(0, want-have[tier])
			}
		}
	}
	return out
}

// queue is the orders to a server that it has not carried out.
type queue struct {
	Load     int   `json:"segmentsToLoad"`
	Drop     int   `json:"segmentsToDrop"`
	LoadSize int64 `json:"segmentsToLoadSize"`
	DropSize int64 `json:"segmentsToDropSize"`
}

// getLoadQueue gives how many orders there are to each server; full, or
// without simple, which segments.
func (m *Master) getLoadQueue(r *http.Request) (any, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	simple, full := map[string]queue{}, map[string]map[string][]string{}
	for _, s := range m.holders() {
		q, segments := queue{}, map[string][]string{"segmentsToLoad": {}, "segmentsToDrop": {}}
		for key, o := range m.orders {
			if !isOrderOf(key, s.Name) || o.Failed != "" {
				continue
			}
			id := o.Segment.ID().String()
			if o.Action == cluster.Load {
				q.Load, q.LoadSize = q.Load+1, q.LoadSize+o.Segment.Size
				segments["segmentsToLoad"] = append(segments["segmentsToLoad"], id)
			} else {
				q.Drop, q.DropSize = q.Drop+1, q.DropSize+o.Segment.Size
				segments["segmentsToDrop"] = append(segments["segmentsToDrop"], id)
			}
		}
		simple[s.Name], full[s.Name] = q, segments
	}
	if asks(r, "simple") {
		return simple, nil
	}
	return full, nil
}

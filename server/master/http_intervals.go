package master

import (
	"net/http"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
)

// intervalRoutes show what is served by time.
func (m *Master) intervalRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET intervals":            m.getAllIntervals,
		"GET intervals/{interval}": m.getIntervalOfAll,

		"GET datasources/{source}/intervals":                       m.getIntervals,
		"GET datasources/{source}/intervals/{interval}":            m.getInterval,
		"GET datasources/{source}/intervals/{interval}/serverview": m.getServerView,
	}
}

// countOf is how much an interval has.
type countOf struct {
	Size  int64 `json:"size"`
	Count int64 `json:"count"`
}

func (c countOf) with(d *cluster.Descriptor) countOf { return countOf{c.Size + d.Size, c.Count + 1} }

// getAllIntervals counts by interval and source.
func (m *Master) getAllIntervals(*http.Request) (any, error) {
	return m.countAll(func(*cluster.Descriptor) bool { return true }), nil
}

func (m *Master) countAll(f func(*cluster.Descriptor) bool) map[string]map[string]countOf {
	out := map[string]map[string]countOf{}
	for _, source := range m.cfg.View.Sources() {
		t := m.cfg.View.Timeline(source)
		if t == nil {
			continue
		}
		for s := range t.All() {
			if !f(s.Descriptor) {
				continue
			}
			name := s.Descriptor.Interval.String()
			if out[name] == nil {
				out[name] = map[string]countOf{}
			}
			out[name][source] = out[name][source].with(s.Descriptor)
		}
	}
	return out
}

// getIntervalOfAll counts what lies in an interval; simple, by interval; full,
// by interval and source.
func (m *Master) getIntervalOfAll(r *http.Request) (any, error) {
	in, err := pathInterval(r)
	if err != nil {
		return nil, err
	}
	full := m.countAll(func(d *cluster.Descriptor) bool { return in.Covers(d.Interval) })
	if asks(r, "full") {
		return full, nil
	}
	simple, all := map[string]countOf{}, countOf{}
	for name, sources := range full {
		for _, c := range sources {
			simple[name] = countOf{simple[name].Size + c.Size, simple[name].Count + c.Count}
			all = countOf{all.Size + c.Size, all.Count + c.Count}
		}
	}
	if asks(r, "simple") {
		return simple, nil
	}
	return all, nil
}

// getIntervals lists the intervals of a source; simple, counts what is there;
// full, gives the segments.
func (m *Master) getIntervals(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	if err != nil {
		return nil, err
	}
	return byInterval(r, t, chrono.Eternity), nil
}

// getInterval gives the segments that lie in an interval; simple and full as
// for all intervals.
func (m *Master) getInterval(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	if err != nil {
		return nil, err
	}
	in, err := pathInterval(r)
	if err != nil {
		return nil, err
	}
	if asks(r, "simple") || asks(r, "full") {
		return byInterval(r, t, in), nil
	}
	ids := []string{}
	for s := range t.All() {
		if in.Covers(s.Descriptor.Interval) {
			ids = append(ids, s.Descriptor.ID().String())
		}
	}
	return ids, nil
}

func byInterval(r *http.Request, t *cluster.Timeline, in chrono.Interval) any {
	type held struct {
		Metadata *cluster.Descriptor `json:"metadata"`
		Servers  []string            `json:"servers"`
	}
	names, counts, full := []string{}, map[string]countOf{}, map[string]map[string]held{}
	for s := range t.All() { // newest first, as the list is to be
		d := s.Descriptor
		if !in.Covers(d.Interval) {
			continue
		}
		name := d.Interval.String()
		if _, seen := counts[name]; !seen {
			names = append(names, name)
			full[name] = map[string]held{}
		}
		counts[name] = counts[name].with(d)
		if asks(r, "full") {
			h := held{d, []string{}}
			for _, server := range s.Servers {
				h.Servers = append(h.Servers, server.Name)
			}
			full[name][d.ID().String()] = h
		}
	}
	switch {
	case asks(r, "simple"):
		return counts
	case asks(r, "full"):
		return full
	}
	return names
}

// getServerView gives the segments that are read for an interval, with the
// servers that have them.
func (m *Master) getServerView(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	if err != nil {
		return nil, err
	}
	in, err := pathInterval(r)
	if err != nil {
		return nil, err
	}
	type held struct {
		Segment *cluster.Descriptor `json:"segment"`
		Servers []servedServer      `json:"servers"`
	}
	out := []held{}
	for _, s := range t.Lookup([]chrono.Interval{in}) {
		h := held{s.Descriptor, []servedServer{}}
		for _, server := range s.Servers {
			h.Servers = append(h.Servers, shown(*server))
		}
		out = append(out, h)
	}
	return out, nil
}

package master

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// servedRoutes show what servers serve.
func (m *Master) servedRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET datasources":                          m.getSources,
		"GET datasources/{source}":                 m.getSource,
		"GET datasources/{source}/segments":        m.getSegments,
		"GET datasources/{source}/segments/{id}":   m.getSegment,
		"GET datasources/{source}/tiers":           m.getSourceTiers,
		"GET datasources/{source}/handoffComplete": m.getHandoff,
	}
}

// size is how much of a source a tier has.
type size struct {
	Size       int64 `json:"size"`
	Replicated int64 `json:"replicatedSize"`
	Count      int64 `json:"segmentCount"`
}

// servedSource is what there is of a source.
type servedSource struct {
	Tiers    map[string]size `json:"tiers"`
	Segments servedSegments  `json:"segments"`
}

// namedSource is a source in a list.
type namedSource struct {
	Name       string       `json:"name"`
	Properties servedSource `json:"properties"`
}

type servedSegments struct {
	Count      int64  `json:"count"`
	MinTime    string `json:"minTime"`
	MaxTime    string `json:"maxTime"`
	Size       int64  `json:"size"`
	Replicated int64  `json:"replicatedSize"`
}

// timeline is that of the source in the path.
func (m *Master) timeline(r *http.Request) (*cluster.Timeline, error) {
	t := m.cfg.View.Timeline(r.PathValue("source"))
	if t == nil {
		return nil, fault.New(fault.NotFound, "no segment of %q is served", r.PathValue("source"))
	}
	return t, nil
}

func served(t *cluster.Timeline) []*cluster.Descriptor {
	out := []*cluster.Descriptor{}
	for s := range t.All() {
		out = append(out, s.Descriptor)
	}
	return out
}

func summary(t *cluster.Timeline) servedSource {
	out := servedSource{Tiers: map[string]size{}}
	span := chrono.Interval{}
	for s := range t.All() {
		d := s.Descriptor
		if out.Segments.Count++; out.Segments.Count == 1 {
			span = d.Interval
		}
		span.Start, span.End = min(span.Start, d.Interval.Start), max(span.End, d.Interval.End)
		out.Segments.Size += d.Size
		out.Segments.Replicated += d.Size * int64(len(s.Servers))
		for i, server := range s.Servers {
			tier := out.Tiers[server.Tier]
			tier.Replicated += d.Size
			if !slices.ContainsFunc(s.Servers[:i], func(x *cluster.Server) bool { return x.Tier == server.Tier }) {
				tier.Size, tier.Count = tier.Size+d.Size, tier.Count+1
			}
			out.Tiers[server.Tier] = tier
		}
	}
	out.Segments.MinTime, out.Segments.MaxTime = chrono.FormatTime(span.Start, chrono.UTC), chrono.FormatTime(span.End, chrono.UTC)
	return out
}

func (m *Master) getSources(r *http.Request) (any, error) {
	names := m.cfg.View.Sources()
	if !asks(r, "simple") && !asks(r, "full") {
		return names, nil
	}
	simple, full := []namedSource{}, []publishedSource{}
	for _, name := range names {
		if t := m.cfg.View.Timeline(name); t != nil && asks(r, "full") {
			full = append(full, publishedSource{Name: name, Segments: served(t)})
		} else if t != nil {
			simple = append(simple, namedSource{name, summary(t)})
		}
	}
	if asks(r, "full") {
		return full, nil
	}
	return simple, nil
}

func (m *Master) getSource(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	switch {
	case err != nil:
		return nil, err
	case asks(r, "full"):
		return publishedSource{Name: r.PathValue("source"), Segments: served(t)}, nil
	}
	return summary(t), nil
}

func (m *Master) getSegments(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	if err != nil {
		return nil, err
	}
	if asks(r, "full") {
		return served(t), nil
	}
	return idsOf(served(t)), nil
}

func (m *Master) getSegment(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	if err != nil {
		return nil, err
	}
	for _, id := range cluster.ParseID(r.PathValue("id")) {
		if s, ok := t.Get(id); ok {
			names := []string{}
			for _, server := range s.Servers {
				names = append(names, server.Name)
			}
			return map[string]any{"metadata": s.Descriptor, "servers": names}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "segment %q is not served", r.PathValue("id"))
}

// getHandoff says whether a segment, or what took its place, is served by a
// server that keeps it.
func (m *Master) getHandoff(r *http.Request) (any, error) {
	in, err := parseInterval(r.URL.Query().Get("interval"))
	if err != nil {
		return nil, fault.At(err, "interval")
	}
	partition, err := strconv.Atoi(r.URL.Query().Get("partitionNumber"))
	if err != nil || partition < 0 {
		return nil, fault.At(fault.Invalidf("%q; expected a number", r.URL.Query().Get("partitionNumber")), "partitionNumber")
	}
	version := r.URL.Query().Get("version")
	t := m.cfg.View.Timeline(r.PathValue("source"))
	if t == nil {
		return false, nil
	}
	id := segment.ID{Source: r.PathValue("source"), Interval: in, Version: version, Partition: partition}
	s, there := t.Get(id)
	if there && slices.ContainsFunc(s.Servers, func(x *cluster.Server) bool { return x.Type == cluster.Historical }) {
		return true, nil
	}
	if !there {
		s.Descriptor = &cluster.Descriptor{Source: id.Source, Interval: in, Version: version, Shard: &cluster.Numbered{Partition: partition}}
	}
	return t.Covers(s.Descriptor), nil
}

func (m *Master) getSourceTiers(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	if err != nil {
		return nil, err
	}
	return sorted(summary(t).Tiers), nil
}

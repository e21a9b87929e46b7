package master

import (
	"net/http"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
)

// servedRoutes show what servers serve.
func (m *Master) servedRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET datasources":                               m.getSources,
		"GET datasources/{source}":                      m.getSource,
		"GET datasources/{source}/intervals":            m.getIntervals,
		"GET datasources/{source}/intervals/{interval}": m.getInterval,
		"GET datasources/{source}/segments":             m.getSegments,
		"GET datasources/{source}/segments/{id}":        m.getSegment,
		"GET datasources/{source}/tiers":                m.getSourceTiers,
		"GET servers":                                   m.getServers,
		"GET servers/{server}":                          m.getServer,
		"GET servers/{server}/segments":                 m.getServerSegments,
		"GET tiers":                                     m.getTiers,
	}
}

// size is how much there is of something.
type size struct {
	Size  int64 `json:"size"`
	Count int64 `json:"segmentCount"`
}

// servedSource is a source that is served.
type servedSource struct {
	Name       string          `json:"name"`
	Properties struct{}        `json:"properties"`
	Tiers      map[string]size `json:"tiers"`
	Segments   servedSegments  `json:"segments"`
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

func summary(name string, t *cluster.Timeline) servedSource {
	out := servedSource{Name: name, Tiers: map[string]size{}}
	span := chrono.Interval{}
	for s := range t.All() {
		d := s.Descriptor
		if out.Segments.Count++; out.Segments.Count == 1 {
			span = d.Interval
		}
		span.Start, span.End = min(span.Start, d.Interval.Start), max(span.End, d.Interval.End)
		out.Segments.Size += d.Size
		out.Segments.Replicated += d.Size * int64(len(s.Servers))
		for _, server := range s.Servers {
			tier := out.Tiers[server.Tier]
			tier.Size, tier.Count = tier.Size+d.Size, tier.Count+1
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
	simple, full := []servedSource{}, []publishedSource{}
	for _, name := range names {
		if t := m.cfg.View.Timeline(name); t != nil && asks(r, "full") {
			full = append(full, publishedSource{Name: name, Segments: served(t)})
		} else if t != nil {
			simple = append(simple, summary(name, t))
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
	return summary(r.PathValue("source"), t), nil
}

// countOf is how much an interval has.
type countOf struct {
	Size  int64 `json:"size"`
	Count int64 `json:"count"`
}

func (m *Master) getIntervals(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	if err != nil {
		return nil, err
	}
	names, counts := []string{}, map[string]countOf{}
	full := map[string][]*cluster.Descriptor{}
	for s := range t.All() { // newest first, as the list is to be
		name := s.Descriptor.Interval.String()
		if _, seen := counts[name]; !seen {
			names = append(names, name)
		}
		c := counts[name]
		counts[name] = countOf{c.Size + s.Descriptor.Size, c.Count + 1}
		full[name] = append(full[name], s.Descriptor)
	}
	switch {
	case asks(r, "simple"):
		return counts, nil
	case asks(r, "full"):
		return full, nil
	}
	return names, nil
}

// getInterval gives the segments that lie in an interval.
func (m *Master) getInterval(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	if err != nil {
		return nil, err
	}
	in, err := pathInterval(r)
	if err != nil {
		return nil, err
	}
	ids, full := []string{}, []*cluster.Descriptor{}
	for s := range t.All() {
		if in.Covers(s.Descriptor.Interval) {
			ids, full = append(ids, s.Descriptor.ID().String()), append(full, s.Descriptor)
		}
	}
	if asks(r, "full") {
		return full, nil
	}
	return ids, nil
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
	for s := range t.All() {
		if s.Descriptor.ID().String() != r.PathValue("id") {
			continue
		}
		names := []string{}
		for _, server := range s.Servers {
			names = append(names, server.Name)
		}
		return map[string]any{"metadata": s.Descriptor, "servers": names}, nil
	}
	return nil, fault.New(fault.NotFound, "segment %q is not served", r.PathValue("id"))
}

func (m *Master) getSourceTiers(r *http.Request) (any, error) {
	t, err := m.timeline(r)
	if err != nil {
		return nil, err
	}
	return sorted(summary("", t).Tiers), nil
}

// servedServer is a server as the endpoints show it.
type servedServer struct {
	Name     string   `json:"name,omitempty"` // of the full form
	Host     string   `json:"host"`
	Tier     string   `json:"tier"`
	Type     string   `json:"type"`
	Priority int      `json:"priority"`
	Size     int64    `json:"currSize"`
	MaxSize  int64    `json:"maxSize"`
	Segments []string `json:"segments,omitempty"`
}

func (m *Master) shown(s cluster.Server) servedServer {
	out := servedServer{Host: s.Name, Tier: s.Tier, Type: s.Type, Priority: s.Priority, MaxSize: s.MaxSize}
	for _, d := range m.cfg.View.Served(s.Name) {
		out.Size += d.Size
	}
	return out
}

// holders are the servers that hold segments.
func (m *Master) holders() []cluster.Server {
	var out []cluster.Server
	for _, s := range m.cfg.View.Servers() {
		if s.Type == cluster.Historical || s.Type == cluster.Realtime {
			out = append(out, s)
		}
	}
	return out
}

func (m *Master) getServers(r *http.Request) (any, error) {
	names, simple := []string{}, []servedServer{}
	for _, s := range m.holders() {
		names = append(names, s.Name)
		shown := m.shown(s)
		if asks(r, "full") {
			shown.Name, shown.Segments = s.Name, idsOf(m.cfg.View.Served(s.Name))
		}
		simple = append(simple, shown)
	}
	if asks(r, "simple") || asks(r, "full") {
		return simple, nil
	}
	return names, nil
}

func (m *Master) server(r *http.Request) (cluster.Server, error) {
	s, ok := m.cfg.View.Server(r.PathValue("server"))
	if !ok {
		return s, fault.New(fault.NotFound, "no server %q", r.PathValue("server"))
	}
	return s, nil
}

func (m *Master) getServer(r *http.Request) (any, error) {
	s, err := m.server(r)
	if err != nil {
		return nil, err
	}
	out := m.shown(s)
	if !asks(r, "simple") {
		out.Name, out.Segments = s.Name, idsOf(m.cfg.View.Served(s.Name))
	}
	return out, nil
}

func (m *Master) getServerSegments(r *http.Request) (any, error) {
	s, err := m.server(r)
	if err != nil {
		return nil, err
	}
	list := append([]*cluster.Descriptor{}, m.cfg.View.Served(s.Name)...)
	if asks(r, "full") {
		return list, nil
	}
	return idsOf(list), nil
}

func (m *Master) getTiers(r *http.Request) (any, error) {
	type tier struct {
		Size    int64 `json:"currSize"`
		MaxSize int64 `json:"maxSize"`
	}
	out := map[string]tier{}
	for _, s := range m.holders() {
		t := out[s.Tier]
		out[s.Tier] = tier{t.Size + m.shown(s).Size, t.MaxSize + s.MaxSize}
	}
	if asks(r, "simple") {
		return out, nil
	}
	return append([]string{}, sorted(out)...), nil
}

// isOrderOf says whether a key is that of an order to a server.
func isOrderOf(key, name string) bool { return strings.HasPrefix(key, cluster.LoadPrefixOf(name)) }

package master

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
)

// publishedRoutes show and change what the metadata says.
func (m *Master) publishedRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET metadata/datasources":                        m.getPublished,
		"GET metadata/datasources/{source}":               m.getPublishedSource,
		"GET metadata/datasources/{source}/segments":      m.getPublishedSegments,
		"GET metadata/datasources/{source}/segments/{id}": m.getPublishedSegment,
		"GET metadata/segments":                           m.getAllPublished,

		"POST datasources/{source}":                 m.markSource(true),
		"DELETE datasources/{source}":               m.markSource(false),
		"POST datasources/{source}/segments/{id}":   m.markSegment(true),
		"DELETE datasources/{source}/segments/{id}": m.markSegment(false),
		"POST datasources/{source}/markUsed":        m.markSome(true),
		"POST datasources/{source}/markUnused":      m.markSome(false),
	}
}

// publishedSource is a source with its segments.
type publishedSource struct {
	Name       string                `json:"name"`
	Properties struct{}              `json:"properties"`
	Segments   []*cluster.Descriptor `json:"segments"`
}

func (m *Master) getPublished(r *http.Request) (any, error) {
	list, err := m.used(r.Context(), "")
	if err != nil {
		return nil, err
	}
	if asks(r, "includeUnused") {
		for d, err := range m.cfg.Metadata.Find(r.Context(), cluster.SegmentQuery{State: cluster.OnlyUnused}) {
			if err != nil {
				return nil, err
			}
			list = append(list, &d)
		}
	}
	sources := bySource(list)
	if !asks(r, "full") {
		return sorted(sources), nil
	}
	out := []publishedSource{}
	for _, name := range sorted(sources) {
		out = append(out, publishedSource{Name: name, Segments: sources[name]})
	}
	return out, nil
}

func (m *Master) getPublishedSource(r *http.Request) (any, error) {
	list, err := m.usedOf(r)
	return publishedSource{Name: r.PathValue("source"), Segments: list}, err
}

func (m *Master) getPublishedSegments(r *http.Request) (any, error) {
	list, err := m.usedOf(r)
	if err != nil || asks(r, "full") {
		return list, err
	}
	return idsOf(list), nil
}

func (m *Master) getPublishedSegment(r *http.Request) (any, error) {
	list, err := m.usedOf(r)
	if err != nil {
		return nil, err
	}
	return idIn(list, r.PathValue("id"))
}

// statusSegment is a segment and whether newer ones hide it.
type statusSegment struct {
	*cluster.Descriptor
	overshadowed bool
}

// MarshalJSON adds a member to the segment's.
func (s statusSegment) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(s.Descriptor)
	if err != nil {
		return nil, err
	}
	tail := `,"overshadowed":false}`
	if s.overshadowed {
		tail = `,"overshadowed":true}`
	}
	return append(text[:len(text)-1], tail...), nil
}

func (m *Master) getAllPublished(r *http.Request) (any, error) {
	wanted := r.URL.Query()["datasources"]
	list, err := m.used(r.Context(), "")
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(d *cluster.Descriptor) bool { return len(wanted) > 0 && !slices.Contains(wanted, d.Source) })
	if !asks(r, "includeOvershadowedStatus") {
		return list, nil
	}
	out := []statusSegment{}
	for _, segments := range bySource(list) {
		t := timelineOf(segments)
		hidden := t.Overshadowed()
		for _, d := range segments {
			out = append(out, statusSegment{d, slices.Contains(hidden, d.ID())})
		}
	}
	return out, nil
}

func timelineOf(list []*cluster.Descriptor) *cluster.Timeline {
	t := cluster.NewTimeline()
	for _, d := range list {
		t.Add(d, nil)
	}
	return t
}

// mark makes segments used or unused.
func (m *Master) mark(r *http.Request, use bool, list []*cluster.Descriptor) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	c := cluster.Commit{Unuse: segmentIDs(list)}
	if use {
		c = cluster.Commit{Use: segmentIDs(list)}
	}
	return len(list), m.cfg.Metadata.Commit(r.Context(), c)
}

// changeable are the segments of the source in the path that a mark would
// change.
func (m *Master) changeable(r *http.Request, use bool, in []chrono.Interval) ([]*cluster.Descriptor, error) {
	q := cluster.SegmentQuery{Source: r.PathValue("source"), Intervals: in}
	if use {
		q.State = cluster.OnlyUnused
	}
	var out []*cluster.Descriptor
	for d, err := range m.cfg.Metadata.Find(r.Context(), q) {
		if err != nil {
			return nil, err
		}
		out = append(out, &d)
	}
	return out, nil
}

func changed(n int) map[string]int { return map[string]int{"numChangedSegments": n} }

func (m *Master) markSource(use bool) endpoint {
	return func(r *http.Request) (any, error) {
		list, err := m.changeable(r, use, nil)
		if err != nil {
			return nil, err
		}
		n, err := m.mark(r, use, list)
		return changed(n), err
	}
}

func (m *Master) markSegment(use bool) endpoint {
	return func(r *http.Request) (any, error) {
		list, err := m.changeable(r, use, nil)
		if err != nil {
			return nil, err
		}
		n := 0
		if d, there := idIn(list, r.PathValue("id")); there == nil {
			n, err = m.mark(r, use, []*cluster.Descriptor{d})
		}
		return map[string]bool{"segmentStateChanged": n > 0}, err
	}
}

// markSome marks what the body names: segments that lie in an interval, or
// some by their identifiers.
func (m *Master) markSome(use bool) endpoint {
	return func(r *http.Request) (any, error) {
		var body struct {
			Interval *chrono.Interval `json:"interval"`
			IDs      []string         `json:"segmentIds"`
			Versions []string         `json:"versions"`
		}
		text, err := server.ReadBody(r)
		if err == nil {
			err = json.Unmarshal(text, &body)
		}
		if err == nil && (body.Interval == nil) == (body.IDs == nil) {
			err = fault.Invalidf("expected either interval or segmentIds")
		}
		if err != nil {
			return nil, fault.At(err, "")
		}
		list, err := m.changeable(r, use, nil)
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(d *cluster.Descriptor) bool {
			if body.Versions != nil && !slices.Contains(body.Versions, d.Version) {
				return true
			}
			if body.Interval != nil {
				return !body.Interval.Covers(d.Interval)
			}
			return !slices.Contains(body.IDs, d.ID().String())
		})
		n, err := m.mark(r, use, list)
		return changed(n), err
	}
}

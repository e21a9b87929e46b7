package master

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server"
)

// publishedRoutes show what the metadata says.
func (m *Master) publishedRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET metadata/datasources":                        m.getPublished,
		"GET metadata/datasources/{source}":               m.getPublishedSource,
		"GET metadata/datasources/{source}/segments":      m.getPublishedSegments,
		"GET metadata/datasources/{source}/segments/{id}": m.getPublishedSegment,
		"GET metadata/segments":                           m.getAllPublished,
		"POST metadata/datasources/{source}/segments":     m.postPublishedSegments,
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
	list, err := m.named(r.Context(), r.PathValue("source"), []string{r.PathValue("id")}, cluster.OnlyUsed)
	if err != nil {
		return nil, err
	}
	return idIn(list, r.PathValue("id"))
}

// postPublishedSegments gives the segments that overlap the intervals of the
// body.
func (m *Master) postPublishedSegments(r *http.Request) (any, error) {
	body, err := server.ReadBody(r)
	if err != nil {
		return nil, err
	}
	q := cluster.SegmentQuery{Source: r.PathValue("source")}
	if err := json.Unmarshal(body, &q.Intervals); err != nil || q.Intervals == nil {
		return nil, fault.Invalidf("expected a list of intervals")
	}
	list, err := m.find(r.Context(), q)
	if err != nil || asks(r, "full") {
		return list, err
	}
	return idsOf(list), nil
}

// named gives the segments of a source that have these identifiers, in the
// given state; unknown ones are left out.
func (m *Master) named(ctx context.Context, source string, names []string, state cluster.SegmentState) ([]*cluster.Descriptor, error) {
	q := cluster.SegmentQuery{Source: source, IDs: []segment.ID{}, State: state}
	for _, name := range names {
		for _, id := range cluster.ParseID(name) {
			if id.Source == source {
				q.IDs = append(q.IDs, id)
			}
		}
	}
	return m.find(ctx, q)
}

// statusSegment is a segment with what becomes of it.
type statusSegment struct {
	*cluster.Descriptor
	status segmentStatus
}

type segmentStatus struct {
	Overshadowed bool   `json:"overshadowed"`      // newer ones hide it
	Replicas     int    `json:"replicationFactor"` // copies wanted, over all tiers
	Rows         *int64 `json:"numRows"`
	Realtime     bool   `json:"realtime"`
}

// MarshalJSON adds members to the segment's.
func (s statusSegment) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(s.Descriptor)
	if err != nil {
		return nil, err
	}
	head, err := json.Marshal(s.status)
	if err != nil {
		return nil, err
	}
	return append(append(head[:len(head)-1], ','), text[1:]...), nil
}

func (m *Master) getAllPublished(r *http.Request) (any, error) {
	list := []*cluster.Descriptor{}
	wanted := r.URL.Query()["datasources"]
	if len(wanted) == 0 {
		wanted = []string{""}
	}
	for _, source := range slices.Compact(slices.Sorted(slices.Values(wanted))) {
		some, err := m.used(r.Context(), source)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	if !asks(r, "includeOvershadowedStatus") {
		return list, nil
	}
	rules, err := m.rulesNow(r.Context())
	if err != nil {
		return nil, err
	}
	hidden, now := hiddenOf(list), time.Now().UnixMilli()
	out := make([]statusSegment, 0, len(list))
	for _, d := range list {
		s := segmentStatus{Overshadowed: hidden[d.ID()], Replicas: total(replicas(rules, d, now))}
		if d.Rows > 0 {
			s.Rows = &d.Rows
		}
		out = append(out, statusSegment{d, s})
	}
	return out, nil
}

// hiddenOf are those of these segments that newer ones among them hide.
func hiddenOf(list []*cluster.Descriptor) map[segment.ID]bool {
	out := map[segment.ID]bool{}
	for _, segments := range bySource(list) {
		for _, id := range timelineOf(segments).Overshadowed() {
			out[id] = true
		}
	}
	return out
}

func timelineOf(list []*cluster.Descriptor) *cluster.Timeline {
	t := cluster.NewTimeline()
	for _, d := range list {
		t.Add(d, nil)
	}
	return t
}

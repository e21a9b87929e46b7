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

// markRoutes make segments used and unused. The overlord's paths of the same
// are those that newer clients ask.
func (m *Master) markRoutes() map[string]endpoint {
	return map[string]endpoint{
		"POST datasources/{source}":                 m.markSource(true),
		"DELETE datasources/{source}":               m.deleteSource,
		"POST datasources/{source}/segments/{id}":   m.markSegment(true),
		"DELETE datasources/{source}/segments/{id}": m.markSegment(false),
		"POST datasources/{source}/markUsed":        m.markSome(true),
		"POST datasources/{source}/markUnused":      m.markSome(false),
	}
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
	return m.find(r.Context(), cluster.SegmentQuery{Source: r.PathValue("source"), Intervals: in, State: stateToMark(use)})
}

func changed(n int) map[string]any {
	return map[string]any{"numChangedSegments": n, "segmentStateChanged": n > 0}
}

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

// deleteSource makes a source unused; with kill=true it deletes the unused
// segments in the interval that is to be given.
func (m *Master) deleteSource(r *http.Request) (any, error) {
	if r.URL.Query().Get("kill") != "true" {
		return m.markSource(false)(r)
	}
	in, err := parseInterval(r.URL.Query().Get("interval"))
	if err != nil {
		return nil, fault.At(err, "interval")
	}
	n, err := m.Kill(r.Context(), r.PathValue("source"), in, nil, 0)
	return map[string]int{"numKilledSegments": n}, err
}

func (m *Master) markSegment(use bool) endpoint {
	return func(r *http.Request) (any, error) {
		list, err := m.named(r.Context(), r.PathValue("source"), []string{r.PathValue("id")}, stateToMark(use))
		if err != nil {
			return nil, err
		}
		n, err := m.mark(r, use, list)
		return map[string]bool{"segmentStateChanged": n > 0}, err
	}
}

// stateToMark is the state of what a mark changes.
func stateToMark(use bool) cluster.SegmentState {
	if use {
		return cluster.OnlyUnused
	}
	return cluster.OnlyUsed
}

// A selection is which segments to mark: those that lie in an interval, and
// have one of the versions if any are given; or some by their identifiers.
type selection struct {
	Interval *chrono.Interval `json:"interval"`
	IDs      []string         `json:"segmentIds"`
	Versions []string         `json:"versions"`
}

func readSelection(r *http.Request) (s selection, err error) {
	text, err := server.ReadBody(r)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		if fault.Of(err).Kind == fault.Invalid {
			return s, err
		}
		return s, fault.Invalidf("expected an object with interval or segmentIds: %v", err)
	}
	if (s.Interval == nil) == (len(s.IDs) == 0) || s.Interval == nil && s.Versions != nil {
		return s, fault.Invalidf("expected either interval or segmentIds, and versions only with interval")
	}
	return s, nil
}

// markSome marks what the body names.
func (m *Master) markSome(use bool) endpoint {
	return func(r *http.Request) (any, error) {
		s, err := readSelection(r)
		if err != nil {
			return nil, err
		}
		var list []*cluster.Descriptor
		if s.Interval == nil {
			list, err = m.named(r.Context(), r.PathValue("source"), s.IDs, stateToMark(use))
		} else if list, err = m.changeable(r, use, []chrono.Interval{*s.Interval}); err == nil {
			list = slices.DeleteFunc(list, func(d *cluster.Descriptor) bool {
				return !s.Interval.Covers(d.Interval) || s.Versions != nil && !slices.Contains(s.Versions, d.Version)
			})
		}
		if err != nil {
			return nil, err
		}
		n, err := m.mark(r, use, list)
		return changed(n), err
	}
}

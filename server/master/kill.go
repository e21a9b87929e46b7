package master

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// Kill says which unused segments are deleted for good, from the metadata and
// from deep storage, without being asked to.
type Kill struct {
	On     bool          `json:"on"`
	Retain chrono.Period `json:"durationToRetain"` // since the end of their interval
	Buffer chrono.Period `json:"bufferPeriod"`     // since they became unused
	Most   int           `json:"maxSegments"`      // a time
}

// UsualKill deletes nothing until it is switched on; then what ended 90 days
// ago and became unused 30 days ago.
func UsualKill() Kill {
	return Kill{Retain: chrono.Period{Days: 90}, Buffer: chrono.Period{Days: 30}, Most: 100}
}

// UnmarshalJSON reads a Kill; what it leaves out has usual values.
func (k *Kill) UnmarshalJSON(b []byte) error {
	type plain Kill
	p := plain(UsualKill())
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	*k = Kill(p)
	return nil
}

func (k *Kill) check() error {
	if k.Most < 1 {
		return fault.At(fault.Invalidf("%d; expected 1 or more", k.Most), "maxSegments")
	}
	return nil
}

// killPrefix is what the documents begin with that say which files are still
// to be deleted of segments that are forgotten: a crash in between leaves none
// behind.
const killPrefix = "kill/"

// killBatch is how many segments are forgotten in one commit.
const killBatch = 100

// cleanUp deletes the files that an earlier kill left, and unused segments as
// the configuration says.
func (m *Master) cleanUp(ctx context.Context) error {
	if m.cfg.Erase == nil {
		return nil
	}
	if err := m.finishKills(ctx); err != nil {
		return err
	}
	c, err := m.dynamic(ctx)
	if err != nil {
		return err
	}
	k := m.cfg.Kill
	if c.Kill != nil {
		k = *c.Kill
	}
	if !k.On || c.Pause {
		return nil
	}
	now := time.Now().UnixMilli()
	ended := k.Retain.Add(now, -1, chrono.UTC)
	q := cluster.SegmentQuery{State: cluster.OnlyUnused, Before: time.UnixMilli(k.Buffer.Add(now, -1, chrono.UTC))}
	n, err := m.kill(ctx, q, k.Most, func(d *cluster.Descriptor) bool {
		return d.Interval.End <= ended && (len(c.KillOnly) == 0 || slices.Contains(c.KillOnly, d.Source))
	})
	if n > 0 {
		m.cfg.Log.Info("unused segments were deleted", "segments", n)
	}
	return err
}

// kill deletes the segments of q that f is true of, at most so many; 0 is all.
// It gives how many are gone.
func (m *Master) kill(ctx context.Context, q cluster.SegmentQuery, most int, f func(*cluster.Descriptor) bool) (n int, err error) {
	if m.cfg.Erase == nil {
		return 0, fault.New(fault.Unsupported, "this master cannot reach deep storage, so that it deletes no segments; set druid.storage.* for it")
	}
	var batch []cluster.Descriptor
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := m.forget(ctx, batch); err != nil {
			return err
		}
		n, batch = n+len(batch), nil
		return nil
	}
	for d, err := range m.cfg.Metadata.Find(ctx, q) {
		if err != nil {
			return n, err
		}
		if most > 0 && n+len(batch) == most {
			break
		}
		if !f(&d) {
			continue
		}
		if batch = append(batch, d); len(batch) == killBatch {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	return n, flush()
}

// forget deletes segments from the metadata and then their files. The commit
// fails if one of them is used again.
func (m *Master) forget(ctx context.Context, list []cluster.Descriptor) error {
	ids, specs := []segment.ID{}, []json.RawMessage{}
	for i := range list {
		ids = append(ids, list[i].ID())
		if len(list[i].LoadSpec) > 0 {
			specs = append(specs, list[i].LoadSpec)
		}
	}
	value, err := json.Marshal(specs)
	if err != nil {
		return err
	}
	doc := cluster.Document{Key: fmt.Sprintf("%s%020d", killPrefix, time.Now().UnixNano()), Value: value}
	if err := m.cfg.Metadata.Commit(ctx, cluster.Commit{Delete: ids, Put: []cluster.Document{doc}}); err != nil {
		return err
	}
	return m.erase(ctx, doc)
}

// erase deletes the files that a document names, and then the document.
func (m *Master) erase(ctx context.Context, doc cluster.Document) error {
	var specs []json.RawMessage
	if err := json.Unmarshal(doc.Value, &specs); err != nil {
		return fault.New(fault.Internal, "document %s: %v", doc.Key, err)
	}
	for _, spec := range specs {
		if err := m.cfg.Erase(ctx, spec); err != nil {
			return err
		}
	}
	return m.cfg.Metadata.Commit(ctx, cluster.Commit{Put: []cluster.Document{{Key: doc.Key}}})
}

// finishKills deletes the files of kills that were broken off.
func (m *Master) finishKills(ctx context.Context) error {
	docs, ok := m.cfg.Metadata.(cluster.Documents)
	if !ok {
		return nil
	}
	var left []cluster.Document
	for d, err := range docs.List(ctx, killPrefix) {
		if err != nil {
			return err
		}
		left = append(left, d)
	}
	for _, d := range left {
		if err := m.erase(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// Kill deletes the unused segments of a source that lie in an interval, and
// have one of the versions if any are given; at most so many, 0 is all.
func (m *Master) Kill(ctx context.Context, source string, in chrono.Interval, versions []string, most int) (int, error) {
	q := cluster.SegmentQuery{Source: source, Intervals: []chrono.Interval{in}, State: cluster.OnlyUnused}
	return m.kill(ctx, q, most, func(d *cluster.Descriptor) bool {
		return in.Covers(d.Interval) && (len(versions) == 0 || slices.Contains(versions, d.Version))
	})
}

// KillTask does what a task of type kill says.
func (m *Master) KillTask(ctx context.Context, payload []byte) error {
	var task struct {
		Source   string           `json:"dataSource"`
		Interval *chrono.Interval `json:"interval"`
		Versions []string         `json:"versions"`
		Limit    int              `json:"limit"`
	}
	switch err := json.Unmarshal(payload, &task); {
	case err != nil:
		return fault.Invalidf("kill: %v", err)
	case task.Interval == nil:
		return fault.At(fault.Invalidf("is missing; expected start/end"), "interval")
	case task.Limit < 0:
		return fault.At(fault.Invalidf("%d; expected 1 or more", task.Limit), "limit")
	}
	n, err := m.Kill(ctx, task.Source, *task.Interval, task.Versions, task.Limit)
	m.cfg.Log.Info("unused segments were deleted", "source", task.Source, "segments", n)
	return err
}

func (m *Master) killRoutes() map[string]endpoint {
	return map[string]endpoint{"DELETE datasources/{source}/intervals/{interval}": m.deleteInterval}
}

// deleteInterval deletes the unused segments of a source that lie in an
// interval.
func (m *Master) deleteInterval(r *http.Request) (any, error) {
	in, err := pathInterval(r)
	if err != nil {
		return nil, err
	}
	n, err := m.Kill(r.Context(), r.PathValue("source"), in, nil, 0)
	return map[string]int{"numKilledSegments": n}, err
}

package broker

import (
	"context"
	"maps"
	"slices"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

func init() {
	systemTables["segments"] = systemTable{
		schema: columns("segment_id", "datasource", "start", "end", "size#", "version", "partition_num#", "num_replicas#", "num_rows#",
			"is_active#", "is_published#", "is_available#", "is_realtime#", "is_overshadowed#",
			"shard_spec", "dimensions", "metrics", "last_compaction_state", "replication_factor#", "projections"),
		rows: segmentRows,
	}
}

// segmentRows are the segments, source by source: those that are served, the
// newest first, and then those that are published and served by nobody.
func segmentRows(ctx context.Context, b *Broker, only only, yield func(row) bool) error {
	names, some := only.values("datasource")
	if ids, ok := only.values("segment_id"); ok {
		names, some = sourcesNamed(ids), true
	}
	if !some && b.cfg.Metadata == nil {
		names, some = b.cfg.View.Sources(), true
	}
	if some {
		for _, source := range slices.Compact(slices.Sorted(slices.Values(names))) {
			published, err := b.published(ctx, source)
			if !b.sourceRows(source, published, yield) || err != nil {
				return err
			}
		}
		return nil
	}
	return b.allRows(ctx, yield)
}

// sourcesNamed are the sources of what may be identifiers of segments.
func sourcesNamed(ids []string) (out []string) {
	for _, text := range ids {
		for _, id := range cluster.ParseID(text) {
			out = append(out, id.Source)
		}
	}
	return out
}

// allRows are the segments of all sources. What is published is read once, and
// of it no more is held than one source.
func (b *Broker) allRows(ctx context.Context, yield func(row) bool) error {
	unseen := map[string]bool{}
	for _, source := range b.cfg.View.Sources() {
		unseen[source] = true
	}
	one := newPublications()
	var failed error
	for d, err := range b.cfg.Metadata.Find(ctx, cluster.SegmentQuery{}) {
		if err != nil {
			failed = err
			break
		}
		if n := len(one.list); n > 0 && one.list[0].Source != d.Source {
			delete(unseen, one.list[0].Source)
			if !b.sourceRows(one.list[0].Source, one, yield) {
				return nil
			}
			one = newPublications()
		}
		one.add(&d)
	}
	if len(one.list) > 0 && failed == nil {
		delete(unseen, one.list[0].Source)
		if !b.sourceRows(one.list[0].Source, one, yield) {
			return nil
		}
	}
	if failed != nil {
		one = nil // what is published is not known
	} else {
		one = newPublications()
	}
	for _, source := range slices.Sorted(maps.Keys(unseen)) {
		if !b.sourceRows(source, one, yield) {
			break
		}
	}
	return failed
}

// sourceRows are the segments of a source; published is nil if it is not known
// what is.
func (b *Broker) sourceRows(source string, published *publications, yield func(row) bool) bool {
	t := b.cfg.View.Timeline(source)
	if t == nil {
		t = cluster.NewTimeline()
	}
	hidden := lazily(t)
	for s := range t.All() {
		s.Servers = b.here(s.Servers)
		id := s.Descriptor.ID()
		sealed := published == nil || published.ids[id]
		if !yield(&segmentRow{Slice: s, id: id, published: sealed, hidden: func() bool {
			return hidden()[id] || sealed && published != nil && published.hidden()[id]
		}}) {
			return false
		}
	}
	if published == nil {
		return true
	}
	for _, d := range published.list {
		id := d.ID()
		if _, served := t.Get(id); served {
			continue
		}
		if !yield(&segmentRow{Slice: cluster.Slice{Descriptor: d}, id: id, published: true, hidden: func() bool { return published.hidden()[id] }}) {
			return false
		}
	}
	return true
}

// A segmentRow is a row of sys.segments.
type segmentRow struct {
	cluster.Slice
	id        segment.ID
	published bool
	hidden    func() bool // newer ones overshadow it
}

func (r *segmentRow) cell(column int) any { return segmentCells[column](r) }

func (r *segmentRow) realtime() bool {
	return len(r.Servers) > 0 && !slices.ContainsFunc(r.Servers, func(s *cluster.Server) bool { return s.Type != cluster.Realtime })
}

func instant(ms int64) string { return chrono.FormatTime(ms, chrono.UTC) }

// segmentCells are the columns, in the order of the schema.
var segmentCells = [...]func(r *segmentRow) any{
	func(r *segmentRow) any { return r.id.String() },
	func(r *segmentRow) any { return r.id.Source },
	func(r *segmentRow) any { return instant(r.id.Interval.Start) },
	func(r *segmentRow) any { return instant(r.id.Interval.End) },
	func(r *segmentRow) any { return r.Descriptor.Size },
	func(r *segmentRow) any { return r.id.Version },
	func(r *segmentRow) any { return int64(r.id.Partition) },
	func(r *segmentRow) any { return int64(len(r.Servers)) },
	func(r *segmentRow) any { return r.Descriptor.Rows },
	func(r *segmentRow) any { return flag(r.realtime() || r.published && !r.hidden()) },
	func(r *segmentRow) any { return flag(r.published) },
	func(r *segmentRow) any { return flag(len(r.Servers) > 0) },
	func(r *segmentRow) any { return flag(r.realtime()) },
	func(r *segmentRow) any { return flag(r.hidden()) },
	func(r *segmentRow) any {
		if text, err := cluster.MarshalShard(r.Descriptor.Shard); err == nil {
			return string(text)
		}
		return nil
	},
	func(r *segmentRow) any { return namesOf(r.Descriptor.Dimensions) },
	func(r *segmentRow) any { return namesOf(r.Descriptor.Metrics) },
	func(r *segmentRow) any {
		if len(r.Descriptor.Compaction) > 0 {
			return string(r.Descriptor.Compaction)
		}
		return nil
	},
	func(*segmentRow) any { return int64(-1) },
	func(*segmentRow) any { return nil },
}

// publications are the published segments of a source.
type publications struct {
	list     []*cluster.Descriptor
	ids      map[segment.ID]bool
	timeline *cluster.Timeline
	hidden   func() map[segment.ID]bool
}

func newPublications() *publications {
	t := cluster.NewTimeline()
	return &publications{ids: map[segment.ID]bool{}, timeline: t, hidden: lazily(t)}
}

func (p *publications) add(d *cluster.Descriptor) {
	p.list = append(p.list, d)
	p.ids[d.ID()] = true
	p.timeline.Add(d, nil)
}

// published reads what is published of a source; without metadata it is nil.
func (b *Broker) published(ctx context.Context, source string) (*publications, error) {
	if b.cfg.Metadata == nil {
		return nil, nil
	}
	out := newPublications()
	for d, err := range b.cfg.Metadata.Find(ctx, cluster.SegmentQuery{Source: source}) {
		if err != nil {
			return nil, err
		}
		out.add(&d)
	}
	return out, nil
}

// lazily gives the segments of a timeline that others overshadow; they are
// found when they are first asked for.
func lazily(t *cluster.Timeline) func() map[segment.ID]bool {
	var out map[segment.ID]bool
	return func() map[segment.ID]bool {
		if out == nil {
			out = map[segment.ID]bool{}
			for _, id := range t.Overshadowed() {
				out[id] = true
			}
		}
		return out
	}
}

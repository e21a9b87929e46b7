package broker

import (
	"context"

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

// segmentRows are the segments that are served, by the source and newest
// first, and then those that are published and served by nobody.
func segmentRows(ctx context.Context, b *Broker, add func(...any)) error {
	published, err := b.published(ctx)
	served := map[segment.ID]bool{}
	for _, source := range b.cfg.View.Sources() {
		t := b.cfg.View.Timeline(source)
		if t == nil {
			continue
		}
		hidden := overshadowed(t)
		for s := range t.All() {
			id := s.Descriptor.ID()
			served[id] = true
			sealed := published == nil || published.has(id)
			s.Servers = b.here(s.Servers)
			addSegment(add, s, sealed, hidden[id] || sealed && published.hides(id))
		}
	}
	if published == nil {
		return err
	}
	for _, d := range published.list {
		if id := d.ID(); !served[id] {
			addSegment(add, cluster.Slice{Descriptor: d}, true, published.hides(id))
		}
	}
	return err
}

func addSegment(add func(...any), s cluster.Slice, published, hidden bool) {
	d, id := s.Descriptor, s.Descriptor.ID()
	realtime := len(s.Servers) > 0
	for _, server := range s.Servers {
		realtime = realtime && server.Type == cluster.Realtime
	}
	var shard any
	if text, err := cluster.MarshalShard(d.Shard); err == nil {
		shard = string(text)
	}
	var compaction any
	if len(d.Compaction) > 0 {
		compaction = string(d.Compaction)
	}
	at := func(ms int64) string { return chrono.FormatTime(ms, chrono.UTC) }
	add(id.String(), d.Source, at(d.Interval.Start), at(d.Interval.End), d.Size, d.Version, int64(id.Partition),
		int64(len(s.Servers)), d.Rows, flag(published && !hidden || realtime), flag(published),
		flag(len(s.Servers) > 0), flag(realtime), flag(hidden), shard,
		namesOf(d.Dimensions), namesOf(d.Metrics), compaction, int64(-1), nil)
}

// publications are the published segments of all sources. nil has none and
// hides none.
type publications struct {
	list   []*cluster.Descriptor
	ids    map[segment.ID]bool
	hidden map[segment.ID]bool
}

func (p *publications) has(id segment.ID) bool   { return p != nil && p.ids[id] }
func (p *publications) hides(id segment.ID) bool { return p != nil && p.hidden[id] }

// published reads the metadata; without metadata it is nil.
func (b *Broker) published(ctx context.Context) (*publications, error) {
	if b.cfg.Metadata == nil {
		return nil, nil
	}
	out := &publications{ids: map[segment.ID]bool{}, hidden: map[segment.ID]bool{}}
	timelines := map[string]*cluster.Timeline{}
	for d, err := range b.cfg.Metadata.Find(ctx, cluster.SegmentQuery{}) {
		if err != nil {
			return nil, err
		}
		out.list = append(out.list, &d)
		out.ids[d.ID()] = true
		if timelines[d.Source] == nil {
			timelines[d.Source] = cluster.NewTimeline()
		}
		timelines[d.Source].Add(&d, nil)
	}
	for _, t := range timelines {
		for id := range overshadowed(t) {
			out.hidden[id] = true
		}
	}
	return out, nil
}

func overshadowed(t *cluster.Timeline) map[segment.ID]bool {
	out := map[segment.ID]bool{}
	for _, id := range t.Overshadowed() {
		out[id] = true
	}
	return out
}

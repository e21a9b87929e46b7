package tables

import (
	"context"
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
)

// maxConditions is how many intervals or IDs one statement may name.
const maxConditions = 500

// Find implements cluster.Metadata. It reads the IDs first, then the segments
// by pages, so that no connection is held while the consumer works; one that
// is deleted meanwhile is left out.
func (m *Metadata) Find(ctx context.Context, q cluster.SegmentQuery) iter.Seq2[cluster.Descriptor, error] {
	return func(yield func(cluster.Descriptor, error) bool) {
		ids, err := m.matching(ctx, q)
		for len(ids) > 0 && err == nil {
			some := ids[:min(len(ids), maxConditions)]
			ids = ids[len(some):]
			var payloads map[string][]byte
			if payloads, err = m.payloads(ctx, some); err != nil {
				break
			}
			for _, id := range some {
				payload, ok := payloads[id]
				if !ok {
					continue
				}
				var d cluster.Descriptor
				if err = json.Unmarshal(payload, &d); err != nil {
					break
				}
				if !yield(d, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(cluster.Descriptor{}, m.d.Explain(ctx, err))
		}
	}
}

// IDs gives the IDs of the segments that q asks for, in the order of Find: what
// they are is not read.
func (m *Metadata) IDs(ctx context.Context, q cluster.SegmentQuery) ([]string, error) {
	ids, err := m.matching(ctx, q)
	return ids, m.d.Explain(ctx, err)
}

// matching gives the IDs that q asks for, in order.
func (m *Metadata) matching(ctx context.Context, q cluster.SegmentQuery) (out []string, err error) {
	if q.IDs != nil && len(q.IDs) == 0 || q.Intervals != nil && len(q.Intervals) == 0 {
		return nil, nil
	}
	wanted := map[string]bool{}
	where, args := conditions(q)
	if len(q.IDs) > maxConditions { // else they are among the conditions
		for _, id := range q.IDs {
			wanted[id.String()] = true
		}
	}
	rows, err := m.db.QueryContext(ctx, m.d.SQL(`SELECT id, start_ms, end_ms FROM {segments} WHERE `+where+`
		ORDER BY dataSource, start_ms, end_ms, version, partition_num`), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() && (q.Limit == 0 || len(out) < q.Limit) {
		var id string
		var in chrono.Interval
		if err := rows.Scan(&id, &in.Start, &in.End); err != nil {
			return nil, err
		}
		if q.Intervals != nil && !slices.ContainsFunc(q.Intervals, in.Overlaps) || len(wanted) > 0 && !wanted[id] {
			continue
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

func conditions(q cluster.SegmentQuery) (string, []any) {
	where, args := `{known}`, []any(nil)
	and := func(condition string, more ...any) {
		where += ` AND ` + condition
		args = append(args, more...)
	}
	if q.Source != "" {
		and(`dataSource = ?`, q.Source)
	}
	if len(q.Intervals) > 0 {
		all := chrono.Interval{Start: math.MaxInt64, End: math.MinInt64}
		for _, in := range q.Intervals {
			all.Start, all.End = min(all.Start, in.Start), max(all.End, in.End)
		}
		and(`start_ms < ? AND end_ms > ?`, all.End, all.Start)
	}
	if n := len(q.IDs); n > 0 && n <= maxConditions {
		ids := make([]any, n)
		for i, id := range q.IDs {
			ids[i] = id.String()
		}
		and(`id IN (`+marks(n)+`)`, ids...)
	}
	switch q.State {
	case cluster.OnlyUsed:
		and(`{seen} = 1`)
	case cluster.OnlyUnused:
		and(`{seen} = 0`)
	}
	if !q.Before.IsZero() {
		and(`used_changed_ms < ?`, q.Before.UnixMilli())
	}
	return where, args
}

// marks is n placeholders.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

func (m *Metadata) payloads(ctx context.Context, ids []string) (map[string][]byte, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	rows, err := m.db.QueryContext(ctx, m.d.SQL(`SELECT id, payload FROM {segments} WHERE {known} AND id IN (`+marks(len(ids))+`)`), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[string][]byte, len(ids))
	for rows.Next() {
		var id string
		var payload []byte
		if err := rows.Scan(&id, &payload); err != nil {
			return nil, err
		}
		out[id] = payload
	}
	return out, rows.Err()
}

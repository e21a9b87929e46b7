package tables

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// Allocate implements cluster.Metadata.
func (m *Metadata) Allocate(ctx context.Context, source string, in chrono.Interval, sequence string) (id segment.ID, err error) {
	if source == "" || in.Empty() {
		return id, fault.Invalidf("to allocate a segment of source %q for %s: expected a name and an interval that is not empty", source, in)
	}
	if err := errors.Join(m.d.Plain("source", source), m.d.Plain("sequence", sequence)); err != nil {
		return id, err
	}
	err = m.Write(ctx, func(t *Tx) error {
		id, err = t.allocated(source, in, sequence)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if id, err = t.allocate(source, in); err != nil {
			return err
		}
		return t.Do(`INSERT INTO {pending} (dataSource, in_start_ms, in_end_ms, sequence, start_ms, end_ms, version, partition_num, created_date)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, source, in.Start, in.End, sequence,
			id.Interval.Start, id.Interval.End, id.Version, id.Partition, FormatTime(t.Now.UnixMilli()))
	})
	return id, err
}

// allocated is what an earlier call with the same arguments got.
func (t *Tx) allocated(source string, in chrono.Interval, sequence string) (segment.ID, error) {
	id := segment.ID{Source: source}
	err := t.row(`SELECT start_ms, end_ms, version, partition_num FROM {pending}
		WHERE dataSource = ? AND in_start_ms = ? AND in_end_ms = ? AND sequence = ?`, source, in.Start, in.End, sequence).
		Scan(&id.Interval.Start, &id.Interval.End, &id.Version, &id.Partition)
	return id, err
}

func (t *Tx) allocate(source string, in chrono.Interval) (segment.ID, error) {
	id := segment.ID{Source: source, Interval: in}
	there, err := t.overlapping(source, in)
	if err != nil {
		return id, err
	}
	over := map[segment.ID]bool{}
	for _, o := range there.Overshadowed() {
		over[o] = true
	}
	for s := range there.All() {
		d := s.Descriptor
		switch {
		case over[d.ID()]:
		case !d.Interval.Covers(in):
			return id, fault.New(fault.Conflict,
				"cannot append to %s of source %q: segments of the interval %s overlap it", in, source, d.Interval)
		case d.Version > id.Version:
			id.Interval, id.Version = d.Interval, d.Version
		}
	}
	if id.Version == "" {
		id.Version, err = t.newVersion(source, in)
		return id, err
	}
	for _, table := range []string{"{segments}", "{pending}"} {
		next, _, err := t.Number(`SELECT COALESCE(MAX(partition_num), -1) + 1 FROM `+table+`
			WHERE dataSource = ? AND start_ms = ? AND end_ms = ? AND version = ?`,
			source, id.Interval.Start, id.Interval.End, id.Version)
		if err != nil {
			return id, err
		}
		id.Partition = max(id.Partition, int(next))
	}
	return id, nil
}

// overlapping is a timeline of the used and the allocated segments that
// overlap in.
func (t *Tx) overlapping(source string, in chrono.Interval) (*cluster.Timeline, error) {
	rows, err := t.QueryContext(t.Context, t.d.SQL(`
		SELECT start_ms, end_ms, version, partition_num, payload FROM {segments}
			WHERE used = 1 AND {known} AND dataSource = ? AND start_ms < ? AND end_ms > ?
		UNION ALL
		SELECT start_ms, end_ms, version, partition_num, NULL FROM {pending} p
			WHERE dataSource = ? AND start_ms < ? AND end_ms > ? AND NOT EXISTS (
				SELECT 1 FROM {segments} s WHERE s.dataSource = p.dataSource AND s.start_ms = p.start_ms
				AND s.end_ms = p.end_ms AND s.version = p.version AND s.partition_num = p.partition_num)`),
		source, in.End, in.Start, source, in.End, in.Start)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	line := cluster.NewTimeline()
	for rows.Next() {
		d := &cluster.Descriptor{Source: source}
		var partition int
		var payload sql.RawBytes
		if err := rows.Scan(&d.Interval.Start, &d.Interval.End, &d.Version, &partition, &payload); err != nil {
			return nil, err
		}
		if payload == nil {
			d.Shard = &cluster.Numbered{Partition: partition}
		} else if err := json.Unmarshal(payload, d); err != nil {
			return nil, err
		}
		line.Add(d, nil)
	}
	return line, rows.Err()
}

// newVersion is the time, or the next version after those that overlap in if
// a clock was ahead of ours.
func (t *Tx) newVersion(source string, in chrono.Interval) (string, error) {
	var last string
	for _, table := range []string{"{segments}", "{pending}"} {
		var v sql.NullString
		if err := t.row(`SELECT MAX(version) FROM `+table+`
			WHERE dataSource = ? AND start_ms < ? AND end_ms > ?`, source, in.End, in.Start).Scan(&v); err != nil {
			return "", err
		}
		last = max(last, v.String)
	}
	now := FormatTime(t.Now.UnixMilli())
	if last < now {
		return now, nil
	}
	ms, err := chrono.ParseTime(last)
	if next := FormatTime(ms + 1); err == nil && next > last {
		return next, nil
	}
	return "", fault.New(fault.Conflict, "cannot make a version after %q of source %q: it is not a time", last, source)
}

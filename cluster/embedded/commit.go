package embedded

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// Commit implements cluster.Metadata.
func (m *Metadata) Commit(ctx context.Context, c cluster.Commit) error {
	return m.write(ctx, func(t *tx) error {
		steps := []func() error{
			func() error { return each(c.Need, t.need) },
			func() error { return each(c.Publish, t.publish) },
			func() error { return each(c.Use, t.use) },
			func() error { return each(c.Unuse, t.unuse) },
			func() error { return each(c.Delete, t.delete) },
			func() error { return each(c.Put, t.put) },
		}
		return each(steps, func(step func() error) error { return step() })
	})
}

func each[T any](list []T, f func(T) error) error {
	for _, x := range list {
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) need(v cluster.Version) error {
	have, _, err := t.number(`SELECT changed FROM documents WHERE key = ? AND value IS NOT NULL`, v.Key)
	if err == nil && have != v.Version {
		err = fault.New(fault.Conflict, "document %q was changed: it has version %d, expected %d", v.Key, have, v.Version)
	}
	return err
}

func (t *tx) publish(d cluster.Descriptor) error {
	payload, err := json.Marshal(d)
	if err != nil {
		return err
	}
	var old cluster.Descriptor // what could not be read again must not get in
	if err := json.Unmarshal(payload, &old); err != nil {
		return err
	}
	id := d.ID()
	var used bool
	var before []byte
	err = t.QueryRowContext(t.ctx, `SELECT used, payload FROM segments WHERE id = ?`, id.String()).Scan(&used, &before)
	switch {
	case err == nil && used && bytes.Equal(before, payload):
		return nil
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	}
	n, err := t.tick()
	if err != nil {
		return err
	}
	partitioned := 1
	if _, whole := d.Shard.(*cluster.None); whole {
		partitioned = 0
	}
	now := t.now.UnixMilli()
	return t.exec(`INSERT INTO segments (id, dataSource, created_date, start, "end", partitioned, version, used, payload,
			start_ms, end_ms, partition_num, used_changed_ms, changed)
		VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET used = 1, payload = excluded.payload, partitioned = excluded.partitioned,
			used_changed_ms = excluded.used_changed_ms, changed = excluded.changed`,
		id.String(), id.Source, formatTime(now), formatTime(id.Interval.Start), formatTime(id.Interval.End),
		partitioned, id.Version, payload, id.Interval.Start, id.Interval.End, id.Partition, now, n)
}

func (t *tx) use(id segment.ID) error {
	used, ok, err := t.number(`SELECT used FROM segments WHERE id = ?`, id.String())
	switch {
	case err != nil || used == 1:
		return err
	case !ok:
		return fault.New(fault.NotFound, "unknown segment %s", id)
	}
	return t.mark(id, 1)
}

func (t *tx) unuse(id segment.ID) error {
	used, _, err := t.number(`SELECT used FROM segments WHERE id = ?`, id.String())
	if err != nil || used == 0 {
		return err
	}
	return t.mark(id, 0)
}

func (t *tx) mark(id segment.ID, used int) error {
	n, err := t.tick()
	if err != nil {
		return err
	}
	return t.exec(`UPDATE segments SET used = ?, used_changed_ms = ?, changed = ? WHERE id = ?`,
		used, t.now.UnixMilli(), n, id.String())
}

// delete forgets a segment, and what allocated its ID.
func (t *tx) delete(id segment.ID) error {
	used, ok, err := t.number(`SELECT used FROM segments WHERE id = ?`, id.String())
	switch {
	case err != nil:
		return err
	case used == 1:
		return fault.New(fault.Conflict, "segment %s is in use", id)
	case ok:
		if err := t.exec(`UPDATE state SET value = max(value, (SELECT changed FROM segments WHERE id = ?))
			WHERE name = 'purged'`, id.String()); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM segments WHERE id = ?`, id.String()); err != nil {
			return err
		}
	}
	return t.exec(`DELETE FROM pending WHERE dataSource = ? AND start_ms = ? AND end_ms = ? AND version = ? AND partition_num = ?`,
		id.Source, id.Interval.Start, id.Interval.End, id.Version, id.Partition)
}

// put writes a document. A deleted one stays as a row without value, so that
// those who watch hear of it, until the file is opened again.
func (t *tx) put(d cluster.Document) error {
	if d.Key == "" {
		return fault.Invalidf("a document has an empty key")
	}
	if d.Value == nil {
		if _, ok, err := t.number(`SELECT 1 FROM documents WHERE key = ? AND value IS NOT NULL`, d.Key); err != nil || !ok {
			return err
		}
	} else if !json.Valid(d.Value) {
		return fault.Invalidf("document %q is not JSON", d.Key)
	}
	n, err := t.tick()
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO documents (key, value, updated_ms, changed) VALUES (?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_ms = excluded.updated_ms, changed = excluded.changed`,
		d.Key, []byte(d.Value), t.now.UnixMilli(), n)
}

package tables

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
	return m.Write(ctx, func(t *Tx) error {
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

func (t *Tx) need(v cluster.Version) error {
	have, _, err := t.Number(`SELECT changed FROM {documents} WHERE {key} = ? AND value IS NOT NULL`, v.Key)
	if err == nil && have != v.Version {
		err = fault.New(fault.Conflict, "document %q was changed: it has version %d, expected %d", v.Key, have, v.Version)
	}
	return err
}

func (t *Tx) publish(d cluster.Descriptor) error {
	payload, err := json.Marshal(d)
	if err != nil {
		return err
	}
	var old cluster.Descriptor // what could not be read again must not get in
	if err := json.Unmarshal(payload, &old); err != nil {
		return err
	}
	id := d.ID()
	if err := errors.Join(t.d.Plain("source", id.Source), t.d.Plain("version", id.Version)); err != nil {
		return err
	}
	var used, known bool
	var before []byte
	err = t.row(`SELECT used, payload, changed > 0 FROM {segments} WHERE id = ?`, id.String()).
		Scan(&used, &before, &known)
	switch {
	case err == nil && used && known && bytes.Equal(before, payload):
		return nil
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	}
	if !known {
		if err := t.d.Counted(t, 1); err != nil {
			return err
		}
	}
	_, whole := d.Shard.(*cluster.None)
	now := t.Now.UnixMilli()
	return t.Do(t.d.Publish,
		id.String(), id.Source, FormatTime(now), FormatTime(id.Interval.Start), FormatTime(id.Interval.End),
		!whole, id.Version, string(payload), id.Interval.Start, id.Interval.End, id.Partition, now, t.Tick())
}

// used says whether a segment is, and whether it is known.
func (t *Tx) used(id segment.ID) (used, known bool, err error) {
	n, known, err := t.Number(`SELECT used FROM {segments} WHERE id = ? AND {known}`, id.String())
	return n != 0, known, err
}

func (t *Tx) use(id segment.ID) error {
	used, known, err := t.used(id)
	switch {
	case err != nil || used:
		return err
	case !known:
		return fault.New(fault.NotFound, "unknown segment %s", id)
	}
	return t.mark(id, true)
}

func (t *Tx) unuse(id segment.ID) error {
	used, _, err := t.used(id)
	if err != nil || !used {
		return err
	}
	return t.mark(id, false)
}

func (t *Tx) mark(id segment.ID, used bool) error {
	return t.Do(t.d.Mark, used, t.Now.UnixMilli(), t.Tick(), id.String())
}

// delete forgets a segment, and what allocated its ID.
func (t *Tx) delete(id segment.ID) error {
	used, known, err := t.used(id)
	switch {
	case err != nil:
		return err
	case used:
		return fault.New(fault.Conflict, "segment %s is in use", id)
	case known:
		if err := t.Do(`UPDATE {state} SET value = (SELECT changed FROM {segments} WHERE id = ?)
			WHERE name = 'purged' AND value < (SELECT changed FROM {segments} WHERE id = ?)`, id.String(), id.String()); err != nil {
			return err
		}
		if err := t.Do(`DELETE FROM {segments} WHERE id = ?`, id.String()); err != nil {
			return err
		}
		if err := t.d.Counted(t, -1); err != nil {
			return err
		}
	}
	return t.Do(`DELETE FROM {pending} WHERE dataSource = ? AND start_ms = ? AND end_ms = ? AND version = ? AND partition_num = ?`,
		id.Source, id.Interval.Start, id.Interval.End, id.Version, id.Partition)
}

// put writes a document, and what the dialect has to write besides.
func (t *Tx) put(d cluster.Document) error {
	n, err := t.Put(d)
	if err != nil || n == 0 {
		return err
	}
	return t.d.Written(t, d, n)
}

// Put writes a document, and gives its version; 0 if there was nothing to do.
// A deleted one stays as a row without value, so that those who watch hear of
// it. The dialect is not told.
func (t *Tx) Put(d cluster.Document) (int64, error) {
	if d.Key == "" {
		return 0, fault.Invalidf("a document has an empty key")
	}
	if err := t.d.Plain("document", d.Key); err != nil {
		return 0, err
	}
	if d.Value == nil {
		if _, ok, err := t.Number(`SELECT 1 FROM {documents} WHERE {key} = ? AND value IS NOT NULL`, d.Key); err != nil || !ok {
			return 0, err
		}
	} else if !json.Valid(d.Value) {
		return 0, fault.Invalidf("document %q is not JSON", d.Key)
	}
	n := t.Tick()
	return n, t.Do(t.d.Put, d.Key, []byte(d.Value), t.Now.UnixMilli(), n)
}

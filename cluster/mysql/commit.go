package mysql

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

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
	have, _, err := t.number(`SELECT changed FROM {documents} WHERE name = ? AND value IS NOT NULL`, v.Key)
	if err == nil && have != v.Version {
		err = fault.New(fault.Conflict, "document %q was changed: it has version %d, expected %d", v.Key, have, v.Version)
	}
	return err
}

// plain refuses what the server would not keep as it is: an index takes text
// with spaces at its end for the same text without.
func plain(what, text string) error {
	if !utf8.ValidString(text) || strings.HasSuffix(text, " ") || strings.Contains(text, "\x00") {
		return fault.Invalidf("%s %q: expected UTF-8 without a space at its end", what, text)
	}
	return nil
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
	if err := errors.Join(plain("source", id.Source), plain("version", id.Version)); err != nil {
		return err
	}
	var used, known bool
	var before []byte
	err = t.QueryRowContext(t.ctx, t.m.q.sql(`SELECT used, payload, changed > 0 FROM {segments} WHERE id = ?`), id.String()).
		Scan(&used, &before, &known)
	switch {
	case err == nil && used && known && bytes.Equal(before, payload):
		return nil
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	}
	if !known {
		if err := t.count(1); err != nil {
			return err
		}
	}
	_, whole := d.Shard.(*cluster.None)
	now := t.now.UnixMilli()
	return t.exec("INSERT INTO {segments} (id, dataSource, created_date, start, `end`, partitioned, version, used, payload, "+
		`start_ms, end_ms, partition_num, used_changed_ms, changed, seen_used, seen_crc)
		VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 1, CRC32(payload))
		ON DUPLICATE KEY UPDATE used = 1, payload = VALUES(payload), partitioned = VALUES(partitioned), problem = NULL,
			start_ms = VALUES(start_ms), end_ms = VALUES(end_ms), partition_num = VALUES(partition_num),
			used_changed_ms = VALUES(used_changed_ms), changed = VALUES(changed), seen_used = 1, seen_crc = CRC32(payload)`,
		id.String(), id.Source, formatTime(now), formatTime(id.Interval.Start), formatTime(id.Interval.End),
		!whole, id.Version, string(payload), id.Interval.Start, id.Interval.End, id.Partition, now, t.tick())
}

// used says whether a segment is, and whether it is known.
func (t *tx) used(id segment.ID) (used, known bool, err error) {
	n, known, err := t.number(`SELECT used FROM {segments} WHERE id = ? AND changed > 0 AND problem IS NULL`, id.String())
	return n != 0, known, err
}

func (t *tx) use(id segment.ID) error {
	used, known, err := t.used(id)
	switch {
	case err != nil || used:
		return err
	case !known:
		return fault.New(fault.NotFound, "unknown segment %s", id)
	}
	return t.mark(id, true)
}

func (t *tx) unuse(id segment.ID) error {
	used, _, err := t.used(id)
	if err != nil || !used {
		return err
	}
	return t.mark(id, false)
}

func (t *tx) mark(id segment.ID, used bool) error {
	return t.exec(`UPDATE {segments} SET used = ?, seen_used = ?, used_changed_ms = ?, changed = ? WHERE id = ?`,
		used, used, t.now.UnixMilli(), t.tick(), id.String())
}

// delete forgets a segment, and what allocated its ID.
func (t *tx) delete(id segment.ID) error {
	used, known, err := t.used(id)
	switch {
	case err != nil:
		return err
	case used:
		return fault.New(fault.Conflict, "segment %s is in use", id)
	case known:
		if err := t.exec(`UPDATE {state} SET value = GREATEST(value, (SELECT changed FROM {segments} WHERE id = ?))
			WHERE name = 'purged'`, id.String()); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM {segments} WHERE id = ?`, id.String()); err != nil {
			return err
		}
		if err := t.count(-1); err != nil {
			return err
		}
	}
	return t.exec(`DELETE FROM {pending} WHERE dataSource = ? AND start_ms = ? AND end_ms = ? AND version = ? AND partition_num = ?`,
		id.Source, id.Interval.Start, id.Interval.End, id.Version, id.Partition)
}

// put writes a document, and the table that shows it.
func (t *tx) put(d cluster.Document) error {
	n, err := t.putHere(d)
	if err != nil || n == 0 {
		return err
	}
	return t.show(d, n)
}

// putHere writes a document, and gives its version; 0 if there was nothing to
// do. A deleted one stays as a row without value, so that those who watch hear
// of it.
func (t *tx) putHere(d cluster.Document) (int64, error) {
	if d.Key == "" {
		return 0, fault.Invalidf("a document has an empty key")
	}
	if err := plain("document", d.Key); err != nil {
		return 0, err
	}
	if d.Value == nil {
		if _, ok, err := t.number(`SELECT 1 FROM {documents} WHERE name = ? AND value IS NOT NULL`, d.Key); err != nil || !ok {
			return 0, err
		}
	} else if !json.Valid(d.Value) {
		return 0, fault.Invalidf("document %q is not JSON", d.Key)
	}
	n := t.tick()
	return n, t.exec(`INSERT INTO {documents} (name, value, updated_ms, changed) VALUES (?, ?, ?, ?)
		ON DUPLICATE KEY UPDATE value = VALUES(value), updated_ms = VALUES(updated_ms), changed = VALUES(changed)`,
		d.Key, []byte(d.Value), t.now.UnixMilli(), n)
}

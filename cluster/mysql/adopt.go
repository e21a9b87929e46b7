package mysql

import (
	"encoding/json"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/tables"
	"github.com/ovatedb/ovate/internal/fault"
)

// found is a row of segments that is not as we last saw it.
type found struct {
	id      string
	used    bool
	payload []byte
	crc     int64
	changed int64 // 0: it was inserted by hand
	known   bool  // it was given out
	wasUsed bool
}

// page is how many rows are taken over at once.
const page = 1000

// adopt takes over the rows of segments that were inserted or changed by hand.
// One that cannot be read is left out, and says why in its column problem.
func (m *Metadata) adopt(t *tables.Tx) error {
	for {
		rows, err := m.dirty(t)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := m.adoptRow(t, r); err != nil {
				return err
			}
		}
		if len(rows) < page {
			return nil
		}
	}
}

func (m *Metadata) dirty(t *tables.Tx) (out []found, err error) {
	rows, err := t.QueryContext(t.Context, m.q.sql(`SELECT id, used, payload, CRC32(payload), changed,
		changed > 0 AND problem IS NULL, seen_used FROM {segments} WHERE dirty = 1 ORDER BY id LIMIT ?`), page)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r found
		if err := rows.Scan(&r.id, &r.used, &r.payload, &r.crc, &r.changed, &r.known, &r.wasUsed); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func (m *Metadata) adoptRow(t *tables.Tx, r found) error {
	if r.changed == 0 {
		if err := count(t, 1); err != nil {
			return err
		}
	}
	n := t.Tick()
	d, err := r.descriptor()
	if err != nil {
		m.log.Warn("a row of the table of segments is left out", "id", r.id, "problem", err)
		if r.known { // there is no telling what it was
			if err := t.Set("purged", n); err != nil {
				return err
			}
		}
		problem := []rune(err.Error())
		return t.Do(`UPDATE {segments} SET problem = ?, seen_used = ?, seen_crc = ?, changed = ? WHERE id = ?`,
			string(problem[:min(len(problem), 1000)]), r.used, r.crc, n, r.id)
	}
	if r.changed == 0 {
		m.log.Info("a row was added to the table of segments", "id", r.id)
	}
	id := d.ID()
	return t.Do(`UPDATE {segments} SET problem = NULL, seen_used = ?, seen_crc = ?, start_ms = ?, end_ms = ?, partition_num = ?,
		used_changed_ms = IF(?, ?, used_changed_ms), changed = ? WHERE id = ?`,
		r.used, r.crc, id.Interval.Start, id.Interval.End, id.Partition,
		r.changed == 0 || r.used != r.wasUsed, t.Now.UnixMilli(), n, r.id)
}

// descriptor reads the payload, which must be of the segment that the row's id
// names.
func (r *found) descriptor() (d cluster.Descriptor, err error) {
	if err := json.Unmarshal(r.payload, &d); err != nil {
		return d, fault.Invalidf("payload: %v", err)
	}
	if id := d.ID().String(); id != r.id {
		return d, fault.Invalidf("the payload is of segment %s", id)
	}
	return d, nil
}

// count keeps the number of rows that we have seen.
func count(t *tables.Tx, n int) error {
	return t.Do(`UPDATE {state} SET value = value + ? WHERE name = 'segments'`, n)
}

// recount finds out whether rows were deleted by hand. Nobody can say which:
// streams begin again.
func (m *Metadata) recount(t *tables.Tx) error {
	want, _, err := t.Number(`SELECT value FROM {state} WHERE name = 'segments'`)
	if err != nil {
		return err
	}
	have, _, err := t.Number(`SELECT COUNT(*) FROM {segments} WHERE changed > 0`)
	if err != nil || have == want {
		return err
	}
	m.log.Info("rows were deleted from the table of segments", "rows", want-have)
	if err := t.Set("purged", t.Tick()); err != nil {
		return err
	}
	return t.Set("segments", have)
}

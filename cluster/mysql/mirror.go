package mysql

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/tables"
)

// A mirror is a table of Druid's that shows the documents of one kind. Every
// write of a document writes both; where they differ, people did it, and the
// table is right.
type mirror struct {
	prefix string // of the documents' keys
	read   string // name and payload, the one that counts last
	write  string // takes the name, the change's number and the payload
	clear  string // takes the name; before each write
}

var mirrors = []mirror{
	{
		prefix: "rules/",
		read:   `SELECT dataSource, payload FROM {rules} ORDER BY dataSource, version`,
		clear:  `DELETE FROM {rules} WHERE dataSource = ?`,
		write:  `INSERT INTO {rules} (dataSource, version, id, payload) VALUES (?, ?, CONCAT(dataSource, '_', version), ?)`,
	},
	{
		prefix: "config/",
		read:   `SELECT name, payload FROM {config}`,
		clear:  `DELETE FROM {config} WHERE name = ?`,
		write:  `INSERT INTO {config} (name, payload) SELECT n, p FROM (SELECT ? AS n, ? AS v, ? AS p) x`,
	},
}

// edits are the documents that would make those of a mirror equal to the table.
func (m *Metadata) edits(ctx context.Context, q tables.Queryer, w mirror) (out []cluster.Document, err error) {
	rows, err := q.QueryContext(ctx, m.q.sql(w.read))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	table := map[string][]byte{}
	for rows.Next() {
		var name string
		var payload []byte
		if err := rows.Scan(&name, &payload); err != nil {
			return nil, err
		}
		table[w.prefix+name] = payload
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	docs, err := m.ListIn(ctx, q, w.prefix)
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		payload, ok := table[d.Key]
		delete(table, d.Key)
		switch {
		case !ok:
			out = append(out, cluster.Document{Key: d.Key})
		case !bytes.Equal(payload, d.Value) && m.sound(d.Key, payload):
			out = append(out, cluster.Document{Key: d.Key, Value: payload})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(table)) {
		if m.sound(key, table[key]) {
			out = append(out, cluster.Document{Key: key, Value: table[key]})
		}
	}
	return out, nil
}

// sound says whether people wrote JSON, and tells them once if not.
func (m *Metadata) sound(key string, payload []byte) bool {
	if json.Valid(payload) {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.told[key] != string(payload) {
		m.told[key] = string(payload)
		m.log.Warn("a row is left out: its payload is not JSON", "document", key)
	}
	return false
}

// edited says whether people changed a mirror.
func (m *Metadata) edited(ctx context.Context) (bool, error) {
	for _, w := range m.q.mirrors {
		if list, err := m.edits(ctx, m.db, w); err != nil || len(list) > 0 {
			return len(list) > 0, err
		}
	}
	return false, nil
}

// mirrorAll takes over what people changed.
func (m *Metadata) mirrorAll(t *tables.Tx) error {
	for _, w := range m.q.mirrors {
		list, err := m.edits(t.Context, t, w)
		if err != nil {
			return err
		}
		for _, d := range list {
			m.log.Info("a document was changed by hand", "document", d.Key)
			if _, err := t.Put(d); err != nil { // their rows stay as they wrote them
				return err
			}
		}
	}
	return nil
}

// show writes a document to the table that mirrors it, if one does.
func (m *Metadata) show(t *tables.Tx, d cluster.Document, version int64) error {
	for _, w := range m.q.mirrors {
		name, ok := strings.CutPrefix(d.Key, w.prefix)
		if !ok {
			continue
		}
		if err := t.Do(w.clear, name); err != nil || d.Value == nil {
			return err
		}
		return t.Do(w.write, name, fmt.Sprintf("%s_%019d", tables.FormatTime(t.Now.UnixMilli()), version), string(d.Value))
	}
	return nil
}

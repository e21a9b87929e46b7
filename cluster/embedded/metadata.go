package embedded

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"sync"

	"github.com/ovatedb/ovate/cluster/tables"
	"github.com/ovatedb/ovate/internal/fault"

	_ "modernc.org/sqlite" // the driver
)

// A Metadata is a SQLite file with a write-ahead log, synced at every commit.
type Metadata struct {
	*tables.Metadata
	db *sql.DB
}

// schema makes what is not there. The first nine columns of segments, and the
// views rules and config, are what Druid's tables of these names have.
const schema = `
CREATE TABLE IF NOT EXISTS segments (
	id TEXT NOT NULL PRIMARY KEY, dataSource TEXT NOT NULL, created_date TEXT NOT NULL,
	start TEXT NOT NULL, "end" TEXT NOT NULL, partitioned INTEGER NOT NULL, version TEXT NOT NULL,
	used INTEGER NOT NULL, payload BLOB NOT NULL,
	start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, partition_num INTEGER NOT NULL,
	used_changed_ms INTEGER NOT NULL, changed INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS segments_changed ON segments (changed);
CREATE INDEX IF NOT EXISTS segments_time ON segments (dataSource, start_ms, end_ms, version, partition_num);
CREATE TABLE IF NOT EXISTS pending (
	dataSource TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, sequence TEXT NOT NULL,
	in_start_ms INTEGER NOT NULL, in_end_ms INTEGER NOT NULL,
	version TEXT NOT NULL, partition_num INTEGER NOT NULL, created_date TEXT NOT NULL,
	PRIMARY KEY (dataSource, in_start_ms, in_end_ms, sequence));
CREATE TABLE IF NOT EXISTS documents (
	key TEXT NOT NULL PRIMARY KEY, value BLOB, updated_ms INTEGER NOT NULL, changed INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS documents_changed ON documents (changed);
CREATE TABLE IF NOT EXISTS state (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL);
INSERT OR IGNORE INTO state VALUES ('changed', 0), ('purged', 0);
CREATE VIEW IF NOT EXISTS rules AS
	SELECT key AS id, substr(key, 7) AS dataSource, changed AS version, value AS payload
	FROM documents WHERE key LIKE 'rules/%' AND value IS NOT NULL;
CREATE VIEW IF NOT EXISTS config AS
	SELECT substr(key, 8) AS name, value AS payload
	FROM documents WHERE key LIKE 'config/%' AND value IS NOT NULL;
DELETE FROM documents WHERE value IS NULL;`

// OpenMetadata opens or makes the file.
func OpenMetadata(file string) (*Metadata, error) {
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	if err := makeTables(db); err != nil {
		return nil, errors.Join(fault.New(fault.Unavailable, "metadata in %s: %v", file, err), db.Close())
	}
	return &Metadata{Metadata: tables.New(db, dialect()), db: db}, nil
}

// makeTables makes all of the schema or nothing.
func makeTables(db *sql.DB) error {
	t, err := db.Begin()
	if err != nil {
		return err
	}
	if _, err := t.Exec(schema); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Commit()
}

// dialect is SQLite's. A transaction locks all from its beginning (_txlock).
func dialect() tables.Dialect {
	var writing sync.Mutex // one at a time: SQLite would only make the others retry
	return tables.Dialect{
		SQL: strings.NewReplacer("{segments}", "segments", "{pending}", "pending", "{documents}", "documents", "{state}", "state",
			"{key}", "key", "{known}", "TRUE", "{seen}", "used", "{lock}", "").Replace,
		Publish: `INSERT INTO segments (id, dataSource, created_date, start, "end", partitioned, version, used, payload,
				start_ms, end_ms, partition_num, used_changed_ms, changed)
			VALUES (?, ?, ?, ?, ?, ?, ?, 1, CAST(? AS BLOB), ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET used = 1, payload = excluded.payload, partitioned = excluded.partitioned,
				used_changed_ms = excluded.used_changed_ms, changed = excluded.changed`,
		Mark: `UPDATE segments SET used = ?, used_changed_ms = ?, changed = ? WHERE id = ?`,
		Put: `INSERT INTO documents (key, value, updated_ms, changed) VALUES (?, ?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_ms = excluded.updated_ms, changed = excluded.changed`,
		Write: func(ctx context.Context, once func(context.Context) error) error {
			writing.Lock()
			defer writing.Unlock()
			return once(ctx)
		},
	}
}

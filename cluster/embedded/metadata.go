package embedded

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"

	_ "modernc.org/sqlite" // the driver
)

// A Metadata is a SQLite file with a write-ahead log, synced at every commit.
//
// Every change of a row of segments or documents takes the next number of one
// counter, which is the row's changed column: a stream of changes is the rows
// above a number, in its order, and a document's version is that number.
type Metadata struct {
	db      *sql.DB
	writing sync.Mutex // one at a time: SQLite would only make the others retry

	mu      sync.Mutex
	changed chan struct{} // closed at the next commit
	closed  chan struct{}
}

var (
	_ cluster.Metadata  = (*Metadata)(nil)
	_ cluster.Documents = (*Metadata)(nil)
)

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
	m := &Metadata{db: db, changed: make(chan struct{}), closed: make(chan struct{})}
	err = m.write(context.Background(), func(tx *tx) error { return tx.exec(schema) })
	if err != nil {
		return nil, errors.Join(fault.New(fault.Unavailable, "metadata in %s: %v", file, err), db.Close())
	}
	return m, nil
}

// Close closes the file.
func (m *Metadata) Close() error {
	m.mu.Lock()
	select {
	case <-m.closed:
	default:
		close(m.closed)
	}
	m.mu.Unlock()
	return m.db.Close()
}

// wait gives a channel that is closed when something is committed after the
// call.
func (m *Metadata) wait() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// await waits for changed, and says why it should wait no longer.
func (m *Metadata) await(ctx context.Context, changed <-chan struct{}) error {
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-m.closed:
		return fault.New(fault.Unavailable, "the metadata store was closed")
	}
}

// tx is a transaction that writes.
type tx struct {
	*sql.Tx
	ctx context.Context
	now time.Time
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.ExecContext(t.ctx, query, args...)
	return err
}

// number is a query's single integer; ok is false without a row.
func (t *tx) number(query string, args ...any) (n int64, ok bool, err error) {
	err = t.QueryRowContext(t.ctx, query, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return n, err == nil, err
}

// tick is the next number of the counter.
func (t *tx) tick() (n int64, err error) {
	n, _, err = t.number(`UPDATE state SET value = value + 1 WHERE name = 'changed' RETURNING value`)
	return n, err
}

// write runs f in a transaction, which is durable when write returns nil.
func (m *Metadata) write(ctx context.Context, f func(*tx) error) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	t, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(&tx{t, ctx, time.Now()}); err != nil {
		return errors.Join(err, t.Rollback())
	}
	if err := t.Commit(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.changed)
	m.changed = make(chan struct{})
	return nil
}

func formatTime(ms int64) string { return chrono.FormatTime(ms, chrono.UTC) }

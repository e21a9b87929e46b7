// Package tables keeps what exists in tables of database/sql: cluster.Metadata
// and its Documents, in the SQL that the databases agree on. Where they do not
// agree, a Dialect has the words. The tables are the dialect's to make:
//
//	{segments}   id, dataSource, created_date, start, end, partitioned, version, used, payload,
//	             start_ms, end_ms, partition_num, used_changed_ms, changed
//	{pending}    dataSource, start_ms, end_ms, sequence, in_start_ms, in_end_ms,
//	             version, partition_num, created_date: what was allocated
//	{documents}  {key}, value, updated_ms, changed
//	{state}      name, value: the counters changed and purged
//
// Every change of a row of segments or documents takes the next number of one
// counter, which is the row's changed column: a stream of changes is the rows
// above a number, in its order, and a document's version is that number. The
// counter's row is locked by who writes until the transaction ends, so that
// changes become visible in the order of their numbers. The package decides
// nothing; it only keeps what it is told.
package tables

import (
	"context"
	"database/sql"
	"sync"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
)

// A Metadata is a database that has the tables.
type Metadata struct {
	db *sql.DB
	d  Dialect

	mu      sync.Mutex
	seen    int64         // the counter, as last heard of
	changed chan struct{} // closed when the counter moves
	closed  chan struct{}
}

var (
	_ cluster.Metadata  = (*Metadata)(nil)
	_ cluster.Documents = (*Metadata)(nil)
)

// New takes over db, which speaks d. The tables need not be there yet.
func New(db *sql.DB, d Dialect) *Metadata {
	d.setDefaults()
	return &Metadata{db: db, d: d, changed: make(chan struct{}), closed: make(chan struct{})}
}

// Close closes the database. Streams end with an error.
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

// Saw tells those who wait that the counter has come to n. Write does so by
// itself; it is for what other processes wrote.
func (m *Metadata) Saw(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n != m.seen {
		m.seen = n
		close(m.changed)
		m.changed = make(chan struct{})
	}
}

// wait gives a channel that is closed when something is seen to have been
// committed after the call.
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

// FormatTime writes milliseconds since 1970 as the columns of text have them.
func FormatTime(ms int64) string { return chrono.FormatTime(ms, chrono.UTC) }

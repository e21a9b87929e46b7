// Package mysql keeps what exists in MySQL or MariaDB: cluster.Metadata and
// its Documents over the tables that Druid's tutorials show.
//
//	segments          a row a segment; nine columns of Druid's, then ours
//	rules, config     the documents "rules/…" and "config/…", for people
//	documents         all documents; this is what is read
//	segments_pending  what was allocated
//	segments_state    counters
//
// People may insert, change and delete rows of segments, rules and config with
// any client: the next poll takes that over (adopt.go, mirror.go). The package
// decides nothing; it only keeps what it is told.
package mysql

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
)

// Bounds of what is sent to the server.
const (
	dialTime  = 5 * time.Second
	quietTime = 30 * time.Second // without a byte from the server
	writeTime = 30 * time.Second // of a transaction
	poolSize  = 16
)

// A Metadata is a database. Its methods may be called by several processes at
// once.
//
// Every change of a row of segments or documents takes the next number of one
// counter, which is the row's changed column: a stream of changes is the rows
// above a number, in its order, and a document's version is that number. The
// counter's row is locked by who writes until the transaction ends, so that
// changes become visible in the order of their numbers.
type Metadata struct {
	db   *sql.DB
	q    statements
	poll time.Duration
	log  *slog.Logger
	end  context.CancelFunc // of the poller
	done chan struct{}      // closed when the poller has ended

	mu      sync.Mutex
	seen    int64         // the counter, as last heard of
	changed chan struct{} // closed when the counter moves
	closed  chan struct{}
	told    map[string]string // what of the people's rows was complained about
}

var (
	_ cluster.Metadata  = (*Metadata)(nil)
	_ cluster.Documents = (*Metadata)(nil)
)

// New connects and makes the tables that are absent, also the columns. While
// the server is away it tries again until ctx ends: then it is
// fault.Unavailable. A server that refuses is fault.Invalid at once.
func New(ctx context.Context, cfg Config) (*Metadata, error) {
	cfg.setDefaults()
	dsn, err := cfg.dsn()
	if err != nil {
		return nil, err
	}
	q, err := newStatements(cfg)
	if err != nil {
		return nil, err
	}
	connector, err := driver.NewConnector(dsn)
	if err != nil {
		return nil, fault.Invalidf("metadata store: %v", err)
	}
	m := &Metadata{
		db: sql.OpenDB(connector), q: q, poll: cfg.Poll, log: cfg.Log, done: make(chan struct{}),
		changed: make(chan struct{}), closed: make(chan struct{}), told: map[string]string{},
	}
	m.db.SetMaxOpenConns(poolSize)
	m.db.SetMaxIdleConns(poolSize / 2)
	m.db.SetConnMaxIdleTime(time.Minute)
	m.db.SetConnMaxLifetime(30 * time.Minute)
	if err := m.prepare(ctx, dsn.Addr); err != nil {
		return nil, errors.Join(err, m.db.Close())
	}
	background, end := context.WithCancel(context.Background())
	m.end = end
	go m.run(background)
	return m, nil
}

// prepare makes the tables, with patience for a server that is away.
func (m *Metadata) prepare(ctx context.Context, addr string) error {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := m.makeTables(ctx)
		var refused *driver.MySQLError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &refused) && !transient(err):
			return fault.Invalidf("metadata store at %s: %v", addr, err)
		}
		m.log.Warn("the metadata store is away", "address", addr, "error", err)
		select {
		case <-ctx.Done():
			return fault.New(fault.Unavailable, "metadata store at %s: %v", addr, err)
		case <-time.After(wait):
		}
	}
}

// Close ends the poller and the connections. Streams end with an error.
func (m *Metadata) Close() error {
	m.mu.Lock()
	select {
	case <-m.closed:
	default:
		close(m.closed)
	}
	m.mu.Unlock()
	m.end()
	<-m.done
	return m.db.Close()
}

// wait gives a channel that is closed when something is seen to have been
// committed after the call.
func (m *Metadata) wait() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// saw tells those who wait that the counter has come to n.
func (m *Metadata) saw(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n != m.seen {
		m.seen = n
		close(m.changed)
		m.changed = make(chan struct{})
	}
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

// away makes an error of the connection or the server fault.Unavailable; ours
// and those of contexts stay.
func away(ctx context.Context, err error) error {
	var ours *fault.Error
	switch {
	case err == nil, errors.As(err, &ours):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return &fault.Error{Kind: fault.Unavailable, Message: "metadata store: " + err.Error(), Cause: err}
}

// Errors of the server after which the same transaction may succeed.
const (
	tooManyConnections = 1040
	shuttingDown       = 1053
	lockTimeout        = 1205
	deadlock           = 1213
)

func transient(err error) bool {
	var e *driver.MySQLError
	if !errors.As(err, &e) {
		return false
	}
	return e.Number == tooManyConnections || e.Number == shuttingDown || e.Number == lockTimeout || e.Number == deadlock
}

func formatTime(ms int64) string { return chrono.FormatTime(ms, chrono.UTC) }

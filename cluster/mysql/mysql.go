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

	"github.com/ovatedb/ovate/cluster/tables"
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
type Metadata struct {
	*tables.Metadata
	db   *sql.DB
	q    statements
	poll time.Duration
	log  *slog.Logger
	end  context.CancelFunc // of the poller
	done chan struct{}      // closed when the poller has ended

	mu   sync.Mutex
	told map[string]string // what of the people's rows was complained about
}

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
		told: map[string]string{},
	}
	m.Metadata = tables.New(m.db, m.dialect())
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
	m.end()
	<-m.done
	return m.Metadata.Close()
}

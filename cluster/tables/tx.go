package tables

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A Tx is a transaction that writes. It holds the lock of the counter.
type Tx struct {
	*sql.Tx
	Context context.Context
	Now     time.Time
	d       *Dialect
	last    int64 // the counter
	known   map[string]*statement
}

// A statement is prepared when it comes often: a transaction may publish
// thousands of segments, and a database takes longer to read a statement than
// to run it.
type statement struct {
	text     string // after the dialect's SQL replaced its names
	times    int
	prepared *sql.Stmt // nil: it is not
}

// often is from which time on a statement is prepared.
const often = 8

func (t *Tx) statement(query string) (*statement, error) {
	s := t.known[query]
	if s == nil {
		if t.known == nil {
			t.known = map[string]*statement{}
		}
		s = &statement{text: t.d.SQL(query)}
		t.known[query] = s
	}
	var err error
	if s.times++; s.times == often {
		s.prepared, err = t.PrepareContext(t.Context, s.text) // the transaction closes it
	}
	return s, err
}

// Do runs a statement.
func (t *Tx) Do(query string, args ...any) error {
	s, err := t.statement(query)
	switch {
	case err != nil:
	case s.prepared != nil:
		_, err = s.prepared.ExecContext(t.Context, args...)
	default:
		_, err = t.ExecContext(t.Context, s.text, args...)
	}
	return err
}

// Number is a query's single integer; ok is false without a row.
func (t *Tx) Number(query string, args ...any) (n int64, ok bool, err error) {
	err = t.row(query, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return n, err == nil, err
}

func (t *Tx) row(query string, args ...any) *sql.Row {
	s, err := t.statement(query)
	if err != nil || s.prepared == nil {
		return t.QueryRowContext(t.Context, s.text, args...) // says what was wrong
	}
	return s.prepared.QueryRowContext(t.Context, args...)
}

// Tick is the next number of the counter.
func (t *Tx) Tick() int64 { t.last++; return t.last }

// Set sets a row of {state}.
func (t *Tx) Set(name string, value int64) error {
	return t.Do(`UPDATE {state} SET value = ? WHERE name = ?`, value, name)
}

// Write runs f in a transaction, which is durable when Write returns nil. The
// dialect may run it again after an error.
func (m *Metadata) Write(ctx context.Context, f func(*Tx) error) error {
	return m.d.Write(ctx, func(ctx context.Context) error { return m.once(ctx, f) })
}

func (m *Metadata) once(ctx context.Context, f func(*Tx) error) error {
	db, err := m.db.BeginTx(ctx, m.d.Tx)
	if err != nil {
		return err
	}
	t := &Tx{Tx: db, Context: ctx, Now: time.Now(), d: &m.d}
	if err := t.do(f); err != nil {
		db.Rollback() // its error would say that the connection is gone, as err does
		return err
	}
	if err := db.Commit(); err != nil {
		return err
	}
	m.Saw(t.last)
	return nil
}

func (t *Tx) do(f func(*Tx) error) error {
	began, _, err := t.Number(`SELECT value FROM {state} WHERE name = 'changed'{lock}`)
	if err != nil {
		return err
	}
	t.last = began
	if err := t.d.Begin(t); err != nil {
		return err
	}
	if err := f(t); err != nil || t.last == began {
		return err
	}
	return t.Set("changed", t.last)
}

package mysql

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// tx is a transaction that writes. It holds the lock of the counter.
type tx struct {
	*sql.Tx
	m     *Metadata
	ctx   context.Context
	now   time.Time
	last  int64 // the counter
	began int64 // and what it was
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.ExecContext(t.ctx, t.m.q.sql(query), args...)
	return err
}

// number is a query's single integer; ok is false without a row.
func (t *tx) number(query string, args ...any) (n int64, ok bool, err error) {
	err = t.QueryRowContext(t.ctx, t.m.q.sql(query), args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return n, err == nil, err
}

// tick is the next number of the counter.
func (t *tx) tick() int64 { t.last++; return t.last }

// set sets a counter.
func (t *tx) set(name string, value int64) error {
	return t.exec(`UPDATE {state} SET value = ? WHERE name = ?`, value, name)
}

// write runs f in a transaction, which is durable when write returns nil. What
// the server did not do because others were in the way is tried again.
func (m *Metadata) write(ctx context.Context, f func(*tx) error) error {
	bounded, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	for try := 0; ; try++ {
		n, err := m.try(bounded, f)
		if err == nil {
			m.saw(n)
			return nil
		}
		if try == 4 || !transient(err) {
			return away(ctx, err)
		}
	}
}

func (m *Metadata) try(ctx context.Context, f func(*tx) error) (n int64, err error) {
	t, err := m.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return 0, err
	}
	x := &tx{Tx: t, m: m, ctx: ctx, now: time.Now()}
	if err := x.do(f); err != nil {
		t.Rollback() // its error would say that the connection is gone, as err does
		return 0, err
	}
	return x.last, t.Commit()
}

func (t *tx) do(f func(*tx) error) (err error) {
	if t.last, _, err = t.number(`SELECT value FROM {state} WHERE name = 'changed' FOR UPDATE`); err != nil {
		return err
	}
	t.began = t.last
	if err := t.adopt(); err != nil {
		return err
	}
	if err := f(t); err != nil {
		return err
	}
	if t.last == t.began {
		return nil
	}
	return t.set("changed", t.last)
}

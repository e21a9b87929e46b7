package mysql

import (
	"context"
	"time"

	"github.com/ovatedb/ovate/cluster/tables"
)

// run polls until ctx ends.
func (m *Metadata) run(ctx context.Context) {
	defer close(m.done)
	var failed bool
	var recount time.Time // when to count rows again
	tick := time.NewTicker(m.poll)
	defer tick.Stop()
	for {
		err := m.look(ctx, &recount)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failed:
			m.log.Warn("the metadata store cannot be polled", "error", err)
		case err == nil && failed:
			m.log.Info("the metadata store is back")
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look sees what others did: our like through the counter, people by their
// rows. It writes only if people did something.
func (m *Metadata) look(ctx context.Context, recount *time.Time) error {
	bounded, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	var counter, want int64
	var dirty bool
	if err := m.db.QueryRowContext(bounded, m.q.sql(`SELECT
		(SELECT value FROM {state} WHERE name = 'changed'), (SELECT value FROM {state} WHERE name = 'segments'),
		EXISTS (SELECT 1 FROM {segments} WHERE dirty = 1)`)).Scan(&counter, &want, &dirty); err != nil {
		return err
	}
	var gone bool
	if began := time.Now(); began.After(*recount) {
		var have int64
		if err := m.db.QueryRowContext(bounded, m.q.sql(`SELECT COUNT(*) FROM {segments} WHERE changed > 0`)).Scan(&have); err != nil {
			return err
		}
		gone = have < want
		*recount = time.Now().Add(50 * time.Since(began)) // 2 % of the time at most
	}
	edited, err := m.edited(bounded)
	if err != nil {
		return err
	}
	if !dirty && !gone && !edited {
		m.Saw(counter)
		return nil
	}
	return m.Write(ctx, func(t *tables.Tx) error {
		if gone {
			if err := m.recount(t); err != nil {
				return err
			}
		}
		return m.mirrorAll(t)
	})
}

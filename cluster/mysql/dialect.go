package mysql

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode/utf8"

	driver "github.com/go-sql-driver/mysql"

	"github.com/ovatedb/ovate/cluster/tables"
	"github.com/ovatedb/ovate/internal/fault"
)

func (m *Metadata) dialect() tables.Dialect {
	return tables.Dialect{
		SQL:     m.q.sql,
		Publish: publish,
		Mark:    `UPDATE {segments} SET used = ?, seen_used = used, used_changed_ms = ?, changed = ? WHERE id = ?`,
		Put: `INSERT INTO {documents} (name, value, updated_ms, changed) VALUES (?, ?, ?, ?)
			ON DUPLICATE KEY UPDATE value = VALUES(value), updated_ms = VALUES(updated_ms), changed = VALUES(changed)`,
		Tx:      &sql.TxOptions{Isolation: sql.LevelReadCommitted},
		Write:   write,
		Begin:   m.adopt,
		Counted: count,
		Written: m.show,
		Plain:   plain,
		Explain: away,
	}
}

const publish = "INSERT INTO {segments} (id, dataSource, created_date, start, `end`, partitioned, version, used, payload, " +
	`start_ms, end_ms, partition_num, used_changed_ms, changed, seen_used, seen_crc)
	VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 1, CRC32(payload))
	ON DUPLICATE KEY UPDATE used = 1, payload = VALUES(payload), partitioned = VALUES(partitioned), problem = NULL,
		start_ms = VALUES(start_ms), end_ms = VALUES(end_ms), partition_num = VALUES(partition_num),
		used_changed_ms = VALUES(used_changed_ms), changed = VALUES(changed), seen_used = 1, seen_crc = CRC32(payload)`

// write runs a transaction within its time. What the server did not do because
// others were in the way is tried again.
func write(ctx context.Context, once func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	for try := 0; ; try++ {
		err := once(bounded)
		if err == nil || try == 4 || !transient(err) {
			return away(ctx, err)
		}
	}
}

// plain refuses what the server would not keep as it is: an index takes text
// with spaces at its end for the same text without.
func plain(what, text string) error {
	if !utf8.ValidString(text) || strings.HasSuffix(text, " ") || strings.Contains(text, "\x00") {
		return fault.Invalidf("%s %q: expected UTF-8 without a space at its end", what, text)
	}
	return nil
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

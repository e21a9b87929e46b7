package mysql

import (
	"context"
	"database/sql"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// schema makes what is absent. Text compares by its bytes. The tables of
// people have Druid's columns first; those of segments that come after have
// defaults or are computed, so that nine values make a row.
var schema = []string{
	"CREATE TABLE IF NOT EXISTS {segments} (id VARCHAR(600) NOT NULL PRIMARY KEY, dataSource VARCHAR(255) NOT NULL, " +
		"created_date VARCHAR(255) NOT NULL, start VARCHAR(255) NOT NULL, `end` VARCHAR(255) NOT NULL, " +
		"partitioned BOOLEAN NOT NULL, version VARCHAR(255) NOT NULL, used BOOLEAN NOT NULL, payload LONGTEXT NOT NULL, " +
		"KEY (used))" + tableOptions,
	`CREATE TABLE IF NOT EXISTS {rules} (id VARCHAR(600) NOT NULL PRIMARY KEY, dataSource VARCHAR(255) NOT NULL,
		version VARCHAR(255) NOT NULL, payload LONGTEXT NOT NULL, KEY (dataSource))` + tableOptions,
	`CREATE TABLE IF NOT EXISTS {config} (name VARCHAR(255) NOT NULL PRIMARY KEY, payload LONGBLOB NOT NULL)` + tableOptions,
	`CREATE TABLE IF NOT EXISTS {documents} (name VARCHAR(700) NOT NULL PRIMARY KEY, value LONGBLOB NULL,
		updated_ms BIGINT NOT NULL, changed BIGINT NOT NULL, UNIQUE KEY (changed))` + tableOptions,
	`CREATE TABLE IF NOT EXISTS {pending} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
		dataSource VARCHAR(255) NOT NULL, start_ms BIGINT NOT NULL, end_ms BIGINT NOT NULL, sequence VARCHAR(255) NOT NULL,
		in_start_ms BIGINT NOT NULL, in_end_ms BIGINT NOT NULL, version VARCHAR(255) NOT NULL, partition_num INT NOT NULL,
		created_date VARCHAR(255) NOT NULL,
		UNIQUE KEY (dataSource, in_start_ms, in_end_ms, sequence), KEY (dataSource, start_ms, end_ms, version))` + tableOptions,
	`CREATE TABLE IF NOT EXISTS {state} (name VARCHAR(50) NOT NULL PRIMARY KEY, value BIGINT NOT NULL)` + tableOptions,
	`INSERT IGNORE INTO {state} VALUES ('changed', 0), ('purged', 0), ('segments', 0)`,
}

const tableOptions = " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"

// ownColumns are those that the table of segments has beyond Druid's. A row is
// dirty while it is not as we last saw it: new, or changed by hand.
var ownColumns = []struct{ name, ddl string }{
	{"start_ms", "BIGINT NOT NULL DEFAULT 0"},
	{"end_ms", "BIGINT NOT NULL DEFAULT 0"},
	{"partition_num", "INT NOT NULL DEFAULT 0"},
	{"used_changed_ms", "BIGINT NOT NULL DEFAULT 0"},
	{"changed", "BIGINT NOT NULL DEFAULT 0, ADD KEY (changed)"},
	{"seen_used", "BOOLEAN NOT NULL DEFAULT 0"},
	{"seen_crc", "BIGINT NOT NULL DEFAULT 0"},
	{"problem", "VARCHAR(1000) NULL"}, // why the row is left out
	{"dirty", "BOOLEAN AS (IF(changed = 0 OR used <> seen_used OR CRC32(payload) <> seen_crc, 1, 0)) STORED, ADD KEY (dirty)"},
}

// keyColumns are Druid's columns that must be of a kind that an index takes
// and that compares by bytes, in a table that another program made.
var keyColumns = []struct{ name, ddl string }{
	{"id", "VARCHAR(600) COLLATE utf8mb4_bin NOT NULL"},
	{"dataSource", "VARCHAR(255) COLLATE utf8mb4_bin NOT NULL"},
	{"version", "VARCHAR(255) COLLATE utf8mb4_bin NOT NULL"},
	{"payload", "LONGTEXT COLLATE utf8mb4_bin NOT NULL"},
}

// makeTables makes the tables and columns that are absent. Of several
// processes one does at a time.
func (m *Metadata) makeTables(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*writeTime) // a large table of another program takes a while to alter
	defer cancel()
	conn, err := m.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	lock := "ovate_" + m.q.segment
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, `SELECT GET_LOCK(?, 20)`, lock).Scan(&got); err != nil {
		return err
	}
	if got.Int64 != 1 {
		return fault.New(fault.Unavailable, "another process is making the tables")
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `DO RELEASE_LOCK(?)`, lock)
	for _, t := range schema {
		if _, err := conn.ExecContext(ctx, m.q.sql(t)); err != nil {
			return err
		}
	}
	return m.makeColumns(ctx, conn)
}

func (m *Metadata) makeColumns(ctx context.Context, conn *sql.Conn) error {
	have, err := m.columns(ctx, conn)
	if err != nil {
		return err
	}
	var alter []string
	for _, c := range keyColumns {
		typ, collation, _ := strings.Cut(have[strings.ToLower(c.name)], " ")
		if !strings.HasPrefix(strings.ToUpper(c.ddl), strings.ToUpper(typ)) || collation != "utf8mb4_bin" {
			alter = append(alter, "MODIFY COLUMN "+c.name+" "+c.ddl)
		}
	}
	fresh := false
	for _, c := range ownColumns {
		if _, ok := have[c.name]; !ok {
			alter = append(alter, "ADD COLUMN "+c.name+" "+c.ddl)
			fresh = fresh || c.name == "start_ms"
		}
	}
	if fresh {
		alter = append(alter, "ADD KEY by_time (dataSource, start_ms, end_ms, version, partition_num)")
	}
	if len(alter) == 0 {
		return nil
	}
	_, err = conn.ExecContext(ctx, m.q.sql("ALTER TABLE {segments} "+strings.Join(alter, ", ")))
	return err
}

// columns gives "type collation" of each column of the table of segments.
func (m *Metadata) columns(ctx context.Context, conn *sql.Conn) (map[string]string, error) {
	rows, err := conn.QueryContext(ctx, `SELECT COLUMN_NAME, DATA_TYPE, COALESCE(COLLATION_NAME, '')
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?`, m.q.segment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	have := map[string]string{}
	for rows.Next() {
		var name, typ, collation string
		if err := rows.Scan(&name, &typ, &collation); err != nil {
			return nil, err
		}
		have[strings.ToLower(name)] = typ + " " + collation
	}
	return have, rows.Err()
}

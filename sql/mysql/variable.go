package mysql

import (
	"maps"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// variables are those of the server that clients ask for when they connect.
var variables = map[string]string{
	"version": "8.0.33", "version_comment": "Ovate", "sql_mode": "ONLY_FULL_GROUP_BY", "autocommit": "1", "auto_increment_increment": "1",
	"character_set_client": "utf8mb4", "character_set_connection": "utf8mb4", "character_set_results": "utf8mb4", "character_set_server": "utf8mb4",
	"character_set_database": "utf8mb4", "collation_connection": "utf8mb4_bin", "collation_server": "utf8mb4_bin", "collation_database": "utf8mb4_bin",
	"init_connect": "", "interactive_timeout": "28800", "wait_timeout": "28800", "net_write_timeout": "60", "net_buffer_length": "16384",
	"max_allowed_packet": "67108864", "lower_case_table_names": "0", "license": "Apache-2.0", "performance_schema": "0",
	"query_cache_size": "0", "query_cache_type": "OFF", "system_time_zone": "UTC", "time_zone": "+00:00", "tx_isolation": "REPEATABLE-READ",
	"transaction_isolation": "REPEATABLE-READ", "tx_read_only": "1", "transaction_read_only": "1", "have_ssl": "NO", "port": "3306",
}

// variable is @@name, @@session.name or @@global.name.
func variable(at parse.At, text string) (parse.Expr, error) {
	name := strings.ToLower(strings.TrimPrefix(text, "@@"))
	name = strings.TrimPrefix(strings.TrimPrefix(name, "session."), "global.")
	value, ok := variables[name]
	if !ok {
		return nil, refuse(at, "there is no variable @@%s%s", name, fault.Suggest(name, slices.Sorted(maps.Keys(variables))))
	}
	if n, err := wholeNumber(at, value, 10); err == nil {
		return n, nil
	}
	return &parse.Literal{At: at, Kind: parse.String, Text: value}, nil
}

func showVariables(w *shown) (string, error) {
	var rows []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		rows = append(rows, "("+parse.QuoteString(name)+", "+parse.QuoteString(variables[name])+")")
	}
	return `SELECT "Variable_name", "Value" FROM (VALUES ` + strings.Join(rows, ", ") + `) AS t ("Variable_name", "Value") WHERE ` +
		w.like(`"Variable_name"`) + ` ORDER BY 1`, nil
}

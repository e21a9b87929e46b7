package sql

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/mysql"
	"github.com/ovatedb/ovate/sql/parse"
)

// dialects are the parsers of statements, by sqlDialect of the context. All
// give the same tree.
var dialects = map[string]func(string) (*parse.Statement, error){
	"druid": parse.Parse,
	"mysql": mysql.Parse,
}

// dialect is the parser that a context asks for.
func dialect(context map[string]json.RawMessage) (func(string) (*parse.Statement, error), error) {
	raw, ok := context["sqlDialect"]
	if !ok || string(raw) == "null" {
		return parse.Parse, nil
	}
	var name string
	if json.Unmarshal(raw, &name) == nil {
		if f := dialects[strings.ToLower(name)]; f != nil {
			return f, nil
		}
	}
	known := slices.Sorted(maps.Keys(dialects))
	return nil, fault.At(fault.Invalidf("unknown dialect %s%s; known: %s", raw, fault.Suggest(name, known), strings.Join(known, ", ")), "context.sqlDialect")
}

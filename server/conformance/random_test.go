package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
)

// A question is a random query over the data source @ (to be replaced). Rows of
// ordered ones compare in order.
type question struct {
	kind    string
	body    map[string]any
	ordered bool
	about   []string // members of the registries that it uses
}

func (q *question) over(source string, context map[string]any) []byte {
	text := must(json.Marshal(q.body))
	return with([]byte(strings.ReplaceAll(string(text), "@", source)), context)
}

// A source of random queries. It knows the registries and the columns; whether
// a function takes what it is given it finds out by asking.
type random struct {
	*rand.Rand
	about []string
}

func pick[T any](r *random, list ...T) T { return list[r.IntN(len(list))] }

func (r *random) use(name string) string {
	r.about = append(r.about, name)
	return name
}

// question draws one.
func (r *random) question() *question {
	r.about = nil
	q := pick(r, r.sqlGroup, r.sqlGroup, r.sqlRows, r.timeseries, r.topN, r.groupBy)()
	q.about = r.about
	return q
}

// scalars are the functions of SQL with plain names whose answer is fixed by
// their arguments.
var scalars = func() []*expr.Func {
	var out []*expr.Func
	for _, f := range expr.Funcs() {
		if !f.Volatile && sqlName(f) != "" {
			out = append(out, f)
		}
	}
	return out
}()

func sqlName(f *expr.Func) string {
	for _, s := range f.SQL {
		if strings.IndexFunc(s.Name, func(c rune) bool { return (c < 'A' || c > 'Z') && c != '_' }) < 0 {
			return s.Name
		}
	}
	return ""
}

func (r *random) sqlValue(depth int) string {
	if depth > 0 && r.IntN(2) == 0 {
		if r.IntN(4) == 0 {
			return r.sqlOperator(depth)
		}
		f := scalars[r.IntN(len(scalars))]
		most := f.Max
		if most < 0 {
			most = f.Min + 2
		}
		var args []string
		for range f.Min + r.IntN(most-f.Min+1) {
			args = append(args, r.sqlValue(depth-1))
		}
		return r.use(sqlName(f)) + "(" + strings.Join(args, ", ") + ")"
	}
	if r.IntN(3) == 0 {
		return pick(r, "'a'", "''", "'10'", "'P1D'", "1", "2", "0.5", "NULL", "TIMESTAMP '2023-11-15 06:00:00'", "ARRAY['a', 'red']")
	}
	return pick(r, "s", "u", "tags", "l", "d", "f", "__time", "none")
}

func (r *random) sqlOperator(depth int) string {
	a, b := r.sqlValue(depth-1), r.sqlValue(depth-1)
	switch r.IntN(3) {
	case 0:
		return "CASE WHEN " + r.sqlCondition(depth-1) + " THEN " + a + " ELSE " + b + " END"
	case 1:
		return "CAST(" + a + " AS " + pick(r, "VARCHAR", "BIGINT", "DOUBLE") + ")"
	}
	return "(" + a + " " + pick(r, "+", "-", "*", "||") + " " + b + ")"
}

func (r *random) sqlCondition(depth int) string {
	if depth > 0 {
		switch r.IntN(4) {
		case 0:
			return "(" + r.sqlCondition(depth-1) + pick(r, " AND ", " OR ") + r.sqlCondition(depth-1) + ")"
		case 1:
			return "NOT (" + r.sqlCondition(depth-1) + ")"
		}
	}
	a := r.sqlValue(depth)
	switch r.IntN(5) {
	case 0:
		return a + " IS " + pick(r, "", "NOT ") + "NULL"
	case 1:
		return pick(r, "s", "u", "tags") + " IN ('a', 'b', '10', 'user012', 'red')"
	case 2:
		return pick(r, "s", "u", "tags") + " LIKE " + pick(r, "'%r%'", "'user0%'", "'_'", "'%'")
	case 3:
		return pick(r, "l", "d", "f") + " BETWEEN -3 AND 200"
	}
	return a + " " + pick(r, "=", "<>", "<", ">=") + " " + r.sqlValue(depth-1)
}

// dealt says of an aggregate that its value hangs on how the rows are dealt:
// that of any row, of rows in their order, or an estimate from a sample.
func dealt(f *agg.Func) bool {
	name := strings.ToLower(f.Name)
	return strings.HasPrefix(name, "any") || strings.Contains(name, "array") || strings.Contains(name, "string_agg") ||
		strings.Contains(name, "quantile") || strings.Contains(name, "expression") || strings.Contains(name, "digest")
}

// aggregates are the aggregate functions of SQL. Those that give the image of a
// sketch are left out: equal sketches may have different images.
var aggregates = func() (out []aggregateForm) {
	for _, f := range agg.Funcs() {
		for _, sql := range f.SQL {
			if !dealt(f) && (f.Final == "" || sql.Finalize) {
				out = append(out, aggregateForm{f, sql.Name})
			}
		}
	}
	return out
}()

type aggregateForm struct {
	f    *agg.Func
	name string
}

func (r *random) sqlAggregate() string {
	form := aggregates[r.IntN(len(aggregates))]
	f, name := form.f, form.name
	r.use(name)
	if name == "COUNT" && r.IntN(2) == 0 {
		return "COUNT(*)"
	}
	var args []string
	for range max(f.Min, 1) {
		args = append(args, r.sqlValue(r.IntN(2)))
	}
	if strings.HasSuffix(name, "_BY") && len(args) > 1 {
		args[1] = "__time" // of several rows with the same instant any may be the first
	}
	call := name + "(" + pick(r, "", "", "", "DISTINCT ") + strings.Join(args, ", ") + ")"
	if r.IntN(4) == 0 {
		call += " FILTER (WHERE " + r.sqlCondition(0) + ")"
	}
	return call
}

func (r *random) sqlGroup() *question {
	var items, keys []string
	for i := range r.IntN(4) {
		k := pick(r, "s", "tags", "none", "l", "FLOOR(__time TO HOUR)", r.sqlValue(1))
		items = append(items, fmt.Sprintf("%s AS k%d", k, i))
		keys = append(keys, fmt.Sprint(i+1))
	}
	for i := range 1 + r.IntN(3) {
		items = append(items, fmt.Sprintf("%s AS a%d", r.sqlAggregate(), i))
	}
	text := "SELECT " + strings.Join(items, ", ") + ` FROM "@"` + r.sqlWhere()
	if len(keys) > 0 {
		text += " GROUP BY " + strings.Join(keys, ", ")
	}
	q := &question{kind: "sql"}
	switch r.IntN(4) {
	case 0:
		text += " HAVING COUNT(*) > 3"
	case 1: // by the keys: they differ, so this is a total order
		if len(keys) > 0 {
			text += " ORDER BY " + strings.Join(keys, pick(r, ", ", " DESC, ")) + " LIMIT " + pick(r, "1", "7", "100")
			q.ordered = true
		}
	}
	q.body = map[string]any{"query": text, "resultFormat": "array"}
	return q
}

func (r *random) sqlWhere() string {
	if r.IntN(3) == 0 {
		return ""
	}
	return " WHERE " + r.sqlCondition(2)
}

// sqlRows are rows in the order of their times, which differ.
func (r *random) sqlRows() *question {
	items := []string{"__time"}
	for i := range 1 + r.IntN(4) {
		items = append(items, fmt.Sprintf("%s AS v%d", r.sqlValue(2), i))
	}
	text := "SELECT " + strings.Join(items, ", ") + ` FROM "@"` + r.sqlWhere() + " ORDER BY __time" + pick(r, "", " DESC") +
		pick(r, "", " LIMIT 5", " LIMIT 40 OFFSET 3")
	return &question{kind: "sql", ordered: true, body: map[string]any{"query": text, "resultFormat": "array"}}
}

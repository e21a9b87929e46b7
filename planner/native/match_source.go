package native

import (
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// source writes what gives the rows of n: a data source, intervals, and a
// filter. The columns of n are then those that expressions name.
func (m *matching) source(n planner.Node) (*sourced, bool) {
	var conds []expr.Expr
	for {
		f, ok := n.(*planner.Filter)
		if !ok {
			break
		}
		conds = append(conds, expr.Conjuncts(f.Cond.Expr)...)
		n = f.Input.V
	}
	var err error
	if m.schema, err = n.Schema(); err != nil {
		return nil, false
	}
	out := &sourced{Intervals: intervalsOf(always)}
	switch n := n.(type) {
	case *planner.Scan:
		out.DataSource, out.Intervals = tableJSON{"table", n.Source}, intervalsOf(n.Intervals)
		conds = append(expr.Conjuncts(n.Filter.Expr), conds...)
		m.schema = data.Union(n.Columns, n.Types)
	case *planner.Values:
		out.DataSource, err = m.inline(n)
	case *planner.Join:
		out.DataSource, out.Intervals, err = m.join(n)
	default:
		out.DataSource, err = m.subquery(n)
	}
	if err != nil || m.failed {
		return nil, false
	}
	if cond := expr.And(conds...); cond != nil {
		out.Filter = m.filter(cond)
	}
	return out, !m.failed
}

type inlineJSON struct {
	Type  string   `json:"type"`
	Names []string `json:"columnNames"`
	Types []string `json:"columnTypes"`
	Rows  [][]any  `json:"rows"`
}

// inlineRows bounds the rows that an explanation shows.
const inlineRows = 1000

// inline is rows at hand: those of a lookup, or of VALUES.
func (m *matching) inline(v *planner.Values) (any, error) {
	if name, ok := strings.CutPrefix(v.Name, "lookup "); ok {
		return map[string]string{"type": "lookup", "lookup": name}, nil
	}
	if v.Name != "" && v.Name != "one row" {
		return nil, fmt.Errorf("the rows of %s are of the system", v.Name)
	}
	out := inlineJSON{"inline", v.Columns.Names(), nil, [][]any{}}
	if v.Rows.N > inlineRows {
		return nil, fmt.Errorf("%d rows", v.Rows.N)
	}
	for _, f := range v.Columns {
		out.Types = append(out.Types, outputType(f.Type))
	}
	for i := range v.Rows.N {
		row := []any{}
		for _, c := range v.Rows.Cols {
			row = append(row, expr.Boxed(c, i))
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

type queryJSON struct {
	Type  string `json:"type"`
	Query any    `json:"query"`
}

// subquery is a query whose answer n is. Its columns have the names that the
// query gives them.
func (m *matching) subquery(n planner.Node) (any, error) {
	inner, ok := Match(m.cat, n, m.optimize)
	if !ok {
		return nil, fmt.Errorf("no query gives %s", n)
	}
	m.names = map[string]string{}
	for i, f := range m.schema {
		m.names[f.Name] = inner.Columns[i]
	}
	return queryJSON{"query", inner.JSON}, nil
}

type joinJSON struct {
	Type      string `json:"type"`
	Left      any    `json:"left"`
	Right     any    `json:"right"`
	Prefix    string `json:"rightPrefix"`
	Condition string `json:"condition"`
	JoinType  string `json:"joinType"`
	Filter    any    `json:"leftFilter,omitempty"`
}

const joinPrefix = "j0."

// join is a join of a table, or of what a query gives, with what another
// query gives. The intervals are those of the left side.
func (m *matching) join(j *planner.Join) (any, any, error) {
	left := &matching{cat: m.cat, optimize: m.optimize, plain: m.plain}
	l, ok := left.source(j.Left.V)
	if !ok || len(left.virtual) > 0 {
		return nil, nil, fmt.Errorf("the left side has no form")
	}
	inner, ok := Match(m.cat, j.Right.V, m.optimize)
	if !ok {
		return nil, nil, fmt.Errorf("the right side has no form")
	}
	right, err := j.Right.V.Schema()
	if err != nil {
		return nil, nil, err
	}
	m.names = map[string]string{}
	for k, v := range left.names {
		m.names[k] = v
	}
	for i, f := range right {
		m.names[f.Name] = joinPrefix + inner.Columns[i]
	}
	var conds []string
	for _, k := range j.On.Keys {
		op := " == "
		if k.NullSafe {
			return nil, nil, fmt.Errorf("IS NOT DISTINCT FROM has no form in a join")
		}
		conds = append(conds, "("+m.expression(k.Left.Expr)+op+m.expression(k.Right.Expr)+")")
	}
	if e := j.On.Residual.Expr; e != nil {
		conds = append(conds, m.expression(e))
	}
	if len(conds) == 0 {
		conds = []string{"1"}
	}
	cond := strings.Join(conds, " && ")
	if len(conds) > 1 {
		cond = "(" + cond + ")"
	}
	return joinJSON{"join", l.DataSource, queryJSON{"query", inner.JSON}, joinPrefix, cond, strings.ToUpper(string(j.On.Type)), l.Filter}, l.Intervals, nil
}

// period is the granularity of an expression that floors the time of rows; ok
// is false for others.
func period(e expr.Expr) (any, bool) {
	c, ok := e.(*expr.Call)
	if !ok || c.Func.Name != "timestamp_floor" || len(c.Args) < 2 || c.Args[0].String() != "__time" {
		return nil, false
	}
	var args []any
	for _, a := range c.Args[1:] {
		l, ok := a.(*expr.Lit)
		if !ok {
			return nil, false
		}
		args = append(args, l.Value)
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, false
	}
	if name := periodNames[text]; name != "" && len(args) == 1 {
		return name, true
	}
	out := map[string]any{"type": "period", "period": text}
	if len(args) > 1 && args[1] != nil {
		if ms, ok := args[1].(int64); ok {
			out["origin"] = chrono.FormatTime(ms, chrono.UTC)
		}
	}
	if len(args) > 2 {
		out["timeZone"] = args[2]
	}
	return out, true
}

// periodNames are the granularities that have a name.
var periodNames = map[string]string{
	"PT1S": "SECOND", "PT1M": "MINUTE", "PT5M": "FIVE_MINUTE", "PT10M": "TEN_MINUTE", "PT15M": "FIFTEEN_MINUTE", "PT30M": "THIRTY_MINUTE",
	"PT1H": "HOUR", "PT6H": "SIX_HOUR", "PT8H": "EIGHT_HOUR", "P1D": "DAY", "P1W": "WEEK", "P1M": "MONTH", "P3M": "QUARTER", "P1Y": "YEAR",
}

// Package sql makes plans of SQL. It owns what names, types and clauses mean:
// a text is parsed (package parse), its names are looked up in the catalog, its
// expressions become trees of the one expression language, and its clauses
// nodes of a plan. What functions and aggregates there are it does not know:
// they are looked up in the registries of expr and agg.
//
//	text -> parse.Statement -> Question{Plan, Columns}
//
// A SELECT is bound clause by clause over stages of rows:
//
//	FROM (from.go, join.go) -> WHERE (where.go) -> grouping (group.go)
//	  -> windows (window.go) -> select list, DISTINCT, ORDER BY (select.go)
package sql

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// A Request is a statement as a client sends it.
type Request struct {
	Query      string
	Parameters []Parameter
	Context    map[string]json.RawMessage
}

// A Parameter is the value of a ?.
type Parameter struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

// SystemTables gives the tables of sys; their rows are made when they are read.
type SystemTables interface {
	System(schema, table string) (data.Schema, planner.SystemRows, bool)
}

// A SystemNamer is a SystemTables that can list its tables.
type SystemNamer interface {
	SystemTables(schema string) []string
}

// A Column is a column of the answer. Names may repeat.
type Column struct {
	Name string
	Type data.Type
	SQL  string // BIGINT, VARCHAR, TIMESTAMP, ARRAY, OTHER, ...
}

// A Question is a statement made ready to run: the plan, whose columns are
// Columns in order under names of their own, and what fixes its functions.
type Question struct {
	Columns []Column
	Plan    planner.Node
	Zone    *chrono.Zone
	Now     int64 // ms
	Explain parse.ExplainKind
	Tables  []string // data sources that are read, in the order of the text
	Context map[string]json.RawMessage
}

// binder binds one statement.
type binder struct {
	cat      planner.Catalog
	sys      SystemTables
	env      *expr.Env
	zone     *chrono.Zone
	params   []Parameter
	settings settings
	taken    map[string]int
	tables   []string
	answer   parse.Query // the one whose rows are the answer
}

// Prepare binds a statement. Errors are of kind Invalid, with their place in
// the text where they have one.
func Prepare(r Request, cat planner.Catalog, sys SystemTables) (*Question, error) {
	read, err := dialect(r.Context)
	if err != nil {
		return nil, err
	}
	st, err := read(r.Query)
	if err != nil {
		return nil, err
	}
	q, err := prepare(st, r, cat, sys)
	if err != nil {
		return nil, pictured(err, r.Query)
	}
	return q, nil
}

func prepare(st *parse.Statement, r Request, cat planner.Catalog, sys SystemTables) (*Question, error) {
	if st.Insert != nil {
		word := "INSERT"
		if st.Insert.Replace {
			word = "REPLACE"
		}
		return nil, at(fault.Invalidf("%s is not supported: data is loaded by ingestion tasks and imports", word), st.Insert)
	}
	if st.Body == nil {
		return nil, at(fault.Invalidf("the statement sets its context but asks nothing"), st)
	}
	context, err := overridden(r.Context, st.Set)
	if err != nil {
		return nil, err
	}
	set, err := readSettings(context)
	if err != nil {
		return nil, err
	}
	b := &binder{cat: cat, sys: sys, zone: set.zone, params: r.Parameters, settings: set, taken: map[string]int{}, answer: answered(st.Body)}
	b.env = &expr.Env{Now: set.now, Zone: set.zone, Lookup: cat.Lookup}
	out, err := b.query(st.Body, around{})
	if err != nil {
		return nil, err
	}
	b.finalTexts(out)
	q := &Question{Plan: b.outerLimit(out.node), Zone: set.zone, Now: set.now, Explain: st.Explain, Tables: b.tables, Context: context}
	for _, c := range out.cols {
		q.Columns = append(q.Columns, Column{c.name, c.native, c.typ.SQL()})
	}
	if _, err := q.Plan.Schema(); err != nil {
		return nil, err
	}
	return q, nil
}

// outerLimit wraps the plan in the limit that the context asks for.
func (b *binder) outerLimit(n planner.Node) planner.Node {
	limit := b.settings.outerLimit
	if limit < 0 {
		return n
	}
	if s, ok := n.(*planner.Sort); ok {
		out := *s
		if out.Limit < 0 || out.Limit > limit {
			out.Limit = limit
		}
		return &out
	}
	return planner.NewSort(n, nil, limit, 0)
}

// unique is a column name that the plan does not have yet, close to what is
// wished.
func (b *binder) unique(wish string) string {
	name := wish
	for b.taken[name] > 0 {
		name = wish + "$" + strconv.Itoa(b.taken[wish])
		b.taken[wish]++
	}
	b.taken[name]++
	return name
}

// exprBinders are the functions that bind expressions, by the node's type.
var exprBinders = map[reflect.Type]func(scope, parse.Expr) (value, error){}

// binds registers the function for one type of node.
func binds[E parse.Expr](f func(scope, E) (value, error)) {
	exprBinders[reflect.TypeFor[E]()] = func(s scope, e parse.Expr) (value, error) { return f(s, e.(E)) }
}

// bind makes a value of an expression.
func (s scope) bind(e parse.Expr) (value, error) {
	if s.group != nil {
		if v, done, err := s.group.key(s, e); done || err != nil {
			return v, at(err, e)
		}
	}
	f := exprBinders[reflect.TypeOf(e)]
	if f == nil {
		return value{}, at(fault.Invalidf("%s cannot stand here", parse.Format(e)), e)
	}
	v, err := f(s, e)
	return v, at(err, e)
}

// bindAll binds a list.
func (s scope) bindAll(es []parse.Expr) ([]value, error) {
	out := make([]value, len(es))
	for i, e := range es {
		var err error
		if out[i], err = s.bind(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// condition binds a condition: a BOOLEAN, wrapped so that a multi-value column
// fulfils it with one of its values.
func (s scope) condition(e parse.Expr, clause string) (expr.Expr, error) {
	v, err := s.in(clause).bind(e)
	if err != nil {
		return nil, err
	}
	return s.truth(v, e, clause)
}

func (s scope) truth(v value, e parse.Expr, clause string) (expr.Expr, error) {
	if v.typ.Kind == Null {
		return &expr.Lit{Type: data.BoolType}, nil
	}
	if v.typ.Kind != Boolean {
		return nil, at(fault.Invalidf("%s must be a condition, but this is a value of type %s", clause, v.typ), e)
	}
	return some(v.expr, s.schema), nil
}

// done types an expression that was built of others.
func (s scope) done(e expr.Expr, t *Type) (value, error) {
	native, err := expr.TypeOf(e, s.schema)
	if err != nil {
		return value{}, err
	}
	if t != nil {
		return value{e, native, *t}, nil
	}
	return value{e, native, typeOf(native)}, nil
}

func ordinal(i int) string { return fmt.Sprintf("EXPR$%d", i) }

// Package filter is the filters of native queries, one a file: each reads its
// JSON and becomes a condition in the one expression language, so that indexes,
// pruning and distribution know nothing of filters.
package filter

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A Filter is a filter as native queries write it. Conditions are three-valued:
// a row passes where the condition is true, not where it is null.
type Filter interface {
	Expr(s Scope) (expr.Expr, error)
}

var filters = jsontype.New[Filter]("filter", "type")

// Names are the types of filters.
func Names() []string { return filters.Names() }

// Parse reads a filter.
func Parse(path string, raw json.RawMessage) (Filter, error) { return filters.Decode(path, raw) }

// A Scope is the columns that a query may name: those of its source, and its
// virtual columns, which hide columns of the source with their name.
type Scope struct {
	Schema  data.Schema
	Virtual map[string]expr.Expr // resolved: over columns of the source alone
}

// Column is the column or virtual column of that name; an unknown name is a
// column of nulls.
func (s Scope) Column(name string) expr.Expr {
	if e, ok := s.Virtual[name]; ok {
		return e
	}
	return expr.Column(name)
}

// Resolve is e over columns of the source: virtual columns are put in place.
func (s Scope) Resolve(e expr.Expr) expr.Expr {
	return expr.Replace(e, func(name string) (expr.Expr, bool) {
		v, ok := s.Virtual[name]
		return v, ok
	})
}

// Type is the type of e; see expr.TypeOf.
func (s Scope) Type(e expr.Expr) (data.Type, error) { return expr.TypeOf(e, s.Schema) }

// Multi says whether e may have several values in a row; see expr.Multi.
func (s Scope) Multi(e expr.Expr) bool { return expr.Multi(e, s.Schema) }

// Some is the condition cond as a filter means it: of a multi-value, true if
// it holds for one of its values.
func (s Scope) Some(cond expr.Expr) expr.Expr {
	if s.Multi(cond) {
		return expr.Of("some", cond)
	}
	return cond
}

// Cast is e as a value of type t; e itself if it is one. The text of a FLOAT
// has no more digits than a FLOAT needs.
func (s Scope) Cast(e expr.Expr, t data.Type) (expr.Expr, error) {
	from, err := s.Type(e)
	if err != nil || from == t {
		return e, err
	}
	if from.Kind == data.Float && t.Kind == data.String {
		return expr.Of("float_text", e), nil
	}
	return expr.Of("cast", e, expr.String(t.String())), nil
}

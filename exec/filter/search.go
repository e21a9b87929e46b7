package filter

import (
	"encoding/json"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() {
	filters.Add("search", new(search))
	searches.Add("contains", new(contains))
	searches.Add("insensitive_contains", new(insensitive))
	searches.Add("fragment", new(fragment))
	searches.Add("regex", new(searchRegex))
	searches.Add("all", new(searchAll))
}

// A Search says which texts a search finds. Its condition is null for null.
type Search interface {
	Match(text expr.Expr) expr.Expr
}

var searches = jsontype.New[Search]("search query", "type")

// ParseSearch reads a search query spec.
func ParseSearch(path string, raw json.RawMessage) (Search, error) {
	return searches.Decode(path, raw)
}

// search matches what a search finds.
type search struct {
	dimension
	Query jsontype.Of[Search] `json:"query"`
}

// Check wants a dimension and a query.
func (f *search) Check() error {
	if f.Query.V == nil {
		return fault.At(fault.Invalidf("missing: what to search for is required"), "query")
	}
	return f.check()
}

// Expr is the condition of the query.
func (f *search) Expr(s Scope) (expr.Expr, error) {
	e, err := f.input(s)
	if err != nil {
		return nil, err
	}
	if e, err = textOf(s, e); err != nil {
		return nil, err
	}
	return f.known(s, s.Some(f.Query.V.Match(e))), nil
}

func containing(text expr.Expr, part string, caseSensitive bool) expr.Expr {
	return expr.Of(pick(caseSensitive, "contains_string", "icontains_string"), text, expr.String(part))
}

type contains struct {
	Value         *string `json:"value"`
	CaseSensitive bool    `json:"caseSensitive"`
}

// Check wants a value.
func (q *contains) Check() error {
	if q.Value == nil {
		return fault.At(fault.Invalidf("missing: a string is required"), "value")
	}
	return nil
}

// Match finds texts that contain the value.
func (q *contains) Match(text expr.Expr) expr.Expr {
	return containing(text, *q.Value, q.CaseSensitive)
}

// insensitive is contains in any case.
type insensitive struct {
	Value *string `json:"value"`
}

// Check wants a value.
func (q *insensitive) Check() error { return (&contains{Value: q.Value}).Check() }

// Match finds texts that contain the value in any case.
func (q *insensitive) Match(text expr.Expr) expr.Expr { return containing(text, *q.Value, false) }

type fragment struct {
	Values        []string `json:"values"`
	CaseSensitive bool     `json:"caseSensitive"`
}

// Check wants values.
func (q *fragment) Check() error {
	if q.Values == nil {
		return fault.At(fault.Invalidf("missing: a list of strings is required"), "values")
	}
	return nil
}

// Match finds texts that contain all values.
func (q *fragment) Match(text expr.Expr) expr.Expr {
	if len(q.Values) == 0 {
		return containing(text, "", true)
	}
	var conds []expr.Expr
	for _, v := range q.Values {
		conds = append(conds, containing(text, v, q.CaseSensitive))
	}
	return expr.And(conds...)
}

type searchRegex struct {
	Pattern *string `json:"pattern"`
}

// Check wants a valid pattern.
func (q *searchRegex) Check() error { return checkPattern(q.Pattern, "pattern") }

// Match finds texts in which the pattern is found.
func (q *searchRegex) Match(text expr.Expr) expr.Expr {
	return expr.Of("regexp_like", text, expr.String(*q.Pattern))
}

type searchAll struct{}

// Match finds all texts.
func (q *searchAll) Match(text expr.Expr) expr.Expr { return containing(text, "", true) }

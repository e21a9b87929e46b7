package filter

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn/regex"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() {
	extractions.Add("regex", &regexExtraction{Index: 1})
	extractions.Add("partial", new(partial))
	extractions.Add("searchQuery", new(searchExtraction))
}

// regexExtraction is a group of the first match. Where nothing matches, and
// nothing does in null, the value stays or is replaced.
type regexExtraction struct {
	Pattern     *string `json:"expr"`
	Index       int64   `json:"index"`
	Replace     bool    `json:"replaceMissingValue"`
	Replacement *string `json:"replaceMissingValueWith"`
}

// Check wants a valid pattern with the group.
func (f *regexExtraction) Check() error {
	if err := checkPattern(f.Pattern, "expr"); err != nil {
		return err
	}
	r, err := regex.Compile(*f.Pattern)
	if err == nil && (f.Index < 0 || f.Index > int64(r.Groups())) {
		return fault.At(fault.Invalidf("there is no group %d: %q has %d", f.Index, *f.Pattern, r.Groups()), "index")
	}
	return err
}

// Expr is regexp_extract where the pattern is found.
func (f *regexExtraction) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	if err != nil {
		return nil, err
	}
	pattern, other := expr.String(*f.Pattern), e
	switch {
	case f.Replace && f.Replacement != nil:
		other = expr.String(*f.Replacement)
	case f.Replace:
		other = expr.Null()
	}
	return expr.Of("if", expr.Of("regexp_like", e, pattern), expr.Of("regexp_extract", e, pattern, expr.Long(f.Index)), other), nil
}

// partial keeps values in which a pattern is found.
type partial struct {
	Pattern *string `json:"expr"`
}

// Check wants a valid pattern.
func (f *partial) Check() error { return checkPattern(f.Pattern, "expr") }

// Expr is the value or null.
func (f *partial) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	return expr.Of("if", expr.Of("regexp_like", e, expr.String(*f.Pattern)), e, expr.Null()), err
}

// searchExtraction keeps values that a search finds.
type searchExtraction struct {
	Query jsontype.Of[Search] `json:"query"`
}

// Check wants a query.
func (f *searchExtraction) Check() error {
	if f.Query.V == nil {
		return fault.At(fault.Invalidf("missing: what to search for is required"), "query")
	}
	return nil
}

// Expr is the value or null.
func (f *searchExtraction) Expr(s Scope, input expr.Expr) (expr.Expr, error) {
	e, err := textOf(s, input)
	return expr.Of("if", f.Query.V.Match(e), e, expr.Null()), err
}

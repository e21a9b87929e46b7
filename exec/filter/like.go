package filter

import (
	"unicode/utf8"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn/regex"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	filters.Add("like", new(like))
	filters.Add("regex", new(regexp))
}

// like matches a pattern of SQL.
type like struct {
	dimension
	Pattern *string `json:"pattern"`
	Escape  string  `json:"escape"`
}

// Check wants a dimension and a pattern.
func (f *like) Check() error {
	if f.Pattern == nil {
		return fault.At(fault.Invalidf("missing: a pattern such as \"a%%\" is required"), "pattern")
	}
	if utf8.RuneCountInString(f.Escape) > 1 {
		return fault.At(fault.Invalidf("expected one character, got %q", f.Escape), "escape")
	}
	return f.check()
}

// Expr is like.
func (f *like) Expr(s Scope) (expr.Expr, error) {
	e, err := f.input(s)
	if err != nil {
		return nil, err
	}
	if e, err = textOf(s, e); err != nil {
		return nil, err
	}
	args := []expr.Expr{e, expr.String(*f.Pattern)}
	if f.Escape != "" {
		args = append(args, expr.String(f.Escape))
	}
	return f.known(s, s.Some(expr.Of("like", args...))), nil
}

// regexp matches texts that hold a match of a regular expression.
type regexp struct {
	dimension
	Pattern *string `json:"pattern"`
}

// Check wants a dimension and a valid pattern.
func (f *regexp) Check() error {
	if err := checkPattern(f.Pattern, "pattern"); err != nil {
		return err
	}
	return f.check()
}

func checkPattern(pattern *string, member string) error {
	if pattern == nil {
		return fault.At(fault.Invalidf("missing: a regular expression is required"), member)
	}
	_, err := regex.Compile(*pattern)
	return fault.At(err, member)
}

// Expr is regexp_like.
func (f *regexp) Expr(s Scope) (expr.Expr, error) {
	e, err := f.input(s)
	if err != nil {
		return nil, err
	}
	if e, err = textOf(s, e); err != nil {
		return nil, err
	}
	return f.known(s, s.Some(expr.Of("regexp_like", e, expr.String(*f.Pattern)))), nil
}

package filter

import (
	"slices"
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() {
	filters.Add("and", &several{name: "and"})
	filters.Add("or", &or{several{name: "or"}})
	filters.Add("not", &single{name: "not"})
	filters.Add("istrue", &isTrue{single{name: "istrue"}})
	filters.Add("isfalse", &isFalse{single{name: "isfalse"}})
	filters.Add("true", new(yes))
	filters.Add("false", new(no))
}

// several joins filters.
type several struct {
	Fields []jsontype.Of[Filter] `json:"fields"`

	name string
}

type or struct{ several }

// Check wants at least one filter; nulls do not count.
func (f *several) Check() error {
	f.Fields = slices.DeleteFunc(f.Fields, func(g jsontype.Of[Filter]) bool { return g.V == nil })
	if len(f.Fields) == 0 {
		return fault.At(fault.Invalidf("at least one filter is required"), "fields")
	}
	return nil
}

// Expr is and or or, two at a time.
func (f *several) Expr(s Scope) (expr.Expr, error) {
	var out expr.Expr
	for i, g := range f.Fields {
		e, err := g.V.Expr(s)
		switch {
		case err != nil:
			return nil, fault.At(err, "fields["+strconv.Itoa(i)+"]")
		case out == nil:
			out = e
		default:
			out = expr.Of(f.name, out, e)
		}
	}
	return out, nil
}

// single turns the answer of a filter into another one.
type single struct {
	Field jsontype.Of[Filter] `json:"field"`

	name string
}

type isTrue struct{ single }

type isFalse struct{ single }

// Check wants a filter.
func (f *single) Check() error {
	if f.Field.V == nil {
		return fault.At(fault.Invalidf("missing: a filter is required"), "field")
	}
	return nil
}

// Expr is not, istrue or isfalse.
func (f *single) Expr(s Scope) (expr.Expr, error) {
	e, err := f.Field.V.Expr(s)
	if err != nil {
		return nil, fault.At(err, "field")
	}
	return expr.Of(f.name, e), nil
}

type yes struct{}

// Expr is true.
func (f *yes) Expr(Scope) (expr.Expr, error) { return expr.Bool(true), nil }

type no struct{}

// Expr is false.
func (f *no) Expr(Scope) (expr.Expr, error) { return expr.Bool(false), nil }

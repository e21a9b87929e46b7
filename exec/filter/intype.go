package filter

import (
	"encoding/json"
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("inType", new(inType)) }

// inType matches any of a list of values of a type, of which null may be one.
type inType struct {
	typed
	Values       *[]json.RawMessage `json:"values"`
	SortedValues *[]json.RawMessage `json:"sortedValues"`

	lits []*expr.Lit // nil: null
}

// Check reads the values, which are in one of two members.
func (f *inType) Check() error {
	if err := f.check(); err != nil {
		return err
	}
	list, member := f.Values, "values"
	if list == nil {
		list, member = f.SortedValues, "sortedValues"
	}
	if list == nil || f.Values != nil && f.SortedValues != nil {
		return fault.Invalidf("exactly one of values and sortedValues is required")
	}
	for i, raw := range *list {
		l, err := valueOf(raw, *f.MatchValueType)
		if text := len(raw) > 0 && raw[0] == '"'; err != nil && !(text && f.MatchValueType.Numeric()) { // a text that is no number is null
			return fault.At(err, member+"["+strconv.Itoa(i)+"]")
		}
		f.lits = append(f.lits, l)
	}
	return nil
}

// Expr is in where column and values are both strings or both numbers, and
// else one comparison a value.
func (f *inType) Expr(s Scope) (expr.Expr, error) {
	e := s.Column(f.Column)
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	direct := t.Kind == f.MatchValueType.Kind && t.Kind <= data.String && t.Kind != data.Float
	var list members
	var cond expr.Expr
	for _, l := range f.lits {
		switch {
		case l == nil:
			list.null = true
		case direct:
			list.add(l)
		default:
			if d, ok := l.Value.(float64); ok && t.Kind == data.Long {
				l = expr.Long(data.ToLong(d)) // the fraction is cut off
			}
			one, err := equalValue(s, e, l)
			if err != nil {
				return nil, err
			}
			if cond == nil {
				cond = one
			} else {
				cond = expr.Of("or", cond, one)
			}
		}
	}
	if cond == nil {
		return list.cond(s, e), nil
	}
	if list.null {
		cond = expr.Of("or", cond, expr.Of("isnull", e))
	}
	return s.Some(cond), nil
}

package native

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

// groupKey is what rows are grouped by for a dimension: its value, or the column
// that a one-to-one function is then applied to for each group.
func (q *aggregating) groupKey(d filter.Dimension, s filter.Scope) (exec.Named, error) {
	name, t := d.Output()
	column, change, ok := filter.OneToOne(d)
	if !ok || t != data.StringType {
		e, err := key(d, s)
		if err == nil && t.Numeric() && s.Multi(e) {
			// Only strings are grouped value by value.
			e, err = s.Cast(e, data.StringType)
			q.after(name, numberAgain{t})
		}
		return exec.Named{Name: name, Expr: e}, err
	}
	q.after(name, change)
	e, err := s.Cast(s.Column(column), t)
	return exec.Named{Name: name, Expr: e}, err
}

// after notes what is left to do for the groups of a dimension.
func (q *aggregating) after(name string, change filter.Extraction) {
	if q.later == nil {
		q.later = map[string]filter.Extraction{}
	}
	q.later[name] = change
}

// numberAgain makes numbers of the texts that stood for them in groups.
type numberAgain struct{ t data.Type }

func (f numberAgain) Expr(s filter.Scope, input expr.Expr) (expr.Expr, error) {
	return expr.Of("exact_number", input, expr.String(f.t.String())), nil
}

// changed applies what is left to do for each group. Groups that become equal
// in spite of the query's promise keep the order of what they were.
func (q *aggregating) changed(n planner.Node) (planner.Node, error) {
	if len(q.later) == 0 {
		return n, nil
	}
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	s := filter.Scope{Schema: schema}
	out := columns(schema.Names()...)
	var order []exec.SortKey
	for i := range out {
		if f := q.later[out[i].Name]; f != nil {
			_, number := f.(numberAgain)
			if !number {
				order = append(order, exec.SortKey{Column: out[i].Name})
			}
			if out[i].Expr, err = f.Expr(s, out[i].Expr); err == nil && !number {
				out[i].Expr, err = s.Cast(out[i].Expr, data.StringType)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	if len(order) > 0 {
		n = planner.NewSort(n, order, -1, 0)
	}
	return planner.NewProject(n, out...), nil
}

// key is the value of a dimension as one of its output type.
func key(d filter.Dimension, s filter.Scope) (expr.Expr, error) {
	e, err := d.Expr(s)
	if err != nil {
		return nil, err
	}
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	_, want := d.Output()
	if _, stored := e.(*expr.Col); t == data.StringArray && want.Kind == data.String && !stored {
		return expr.Of("array_to_mv", e), nil // a computed list counts as values
	}
	switch {
	case t.Kind == data.Array && want.Kind != data.Array:
		return nil, fault.At(fault.Invalidf("cannot group values of type %s as %s: ask for outputType %s", t, want, t), "outputType")
	case want.Kind == data.Array && t.Kind != data.Array && t.Kind != data.Null:
		return nil, fault.At(fault.Invalidf("cannot group values of type %s as %s: an array is wanted", t, want), "outputType")
	case t.Kind == data.String && want.Numeric():
		return expr.Of("exact_number", e, expr.String(want.String())), nil
	case t.Kind == data.Complex && t != data.JSONType && want != t:
		return nil, fault.At(fault.Invalidf("cannot group by a column of type %s", t), "outputType")
	}
	return s.Cast(e, want)
}

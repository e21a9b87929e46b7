package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// finalTexts shows sketches that the statement aggregated as the text of what
// they estimate: those of the context's sqlFinalizeOuterSketches, and tuple
// sketches always, as Druid does. Sketches that are stored, and those that
// functions make, stay what they are.
func (b *binder) finalTexts(out *result) {
	var exprs []exec.Named
	changed := false
	schema, err := out.node.Schema()
	if err != nil {
		return
	}
	for i := range out.cols {
		c := &out.cols[i]
		e := expr.Expr(expr.Column(c.id))
		if f := aggregated(out.node, c.id); f != nil && f.Final != "" && c.native.Kind == data.Complex && (b.settings.finalize || f.Name == "tuple") {
			if text, err := finalText(f, e, schema); err == nil {
				e, c.native, changed = text, data.StringType, true
			}
		}
		exprs = append(exprs, exec.Named{Name: c.id, Expr: e})
	}
	if changed {
		out.node = planner.NewProject(out.node, exprs...)
	}
}

// finalText is what a sketch estimates as text, whole numbers where the sketch
// counts in those.
func finalText(f *agg.Func, sketch expr.Expr, schema data.Schema) (expr.Expr, error) {
	e := expr.Expr(expr.Of(f.Final, sketch))
	if f.Name == "hll" {
		e = expr.Of("cast", expr.Of("round", e), expr.String("LONG"))
	}
	e = expr.Of("cast", e, expr.String("STRING"))
	_, err := expr.TypeOf(e, schema)
	return e, err
}

// aggregated is the function whose result a column of n is, untouched.
func aggregated(n planner.Node, column string) *agg.Func {
	for {
		switch x := n.(type) {
		case *planner.Filter, *planner.Sort:
			n = x.Inputs()[0]
		case *planner.Project:
			var below *expr.Col
			for _, e := range x.Exprs {
				if e.Name == column {
					below, _ = e.Expr.(*expr.Col)
				}
			}
			if below == nil {
				return nil
			}
			n, column = x.Input.V, below.Name
		case *planner.Aggregate:
			for _, c := range x.Calls {
				if c.Name == column {
					return c.Func
				}
			}
			return nil
		default:
			return nil
		}
	}
}

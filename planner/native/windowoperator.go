package native

import (
	"io"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
)

func init() { queries.Add("windowOperator", new(windowOperator)) }

// windowOperator passes rows through operators one after the other: partition,
// sort, compute over windows.
type windowOperator struct {
	common
	Signature []signatureColumn         `json:"outputSignature"`
	Leaves    []jsontype.Of[windowStep] `json:"leafOperators"`
	Operators []jsontype.Of[windowStep] `json:"operatorDefinition"`
}

// A signatureColumn is a column of the answer.
type signatureColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// A windowStep is one of the family of operators.
type windowStep interface {
	apply(w *windowRows) error
}

var windowSteps = jsontype.New[windowStep]("operator", "type")

// windowRows is rows on their way through the operators.
type windowRows struct {
	node      planner.Node
	partition []string // of which runs of equal values make the partitions
}

// window computes calls over the partitions, in the order that the rows have.
func (w *windowRows) window(order []string, calls ...exec.WindowCall) error {
	spec := exec.WindowSpec{Partition: w.partition, Given: true, Calls: calls}
	for _, c := range order {
		spec.Order = append(spec.Order, exec.SortKey{Column: c})
	}
	w.node = planner.NewWindow(w.node, spec)
	_, err := w.node.Schema()
	return err
}

// Check wants a source and operators.
func (q *windowOperator) Check() error {
	if err := q.check(false); err != nil {
		return err
	}
	q.allTime()
	for list, steps := range map[string][]jsontype.Of[windowStep]{"leafOperators": q.Leaves, "operatorDefinition": q.Operators} {
		for i, s := range steps {
			if s.V == nil {
				return fault.At(fault.Invalidf("expected an operator, got null"), index(list, i))
			}
		}
	}
	for i, c := range q.Signature {
		if c.Name == "" {
			return fault.At(missing("name", "the name of a column"), index("outputSignature", i))
		}
		if c.Type == "" {
			continue
		}
		if _, err := data.ParseType(c.Type); err != nil {
			return fault.At(err, index("outputSignature", i)+".type")
		}
	}
	return nil
}

// Plan applies the operators and gives the columns of the signature.
func (q *windowOperator) Plan(cat planner.Catalog) (planner.Node, error) {
	b, err := q.rows(cat)
	if err != nil {
		return nil, err
	}
	w := &windowRows{node: b.node}
	for i, s := range q.Leaves {
		if err := s.V.apply(w); err != nil {
			return nil, fault.At(err, index("leafOperators", i))
		}
	}
	for i, s := range q.Operators {
		if err := s.V.apply(w); err != nil {
			return nil, fault.At(err, index("operatorDefinition", i))
		}
	}
	if q.Signature == nil {
		return w.node, nil
	}
	schema, err := w.node.Schema()
	if err != nil {
		return nil, err
	}
	var out []exec.Named
	seen := map[string]bool{}
	for _, c := range q.Signature {
		if seen[c.Name] {
			continue
		}
		seen[c.Name] = true
		if schema.Index(c.Name) >= 0 {
			out = append(out, column(c.Name))
			continue
		}
		out = append(out, exec.Named{Name: c.Name, Expr: &expr.Lit{Type: data.StringType}})
	}
	return planner.NewProject(w.node, out...), nil
}

// Rows is the answer as rows.
func (q *windowOperator) Rows(cat planner.Catalog) (planner.Node, error) { return q.Plan(cat) }

// Render writes a list of values for each row.
func (q *windowOperator) Render(w io.Writer, a *Answer) error {
	var at []int
	for _, c := range q.Signature {
		at = append(at, a.Schema.Index(c.Name))
	}
	if q.Signature == nil {
		for i := range a.Schema {
			at = append(at, i)
		}
	}
	t := text{w: w, b: []byte{'['}}
	n := 0
	for b, err := range a.Rows {
		if err != nil {
			return err
		}
		for i := range b.N {
			if n++; n > 1 {
				t.b = append(t.b, ',')
			}
			t.b = append(t.b, '[')
			for c, k := range at {
				if c > 0 {
					t.b = append(t.b, ',')
				}
				t.b = jsontext.AppendValue(t.b, b.Cols[k], i)
			}
			t.b = append(t.b, ']')
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	t.b = append(t.b, ']')
	return t.end()
}

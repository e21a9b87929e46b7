package native

import (
	"fmt"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

type aggregatorJSON struct {
	Type       string `json:"type"`
	Aggregator any    `json:"aggregator,omitempty"`
	Filter     any    `json:"filter,omitempty"`
	Name       string `json:"name"`
	FieldName  string `json:"fieldName,omitempty"`
	TimeColumn string `json:"timeColumn,omitempty"`
	MaxBytes   any    `json:"maxStringBytes,omitempty"`
	Fields     []any  `json:"fields,omitempty"`
	ByRow      *bool  `json:"byRow,omitempty"`
	Round      *bool  `json:"round,omitempty"`
}

// sized are the names of aggregators by type and function.
var sized = map[string]string{"sum": "Sum", "min": "Min", "max": "Max"}

var chosenNames = map[string]string{"first": "First", "last": "Last", "any_value": "Any"}

// prefixes are how names of aggregators begin, by the type of their numbers.
var prefixes = map[data.Kind]string{data.Long: "long", data.Double: "double", data.Float: "float", data.String: "string"}

// aggregator writes an aggregate under a name.
func (m *matching) aggregator(c agg.Call, name string) any {
	out := m.unfiltered(c, name)
	if out == nil {
		m.failed = true
		return nil
	}
	if c.Filter == nil {
		return out
	}
	return &aggregatorJSON{Type: "filtered", Aggregator: out, Filter: m.filter(c.Filter), Name: name}
}

func (m *matching) unfiltered(c agg.Call, name string) *aggregatorJSON {
	f := c.Func.Name
	if f == "count" && len(c.Args) == 0 {
		return &aggregatorJSON{Type: "count", Name: name}
	}
	if len(c.Args) == 0 {
		return nil
	}
	t, err := expr.TypeOf(c.Args[0], m.schema)
	if err != nil {
		return nil
	}
	prefix := prefixes[t.Kind]
	switch {
	case sized[f] != "" && prefix != "" && prefix != "string":
		return &aggregatorJSON{Type: prefix + sized[f], Name: name, FieldName: m.field(c.Args[0])}
	case chosenNames[f] != "" && prefix != "":
		return m.chosen(c, name, prefix+chosenNames[f])
	}
	return nil
}

// chosen is the first, the last or any value.
func (m *matching) chosen(c agg.Call, name, typ string) *aggregatorJSON {
	out := &aggregatorJSON{Type: typ, Name: name, FieldName: m.field(c.Args[0])}
	for _, a := range c.Args[1:] {
		if v, _, ok := value(a); ok {
			out.MaxBytes = v
		} else {
			out.TimeColumn = m.field(a)
		}
	}
	return out
}

// expanded is a plan with what native queries have: COUNT(x) is a count of the
// rows where x is not null, AVG(x) a sum divided by a count.
func expanded(n planner.Node) (planner.Node, error) {
	return planner.Rewrite(n, func(n planner.Node) (planner.Node, error) {
		a, ok := n.(*planner.Aggregate)
		if !ok {
			return n, nil
		}
		in, err := a.Input.V.Schema()
		if err != nil {
			return nil, err
		}
		out := *a
		out.Calls = nil
		shown := columns()
		for _, k := range a.Keys {
			shown = append(shown, column(k.Name))
		}
		computed := false
		for _, c := range a.Calls {
			switch {
			case c.Func.Name == "count" && len(c.Args) == 1 && !expr.Multi(c.Args[0], in):
				out.Calls = append(out.Calls, counting(c, c.Name))
				shown = append(shown, column(c.Name))
			case c.Func.Name == "avg" && !expr.Multi(c.Args[0], in):
				sum, count := c, counting(c, c.Name+":count")
				sum.Name, sum.Func = c.Name+":sum", agg.Sum
				if sum.Args, err = asDoubles(c.Args, in); err != nil {
					return nil, err
				}
				out.Calls = append(out.Calls, sum, count)
				named := column(c.Name)
				named.Expr = quotient(sum.Name, count.Name)
				shown = append(shown, named)
				computed = true
			default:
				out.Calls = append(out.Calls, c)
				shown = append(shown, column(c.Name))
			}
		}
		if !computed {
			return &out, nil
		}
		return planner.NewProject(&out, shown...), nil
	})
}

// counting counts the rows where the argument of c is not null.
func counting(c agg.Call, name string) agg.Call {
	return agg.Call{Name: name, Func: agg.Count, Args: []expr.Expr{}, Filter: expr.And(expr.Of("notnull", c.Args[0]), c.Filter)}
}

func asDoubles(args []expr.Expr, in data.Schema) ([]expr.Expr, error) {
	t, err := expr.TypeOf(args[0], in)
	if err != nil || t == data.DoubleType {
		return args, err
	}
	return []expr.Expr{expr.Of("cast", args[0], expr.String(data.DoubleType.String()))}, nil
}

// quotient is the expression of the post-aggregator that divides.
func quotient(sum, count string) expr.Expr {
	return expr.Of(arithmetic["quotient"], expr.Column(sum), expr.Of("cast", expr.Column(count), expr.String(data.DoubleType.String())))
}

type accessJSON struct {
	Type      string `json:"type"`
	FieldName string `json:"fieldName"`
}

type postJSON struct {
	Type       string `json:"type"`
	Name       string `json:"name"`
	Fn         string `json:"fn,omitempty"`
	Fields     []any  `json:"fields,omitempty"`
	Expression string `json:"expression,omitempty"`
	OutputType string `json:"outputType,omitempty"`
}

// An answer is the names of what groups give, as the query names it.
type answer struct {
	m            *matching
	names        map[string]string // of keys and calls
	types        data.Schema       // of the groups, under the plan's names
	aggregations []any
	post         []any
	texts        map[string]string // of post-aggregators: what they compute -> name
}

// answer writes the aggregators.
func (m *matching) answer(g *grouped, dims []string, schema data.Schema) *answer {
	out := &answer{m: m, names: map[string]string{}, types: schema, texts: map[string]string{}}
	for i, k := range g.keys {
		out.names[k.Name] = dims[i]
	}
	for i, c := range g.calls {
		name := fmt.Sprintf("a%d", i)
		out.names[c.Name] = name
		if c.Func.Name != "avg" {
			if c.Func.Name == "count" && len(c.Args) == 1 {
				c = counting(c, name)
			}
			out.aggregations = append(out.aggregations, m.aggregator(c, name))
			continue
		}
		t, err := expr.TypeOf(c.Args[0], m.schema)
		m.failed = m.failed || err != nil || !t.Numeric()
		sum := any(&aggregatorJSON{Type: "doubleSum", Name: name + ":sum", FieldName: m.field(c.Args[0])})
		if c.Filter != nil {
			sum = &aggregatorJSON{Type: "filtered", Aggregator: sum, Filter: m.filter(c.Filter), Name: name + ":sum"}
		}
		out.aggregations = append(out.aggregations, sum, m.aggregator(counting(c, name), name+":count"))
		out.post = append(out.post, postJSON{Type: "arithmetic", Name: name, Fn: "quotient",
			Fields: []any{accessJSON{"fieldAccess", name + ":sum"}, accessJSON{"fieldAccess", name + ":count"}}})
	}
	return out
}

// over is a matching whose columns are those of the groups.
func (a *answer) over() *matching {
	return &matching{plain: a.m.plain, schema: a.types, names: a.names}
}

// column is the name of a column with the value of e: a key, an aggregate, or
// a post-aggregator made for it.
func (a *answer) column(e expr.Expr) string {
	if c, ok := e.(*expr.Col); ok {
		if n, ok := a.names[c.Name]; ok {
			return n
		}
	}
	m := a.over()
	text := m.expression(e)
	if n, ok := a.texts[text]; ok {
		return n
	}
	t, err := expr.TypeOf(e, a.types)
	a.m.failed = a.m.failed || m.failed || err != nil
	name := fmt.Sprintf("p%d", len(a.texts))
	a.texts[text] = name
	a.post = append(a.post, postJSON{Type: "expression", Name: name, Expression: text, OutputType: outputType(t)})
	return name
}

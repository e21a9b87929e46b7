package native

import (
	"sort"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

type filterJSON struct {
	Type       string `json:"type"`
	Field      any    `json:"field,omitempty"`
	Fields     []any  `json:"fields,omitempty"`
	Column     string `json:"column,omitempty"`
	ValueType  string `json:"matchValueType,omitempty"`
	Value      any    `json:"matchValue,omitempty"`
	Values     []any  `json:"sortedValues,omitempty"`
	Lower      any    `json:"lower,omitempty"`
	Upper      any    `json:"upper,omitempty"`
	LowerOpen  bool   `json:"lowerOpen,omitempty"`
	UpperOpen  bool   `json:"upperOpen,omitempty"`
	Expression string `json:"expression,omitempty"`
}

// filter is a condition as a filter. What no filter says is an expression.
func (m *matching) filter(cond expr.Expr) any {
	if m.plain {
		if c, ok := cond.(*expr.Call); ok {
			if f := filterForms[c.Func.Name]; f != nil {
				if out := f(m, c); out != nil {
					return out
				}
			}
		}
	}
	return &filterJSON{Type: "expression", Expression: m.expression(cond)}
}

// filterForms are the functions that filters stand for; nil: not with these
// arguments.
var filterForms map[string]func(*matching, *expr.Call) any

func init() {
	filterForms = map[string]func(*matching, *expr.Call) any{
		"and": (*matching).allOf, "or": (*matching).anyOf,
		"not": func(m *matching, c *expr.Call) any {
			return &filterJSON{Type: "not", Field: m.filter(c.Args[0])}
		},
		"isnull": func(m *matching, c *expr.Call) any {
			return &filterJSON{Type: "null", Column: m.field(c.Args[0])}
		},
		"notnull": func(m *matching, c *expr.Call) any {
			return &filterJSON{Type: "not", Field: &filterJSON{Type: "null", Column: m.field(c.Args[0])}}
		},
		"equals": (*matching).compared, "notequals": (*matching).unequal, "in": (*matching).listed, "like": (*matching).liked,
		"less": (*matching).compared, "lessequal": (*matching).compared, "greater": (*matching).compared, "greaterequal": (*matching).compared,
		"some": func(m *matching, c *expr.Call) any {
			if f, ok := m.filter(c.Args[0]).(*filterJSON); ok && f.Type == "expression" {
				return nil
			} else if ok {
				return f
			}
			return nil
		},
	}
}

// value is a literal as JSON and its type; ok is false for null and for
// values that have no form.
func value(e expr.Expr) (v any, typ string, ok bool) {
	l, ok := e.(*expr.Lit)
	if !ok || l.Value == nil {
		return nil, "", false
	}
	switch l.Type.Kind {
	case data.String, data.Long, data.Double, data.Float:
		return l.Value, l.Type.String(), true
	}
	return nil, "", false
}

func (m *matching) compared(c *expr.Call) any {
	left, op, right := c.Args[0], c.Func.Name, c.Args[1]
	if _, lit := left.(*expr.Lit); lit {
		left, right, op = right, left, flipped[op]
	}
	v, typ, ok := value(right)
	if !ok {
		return nil
	}
	out := &filterJSON{Type: "range", Column: m.field(left), ValueType: typ}
	switch op {
	case "equals":
		out.Type, out.Value = "equals", v
	case "less", "lessequal":
		out.Upper, out.UpperOpen = v, op == "less"
	default:
		out.Lower, out.LowerOpen = v, op == "greater"
	}
	return out
}

var flipped = map[string]string{"equals": "equals", "less": "greater", "lessequal": "greaterequal", "greater": "less", "greaterequal": "lessequal"}

func (m *matching) unequal(c *expr.Call) any {
	v, typ, ok := value(c.Args[1])
	if !ok {
		return nil
	}
	return &filterJSON{Type: "not", Field: &filterJSON{Type: "equals", Column: m.field(c.Args[0]), ValueType: typ, Value: v}}
}

// listed is IN. The values are sorted.
func (m *matching) listed(c *expr.Call) any {
	l, ok := c.Args[1].(*expr.Lit)
	list, isList := any(nil), false
	if ok {
		list, isList = l.Value, l.Type.Kind == data.Array
	}
	values, _ := list.([]any)
	if !isList || len(c.Args) != 2 || len(values) == 0 {
		return nil
	}
	out := &filterJSON{Type: "inType", Column: m.field(c.Args[0]), ValueType: l.Type.Element().String()}
	for _, v := range values {
		if v == nil {
			return nil
		}
		out.Values = append(out.Values, v)
	}
	sort.SliceStable(out.Values, func(i, j int) bool { return before(out.Values[i], out.Values[j]) })
	return out
}

func before(a, b any) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a < b
	case int64:
		b, ok := b.(int64)
		return ok && a < b
	case float64:
		b, ok := b.(float64)
		return ok && a < b
	}
	return false
}

type likeJSON struct {
	Type       string  `json:"type"`
	Dimension  string  `json:"dimension"`
	Pattern    string  `json:"pattern"`
	Escape     *string `json:"escape"`
	Extraction any     `json:"extractionFn"`
}

func (m *matching) liked(c *expr.Call) any {
	var texts []string
	for _, a := range c.Args[1:] {
		v, _, ok := value(a)
		text, isText := v.(string)
		if !ok || !isText {
			return nil
		}
		texts = append(texts, text)
	}
	out := &likeJSON{Type: "like", Dimension: m.field(c.Args[0]), Pattern: texts[0]}
	if len(texts) > 1 {
		out.Escape = &texts[1]
	}
	return out
}

func (m *matching) anyOf(c *expr.Call) any {
	out := &filterJSON{Type: "or"}
	for _, a := range c.Args {
		out.Fields = append(out.Fields, m.filter(a))
	}
	return out
}

// allOf is AND; two bounds of one column are one range.
func (m *matching) allOf(c *expr.Call) any {
	var fields []any
	for _, a := range expr.Conjuncts(c) {
		next := m.filter(a)
		if len(fields) > 0 {
			last, _ := fields[len(fields)-1].(*filterJSON)
			if f, _ := next.(*filterJSON); last != nil && f != nil && last.joined(f) {
				continue
			}
		}
		fields = append(fields, next)
	}
	if len(fields) == 1 {
		return fields[0]
	}
	return &filterJSON{Type: "and", Fields: fields}
}

// joined adds the bound of o to f, if both are ranges of one column of which
// each has one end.
func (f *filterJSON) joined(o *filterJSON) bool {
	if f.Type != "range" || o.Type != "range" || f.Column != o.Column || f.ValueType != o.ValueType || f.Lower == nil || o.Upper == nil || f.Upper != nil || o.Lower != nil {
		return false
	}
	f.Upper, f.UpperOpen = o.Upper, o.UpperOpen
	return true
}

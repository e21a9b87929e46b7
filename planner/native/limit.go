package native

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// limitSpec orders the rows of a groupBy and keeps some of them. A spec whose
// type is not "default" does nothing.
type limitSpec struct {
	Limit   *int64        `json:"limit"`
	Offset  int64         `json:"offset"`
	Columns []orderColumn `json:"columns"`
	given   bool          // a spec that does something
}

// UnmarshalJSON reads a spec.
func (l *limitSpec) UnmarshalJSON(raw []byte) error {
	var head struct {
		Type string `json:"type"`
	}
	if raw[0] != '{' || json.Unmarshal(raw, &head) != nil {
		return fault.Invalidf("expected an object such as {\"type\":\"default\",\"limit\":10}, got %.60s", raw)
	}
	if head.Type != "default" {
		return nil
	}
	l.given = true
	type plain limitSpec
	if err := jsontype.Decode("", raw, (*plain)(l)); err != nil {
		return err
	}
	switch {
	case l.Limit != nil && *l.Limit <= 0:
		return fault.At(fault.Invalidf("expected a number of rows above 0, got %d", *l.Limit), "limit")
	case l.Offset < 0:
		return fault.At(fault.Invalidf("expected a number of rows that is not negative, got %d", l.Offset), "offset")
	}
	return nil
}

// limit is the number of rows to keep; -1: all.
func (l *limitSpec) limit() int64 {
	if l.Limit == nil {
		return -1
	}
	return *l.Limit
}

// orderColumn is a column to order by: its name, or an object.
type orderColumn struct {
	Dimension string  `json:"dimension"`
	Direction string  `json:"direction"`
	Order     ordered `json:"dimensionOrder"`
}

// UnmarshalJSON reads a name or an object.
func (c *orderColumn) UnmarshalJSON(raw []byte) error {
	type plain orderColumn
	var err error
	if raw[0] == '"' {
		err = json.Unmarshal(raw, &c.Dimension)
	} else {
		err = jsontype.Decode("", raw, (*plain)(c))
	}
	if err != nil {
		return err
	}
	if c.Dimension == "" {
		return missing("dimension", "the name of a column of the answer")
	}
	for _, known := range []string{"ascending", "descending"} {
		if strings.HasPrefix(known, strings.ToLower(c.Direction)) {
			c.Direction = known
			return nil
		}
	}
	return fault.At(fault.Invalidf("expected ascending or descending, got %q", c.Direction), "direction")
}

// ordered is the name of an order: a string, or an object whose type it is.
type ordered string

// UnmarshalJSON reads a name or an object.
func (o *ordered) UnmarshalJSON(raw []byte) error {
	name, form := "", struct {
		Type string `json:"type"`
	}{}
	switch {
	case raw[0] == '"' && json.Unmarshal(raw, &name) == nil:
	case raw[0] == '{' && json.Unmarshal(raw, &form) == nil:
		name = form.Type
	default:
		return fault.Invalidf("expected the name of an order, got %.60s", raw)
	}
	known := append(fn.OrderNames(), "natural")
	if name = strings.ToLower(name); name != "" && !slices.Contains(known, name) {
		return fault.Invalidf("unknown order %q%s; known: %s", name, fault.Suggest(name, known), strings.Join(known, ", "))
	}
	*o = ordered(name)
	return nil
}

// or is the name, or fallback where none was given.
func (o ordered) or(fallback string) string {
	if o == "" {
		return fallback
	}
	return string(o)
}

// orderings are the keys of the spec over the columns of a groupBy's answer.
func (q *groupBy) orderings() ([]ordering, error) {
	var out []ordering
	for i, c := range q.Limit.Columns {
		keys, err := q.ordering(&c)
		if err != nil {
			return nil, fault.At(fault.At(err, index("columns", i)), "limitSpec")
		}
		for _, k := range keys {
			k.desc = c.Direction == "descending"
			out = append(out, k)
		}
	}
	return out, nil
}

// ordering is the keys for one column: dimensions sort in the order that is
// asked for, as strings unless another is named; what is computed sorts as
// what it is.
func (q *groupBy) ordering(c *orderColumn) ([]ordering, error) {
	for _, d := range q.Dimensions {
		if name, t := d.V.Output(); name == c.Dimension {
			if c.Order == "natural" && t.Kind == data.String {
				return nil, fault.At(fault.Invalidf("strings have no natural order; known: %s", strings.Join(fn.OrderNames(), ", ")), "dimensionOrder")
			}
			return []ordering{{by: inOrder(c.Order.or("lexicographic"), expr.Column(name), t)}}, nil
		}
	}
	for _, p := range q.Post {
		if p.V.OutputName() != c.Dimension {
			continue
		}
		by := expr.Column(c.Dimension)
		if o, ok := p.V.(interface{ ordering() string }); ok && o.ordering() == "numericFirst" {
			return []ordering{{by: expr.Of("is_finite", by)}, {by: by}}, nil
		}
		return []ordering{{by: by}}, nil
	}
	names := q.names()
	if !slices.Contains(names, c.Dimension) {
		return nil, fault.At(fault.Invalidf("the answer has no column %q%s", c.Dimension, fault.Suggest(c.Dimension, names)), "dimension")
	}
	return []ordering{{by: q.value(c.Dimension)}}, nil
}

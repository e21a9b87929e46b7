package ingest

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/server/ingest/format"
)

// auto is a dimension whose type is found out when all is read, or is
// COMPLEX<json>, or a type that the spec asks for.
type auto struct {
	mixed
	want data.Type // NULL: to be found out
}

func (c *auto) join(parts []column) *data.Vec {
	under := make([]column, len(parts))
	for i, p := range parts {
		under[i] = &p.(*auto).mixed
	}
	text, cells := c.cells(under)
	t := c.want
	if t.Kind == data.Null {
		t = autoType(text, cells)
	}
	switch {
	case t.Kind == data.Null:
		return data.Nulls(nil, t, len(cells.Tags))
	case t == data.JSONType:
		return jsonCells(text, cells)
	case t.Kind == data.Array:
		return arrayCells(text, cells, t)
	}
	return cellVec(text, cells, t)
}

// autoType is the least restrictive type of the cells: NULL if all are null,
// arrays if some are, COMPLEX<json> once there is an object, or a list that
// holds one.
func autoType(text []byte, c *format.Column) data.Type {
	t, array := data.NullType, false
	for i, tag := range c.Tags {
		cell := text[c.Lo[i]:c.Hi[i]]
		one := data.NullType
		switch tag {
		case format.Object:
			return data.JSONType
		case format.List:
			e, ok := elementType(cell)
			if !ok {
				return data.JSONType
			}
			array, one = true, e
		default:
			one = scalarType(tag, cell)
		}
		t = data.Merge(t, one)
	}
	if array {
		if t.Kind == data.Null {
			t = data.LongType // nothing but empty lists
		}
		return data.ArrayOf(t)
	}
	return t
}

func scalarType(tag format.Tag, cell []byte) data.Type {
	switch tag {
	case format.Text:
		return data.StringType
	case format.Decimal:
		return data.DoubleType
	case format.Integer:
		if _, ok := parseLong(cell); !ok {
			return data.DoubleType
		}
		return data.LongType
	case format.True, format.False:
		return data.LongType
	}
	return data.NullType
}

// elementType is the type that holds all elements of a list; it is false where
// some are objects or lists.
func elementType(list []byte) (t data.Type, ok bool) {
	t, ok = data.NullType, true
	format.Each(list, func(_ string, _ int, v format.Value) {
		ok = ok && v.Tag != format.Object && v.Tag != format.List
		t = data.Merge(t, scalarType(v.Tag, v.Raw))
	})
	return t, ok
}

// arrayCells is cells as arrays; scalars are lists of one.
func arrayCells(text []byte, c *format.Column, t data.Type) *data.Vec {
	b := data.NewBuilder(t)
	for i, tag := range c.Tags {
		cell := text[c.Lo[i]:c.Hi[i]]
		switch tag {
		case format.Null:
			b.Null()
		case format.List:
			b.Append(arrayValue(cell, t.Element()))
		default:
			b.Append([]any{scalarValue(tag, cell, t.Element())})
		}
	}
	return b.Vec()
}

func arrayValue(list []byte, e data.Type) []any {
	out := []any{}
	format.Each(list, func(_ string, _ int, v format.Value) { out = append(out, scalarValue(v.Tag, v.Text(), e)) })
	return out
}

// scalarValue is a cell as a value of type t, as data.Builder takes it; nil
// where it is none.
func scalarValue(tag format.Tag, cell []byte, t data.Type) any {
	if tag == format.Null {
		return nil
	}
	if t.Kind == data.String {
		if f, ok := parseDouble(cell); ok && tag == format.Decimal {
			return string(expr.AppendDouble(nil, f))
		}
		return string(cell)
	}
	var f float64
	ok := false
	switch tag {
	case format.True, format.False:
		f, ok = float64(boolInt(tag == format.True)), true
	case format.Text, format.Integer:
		if x, long := parseLong(cell); long && t.Kind == data.Long {
			return x
		}
		f, ok = parseDouble(cell)
		ok = ok && t.Kind != data.Long
	case format.Decimal:
		f, ok = parseDouble(cell)
	}
	if !ok {
		return nil
	}
	return f // the builder makes a LONG of it where that is the type
}

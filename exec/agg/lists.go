package agg

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The aggregates that make lists: of values, of the elements of arrays, or of
// texts joined to one. They keep the order of rows; their DISTINCT forms sort,
// nulls first. Of nothing they are null. The last argument bounds the bytes of
// a list.
var (
	ArrayAgg = listAgg(listKind{}, "array_agg", "ARRAY_AGG",
		"An array of all values, nulls too.")
	ArrayAggDistinct = listAgg(listKind{distinct: true}, "array_agg_distinct", "ARRAY_AGG_DISTINCT",
		"A sorted array of the distinct values, null too.")
	ArrayConcatAgg = listAgg(listKind{concat: true}, "array_concat_agg", "ARRAY_CONCAT_AGG",
		"All arrays as one.")
	ArrayConcatAggDistinct = listAgg(listKind{concat: true, distinct: true}, "array_concat_agg_distinct", "ARRAY_CONCAT_AGG_DISTINCT",
		"A sorted array of the distinct elements of all arrays.")
	StringAgg = listAgg(listKind{join: true}, "string_agg", "STRING_AGG",
		"The values that are not null, with a separator between them.", "LISTAGG")
	StringAggDistinct = listAgg(listKind{join: true, distinct: true}, "string_agg_distinct", "STRING_AGG_DISTINCT",
		"The distinct values that are not null, sorted, with a separator between them.", "LISTAGG_DISTINCT")
)

type listKind struct{ concat, join, distinct bool }

func listAgg(k listKind, name, sql, doc string, more ...string) *Func {
	f := &Func{
		Name: name, SQL: []SQL{{Name: sql}}, Doc: doc, Min: 1, Max: 2, Inputs: 1,
		Type: k.typeOf, KeepNulls: !k.join, Ordered: !k.distinct,
		States: func(args []data.Type) []data.Type {
			if k.distinct {
				return []data.Type{setType(k.element(args[0])), data.LongType}
			}
			return []data.Type{data.ArrayOf(k.element(args[0])), data.LongArray}
		},
		New: k.accumulator,
	}
	if k.join {
		f.Min, f.Max = 2, 3
	}
	for _, n := range more {
		f.SQL = append(f.SQL, SQL{Name: n})
	}
	return Register(f)
}

// element is the type of what is collected of values of a type.
func (k listKind) element(t data.Type) data.Type {
	switch {
	case k.join || t.Kind == data.Null:
		return data.StringType
	case k.concat:
		return t.Element()
	case t.Kind == data.Array || t.Kind == data.Complex:
		return data.StringType // JSON
	case t.Kind == data.Bool:
		return data.LongType
	}
	return t
}

func (k listKind) typeOf(args []data.Type) (data.Type, error) {
	switch {
	case k.join && args[0].Kind >= data.Array:
		return data.Type{}, fault.Invalidf("expected strings, got %s", args[0])
	case k.join:
		return data.StringType, nil
	case k.nested(args[0]):
		return data.JSONType, nil
	}
	return data.ArrayOf(k.element(args[0])), nil
}

// nested says that the values are arrays, or JSON, which arrays here cannot
// hold: the result is JSON.
func (k listKind) nested(t data.Type) bool {
	return !k.concat && !k.join && (t.Kind == data.Array || t.Kind == data.Complex)
}

func (k listKind) accumulator(b *Binding) (Accumulator, error) {
	l := listOf{kind: k, from: b.Types[0], elem: k.element(b.Types[0]), result: b.Type}
	limit, err := 0, error(nil)
	if k.join {
		if l.separator, err = Param(b, 0, ""); err != nil {
			return nil, err
		}
		limit = 1
	}
	if l.limit, err = Param(b, limit, int64(0)); err != nil {
		return nil, err
	}
	if l.limit < 0 {
		return nil, fault.Invalidf("the size of a list must be above 0, got %d", l.limit)
	}
	if k.distinct {
		return &distinctList{listOf: l, set: newPairSet(l.elem)}, nil
	}
	return &orderedList{listOf: l}, nil
}

// listOf is what the accumulators of lists have in common.
type listOf struct {
	kind       listKind
	from, elem data.Type
	result     data.Type
	separator  string
	limit      int64 // bytes; 0: any
	seen       vec.Seen
}

// values is the rows of a batch as what is collected: a row an element, with
// groups and the rows that they come from.
func (l *listOf) values(s *data.Scratch, g vec.Groups, v *data.Vec) (out vec.Groups, elems *data.Vec, rows []uint32) {
	v = v.Flat(s)
	rows = data.Make[uint32](s, g.Rows)[:0]
	switch {
	case v.Elem != nil && (l.kind.concat || v.Multi()):
		out = vec.Groups{}
		var pick []uint32
		for i := range g.Rows {
			if v.Null(i) {
				continue
			}
			for lo, hi := v.List(i); lo < hi; lo++ {
				if l.kind.join && v.Elem.Null(lo) {
					continue
				}
				out.IDs = append(out.IDs, at(g, i))
				rows = append(rows, uint32(i))
				pick = append(pick, uint32(lo))
			}
		}
		elems = v.Elem.Take(s, pick)
	case l.kind.nested(l.from):
		b := data.NewBuilder(data.StringType)
		for i := range g.Rows {
			if x := expr.Boxed(v, i); x == nil {
				b.Null()
			} else {
				b.String(string(expr.AppendJSON(nil, x)))
			}
		}
		elems = b.Vec()
		fallthrough
	default:
		if elems == nil {
			elems = v
		}
		out.IDs = data.Make[uint32](s, g.Rows)
		for i := range out.IDs {
			out.IDs[i] = at(g, i)
			rows = append(rows, uint32(i))
		}
		if l.kind.concat && (v.Type.Kind == data.Array || v.Type.Kind == data.Null) { // null arrays have no elements
			out.IDs, rows, elems = nil, nil, data.Nulls(s, l.elem, 0)
		}
	}
	out.Rows = len(out.IDs)
	if elems.Type != l.elem && elems.Elem == nil {
		elems = expr.Convert(s, elems, l.elem)
	}
	return out, elems, rows
}

// finish makes the results of one list a group; groups that saw no row are
// null.
func (l *listOf) finish(lists *data.Vec) (*data.Vec, error) {
	if l.limit > 0 {
		if err := l.check(lists); err != nil {
			return nil, err
		}
	}
	if l.result.Kind == data.Array {
		markUnseen(lists, &l.seen)
		return lists, nil
	}
	out := data.NewBuilder(l.result)
	for i := range lists.N {
		lo, hi := lists.List(i)
		switch {
		case !l.seen.Has(i), l.kind.join && lo == hi:
			out.Null()
		case l.kind.join:
			var text []byte
			for j := lo; j < hi; j++ {
				if j > lo {
					text = append(text, l.separator...)
				}
				text = append(text, lists.Elem.Str(j)...)
			}
			out.String(string(text))
		default:
			text := []byte{'['}
			for j := lo; j < hi; j++ {
				if j > lo {
					text = append(text, ',')
				}
				if lists.Elem.Null(j) {
					text = append(text, "null"...)
				}
				text = append(text, lists.Elem.Str(j)...)
			}
			out.String(string(append(text, ']')))
		}
	}
	return out.Vec(), nil
}

// check refuses lists that are larger than the query allows.
func (l *listOf) check(lists *data.Vec) error {
	for i := range lists.N {
		size := int64(0)
		for lo, hi := lists.List(i); lo < hi; lo++ {
			if l.elem.Kind == data.String {
				size += int64(len(lists.Elem.Str(lo)))
			} else {
				size += 8
			}
		}
		if size > l.limit {
			return fault.New(fault.Limit, "a list of %d bytes is larger than the %d that the query allows; raise the last argument", size, l.limit)
		}
	}
	return nil
}

package agg

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// Cardinality counts the distinct values of all its arguments together, and
// CardinalityByRow their distinct combinations, by Druid's own collector;
// ApproxCount gives the estimate for one argument at once.
var (
	Cardinality = Register(&Func{
		Name: "cardinality", Min: 1, Max: -1, Type: uniqueType, States: uniqueStates, KeepNulls: true, Final: "hyper_unique_estimate",
		Doc: "A hyperUnique collector of the values of all arguments.",
		New: func(b *Binding) (Accumulator, error) { return newCardinality(b, false), nil },
	})
	CardinalityByRow = Register(&Func{
		Name: "cardinality_by_row", Min: 1, Max: -1, Type: uniqueType, States: uniqueStates, KeepNulls: true, Final: "hyper_unique_estimate",
		Doc: "A hyperUnique collector of the combinations of the arguments' values.",
		New: func(b *Binding) (Accumulator, error) { return &uniqueRows{sketches: newUnique(false)}, nil },
	})
	ApproxCount = Register(&Func{
		Name: "approx_count_distinct", Min: 1, Max: 1, States: uniqueStates, KeepNulls: true,
		SQL: []SQL{{Name: "APPROX_COUNT_DISTINCT"}, {Name: "APPROX_COUNT_DISTINCT_BUILTIN"}},
		Doc: "About the number of distinct values, by a hyperUnique collector.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := uniqueType(args)
			return data.LongType, err
		},
		New: func(b *Binding) (Accumulator, error) { return newCardinality(b, true), nil },
	})
	HyperUnique = Register(&Func{
		Name: "hyper_unique", Min: 1, Max: 1, States: uniqueStates, Final: "hyper_unique_estimate",
		Doc:  "The union of hyperUnique collectors; null of none.",
		Type: func([]data.Type) (data.Type, error) { return data.ComplexOf(uniqueName), nil },
		New: func(b *Binding) (Accumulator, error) {
			all := newUnique(false)
			all.kind.result = data.ComplexOf(uniqueName)
			all.kind.finish = func(h *sketch.HyperUnique) (any, error) {
				if h == nil {
					return nil, nil
				}
				return h.Bytes(), nil
			}
			if isSketch(b.Types[0], uniqueNames...) {
				return &images[sketch.HyperUnique]{all}, nil
			}
			return &nothing[sketch.HyperUnique]{all}, nil
		},
	})
)

const uniqueName = "hyperUnique"

var uniqueNames = []string{uniqueName, "preComputedHyperUnique"}

func uniqueType(args []data.Type) (data.Type, error) {
	for _, t := range args {
		if t.Kind == data.Complex && !isSketch(t, uniqueNames...) {
			return t, fault.Invalidf("values of type %s cannot be counted", t)
		}
	}
	return data.ComplexOf(uniqueName), nil
}

func uniqueStates([]data.Type) []data.Type { return []data.Type{data.ComplexOf(uniqueName)} }

func newUnique(count bool) sketches[sketch.HyperUnique] {
	kind := &sketchKind[sketch.HyperUnique]{
		name: uniqueName,
		new:  sketch.NewHyperUnique,
		size: (*sketch.HyperUnique).Size, image: (*sketch.HyperUnique).Bytes,
		merge: func(into *sketch.HyperUnique, image []byte) error {
			h, err := sketch.ReadHyperUnique(image)
			if err == nil {
				into.Merge(h)
			}
			return err
		},
	}
	if count {
		kind.result = data.LongType
		kind.finish = func(h *sketch.HyperUnique) (any, error) {
			if h == nil {
				return int64(0), nil
			}
			return roundCount(h.Estimate()), nil
		}
	}
	return sketches[sketch.HyperUnique]{kind: kind}
}

// unique takes several columns of values into one sketch a group.
type unique struct {
	hashed[sketch.HyperUnique]
}

func newCardinality(b *Binding, count bool) Accumulator {
	all := newUnique(count)
	if isSketch(b.Types[0], uniqueNames...) {
		return &images[sketch.HyperUnique]{all}
	}
	return &unique{hashed[sketch.HyperUnique]{all, hashes{
		text: sketch.UniqueUTF16, long: sketch.UniqueLong, double: sketch.UniqueDouble, float: sketch.UniqueFloat,
	}, (*sketch.HyperUnique).UpdateHash}}
}

func (a *unique) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	for _, v := range args {
		part := g
		if v.HasNulls() && !v.Multi() {
			part, v = notNull(s, g, v)
		}
		if err := a.hashed.Update(s, part, []*data.Vec{v}); err != nil {
			return err
		}
	}
	return nil
}

// notNull leaves the rows of v that are not null.
func notNull(s *data.Scratch, g vec.Groups, v *data.Vec) (vec.Groups, *data.Vec) {
	keep := data.Make[uint32](s, g.Rows)[:0]
	var ids []uint32
	if g.IDs != nil {
		ids = data.Make[uint32](s, g.Rows)[:0]
	}
	for i := range g.Rows {
		if !v.Null(i) {
			keep = append(keep, uint32(i))
			if g.IDs != nil {
				ids = append(ids, g.IDs[i])
			}
		}
	}
	g.Rows, g.IDs, g.All = len(keep), ids, false
	if g.Rows == 0 {
		g.IDs = nil
	}
	return g, v.Take(s, keep)
}

// uniqueRows hashes the columns of a row together.
type uniqueRows struct {
	sketches[sketch.HyperUnique]
	row sketch.RowHash
}

func (a *uniqueRows) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	for i := range g.Rows {
		a.row.Start()
		for _, v := range args {
			a.row.Field()
			a.field(v, i)
		}
		a.cell(at(g, i)).UpdateHash(a.row.Hash())
	}
	return nil
}

func (a *uniqueRows) field(v *data.Vec, i int) {
	switch {
	case v.Null(i):
	case v.Multi():
		lo, hi := v.List(i)
		words := make([]*string, 0, hi-lo)
		for ; lo < hi; lo++ {
			if v.Elem.Null(lo) {
				words = append(words, nil)
				continue
			}
			w := v.Elem.Str(lo)
			words = append(words, &w)
		}
		a.row.Strings(words)
	case v.Type.Integral():
		a.row.Long(v.Long(i))
	case v.Type.Kind == data.Float:
		a.row.Float(float32(v.Double(i)))
	case v.Type.Numeric():
		a.row.Double(v.Double(i))
	case v.Type.Kind == data.String:
		a.row.String(v.Str(i))
	default:
		a.row.String(string(expr.AppendJSON(nil, v.Value(i))))
	}
}

func init() {
	natives.Add("cardinality", new(cardinalityNative))
	natives.Add("hyperUnique", &hyperUniqueNative{fieldNative{ShouldFinalize: true}})
}

type cardinalityNative struct {
	Name       string                          `json:"name"`
	Fields     []jsontype.Of[filter.Dimension] `json:"fields"`
	FieldNames []jsontype.Of[filter.Dimension] `json:"fieldNames"` // old name of fields
	ByRow      bool                            `json:"byRow"`
	Round      bool                            `json:"round"`
}

// Check wants fields.
func (n *cardinalityNative) Check() error {
	if n.Fields == nil {
		n.Fields = n.FieldNames
	}
	if len(n.Fields) == 0 {
		return fault.At(fault.Invalidf("missing: at least one field is required"), "fields")
	}
	for _, f := range n.Fields {
		if f.V == nil {
			return fault.At(fault.Invalidf("null is no field"), "fields")
		}
	}
	return needName(n.Name)
}

// OutputName is the name.
func (n *cardinalityNative) OutputName() string { return n.Name }

// Call is cardinality of the fields.
func (n *cardinalityNative) Call(s Scope) (Call, error) {
	c := Call{Name: n.Name, Func: Cardinality}
	if n.ByRow {
		c.Func = CardinalityByRow
	}
	for _, f := range n.Fields {
		e, err := f.V.Expr(s)
		if err != nil {
			return c, fault.At(err, "fields")
		}
		c.Args = append(c.Args, e)
	}
	return c, nil
}

// Shown is the estimate.
func (n *cardinalityNative) Shown(f *Func, result expr.Expr) expr.Expr {
	return (&fieldNative{Round: n.Round, ShouldFinalize: true}).shown(f.Final, result)
}

type hyperUniqueNative struct{ fieldNative }

// Check wants a name and a field.
func (n *hyperUniqueNative) Check() error { return n.check() }

// Call is hyper_unique of the field.
func (n *hyperUniqueNative) Call(s Scope) (Call, error) {
	return Call{Name: n.Name, Func: HyperUnique, Args: []expr.Expr{s.Column(n.FieldName)}}, nil
}

// Shown is the estimate.
func (n *hyperUniqueNative) Shown(f *Func, result expr.Expr) expr.Expr {
	return n.shown(f.Final, result)
}

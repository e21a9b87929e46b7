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

// BloomFilter makes bloom filters of values, null included, or merges them.
// Parameter: the number of values that it is made for (1500).
var BloomFilter = Register(&Func{
	Name: "bloom_filter", SQL: []SQL{{Name: "BLOOM_FILTER"}}, Min: 1, Max: 2, Inputs: 1, KeepNulls: true,
	Doc:    "A bloom filter of the values, for so many distinct ones (argument 2: 1500), or the union of such filters.",
	Type:   sketchType(bloomName, bloomName),
	States: func([]data.Type) []data.Type { return []data.Type{data.ComplexOf(bloomName)} },
	New:    newBloom,
})

const (
	bloomName = "bloom"
	bloomSize = 1500
)

func newBloom(b *Binding) (Accumulator, error) {
	size, err := Param(b, 0, int64(bloomSize))
	if err != nil {
		return nil, err
	}
	if _, err := sketch.NewBloom(int(size)); err != nil {
		return nil, err
	}
	all := sketches[sketch.Bloom]{kind: &sketchKind[sketch.Bloom]{
		name: bloomName,
		new: func() *sketch.Bloom {
			s, _ := sketch.NewBloom(int(size))
			return s
		},
		size: (*sketch.Bloom).Size, image: (*sketch.Bloom).Bytes,
		merge: func(into *sketch.Bloom, image []byte) error {
			s, err := sketch.ReadBloom(image)
			if err != nil {
				return err
			}
			return into.Merge(s)
		},
	}}
	if b.Types[0].Kind == data.Complex {
		return &images[sketch.Bloom]{all}, nil
	}
	return &blooms{hashed[sketch.Bloom]{all, hashes{
		text: sketch.BloomText, long: sketch.BloomLong, double: sketch.BloomDouble, float: sketch.BloomFloat,
	}, (*sketch.Bloom).UpdateHash}}, nil
}

// blooms counts null as a value, and a row without values as null.
type blooms struct{ hashed[sketch.Bloom] }

func (a *blooms) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	v := args[0]
	if v.Multi() {
		a.noValues(g, v)
		return a.hashed.Update(s, g, args)
	}
	if v.HasNulls() {
		for i := range g.Rows {
			if v.Null(i) {
				a.cell(at(g, i)).UpdateHash(sketch.BloomNull())
			}
		}
		g, v = notNull(s, g, v)
	}
	return a.hashed.Update(s, g, []*data.Vec{v})
}

// noValues adds null for the rows of a multi-value that have one, or nothing.
func (a *blooms) noValues(g vec.Groups, v *data.Vec) {
	for i := range g.Rows {
		lo, hi := v.List(i)
		null := v.Null(i) || lo == hi
		for ; lo < hi && !null; lo++ {
			null = v.Elem.Null(lo)
		}
		if null {
			a.cell(at(g, i)).UpdateHash(sketch.BloomNull())
		}
	}
}

func init() { natives.Add(bloomName, &bloomNative{Entries: bloomSize}) }

type bloomNative struct {
	Name    string                        `json:"name"`
	Field   jsontype.Of[filter.Dimension] `json:"field"`
	Entries int64                         `json:"maxNumEntries"`
}

// Check wants a field, and a size that makes a filter.
func (n *bloomNative) Check() error {
	if _, err := sketch.NewBloom(int(n.Entries)); err != nil {
		return fault.At(err, "maxNumEntries")
	}
	if n.Field.V == nil {
		return fault.At(fault.Invalidf("missing: a dimension is required"), "field")
	}
	return needName(n.Name)
}

// OutputName is the name.
func (n *bloomNative) OutputName() string { return n.Name }

// Call is bloom_filter of the field. It is shown as it is.
func (n *bloomNative) Call(s Scope) (Call, error) {
	e, err := n.Field.V.Expr(s)
	if err != nil {
		return Call{}, fault.At(err, "field")
	}
	return Call{Name: n.Name, Func: BloomFilter, Args: append([]expr.Expr{e}, settings(setting{n.Entries, int64(bloomSize)})...)}, nil
}

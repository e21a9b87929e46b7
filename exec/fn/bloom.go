package fn

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

var bloomFamily = family{"bloom"}

// BloomTest looks values up in a bloom filter. A null that is not in it is
// neither in nor out.
var BloomTest = expr.Register(&expr.Func{
	Name: "bloom_filter_test", SQL: []expr.SQL{{Name: "BLOOM_FILTER_TEST", Returns: "BOOLEAN"}}, Min: 2, Max: 2,
	Doc: "Whether a value may be among those of a bloom filter, a literal in base64.",
	Type: func(args []data.Type) (data.Type, error) {
		if k := args[0].Kind; k == data.Array || k == data.Complex {
			return data.Type{}, fault.Invalidf("expected a string or a number, got %s", args[0])
		}
		return data.BoolType, bloomFamily.check(args, 1)
	},
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		text, err := b.Text(1, "the bloom filter", "")
		if err != nil {
			return nil, err
		}
		image, err := imageOf(text)
		if err != nil {
			return nil, err
		}
		set, err := sketch.ReadBloom(image)
		if err != nil {
			return nil, err
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			return bloomTest(s, set, args[0], n), nil
		}, nil
	},
})

func bloomTest(s *data.Scratch, set *sketch.Bloom, v *data.Vec, n int) *data.Vec {
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.MakeZero[uint8](s, n)
	null, hash := set.Has(sketch.BloomNull()), bloomHashes(v)
	for i := range n {
		switch {
		case v.Null(i) && !null:
			out.SetNull(s, i)
		case v.Null(i) || set.Has(hash(i)):
			out.U8[i] = 1
		}
	}
	return out
}

// bloomHashes hashes rows of v by its type.
func bloomHashes(v *data.Vec) func(i int) sketch.Hash {
	switch {
	case v.Type.Integral():
		return func(i int) sketch.Hash { return sketch.BloomLong(v.Long(i)) }
	case v.Type.Kind == data.Float:
		return func(i int) sketch.Hash { return sketch.BloomFloat(float32(v.Double(i))) }
	case v.Type.Numeric():
		return func(i int) sketch.Hash { return sketch.BloomDouble(v.Double(i)) }
	}
	return func(i int) sketch.Hash { return sketch.BloomText(v.Str(i)) }
}

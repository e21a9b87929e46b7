package sql

import (
	"math"

	"github.com/ovatedb/ovate/sql/parse"
)

// A reading says as what an aggregate reads some of its arguments: those of
// types that of names become values of type as.
type reading struct {
	from, to int
	of       func(Type) bool
	as       Kind
}

func isFloat(t Type) bool { return t.Kind == Float }

// readings are by the name of the aggregate. Elements of arrays are DOUBLEs.
var readings = map[string]reading{
	"ARRAY_AGG":                     {0, 0, isFloat, Double},
	"STRING_AGG":                    {1, 1, Type.numeric, Varchar},
	"LISTAGG":                       {1, 1, Type.numeric, Varchar},
	"BIT_AND":                       {0, 0, Type.text, BigInt},
	"BIT_OR":                        {0, 0, Type.text, BigInt},
	"BIT_XOR":                       {0, 0, Type.text, BigInt},
	"APPROX_QUANTILE":               {0, 0, Type.text, Double},
	"APPROX_QUANTILE_DS":            {0, 0, Type.text, Double},
	"APPROX_QUANTILE_FIXED_BUCKETS": {0, 0, Type.text, Double},
	"DS_QUANTILES_SKETCH":           {0, 0, Type.text, Double},
	"DS_TUPLE_DOUBLES":              {1, math.MaxInt, Type.text, Double},
}

// read converts the arguments of an aggregate to what it reads.
func (s scope) read(c *parse.Call, args []value) error {
	r, ok := readings[c.Name]
	if !ok {
		return nil
	}
	for i := r.from; i < len(args) && i <= r.to; i++ {
		if !r.of(args[i].typ) {
			continue
		}
		var err error
		if args[i], err = s.cast(args[i], Type{Kind: r.as}); err != nil {
			return at(err, c.Args[i])
		}
	}
	return nil
}

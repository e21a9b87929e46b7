package fn

import (
	"encoding/base64"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// ComplexDecode reads images of sketches, and JSON, from strings.
var ComplexDecode = expr.Register(&expr.Func{
	Name: "complex_decode_base64", Aliases: []string{"decode_base64_complex"},
	SQL: []expr.SQL{{Name: "COMPLEX_DECODE_BASE64"}, {Name: "DECODE_BASE64_COMPLEX"}},
	Doc: "The complex value of a type, the first argument, whose bytes a string holds in base64.",
	Min: 2, Max: 2,
	TypeArgs: func(args []expr.Typed) (data.Type, error) {
		if l, ok := args[0].Expr.(*expr.Lit); ok {
			if name, ok := l.Value.(string); ok {
				return complexType(name)
			}
		}
		return data.NullType, fault.Invalidf("the type must be a literal string such as 'HLLSketch'")
	},
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		return expr.LiftRows(b.Type, func(row []any) (any, error) {
			text, ok := expr.ConvertValue(row[1], b.Types[1], data.StringType).(string)
			if !ok {
				return nil, nil
			}
			x, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, fault.Invalidf("complex_decode_base64: %q is not base64: %v", shorten(text), err)
			}
			if b.Type == data.JSONType {
				return normalJSON(nil, string(x))
			}
			return x, nil
		}), nil
	},
})

// complexType finds the type of a name, in any case; types of steps on the way
// to a sketch stay apart from it.
func complexType(name string) (data.Type, error) {
	t, err := data.ParseType(name)
	if err != nil || t.Kind != data.Complex {
		t = data.ComplexOf(name)
	}
	if t == data.JSONType {
		return t, nil
	}
	var known []string
	for _, f := range []family{hllFamily, thetaFamily, quantileFamily, tupleFamily, uniqueFamily, histogramFamily, tdigestFamily, bloomFamily, varianceFamily, {"serializablePairLongString", "momentSketch"}} {
		for _, n := range f {
			if strings.EqualFold(n, t.Name) {
				return data.ComplexOf(n), nil
			}
			known = append(known, n)
		}
	}
	return t, fault.Invalidf("unknown complex type %q%s", name, fault.Suggest(name, known))
}

package fn

import (
	"math"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// NumberBucket cuts numbers into buckets, which it names by their start.
var NumberBucket = expr.Register(&expr.Func{
	Name: "number_bucket", Min: 3, Max: 3, Type: giveText, Bind: bindBucket,
	Doc: "The start, as a string, of the bucket of a size (argument 2) counted from an offset (argument 3) in which a number lies; null of what is no number.",
})

func bindBucket(b *expr.Binding) (expr.Eval, error) {
	size, err := literalDouble(b, 1, "the size of a bucket")
	if err != nil {
		return nil, err
	}
	offset, err := literalDouble(b, 2, "the offset")
	if err != nil {
		return nil, err
	}
	if !(size > 0) {
		return nil, fault.Invalidf("the size of a bucket must be above 0, got %v", size)
	}
	return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		x := args[0]
		if x.Type.Kind == data.String {
			return textRows(s, args[:1], n, func(i int) (string, bool, error) {
				d, ok := expr.ParseDouble(strings.TrimSpace(x.Str(i)))
				return bucketName(d, size, offset), ok, nil
			})
		}
		x = expr.Convert(s, x, data.DoubleType)
		return textRows(s, []*data.Vec{x}, n, func(i int) (string, bool, error) {
			return bucketName(x.Double(i), size, offset), true, nil
		})
	}, nil
}

// bucketName is where the bucket of x starts, without a fraction where it has
// none.
func bucketName(x, size, offset float64) string {
	v := math.Floor((x-offset)/size)*size + offset
	if l := data.ToLong(v); float64(l) == v {
		return strconv.FormatInt(l, 10)
	}
	return string(expr.AppendDouble(nil, v))
}

func literalDouble(b *expr.Binding, i int, what string) (float64, error) {
	v, _ := b.Literal(i)
	switch v := v.(type) {
	case int64:
		return float64(v), nil
	case float64:
		return v, nil
	}
	return 0, fault.Invalidf("%s must be a literal number", what)
}

// MapValues is a lookup whose pairs a query brings along.
var MapValues = expr.Register(&expr.Func{
	Name: "map_values", Min: 3, Max: 3, Type: giveText,
	Doc: "The string of the third argument, an array, at the place that a string has in the second; null of a string that is not there.",
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		keys, err := literalTexts(b, 1)
		if err != nil {
			return nil, err
		}
		values, err := literalTexts(b, 2)
		if err != nil {
			return nil, err
		}
		if len(keys) != len(values) {
			return nil, fault.Invalidf("%d keys, but %d values", len(keys), len(values))
		}
		table := make(map[string]any, len(keys))
		for i, k := range keys {
			if k, ok := k.(string); ok {
				table[k] = values[i]
			}
		}
		return func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
			x := expr.Convert(s, args[0], data.StringType)
			return textRows(s, []*data.Vec{x}, n, func(i int) (string, bool, error) {
				v, ok := table[x.Str(i)].(string)
				return v, ok, nil
			})
		}, nil
	},
})

// literalTexts is the literal array of strings that argument i must be.
func literalTexts(b *expr.Binding, i int) ([]any, error) {
	v, _ := b.Literal(i)
	list, ok := v.([]any)
	if !ok {
		return nil, fault.Invalidf("argument %d must be a literal array of strings", i+1)
	}
	return list, nil
}

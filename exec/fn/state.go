package fn

import (
	"encoding/binary"
	"encoding/json"
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// The functions of this file give what a client sees of states that are no
// sketches: as those they are what a query shows that wants no final values.

// PairValue is the value of the first and last aggregators.
var PairValue = expr.Register(&expr.Func{
	Name: "pair_value", Min: 2, Max: 2,
	Doc: "The value of a JSON object of a time (lhs) and a value (rhs), which is of the type that argument 2 names.",
	TypeArgs: func(args []expr.Typed) (data.Type, error) {
		if l, ok := args[1].Expr.(*expr.Lit); ok {
			if name, ok := l.Value.(string); ok {
				return data.ParseType(name)
			}
		}
		return data.Type{}, fault.Invalidf("the type must be a literal")
	},
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		return expr.LiftRows(b.Type, func(row []any) (any, error) {
			text, ok := row[0].([]byte)
			if !ok {
				return nil, nil
			}
			var pair struct {
				Value json.RawMessage `json:"rhs"`
			}
			if err := json.Unmarshal(text, &pair); err != nil {
				return nil, fault.Invalidf("no pair of a time and a value: %v", err)
			}
			return pairValue(pair.Value, b.Type)
		}), nil
	},
})

func pairValue(raw json.RawMessage, t data.Type) (any, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	text := string(raw)
	if raw[0] == '"' { // a text, or a double that is no JSON number
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, fault.Invalidf("%v", err)
		}
	}
	return expr.ConvertValue(text, data.StringType, t), nil
}

// MeanOfState is the mean of a sum and a count.
var MeanOfState = expr.Register(&expr.Func{
	Name: "mean_of_state", Min: 1, Max: 1,
	Doc:  "The mean that the state of a doubleMean aggregator stands for; 0 of no values.",
	Type: func([]data.Type) (data.Type, error) { return data.DoubleType, nil },
	Eval: expr.LiftRows(data.DoubleType, func(row []any) (any, error) {
		b, ok := row[0].([]byte)
		if !ok {
			return 0.0, nil
		}
		if len(b) != 16 {
			return nil, fault.Invalidf("the state of a mean has 16 bytes, got %d", len(b))
		}
		n := int64(binary.BigEndian.Uint64(b[8:]))
		if n == 0 {
			return 0.0, nil
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)) / float64(n), nil
	}),
})

// HistogramOfState is the JSON object of a histogram's bytes, which exec/agg
// draws.
var HistogramOfState = expr.Register(&expr.Func{
	Name: "histogram_of_state", Min: 1, Max: 1,
	Doc:  "The JSON object that the state of a histogram aggregator stands for.",
	Type: func([]data.Type) (data.Type, error) { return data.JSONType, nil },
	Eval: expr.LiftRows(data.JSONType, func(row []any) (any, error) {
		b, ok := row[0].([]byte)
		if !ok {
			return nil, nil
		}
		n := 0
		if len(b) >= 4 {
			n = int(int32(binary.BigEndian.Uint32(b)))
		}
		if n < 2 || n > len(b) || len(b) != 4+4*n+8*(n+1)+8 {
			return nil, fault.Invalidf("%d bytes are no state of a histogram", len(b))
		}
		return histogramJSON(b[4:], n), nil
	}),
})

func histogramJSON(b []byte, n int) []byte {
	floats := func(of int) []any {
		list := make([]any, of)
		for i := range list {
			list[i] = float64(math.Float32frombits(binary.BigEndian.Uint32(b[4*i:])))
		}
		b = b[4*of:]
		return list
	}
	out := expr.AppendJSON([]byte(`{"breaks":`), floats(n))
	counts := make([]any, n-1)
	for i := range counts {
		counts[i] = float64(int64(binary.BigEndian.Uint64(b[8*(i+1):])))
	}
	b = b[8*(n+1):]
	out = expr.AppendJSON(append(out, `,"counts":`...), counts)
	return append(expr.AppendJSON(append(out, `,"quantiles":`...), floats(2)), '}')
}

// VarianceOfState is the variance of a state; that of one value is 0.
var VarianceOfState = expr.Register(&expr.Func{
	Name: "variance_of_state", Min: 1, Max: 2,
	Doc: "The variance that a state stands for, of a sample unless argument 2 (a population) is true; 0 of one value, null of none.",
	Type: func(args []data.Type) (data.Type, error) {
		if !varianceFamily.has(args[0]) {
			return data.Type{}, fault.Invalidf("expected a %s, got %s", varianceFamily.typ(), args[0])
		}
		return data.DoubleType, nil
	},
	Eval: expr.LiftRows(data.DoubleType, func(row []any) (any, error) {
		b, err := imageOf(row[0])
		if err != nil || b == nil {
			return nil, err
		}
		if len(b) != 24 {
			return nil, fault.Invalidf("the state of a variance has 24 bytes, got %d", len(b))
		}
		n := int64(binary.BigEndian.Uint64(b))
		spread := math.Float64frombits(binary.BigEndian.Uint64(b[16:]))
		switch population := len(row) > 1 && (row[1] == true || row[1] == int64(1)); {
		case n == 0:
			return nil, nil
		case n == 1:
			return 0.0, nil
		case population:
			return spread / float64(n), nil
		}
		return spread / float64(n-1), nil
	}),
})

var varianceFamily = family{"variance"}

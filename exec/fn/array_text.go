package fn

import (
	"math"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn/regex"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// ArrayToString joins the elements of an array; null elements read "null".
var ArrayToString = expr.Register(&expr.Func{
	Name: "array_to_string",
	SQL:  []expr.SQL{{Name: "ARRAY_TO_STRING"}, {Name: "MV_TO_STRING"}},
	Doc:  "The elements of an array as one string, with a separator between them.",
	Min:  2, Max: 2, Whole: true, Type: listTo(data.StringType),
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		return rowsAsLists(b, first, func(row []any) (any, error) {
			list, ok := row[0].([]any)
			if !ok || len(list) == 1 && list[0] == nil {
				return nil, nil
			}
			sep, _ := expr.ConvertValue(row[1], b.Types[1], data.StringType).(string)
			var out []byte
			for i, x := range list {
				if i > 0 {
					out = append(out, sep...)
				}
				text, ok := expr.Text(x).(string)
				if !ok {
					text = "null"
				}
				out = append(out, text...)
			}
			return string(wtf8.Join(out, 0)), nil
		}), nil
	},
})

// StringToArray splits strings at a regular expression.
var StringToArray = expr.Register(&expr.Func{
	Name: "string_to_array",
	SQL:  []expr.SQL{{Name: "STRING_TO_ARRAY"}, asMulti("STRING_TO_MV", "string_to_array")},
	Doc:  "The parts of a string between matches of a regular expression; empty parts at the end are dropped.",
	Min:  2, Max: 2,
	Type: func([]data.Type) (data.Type, error) { return data.StringArray, nil },
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		split := map[string]func(string) ([]string, error){}
		if v, ok := b.Literal(1); ok && v != nil {
			text, _ := expr.Text(v).(string)
			f, err := splitter(text)
			if err != nil {
				return nil, err
			}
			split[text] = f
		}
		return expr.LiftRows(b.Type, func(row []any) (any, error) {
			x, ok := expr.ConvertValue(row[0], b.Types[0], data.StringType).(string)
			if !ok {
				return nil, nil
			}
			sep, _ := expr.ConvertValue(row[1], b.Types[1], data.StringType).(string)
			f := split[sep]
			if f == nil {
				var err error
				if f, err = splitter(sep); err != nil {
					return nil, err
				}
				if len(split) < 1000 {
					split[sep] = f
				}
			}
			parts, err := f(x)
			if err != nil {
				return nil, err
			}
			list := make([]any, len(parts))
			for i, p := range parts {
				list[i] = p
			}
			return list, nil
		}), nil
	},
})

// splitter makes a function that splits as Java's String.split does: a match
// of nothing at the start cuts nothing off, and empty parts at the end do not
// count. Separators of one plain character need no regular expression.
func splitter(sep string) (func(string) ([]string, error), error) {
	if sep == "" {
		return unitsOf, nil
	}
	if utf8.RuneCountInString(sep) == 1 && !strings.ContainsAny(sep, `.$|()[{^?*+\`) {
		return func(x string) ([]string, error) {
			parts := strings.Split(x, sep)
			n := len(parts)
			for n > 0 && parts[n-1] == "" && x != "" {
				n--
			}
			return parts[:n], nil
		}, nil
	}
	re, err := regex.Compile(sep)
	if err != nil {
		return nil, err
	}
	return re.Split, nil
}

// unitsOf splits a string into its UTF-16 units; of nothing it is one part.
func unitsOf(x string) ([]string, error) {
	out := make([]string, 0, max(1, units(x)))
	for rest := x; rest != "" || len(out) == 0; {
		_, size := wtf8.DecodeRune(rest)
		for i := range units(rest[:size]) {
			out = append(out, cut(rest[:size], i, i+1))
		}
		if rest = rest[size:]; size == 0 {
			out = append(out, "")
		}
	}
	return out, nil
}

// ArrayQuantile gives a quantile of an array of numbers.
var ArrayQuantile = expr.Register(&expr.Func{
	Name: "array_quantile",
	SQL:  []expr.SQL{{Name: "ARRAY_QUANTILE"}},
	Doc:  "The value at a rank from 0 to 1 among the numbers of an array, interpolated between neighbours; nulls are left out, and of no numbers it is NaN.",
	Min:  2, Max: 2, Whole: true, Type: listTo(data.DoubleType),
	Bind: func(b *expr.Binding) (expr.Eval, error) {
		numeric := elemType(b.Types[0]).Numeric()
		return rowsAsLists(b, first, func(row []any) (any, error) {
			list, ok := row[0].([]any)
			rank, ok2 := expr.ConvertValue(row[1], b.Types[1], data.DoubleType).(float64)
			if !ok || !ok2 || !numeric {
				return nil, nil
			}
			var nums []float64
			for _, x := range list {
				if d, ok := expr.ConvertValue(x, data.DoubleType, data.DoubleType).(float64); ok {
					nums = append(nums, d)
				}
			}
			if rank < 0 {
				return nil, badValue("array_quantile: the rank %v is below 0", rank)
			}
			sort.Float64s(nums)
			return quantile(nums, rank), nil
		}), nil
	},
})

func quantile(sorted []float64, rank float64) float64 {
	if len(sorted) == 0 || !(rank <= 1) {
		return math.NaN()
	}
	at := rank * float64(len(sorted)-1)
	switch {
	case at <= 0:
		return sorted[0]
	case at >= float64(len(sorted)-1):
		return sorted[len(sorted)-1]
	}
	i := int(at)
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

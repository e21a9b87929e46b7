package fn

import (
	"math/bits"
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// Numbers for people to read.
var (
	HumanBinary = human("human_readable_binary_byte_format", "HUMAN_READABLE_BINARY_BYTE_FORMAT",
		"A number of bytes as B, KiB, MiB and so on, with 0 to 3 digits after the point (2 if not given).",
		func(x int64, digits int) string { return humanBinary(x, digits) })
	HumanBytes = human("human_readable_decimal_byte_format", "HUMAN_READABLE_DECIMAL_BYTE_FORMAT",
		"A number of bytes as B, KB, MB and so on, with 0 to 3 digits after the point (2 if not given).",
		func(x int64, digits int) string { return humanDecimal(x, digits, "B") })
	HumanNumber = human("human_readable_decimal_format", "HUMAN_READABLE_DECIMAL_FORMAT",
		"A number in K, M, G and so on, with 0 to 3 digits after the point (2 if not given).",
		func(x int64, digits int) string { return humanDecimal(x, digits, "") })
)

func human(name, sql, doc string, format func(x int64, digits int) string) *expr.Func {
	return expr.Register(&expr.Func{
		Name: name, Min: 1, Max: 2, Doc: doc, SQL: []expr.SQL{{Name: sql}},
		Type: func(args []data.Type) (data.Type, error) {
			_, err := numberType(args)
			return data.StringType, err
		},
		Bind: func(b *expr.Binding) (expr.Eval, error) {
			digits := int64(2)
			if len(b.Args) == 2 {
				v, ok := b.Literal(1)
				d, is := v.(int64)
				if !ok || !is || d < 0 || d > 3 {
					return nil, badValue("the precision must be a literal number from 0 to 3")
				}
				digits = d
			}
			return numbersOnly(data.StringType, expr.Lift1(func(x int64) string { return format(x, int(digits)) })), nil
		},
	})
}

func humanBinary(x int64, digits int) string {
	if x > -1024 && x < 1024 {
		return strconv.FormatInt(x, 10) + " B"
	}
	abs := uint64(x)
	if x < 0 {
		abs = -abs
	}
	unit := (bits.Len64(abs) - 1) / 10
	b := appendRounded(nil, float64(x)/float64(uint64(1)<<(10*unit)), digits)
	return string(append(b, ' ', " KMGTPE"[unit], 'i', 'B'))
}

func humanDecimal(x int64, digits int, suffix string) string {
	if x > -1000 && x < 1000 {
		if suffix != "" {
			suffix = " " + suffix
		}
		return strconv.FormatInt(x, 10) + suffix
	}
	unit := 0
	for ; x <= -1000000 || x >= 1000000; unit++ {
		x /= 1000
	}
	b := appendRounded(nil, float64(x)/1000, digits)
	return string(append(b, ' ', "KMGTPE"[unit])) + suffix
}

package fn

import (
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// ParseLong reads a number of some radix; what is none is null.
var ParseLong = expr.Register(&expr.Func{
	Name: "parse_long", Min: 1, Max: 2, Type: giveLong, SQL: []expr.SQL{{Name: "PARSE_LONG"}},
	Doc: "The string read as a whole number, of radix 10 or that of the second argument; null if it is none.",
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType, data.LongType)
		return longRows(s, args, n, func(i int) (int64, bool, error) {
			radix := int64(10)
			if len(args) > 1 {
				if radix = args[1].Long(i); radix < 2 || radix > 36 {
					return 0, false, fault.Invalidf("parse_long: the radix %d must be from 2 to 36", radix)
				}
			}
			x, ok := parseRadix(args[0].Str(i), int(radix))
			return x, ok, nil
		})
	},
})

func parseRadix(text string, radix int) (int64, bool) {
	if radix == 16 && len(text) > 2 && text[0] == '0' && text[1]|0x20 == 'x' {
		text = text[2:]
	}
	x, err := strconv.ParseInt(text, radix, 64)
	return x, err == nil
}

package sql

import (
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// operands are the functions that want numbers or texts: a letter for each
// argument, the last one for all that follow.
//
//	n  a number; a text is read as a DOUBLE
//	l  a whole number; a text is read as a BIGINT
//	t  a text; numbers, times and conditions are cast to VARCHAR
var operands = map[string]string{
	"ABS": "n", "ACOS": "n", "ASIN": "n", "ATAN": "n", "ATAN2": "n", "CBRT": "n", "CEIL": "n", "CEILING": "n", "COS": "n", "COSH": "n",
	"COT": "n", "DEGREES": "n", "DIV": "n", "EXP": "n", "FLOOR": "n", "LN": "n", "LOG10": "n", "LOG2": "n", "POW": "n", "POWER": "n", "RADIANS": "n",
	"ROUND": "nl", "SAFE_DIVIDE": "n", "SIGN": "n", "SIN": "n", "SINH": "n", "SQRT": "n", "TAN": "n", "TANH": "n", "TRUNC": "nl", "TRUNCATE": "nl",
	"BITWISE_AND": "l", "BITWISE_OR": "l", "BITWISE_XOR": "l", "BITWISE_COMPLEMENT": "l", "BITWISE_SHIFT_LEFT": "l", "BITWISE_SHIFT_RIGHT": "l",
	"BITWISE_CONVERT_DOUBLE_TO_LONG_BITS": "n", "BITWISE_CONVERT_LONG_BITS_TO_DOUBLE": "l",
	"HUMAN_READABLE_BINARY_BYTE_FORMAT": "nl", "HUMAN_READABLE_DECIMAL_BYTE_FORMAT": "nl", "HUMAN_READABLE_DECIMAL_FORMAT": "nl",

	"BTRIM": "t", "CHARACTER_LENGTH": "t", "CHAR_LENGTH": "t", "CONCAT_WS": "t", "CONTAINS_STRING": "t",
	"ENDS_WITH": "t", "ICONTAINS_STRING": "t", "INITCAP": "t", "SPLIT_PART": "ttl", "STARTS_WITH": "t", "LEFT": "tl", "LENGTH": "t",
	"LOWER": "t", "LPAD": "tlt", "LTRIM": "t", "POSITION": "ttl", "REGEXP_EXTRACT": "ttl", "REGEXP_LIKE": "t", "REGEXP_REPLACE": "t",
	"REPEAT": "tl", "REPLACE": "t", "REVERSE": "t", "RIGHT": "tl", "RPAD": "tlt", "RTRIM": "t", "STRING_TO_ARRAY": "t", "STRING_TO_MV": "t",
	"STRLEN": "t", "STRPOS": "t", "SUBSTR": "tl", "SUBSTRING": "tl", "UPPER": "t",
}

// operandTypes are what texts are read as, and others cast to.
var operandTypes = map[byte]Type{'n': {Kind: Double}, 'l': {Kind: BigInt}, 't': {Kind: Varchar}}

// fit converts the arguments of a call to what its function wants.
func (s scope) fit(c *parse.Call, args []value) ([]value, error) {
	want := operands[c.Name]
	if want == "" || (c.Name == "FLOOR" || c.Name == "CEIL" || c.Name == "CEILING") && len(args) > 1 {
		return args, nil // FLOOR(time TO unit)
	}
	for i, a := range args {
		letter := want[min(i, len(want)-1)]
		t := operandTypes[letter]
		scalar := a.typ.numeric() || a.typ.time() || a.typ.Kind == Boolean
		var err error
		switch {
		case a.typ.Kind == Null, a.typ.text() && letter == 't', a.typ.numeric() && letter != 't':
			continue
		case a.typ.text():
			args[i], err = s.coerce(a, t)
		case scalar && letter == 't':
			args[i], err = s.cast(a, t)
		default:
			kind := "a number"
			if letter == 't' {
				kind = "a text"
			}
			err = at(fault.Invalidf("%s expects %s as argument %d, but this is a value of type %s", c.Name, kind, i+1, a.typ), c.Args[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return args, nil
}

// timeFields are the functions that EXTRACT a field of a time.
var timeFields = map[string]string{
	"YEAR": "YEAR", "QUARTER": "QUARTER", "MONTH": "MONTH", "WEEK": "WEEK", "DAYOFYEAR": "DOY", "DAYOFMONTH": "DAY", "DAYOFWEEK": "DOW",
	"HOUR": "HOUR", "MINUTE": "MINUTE", "SECOND": "SECOND",
}

// field is YEAR(t) and its like.
func (s scope) field(c *parse.Call, unit string) (value, error) {
	if len(c.Args) != 1 {
		return value{}, fault.Invalidf("%s takes 1 argument, got %d", c.Name, len(c.Args))
	}
	t, err := s.bind(c.Args[0])
	if err != nil {
		return value{}, err
	}
	return s.checked(s.call("EXTRACT", text(unit), t))
}

package sketch

import (
	"strconv"

	"github.com/ovatedb/ovate/internal/jsontext"
)

// The summaries of sketches are written as the Java library does, whose names
// of classes say how an image is held: numbers as Java prints them.

// javaNumber is a double, or a float widened to one (bits 32), as Java prints it.
func javaNumber(x float64, bits int) string { return string(jsontext.JavaNumber(nil, x, bits)) }

// javaDouble is javaNumber of a double.
func javaDouble(x float64) string { return javaNumber(x, 64) }

// grouped is a whole number with a comma before every three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// scientific is a double as %e of Java: NaN takes the same room.
func scientific(x float64) string {
	if x != x {
		return "         NaN"
	}
	return strconv.FormatFloat(x, 'e', 6, 64)
}

package ingest

import (
	"math"
	"strconv"
	"unsafe"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/server/ingest/format"
)

// numbers is a column of LONG, DOUBLE or FLOAT.
type numbers[T int64 | float64 | float32] struct {
	t      data.Type
	values blocks[T]
	nulls  []uint32 // rows
	parse  func(text []byte) (T, bool)
	cut    func(x float64) T // of a Decimal for a LONG
}

func newLongs() column {
	return &numbers[int64]{t: data.LongType, parse: parseLong, cut: data.ToLong}
}

func newDoubles() column {
	return &numbers[float64]{t: data.DoubleType, parse: parseDouble}
}

func newFloats() column {
	return &numbers[float32]{t: data.FloatType, parse: parseFloat}
}

// add converts cells; what is no number is null.
func (c *numbers[T]) add(rows *format.Rows, col *format.Column, ids []uint32) {
	at := uint32(c.values.len())
	for _, i := range ids {
		var x T
		ok := false
		if col != nil {
			switch col.Tags[i] {
			case format.Text, format.Integer:
				x, ok = c.parse(rows.Text[col.Lo[i]:col.Hi[i]])
			case format.Decimal:
				if c.cut == nil {
					x, ok = c.parse(rows.Text[col.Lo[i]:col.Hi[i]])
				} else if f, good := parseDouble(rows.Text[col.Lo[i]:col.Hi[i]]); good {
					x, ok = c.cut(f), true
				}
			case format.True:
				x, ok = 1, true
			case format.False:
				x, ok = 0, true
			}
		}
		if !ok {
			c.nulls = append(c.nulls, at)
		}
		c.values.add(x)
		at++
	}
}

func (c *numbers[T]) join(parts []column) *data.Vec {
	n := 0
	for _, p := range parts {
		n += p.(*numbers[T]).values.len()
	}
	v := &data.Vec{Type: c.t, N: n}
	values := make([]T, 0, n)
	at := uint32(0)
	for _, p := range parts {
		part := p.(*numbers[T])
		values = part.values.appendTo(values)
		if len(part.nulls) > 0 && v.Valid == nil {
			v.Valid = allValid(n)
		}
		for _, i := range part.nulls {
			v.Valid[(at+i)>>3] &^= 1 << ((at + i) & 7)
		}
		at = uint32(len(values))
	}
	switch x := any(values).(type) {
	case []int64:
		v.I64 = x
	case []float64:
		v.F64 = x
	case []float32:
		v.F32 = x
	}
	return v
}

func allValid(n int) []byte {
	b := make([]byte, (n+7)>>3)
	for i := range b {
		b[i] = 0xff
	}
	return b
}

// parseLong reads a whole number; also 12.0, but not 12.5.
func parseLong(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return parseLongSlow(b)
	}
	neg := b[0] == '-'
	i := 0
	if neg {
		i = 1
	}
	if i == len(b) {
		return 0, false
	}
	x := int64(0)
	for _, c := range b[i:] {
		c -= '0'
		if c > 9 {
			return parseLongSlow(b)
		}
		x = x*10 + int64(c)
	}
	if neg {
		x = -x
	}
	return x, true
}

func parseLongSlow(b []byte) (int64, bool) {
	s := view(b)
	if x, err := strconv.ParseInt(s, 10, 64); err == nil {
		return x, true
	}
	if !plainNumber(b) {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// parseDouble reads a number. A decimal of up to 15 digits is the quotient of
// two doubles that are exact, and so rounded right.
func parseDouble(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > 17 {
		return parseDoubleSlow(b)
	}
	i, neg := 0, false
	if b[0] == '-' {
		i, neg = 1, true
	}
	x, digits, point := int64(0), 0, -1
	for ; i < len(b); i++ {
		c := b[i] - '0'
		if c <= 9 {
			x = x*10 + int64(c)
			digits++
			continue
		}
		if b[i] != '.' || point >= 0 {
			return parseDoubleSlow(b)
		}
		point = digits
	}
	if digits == 0 || digits > 15 || neg && x == 0 {
		return parseDoubleSlow(b)
	}
	f := float64(x)
	if point >= 0 {
		f /= data.Pow10[digits-point]
	}
	if neg {
		f = -f
	}
	return f, true
}

func parseDoubleSlow(b []byte) (float64, bool) {
	s := view(b)
	switch s {
	case "NaN":
		return math.NaN(), true
	case "Infinity", "+Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	if !plainNumber(b) {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || math.IsInf(f, 0)
}

func parseFloat(b []byte) (float32, bool) {
	if !plainNumber(b) {
		f, ok := parseDoubleSlow(b) // NaN and infinities
		return float32(f), ok
	}
	f, err := strconv.ParseFloat(view(b), 32)
	return float32(f), err == nil || math.IsInf(f, 0)
}

// plainNumber says whether b has only what decimal numbers are written with;
// strconv also takes hexadecimals, underscores and inf.
func plainNumber(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return false
		}
	}
	return len(b) > 0
}

// view is b as a string, without a copy.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

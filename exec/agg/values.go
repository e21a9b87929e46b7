package agg

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// cells keep one value, or null, for every group.
type cells interface {
	grow(n int)
	set(id uint32, v *data.Vec, row int) // v has the type of the cells
	vec() *data.Vec
	size() int64
}

// newCells keeps values of a type; texts are cut to a number of bytes.
func newCells(t data.Type, bytes int) cells {
	switch {
	case t.Integral() || t.Kind == data.Null:
		return &longCells{}
	case t.Numeric():
		return &doubleCells{t: t}
	case t.Kind == data.String:
		return &textCells{bytes: bytes}
	}
	return &boxedCells{t: t}
}

type longCells struct {
	vals []int64
	has  []bool
}

func (c *longCells) grow(n int)  { c.vals, c.has = vec.Grow(c.vals, n), vec.Grow(c.has, n) }
func (c *longCells) size() int64 { return int64(cap(c.vals)) * 9 }

func (c *longCells) set(id uint32, v *data.Vec, row int) {
	c.vals[id], c.has[id] = v.Long(row), !v.Null(row)
}

func (c *longCells) vec() *data.Vec {
	return withNulls(&data.Vec{Type: data.LongType, N: len(c.vals), I64: c.vals}, c.has)
}

func withNulls(v *data.Vec, has []bool) *data.Vec {
	for i, ok := range has {
		if !ok {
			v.SetNull(nil, i)
		}
	}
	return v
}

type doubleCells struct {
	t    data.Type
	vals []float64
	has  []bool
}

func (c *doubleCells) grow(n int)  { c.vals, c.has = vec.Grow(c.vals, n), vec.Grow(c.has, n) }
func (c *doubleCells) size() int64 { return int64(cap(c.vals)) * 9 }

func (c *doubleCells) set(id uint32, v *data.Vec, row int) {
	c.vals[id], c.has[id] = v.Double(row), !v.Null(row)
}

func (c *doubleCells) vec() *data.Vec {
	v := &data.Vec{Type: c.t, N: len(c.vals), F64: c.vals}
	if c.t.Kind == data.Float {
		v.F64, v.F32 = nil, make([]float32, len(c.vals))
		for i, x := range c.vals {
			v.F32[i] = float32(x)
		}
	}
	return withNulls(v, c.has)
}

type textCells struct {
	texts
	bytes int
}

func (c *textCells) size() int64    { return c.texts.size }
func (c *textCells) vec() *data.Vec { return c.texts.vec(data.StringType) }

func (c *textCells) set(id uint32, v *data.Vec, row int) {
	switch {
	case v.Null(row):
		c.clear(id)
	case v.Multi():
		if x, ok := listText(v, row); ok {
			c.texts.set(id, chop(x, c.bytes))
		} else {
			c.clear(id)
		}
	default:
		c.texts.set(id, chop(v.Str(row), c.bytes))
	}
}

// listText is the values of a multi-value string as one: [a, b].
func listText(v *data.Vec, row int) (string, bool) {
	lo, hi := v.List(row)
	switch {
	case lo == hi || hi-lo == 1 && v.Elem.Null(lo):
		return "", false
	case hi-lo == 1:
		return v.Elem.Str(lo), true
	}
	words := make([]string, 0, hi-lo)
	for ; lo < hi; lo++ {
		if v.Elem.Null(lo) {
			words = append(words, "null")
		} else {
			words = append(words, v.Elem.Str(lo))
		}
	}
	return "[" + strings.Join(words, ", ") + "]", true
}

// chop is x cut to a number of bytes, characters left whole.
func chop(x string, bytes int) string {
	if len(x) <= bytes {
		return x
	}
	for bytes > 0 && x[bytes]&0xc0 == 0x80 {
		bytes--
	}
	return x[:bytes]
}

type boxedCells struct {
	t    data.Type
	vals []any
}

func (c *boxedCells) grow(n int)                          { c.vals = vec.Grow(c.vals, n) }
func (c *boxedCells) size() int64                         { return int64(len(c.vals)) * 64 }
func (c *boxedCells) set(id uint32, v *data.Vec, row int) { c.vals[id] = v.Value(row) }
func (c *boxedCells) vec() *data.Vec                      { return expr.Collect(c.t, c.vals, false) }

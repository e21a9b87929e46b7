package exec

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// A selection is the rows of a batch that are left: lo to hi, or a list.
type selection struct {
	s      *data.Scratch
	lo, hi int
	rows   []uint32 // absolute, ascending; nil: all
	lazy   bool     // what is kept is marked while rows are many
	mask   []uint8  // lazy, and rows is nil: 1 for each row that is left; nil: all
	marked int      // rows left by mask
}

// left is the number of rows that are left.
func (x *selection) left() int {
	if x.mask != nil {
		return x.marked
	}
	return x.len()
}

// len is the number of rows that read gives: those that are left or, while these
// are only marked, all.
func (x *selection) len() int {
	if x.rows != nil {
		return len(x.rows)
	}
	return x.hi - x.lo
}

func (x *selection) empty() bool { return x.len() == 0 }

func (x *selection) first() int {
	if x.rows != nil {
		return int(x.rows[0])
	}
	return x.lo
}

func (x *selection) read(c segment.Column) *data.Vec {
	if x.rows != nil {
		return c.Take(x.s, x.rows)
	}
	return c.Read(x.s, x.lo, x.hi)
}

func (x *selection) readAs(c segment.Column, t data.Type) *data.Vec {
	if c == nil {
		return data.Nulls(x.s, t, x.len())
	}
	v := x.read(c)
	if v.Type != t {
		v = expr.Convert(x.s, v, t)
	}
	return v
}

// keep keeps the rows whose byte is 1.
func (x *selection) keep(pass []uint8) {
	if x.lazy && x.rows == nil {
		x.mark(pass)
		return
	}
	out := data.Make[uint32](x.s, len(pass))
	if x.rows != nil {
		x.rows = vec.SelectRows(out, pass, x.rows)
		return
	}
	n := vec.Select(out, pass, uint32(x.lo))
	if n == len(pass) {
		return
	}
	x.rows = out[:n]
}

// markedRows is of how many rows of a batch one must be left for the next
// condition to be asked of all of them: to compare them as they lie costs less
// than to pick those that are left.
const markedRows = 12

// mark keeps the rows whose byte is 1 without listing them, unless they are few.
func (x *selection) mark(pass []uint8) {
	if x.mask == nil {
		x.mask = pass
	} else {
		mask := data.Make[uint8](x.s, len(pass))
		vec.AndBytes(mask, x.mask, pass)
		x.mask = mask
	}
	if x.marked = int(vec.SumCodes(x.mask)); x.marked*markedRows < len(pass) {
		x.settle()
	}
}

// settle lists the rows that are left.
func (x *selection) settle() {
	if x.mask == nil {
		return
	}
	pass := x.mask
	x.mask = nil
	out := data.Make[uint32](x.s, len(pass))
	if n := vec.Select(out, pass, uint32(x.lo)); n < len(pass) {
		x.rows = out[:n]
	}
}

func (x *selection) keepTrue(v *data.Vec) {
	if v.Const {
		if v.N > 0 && (v.Null(0) || v.U8[0] == 0) {
			x.rows, x.mask = []uint32{}, nil
		}
		return
	}
	pass := v.U8
	if v.Valid != nil {
		pass = data.Make[uint8](x.s, v.N)
		for i := range pass {
			pass[i] = v.U8[i] & (v.Valid[i>>3] >> (i & 7) & 1)
		}
	}
	x.keep(pass[:v.N])
}

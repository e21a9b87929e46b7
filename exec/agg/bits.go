package agg

import (
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// The bitwise aggregates of LONGs. Of nothing they are null.
var (
	BitAnd = bitwise("bit_and", "BIT_AND", "The bits that all values have.", -1, func(c *int64, x int64) { *c &= x })
	BitOr  = bitwise("bit_or", "BIT_OR", "The bits that a value has.", 0, func(c *int64, x int64) { *c |= x })
	BitXor = bitwise("bit_xor", "BIT_XOR", "The bits that an odd number of values has.", 0, func(c *int64, x int64) { *c ^= x })
)

func bitwise(name, sql, doc string, start int64, fold func(c *int64, x int64)) *Func {
	toLong := func(args []data.Type) (data.Type, error) {
		_, err := number(args)
		return data.LongType, err
	}
	return Register(&Func{
		Name: name, SQL: []SQL{{Name: sql}}, Min: 1, Max: 1, Doc: doc, Type: toLong, States: one(toLong),
		New: func(*Binding) (Accumulator, error) { return &bitFold{start: start, fold: fold}, nil },
	})
}

type bitFold struct {
	start int64
	fold  func(c *int64, x int64)
	cells []int64
	seen  vec.Seen
}

func (a *bitFold) Grow(n int) {
	old := len(a.cells)
	a.cells = vec.Grow(a.cells, n)
	for i := old; i < n; i++ {
		a.cells[i] = a.start
	}
}

func (a *bitFold) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	a.seen.Mark(g)
	for i, x := range args[0].Longs(s) {
		a.fold(&a.cells[at(g, i)], x)
	}
	return nil
}

func (a *bitFold) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	for i, id := range groups {
		if !states[0].Null(i) {
			a.seen.Mark(vec.Groups{Rows: 1, One: id})
			a.fold(&a.cells[id], states[0].Long(i))
		}
	}
	return nil
}

func (a *bitFold) State() []*data.Vec { v, _ := a.Result(); return []*data.Vec{v} }

func (a *bitFold) Result() (*data.Vec, error) {
	v := &data.Vec{Type: data.LongType, N: len(a.cells), I64: a.cells}
	markUnseen(v, &a.seen)
	return v, nil
}

func (a *bitFold) Size() int64 { return int64(cap(a.cells)) * 8 }

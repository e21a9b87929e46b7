package agg

import (
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// codeTables know something of every group and code: there is a table for each
// way in which codes mean words or numbers, of
//
//	cell group * domain + code
//
// while that takes little memory.
type codeTables[T any] struct {
	tables map[codeKey]*codeTable[T]
	bytes  int64
}

// A codeKey is what codes mean: words of a dictionary, or numbers.
type codeKey struct {
	dict  *data.Dict
	base  int64
	scale uint8
	wide  bool // of 16 bits
}

type codeTable[T any] struct {
	domain int
	rows   int64 // that were noted, for those who count
	cells  []T
}

const (
	codeTableBytes  = 4 << 20
	codeTablesBytes = 32 << 20
)

// codesOf is what the codes of v mean, and how many there may be; ok is false
// where v has none, or too many for a table.
func codesOf(v *data.Vec) (key codeKey, domain int, ok bool) {
	switch {
	case !v.Coded() || v.Const:
		return key, 0, false
	case v.Dict != nil:
		return codeKey{dict: v.Dict}, v.Dict.Len(), true
	case v.U8 != nil:
		return codeKey{base: v.Base, scale: v.Scale}, 1 << 8, true
	case v.U16 != nil:
		return codeKey{base: v.Base, scale: v.Scale, wide: true}, 1 << 16, true
	}
	return key, 0, false
}

// room is the table of a key with so many cells of so many bytes, or more of
// them; nil where that is too much.
func (t *codeTables[T]) room(key codeKey, domain, cells, width int) *codeTable[T] {
	c, need := t.tables[key], int64(cells*width)
	switch {
	case c != nil && cells <= len(c.cells):
		return c
	case need > codeTableBytes || t.bytes+need > codeTablesBytes:
		return nil
	case c == nil:
		if t.tables == nil {
			t.tables = map[codeKey]*codeTable[T]{}
		}
		c = &codeTable[T]{domain: domain}
		t.tables[key] = c
	}
	t.bytes -= int64(cap(c.cells) * width)
	c.cells = vec.Grow(c.cells, cells)
	t.bytes += int64(cap(c.cells) * width)
	return c
}

// drop forgets a table.
func (t *codeTables[T]) drop(key codeKey, width int) {
	t.bytes -= int64(cap(t.tables[key].cells) * width)
	delete(t.tables, key)
}

package agg

import (
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// dupes knows which codes a group has had, so that functions to which a value
// matters once need not look at it again. It is for words and for codes of 8
// and 16 bits, while a bit for every group and code takes little memory:
//
//	bit group * domain + code
type dupes struct{ codeTables[uint64] }

// fresh gives the rows whose code is new to their group, groups being the
// number of groups so far. ok is false where that is not known.
func (d *dupes) fresh(s *data.Scratch, g vec.Groups, v *data.Vec, groups int) (rows []uint32, ok bool) {
	key, domain, ok := codesOf(v)
	if !ok {
		return nil, false
	}
	m := d.room(key, domain, (groups*domain+63)/64, 8)
	if m == nil {
		return nil, false
	}
	rows = data.Make[uint32](s, g.Rows)[:0]
	switch {
	case v.U8 != nil:
		return freshCodes(m, rows, g, v.U8[:g.Rows]), true
	case v.U16 != nil:
		return freshCodes(m, rows, g, v.U16[:g.Rows]), true
	}
	return freshCodes(m, rows, g, v.U32[:g.Rows]), true
}

func freshCodes[C uint8 | uint16 | uint32](m *codeTable[uint64], rows []uint32, g vec.Groups, codes []C) []uint32 {
	bits := m.cells
	if g.IDs == nil {
		first := int(g.One) * m.domain
		for i, c := range codes {
			at := first + int(c)
			if bits[at>>6]&(1<<(at&63)) == 0 {
				bits[at>>6] |= 1 << (at & 63)
				rows = append(rows, uint32(i))
			}
		}
		return rows
	}
	for i, c := range codes {
		at := int(g.IDs[i])*m.domain + int(c)
		if bits[at>>6]&(1<<(at&63)) == 0 {
			bits[at>>6] |= 1 << (at & 63)
			rows = append(rows, uint32(i))
		}
	}
	return rows
}

// only is the given rows of a batch.
func only(s *data.Scratch, g vec.Groups, v *data.Vec, rows []uint32) (vec.Groups, *data.Vec) {
	if len(rows) == g.Rows {
		return g, v
	}
	if g.IDs != nil {
		ids := data.Make[uint32](s, len(rows))
		for i, r := range rows {
			ids[i] = g.IDs[r]
		}
		g.IDs = ids
	}
	g.Rows, g.All = len(rows), false
	return g, v.Take(s, rows)
}

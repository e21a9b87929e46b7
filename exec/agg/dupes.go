package agg

import (
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// dupes knows which codes a group has had, so that functions to which a value
// matters once need not look at it again. It is for words and for codes of 8
// and 16 bits, while a bit for every group and code takes little memory:
//
//	bit group * domain + code of the map of a dictionary, or of a base and scale
type dupes struct {
	maps  map[dupeKey]*dupeMap
	bytes int64
}

type dupeKey struct {
	dict  *data.Dict
	base  int64
	scale uint8
	wide  bool
}

type dupeMap struct {
	domain int
	bits   []uint64
}

const (
	dupeMapBytes = 4 << 20
	dupesBytes   = 32 << 20
)

// fresh gives the rows whose code is new to their group, groups being the
// number of groups so far. ok is false where that is not known.
func (d *dupes) fresh(s *data.Scratch, g vec.Groups, v *data.Vec, groups int) (rows []uint32, ok bool) {
	if !v.Coded() || v.Const || v.Dict == nil && v.U32 != nil {
		return nil, false
	}
	m := d.mapOf(v, groups)
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

func (d *dupes) mapOf(v *data.Vec, groups int) *dupeMap {
	key := dupeKey{dict: v.Dict, wide: v.U16 != nil}
	domain := 1 << 8
	switch {
	case v.Dict != nil:
		key.wide, domain = false, v.Dict.Len()
	case key.wide:
		domain = 1 << 16
		fallthrough
	default:
		key.base, key.scale = v.Base, v.Scale
	}
	words := (groups*domain + 63) / 64
	m := d.maps[key]
	switch {
	case words*8 > dupeMapBytes:
		return nil
	case m != nil && words <= len(m.bits):
		return m
	case d.bytes+int64(words)*8 > dupesBytes:
		return nil
	case m == nil:
		if d.maps == nil {
			d.maps = map[dupeKey]*dupeMap{}
		}
		m = &dupeMap{domain: domain}
		d.maps[key] = m
	}
	d.bytes -= int64(cap(m.bits)) * 8
	m.bits = vec.Grow(m.bits, words)
	d.bytes += int64(cap(m.bits)) * 8
	return m
}

func freshCodes[C uint8 | uint16 | uint32](m *dupeMap, rows []uint32, g vec.Groups, codes []C) []uint32 {
	bits := m.bits
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

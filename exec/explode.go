package exec

import (
	"github.com/ovatedb/ovate/internal/data"
)

func multi(keys []*data.Vec) bool {
	for _, k := range keys {
		if k.Multi() {
			return true
		}
	}
	return false
}

// explode gives every combination of the values of multi-value keys a row of
// its own; rows says which row each comes from. A row without values has one
// null.
func explode(s *data.Scratch, keys []*data.Vec, n int) (out []*data.Vec, rows []uint32) {
	out = append([]*data.Vec(nil), keys...)
	rows = make([]uint32, n)
	for i := range rows {
		rows[i] = uint32(i)
	}
	for k := range out {
		if !out[k].Multi() {
			continue
		}
		v := out[k].Flat(s)
		var from, elems []uint32
		missing := false
		for i := range v.N {
			lo, hi := v.List(i)
			if lo == hi {
				from, elems = append(from, uint32(i)), append(elems, noElem)
				missing = true
			}
			for j := lo; j < hi; j++ {
				from, elems = append(from, uint32(i)), append(elems, uint32(j))
			}
		}
		for j := range out {
			if j != k {
				out[j] = out[j].Take(s, from)
			}
		}
		out[k] = takeElems(s, v.Elem, elems, missing)
		next := make([]uint32, len(from))
		for i, f := range from {
			next[i] = rows[f]
		}
		rows = next
	}
	return out, rows
}

const noElem = ^uint32(0)

// takeElems is the given elements; noElem is a null.
func takeElems(s *data.Scratch, v *data.Vec, elems []uint32, missing bool) *data.Vec {
	if !missing {
		return v.Take(s, elems)
	}
	if v.N == 0 {
		return data.Nulls(s, v.Type, len(elems)).Flat(s)
	}
	safe := make([]uint32, len(elems))
	for i, e := range elems {
		if e != noElem {
			safe[i] = e
		}
	}
	out := v.Take(s, safe).Decoded(s)
	out.Valid = append([]byte(nil), out.Valid...)
	if len(out.Valid) == 0 {
		out.Valid = nil
	}
	for i, e := range elems {
		if e == noElem {
			out.SetNull(s, i)
		}
	}
	return out
}

package ingest

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/ovatedb/ovate/internal/data"
)

// A comparison orders two rows by one column.
type comparison func(a, b uint32) int

// sort puts rows in the order of time, then of the dimensions; equal ones stay
// in the order given.
func (j *joined) sort(rows []uint32, dims []comparison) []uint32 {
	type keyed struct {
		t  int64
		at uint32
	}
	keys := make([]keyed, len(rows))
	ascending := true
	for i, r := range rows {
		keys[i] = keyed{j.times[r], uint32(i)}
		ascending = ascending && (i == 0 || keys[i-1].t <= keys[i].t)
	}
	if !ascending {
		slices.SortFunc(keys, func(a, b keyed) int {
			if c := cmp.Compare(a.t, b.t); c != 0 {
				return c
			}
			return cmp.Compare(a.at, b.at)
		})
	}
	for lo := 0; lo < len(keys); {
		hi := lo + 1
		for hi < len(keys) && keys[hi].t == keys[lo].t {
			hi++
		}
		if hi-lo > 1 {
			slices.SortFunc(keys[lo:hi], func(a, b keyed) int {
				if c := compareRows(dims, rows[a.at], rows[b.at]); c != 0 {
					return c
				}
				return cmp.Compare(a.at, b.at)
			})
		}
		lo = hi
	}
	out := make([]uint32, len(rows))
	for i, k := range keys {
		out[i] = rows[k.at]
	}
	return out
}

func compareRows(dims []comparison, a, b uint32) int {
	for _, d := range dims {
		if c := d(a, b); c != 0 {
			return c
		}
	}
	return 0
}

// compareBy orders rows by a column: null first, strings by their bytes, lists
// by length and then value by value.
func compareBy(v *data.Vec) comparison {
	switch {
	case v.Dict != nil && v.Dict.Sorted:
		codes := v.Codes32(nil)
		return func(a, b uint32) int { return cmp.Compare(codes[a], codes[b]) }
	case v.Elem != nil:
		elem := compareBy(v.Elem)
		return nullsFirst(v, func(a, b uint32) int { return compareLists(v, elem, a, b) })
	case v.I64 != nil:
		return nullsFirst(v, func(a, b uint32) int { return cmp.Compare(v.I64[a], v.I64[b]) })
	case v.F64 != nil:
		return nullsFirst(v, func(a, b uint32) int { return cmp.Compare(v.F64[a], v.F64[b]) })
	case v.F32 != nil:
		return nullsFirst(v, func(a, b uint32) int { return cmp.Compare(v.F32[a], v.F32[b]) })
	case v.Off != nil:
		return nullsFirst(v, func(a, b uint32) int {
			return bytes.Compare(v.Bytes[v.Off[a]:v.Off[a+1]], v.Bytes[v.Off[b]:v.Off[b+1]])
		})
	}
	return func(a, b uint32) int { return 0 }
}

func nullsFirst(v *data.Vec, values comparison) comparison {
	if v.Valid == nil {
		return values
	}
	return func(a, b uint32) int {
		x, y := v.Null(int(a)), v.Null(int(b))
		if x || y {
			return boolInt(y) - boolInt(x)
		}
		return values(a, b)
	}
}

func compareLists(v *data.Vec, elem comparison, a, b uint32) int {
	alo, ahi := v.List(int(a))
	blo, bhi := v.List(int(b))
	if c := cmp.Compare(ahi-alo, bhi-blo); c != 0 {
		return c
	}
	for i := range ahi - alo {
		if c := elem(uint32(alo+i), uint32(blo+i)); c != 0 {
			return c
		}
	}
	return 0
}

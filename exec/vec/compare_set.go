package vec

import (
	"math"

	"github.com/ovatedb/ovate/internal/data"
)

// A Set is values to look others up in. It belongs to one pipeline.
//
//	LONG, DOUBLE   open addressing over the bits; slots hold key+1 places
//	STRING         a Go map: strings mostly come as words, each looked up once
//	codes          a table of 256 or 65536 answers, made when codes of that
//	               base come for the first time
type Set struct {
	kind    data.Kind
	keys    []uint64
	slots   []uint32
	mask    uint64
	strings map[string]struct{}

	least int64 // of bits: whole numbers in a short range, a bit each; nil: they are not
	bits  []uint64

	codes []uint8 // the answer for each code of a column like coded
	coded data.Vec
}

// NewSet is the set of the values of v, none of them null. Its type is LONG,
// DOUBLE or STRING; NaN equals nothing and is not in it.
func NewSet(v *data.Vec) *Set {
	s := &Set{kind: v.Type.Kind}
	if s.kind == data.String {
		s.strings = make(map[string]struct{}, v.N)
		for i := range v.N {
			s.strings[string([]byte(v.Str(i)))] = struct{}{}
		}
		return s
	}
	size := 8
	for size < 2*v.N {
		size *= 2
	}
	s.slots, s.mask = make([]uint32, size), uint64(size-1)
	for i := range v.N {
		k := uint64(v.Long(i))
		if s.kind == data.Double {
			d := v.Double(i)
			if d != d {
				continue
			}
			k = doubleKey(d)
		}
		if at := s.place(k); s.slots[at] == 0 {
			s.keys = append(s.keys, k)
			s.slots[at] = uint32(len(s.keys))
		}
	}
	s.setBits()
	return s
}

// setBits makes bits of whole numbers that lie close enough together.
func (s *Set) setBits() {
	if s.kind != data.Long || len(s.keys) == 0 {
		return
	}
	least, most := int64(s.keys[0]), int64(s.keys[0])
	for _, k := range s.keys {
		least, most = min(least, int64(k)), max(most, int64(k))
	}
	if span := uint64(most) - uint64(least); span < setBits {
		s.least, s.bits = least, make([]uint64, span>>6+1)
		for _, k := range s.keys {
			at := k - uint64(least)
			s.bits[at>>6] |= 1 << (at & 63)
		}
	}
}

const (
	// setBits is the longest range that is kept as bits: half a megabyte.
	setBits = 1 << 22
	// setFew is up to how many numbers are compared one by one with wide codes.
	setFew = 4
)

// doubleKey is the bits of a double, with one zero.
func doubleKey(d float64) uint64 { return math.Float64bits(d + 0) }

// place is the slot of k: its own, or the free one where it belongs.
func (s *Set) place(k uint64) uint64 {
	at := k * 0x9e3779b97f4a7c15
	at ^= at >> 32
	for at &= s.mask; ; at = (at + 1) & s.mask {
		if n := s.slots[at]; n == 0 || s.keys[n-1] == k {
			return at
		}
	}
}

// Has sets out[i] to 1 where row i of v is in the set, else 0; of null rows it
// is arbitrary. v has the type of the set, or is a number where that is one.
func (s *Set) Has(scratch *data.Scratch, out []uint8, v *data.Vec) {
	switch {
	case v.Type.Kind == data.Null || len(out) == 0:
		Fill(out, 0)
	case s.kind == data.String:
		for i := range out {
			_, ok := s.strings[v.Str(i)]
			out[i] = bit(ok)
		}
	case v.Coded() && v.Dict == nil && !v.Const && v.U32 == nil:
		s.hasCodes(out, v)
	case v.Coded() && v.Dict == nil && !v.Const && len(s.keys) <= setFew:
		s.hasFew(scratch, out, v)
	case s.bits != nil && v.Type.Kind == data.Long:
		s.hasBits(scratch, out, v)
	case s.kind == data.Long:
		for i, x := range v.Longs(scratch)[:len(out)] {
			out[i] = bit(s.slots[s.place(uint64(x))] != 0)
		}
	default:
		for i, x := range v.Doubles(scratch)[:len(out)] {
			out[i] = bit(s.slots[s.place(doubleKey(x))] != 0)
		}
	}
}

// hasFew compares codes with one number after the other.
func (s *Set) hasFew(scratch *data.Scratch, out []uint8, v *data.Vec) {
	Fill(out, 0)
	one := data.Make[uint8](scratch, len(out))
	for _, k := range s.keys {
		b := data.Vec{Type: data.LongType, N: 1, I64: []int64{int64(k)}}
		if s.kind == data.Double {
			b = data.Vec{Type: data.DoubleType, N: 1, F64: []float64{math.Float64frombits(k)}}
		}
		compareCodes(one, Equal, v, &b)
		bytewise(out, out, one, true)
	}
}

// hasBits looks whole numbers up in bits: codes as they lie.
func (s *Set) hasBits(scratch *data.Scratch, out []uint8, v *data.Vec) {
	if v.U32 != nil && v.Dict == nil && !v.Const {
		lookUpBits(out, v.U32, uint64(v.Base)-uint64(s.least), s.bits)
		return
	}
	lookUpBits(out, v.Longs(scratch), -uint64(s.least), s.bits)
}

func lookUpBits[C Code](out []uint8, codes []C, off uint64, bits []uint64) {
	codes = codes[:len(out)]
	for i, c := range codes {
		at := uint64(c) + off
		if word := at >> 6; word < uint64(len(bits)) {
			out[i] = uint8(bits[word] >> (at & 63) & 1)
		} else {
			out[i] = 0
		}
	}
}

func (s *Set) hasCodes(out []uint8, v *data.Vec) {
	wide := v.U16 != nil
	if s.codes == nil || s.coded.Base != v.Base || s.coded.Scale != v.Scale || s.coded.Type != v.Type || (len(s.codes) > 256) != wide {
		s.coded = data.Vec{Type: v.Type, N: 256, Base: v.Base, Scale: v.Scale}
		if wide {
			s.coded.N = 1 << 16
		}
		all := s.coded
		all.U32 = make([]uint32, all.N)
		for i := range all.U32 {
			all.U32[i] = uint32(i)
		}
		s.codes = make([]uint8, all.N)
		s.Has(nil, s.codes, &all)
	}
	if wide {
		data.Gather(out, s.codes, v.U16[:len(out)])
	} else {
		data.Gather(out, s.codes, v.U8[:len(out)])
	}
}

package vec

import (
	"encoding/binary"

	"github.com/ovatedb/ovate/internal/data"
)

// Conditions are bytes of 0 or 1 with a validity bitmap; a null is "unknown".
// The byte of a null row is arbitrary, but 0 or 1. The kernels work on eight
// rows at a time: eight bytes are one word, and their validity is one byte.

// And is the conjunction of two conditions of n rows each: false if one is
// false, else null if one is null, else true.
func And(s *data.Scratch, a, b *data.Vec, n int) *data.Vec {
	a, b = a.Flat(s), b.Flat(s)
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.Make[uint8](s, n)
	bytewise(out.U8, a.U8, b.U8, false)
	out.Valid = known(s, a, b, n, 0xff)
	return out
}

// Or is the disjunction: true if one is true, else null if one is null, else
// false.
func Or(s *data.Scratch, a, b *data.Vec, n int) *data.Vec {
	a, b = a.Flat(s), b.Flat(s)
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.Make[uint8](s, n)
	bytewise(out.U8, a.U8, b.U8, true)
	out.Valid = known(s, a, b, n, 0)
	return out
}

// Not is the negation; null stays null.
func Not(s *data.Scratch, a *data.Vec, n int) *data.Vec {
	out := s.NewVec(data.BoolType, n)
	*out = *a
	out.U8 = data.Make[uint8](s, len(a.U8))
	copy(out.U8, a.U8)
	flip(out.U8)
	return out
}

// AndBytes is a and b of bytes that are 0 or 1.
func AndBytes(out, a, b []uint8) { bytewise(out, a, b, false) }

// bytewise ands or ors eight bytes at a time.
func bytewise(out, a, b []uint8, or bool) {
	a, b = a[:len(out)], b[:len(out)]
	i := 0
	for ; i+8 <= len(out); i += 8 {
		x, y := binary.LittleEndian.Uint64(a[i:]), binary.LittleEndian.Uint64(b[i:])
		if or { // predicted: the same all along
			x |= y
		} else {
			x &= y
		}
		binary.LittleEndian.PutUint64(out[i:], x)
	}
	for ; i < len(out); i++ {
		if or {
			out[i] = a[i] | b[i]
		} else {
			out[i] = a[i] & b[i]
		}
	}
}

func flip(x []uint8) {
	const ones = 0x0101010101010101
	i := 0
	for ; i+8 <= len(x); i += 8 {
		binary.LittleEndian.PutUint64(x[i:], binary.LittleEndian.Uint64(x[i:])^ones)
	}
	for ; i < len(x); i++ {
		x[i] ^= 1
	}
}

// known is the validity of an operator that a single valid operand of a
// deciding value settles: not flip (0 for or, where 1 decides; 0xff for and).
func known(s *data.Scratch, a, b *data.Vec, n int, invert byte) []byte {
	if a.Valid == nil && b.Valid == nil {
		return nil
	}
	out := data.Make[byte](s, (n+7)>>3)
	va, vb := a.Valid, b.Valid
	if va == nil {
		va = data.Make[byte](s, len(out))
		Fill(va, 0xff)
	}
	if vb == nil {
		vb = data.Make[byte](s, len(out))
		Fill(vb, 0xff)
	}
	va, vb = va[:len(out)], vb[:len(out)]
	x, y := a.U8[:n], b.U8[:n]
	for i := 0; i < n>>3; i++ {
		da := packed(binary.LittleEndian.Uint64(x)) ^ invert
		db := packed(binary.LittleEndian.Uint64(y)) ^ invert
		out[i] = va[i]&vb[i] | va[i]&da | vb[i]&db
		x, y = x[8:], y[8:]
	}
	if n&7 > 0 {
		var tx, ty [8]uint8
		copy(tx[:], x)
		copy(ty[:], y)
		i := n >> 3
		out[i] = va[i]&vb[i] | va[i]&(packed(binary.LittleEndian.Uint64(tx[:]))^invert) | vb[i]&(packed(binary.LittleEndian.Uint64(ty[:]))^invert)
	}
	return out
}

// packed is eight bytes of 0 or 1 as bits: byte k is moved to bit 56+k, and no
// two sums meet.
func packed(bytes uint64) byte { return byte(bytes * 0x0102040810204080 >> 56) }

// True is a condition with null taken as false and no nulls; False likewise
// its negation.
func True(s *data.Scratch, a *data.Vec, n int) *data.Vec {
	a = a.Flat(s)
	if a.Valid == nil {
		return a
	}
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.Make[uint8](s, n)
	for i, x := range a.U8[:n] {
		out.U8[i] = x & (a.Valid[i>>3] >> (i & 7))
	}
	return out
}

// False is 1 where a is false, 0 where it is true or null.
func False(s *data.Scratch, a *data.Vec, n int) *data.Vec {
	return True(s, Not(s, a.Flat(s), n), n)
}

// IsNull is 1 where a is null.
func IsNull(s *data.Scratch, a *data.Vec, n int) *data.Vec {
	out := s.NewVec(data.BoolType, n)
	out.U8 = data.MakeZero[uint8](s, n)
	if valid := a.Validity(s); valid != nil {
		for i := range out.U8 {
			out.U8[i] = ^(valid[i>>3] >> (i & 7)) & 1
		}
	}
	return out
}

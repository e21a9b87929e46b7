//go:build goexperiment.simd && amd64

package vec

import (
	"simd/archsimd"
	"slices"
)

func mask8(out, x, pass []uint8) int {
	var zero archsimd.Uint8x32
	i := 0
	for ; i+32 <= len(x); i += 32 {
		m := zero.Sub(archsimd.LoadUint8x32((*[32]uint8)(pass[i:])))
		archsimd.LoadUint8x32((*[32]uint8)(x[i:])).And(m).Store((*[32]uint8)(out[i:]))
	}
	archsimd.ClearAVXUpperBits()
	return i
}

// mask32 makes a lane of all ones of each byte that is 1.
func mask32(out, x []uint32, pass []uint8) int {
	var zero archsimd.Uint32x8
	i := 0
	for ; i+32 <= len(x); i += 32 {
		p, v, o := (*[32]uint8)(pass[i:]), (*[32]uint32)(x[i:]), (*[32]uint32)(out[i:])
		low, high := archsimd.LoadUint8x16((*[16]uint8)(p[:16])), archsimd.LoadUint8x16((*[16]uint8)(p[16:]))
		a, b := zero.Sub(low.ExtendLo8ToUint32()), zero.Sub(upper(low).ExtendLo8ToUint32())
		c, d := zero.Sub(high.ExtendLo8ToUint32()), zero.Sub(upper(high).ExtendLo8ToUint32())
		archsimd.LoadUint32x8((*[8]uint32)(v[:8])).And(a).Store((*[8]uint32)(o[:8]))
		archsimd.LoadUint32x8((*[8]uint32)(v[8:16])).And(b).Store((*[8]uint32)(o[8:16]))
		archsimd.LoadUint32x8((*[8]uint32)(v[16:24])).And(c).Store((*[8]uint32)(o[16:24]))
		archsimd.LoadUint32x8((*[8]uint32)(v[24:])).And(d).Store((*[8]uint32)(o[24:]))
	}
	archsimd.ClearAVXUpperBits()
	return i
}

// upper is the eight upper bytes, in the lower half.
func upper(v archsimd.Uint8x16) archsimd.Uint8x16 {
	w := v.AsUint64x2()
	return w.InterleaveHi(w).AsUint8x16()
}

func mask64(out, x []uint64, pass []uint8) int {
	var zero archsimd.Uint64x4
	i := 0
	for ; i+32 <= len(x); i += 32 {
		for j := i; j < i+32; j += 16 {
			v, o := (*[16]uint64)(x[j:]), (*[16]uint64)(out[j:])
			p := archsimd.LoadUint8x16((*[16]uint8)(pass[j:])).ExtendLo8ToUint32()
			q := upper(archsimd.LoadUint8x16((*[16]uint8)(pass[j:]))).ExtendLo8ToUint32()
			archsimd.LoadUint64x4((*[4]uint64)(v[:4])).And(zero.Sub(p.GetLo().ExtendToUint64())).Store((*[4]uint64)(o[:4]))
			archsimd.LoadUint64x4((*[4]uint64)(v[4:8])).And(zero.Sub(p.GetHi().ExtendToUint64())).Store((*[4]uint64)(o[4:8]))
			archsimd.LoadUint64x4((*[4]uint64)(v[8:12])).And(zero.Sub(q.GetLo().ExtendToUint64())).Store((*[4]uint64)(o[8:12]))
			archsimd.LoadUint64x4((*[4]uint64)(v[12:])).And(zero.Sub(q.GetHi().ExtendToUint64())).Store((*[4]uint64)(o[12:]))
		}
	}
	archsimd.ClearAVXUpperBits()
	return i
}

// lookUp16s looks up in sixteen words at a time. A shuffle takes the lower four
// bits of a byte, and gives 0 where its highest is set: moved by the first word
// and, with saturation, into the range whose last sixteen have it not, only
// codes of these words are left.
func lookUp16s(out, words, codes []uint8) int {
	var tables [fastWords / 16]archsimd.Uint8x32
	n := (len(words) + 15) / 16
	for k := range n {
		var both [32]uint8
		copy(both[:16], words[16*k:min(len(words), 16*k+16)])
		copy(both[16:], both[:16])
		tables[k] = archsimd.LoadUint8x32(&both)
	}
	sixteen, last := archsimd.BroadcastUint8x32(16), archsimd.BroadcastUint8x32(0x70)
	i := 0
	for ; i+32 <= len(codes); i += 32 {
		c := archsimd.LoadUint8x32((*[32]uint8)(codes[i:]))
		var found archsimd.Uint8x32
		for k := range n {
			found = found.Or(tables[k].PermuteOrZeroGrouped(c.AddSaturated(last).AsInt8x32()))
			c = c.Sub(sixteen)
		}
		found.Store((*[32]uint8)(out[i:]))
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func most8(x []uint8) (uint8, int) {
	if len(x) < 32 {
		return 0, 0
	}
	m, i := archsimd.LoadUint8x32((*[32]uint8)(x)), 32
	for ; i+32 <= len(x); i += 32 {
		m = m.Max(archsimd.LoadUint8x32((*[32]uint8)(x[i:])))
	}
	var lanes [32]uint8
	m.Store(&lanes)
	archsimd.ClearAVXUpperBits()
	return slices.Max(lanes[:]), i
}

func least8(x []uint8) (uint8, int) {
	if len(x) < 32 {
		return 0, 0
	}
	m, i := archsimd.LoadUint8x32((*[32]uint8)(x)), 32
	for ; i+32 <= len(x); i += 32 {
		m = m.Min(archsimd.LoadUint8x32((*[32]uint8)(x[i:])))
	}
	var lanes [32]uint8
	m.Store(&lanes)
	archsimd.ClearAVXUpperBits()
	return slices.Min(lanes[:]), i
}

func most16(x []uint16) (uint16, int) {
	if len(x) < 32 {
		return 0, 0
	}
	m, i := archsimd.LoadUint16x16((*[16]uint16)(x)), 0
	for ; i+32 <= len(x); i += 32 {
		p := (*[32]uint16)(x[i:])
		m = m.Max(archsimd.LoadUint16x16((*[16]uint16)(p[:16]))).Max(archsimd.LoadUint16x16((*[16]uint16)(p[16:])))
	}
	var lanes [16]uint16
	m.Store(&lanes)
	archsimd.ClearAVXUpperBits()
	return slices.Max(lanes[:]), i
}

func least16(x []uint16) (uint16, int) {
	if len(x) < 32 {
		return 0, 0
	}
	m, i := archsimd.LoadUint16x16((*[16]uint16)(x)), 0
	for ; i+32 <= len(x); i += 32 {
		p := (*[32]uint16)(x[i:])
		m = m.Min(archsimd.LoadUint16x16((*[16]uint16)(p[:16]))).Min(archsimd.LoadUint16x16((*[16]uint16)(p[16:])))
	}
	var lanes [16]uint16
	m.Store(&lanes)
	archsimd.ClearAVXUpperBits()
	return slices.Min(lanes[:]), i
}

func most32(x []uint32) (uint32, int) {
	if len(x) < 32 {
		return 0, 0
	}
	m, n, i := archsimd.LoadUint32x8((*[8]uint32)(x)), archsimd.LoadUint32x8((*[8]uint32)(x)), 0
	for ; i+32 <= len(x); i += 32 {
		p := (*[32]uint32)(x[i:])
		m = m.Max(archsimd.LoadUint32x8((*[8]uint32)(p[:8]))).Max(archsimd.LoadUint32x8((*[8]uint32)(p[8:16])))
		n = n.Max(archsimd.LoadUint32x8((*[8]uint32)(p[16:24]))).Max(archsimd.LoadUint32x8((*[8]uint32)(p[24:])))
	}
	var lanes [8]uint32
	m.Max(n).Store(&lanes)
	archsimd.ClearAVXUpperBits()
	return slices.Max(lanes[:]), i
}

func least32(x []uint32) (uint32, int) {
	if len(x) < 32 {
		return 0, 0
	}
	m, n, i := archsimd.LoadUint32x8((*[8]uint32)(x)), archsimd.LoadUint32x8((*[8]uint32)(x)), 0
	for ; i+32 <= len(x); i += 32 {
		p := (*[32]uint32)(x[i:])
		m = m.Min(archsimd.LoadUint32x8((*[8]uint32)(p[:8]))).Min(archsimd.LoadUint32x8((*[8]uint32)(p[8:16])))
		n = n.Min(archsimd.LoadUint32x8((*[8]uint32)(p[16:24]))).Min(archsimd.LoadUint32x8((*[8]uint32)(p[24:])))
	}
	var lanes [8]uint32
	m.Min(n).Store(&lanes)
	archsimd.ClearAVXUpperBits()
	return slices.Min(lanes[:]), i
}

//go:build goexperiment.simd && amd64

package vec

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"simd/archsimd"
)

func detected() *simd {
	if !archsimd.X86.AVX2() {
		return nil
	}
	f := &simd{sum8: sum8, sum16: sum16, sum32: sum32, choose: choose, index: find, columns: columns, constRight: constRight, constLeft: constLeft}
	f.mask8, f.mask32, f.mask64, f.lookUp = mask8, mask32, mask64, lookUp16s
	f.most8, f.most16, f.most32 = most8, most16, most32
	f.least8, f.least16, f.least32 = least8, least16, least32
	f.compare.u8, f.compare.u16, f.compare.u32 = compare8, compare16, compare32
	f.compare.i64, f.compare.f64, f.compare.columns32 = compareI64, compareF64, columns32
	for m := range 256 {
		n := 0
		for b := range 8 {
			if m>>b&1 == 1 {
				ones[m] |= 1 << (8 * b)
				places[m][n] = uint32(b)
				n++
			}
		}
	}
	return f
}

// ones is the bits of a byte as bytes of a word, places where they are.
var (
	ones   [256]uint64
	places [256][8]uint32
)

// total is the sum of the lanes.
func total(v archsimd.Uint64x4) int64 {
	var lanes [4]uint64
	v.Store(&lanes)
	return int64(lanes[0] + lanes[1] + lanes[2] + lanes[3])
}

// sum8 adds eight codes to a lane at once.
func sum8(x []uint8) (int64, int) {
	var zero archsimd.Uint8x32
	var a, b archsimd.Uint64x4
	i := 0
	for ; i+64 <= len(x); i += 64 {
		p := (*[64]uint8)(x[i:])
		a = a.Add(archsimd.LoadUint8x32((*[32]uint8)(p[:32])).SumAbsDiff(zero).AsUint64x4())
		b = b.Add(archsimd.LoadUint8x32((*[32]uint8)(p[32:])).SumAbsDiff(zero).AsUint64x4())
	}
	sum := total(a.Add(b))
	archsimd.ClearAVXUpperBits()
	return sum, i
}

// sum16 adds in lanes of 32 bits, which hold 65,536 codes.
func sum16(x []uint16) (int64, int) {
	sum, i := int64(0), 0
	for i+32 <= len(x) {
		var a, b archsimd.Uint32x8
		for end := min(len(x), i+1<<19); i+32 <= end; i += 32 {
			p := (*[32]uint16)(x[i:])
			a = a.Add(archsimd.LoadUint16x8((*[8]uint16)(p[:8])).ExtendToUint32())
			b = b.Add(archsimd.LoadUint16x8((*[8]uint16)(p[8:16])).ExtendToUint32())
			a = a.Add(archsimd.LoadUint16x8((*[8]uint16)(p[16:24])).ExtendToUint32())
			b = b.Add(archsimd.LoadUint16x8((*[8]uint16)(p[24:])).ExtendToUint32())
		}
		wide := a.GetLo().ExtendToUint64().Add(a.GetHi().ExtendToUint64())
		sum += total(wide.Add(b.GetLo().ExtendToUint64()).Add(b.GetHi().ExtendToUint64()))
	}
	archsimd.ClearAVXUpperBits()
	return sum, i
}

// sum32 adds in lanes of 64 bits.
func sum32(x []uint32) (int64, int) {
	var a, b, c, d archsimd.Uint64x4
	i := 0
	for ; i+32 <= len(x); i += 32 {
		p := (*[32]uint32)(x[i:])
		a = a.Add(archsimd.LoadUint32x4((*[4]uint32)(p[:4])).ExtendToUint64())
		b = b.Add(archsimd.LoadUint32x4((*[4]uint32)(p[4:8])).ExtendToUint64())
		c = c.Add(archsimd.LoadUint32x4((*[4]uint32)(p[8:12])).ExtendToUint64())
		d = d.Add(archsimd.LoadUint32x4((*[4]uint32)(p[12:16])).ExtendToUint64())
		a = a.Add(archsimd.LoadUint32x4((*[4]uint32)(p[16:20])).ExtendToUint64())
		b = b.Add(archsimd.LoadUint32x4((*[4]uint32)(p[20:24])).ExtendToUint64())
		c = c.Add(archsimd.LoadUint32x4((*[4]uint32)(p[24:28])).ExtendToUint64())
		d = d.Add(archsimd.LoadUint32x4((*[4]uint32)(p[28:])).ExtendToUint64())
	}
	sum := total(a.Add(b).Add(c).Add(d))
	archsimd.ClearAVXUpperBits()
	return sum, i
}

func compare8(out []uint8, c Comparison, x []uint8, y uint8) int {
	w, one := archsimd.BroadcastUint8x32(y), archsimd.BroadcastInt8x32(1)
	i := 0
	for ; i+32 <= len(x); i += 32 {
		v := archsimd.LoadUint8x32((*[32]uint8)(x[i:]))
		var m archsimd.Int8x32
		switch c {
		case Equal:
			m = v.Equal(w).ToInt8x32()
		case Less: // unless the greater of both is v
			m = v.Max(w).Equal(v).ToInt8x32().Not()
		default:
			m = v.Min(w).Equal(v).ToInt8x32()
		}
		m.And(one).AsUint8x32().Store((*[32]uint8)(out[i:]))
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func compare16(out []uint8, c Comparison, x []uint16, y uint16) int {
	w := archsimd.BroadcastUint32x8(uint32(y))
	i := 0
	for ; i+32 <= len(x); i += 32 {
		p, o := (*[32]uint16)(x[i:]), (*[32]uint8)(out[i:])
		put8(o[:8], lanes32(c, archsimd.LoadUint16x8((*[8]uint16)(p[:8])).ExtendToUint32(), w))
		put8(o[8:16], lanes32(c, archsimd.LoadUint16x8((*[8]uint16)(p[8:16])).ExtendToUint32(), w))
		put8(o[16:24], lanes32(c, archsimd.LoadUint16x8((*[8]uint16)(p[16:24])).ExtendToUint32(), w))
		put8(o[24:], lanes32(c, archsimd.LoadUint16x8((*[8]uint16)(p[24:])).ExtendToUint32(), w))
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func compare32(out []uint8, c Comparison, x []uint32, y uint32) int {
	w := archsimd.BroadcastUint32x8(y)
	i := 0
	for ; i+32 <= len(x); i += 32 {
		p, o := (*[32]uint32)(x[i:]), (*[32]uint8)(out[i:])
		put8(o[:8], lanes32(c, archsimd.LoadUint32x8((*[8]uint32)(p[:8])), w))
		put8(o[8:16], lanes32(c, archsimd.LoadUint32x8((*[8]uint32)(p[8:16])), w))
		put8(o[16:24], lanes32(c, archsimd.LoadUint32x8((*[8]uint32)(p[16:24])), w))
		put8(o[24:], lanes32(c, archsimd.LoadUint32x8((*[8]uint32)(p[24:])), w))
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func columns32(out []uint8, c Comparison, x, y []uint32) int {
	i := 0
	for ; i+32 <= len(x); i += 32 {
		for j := i; j < i+32; j += 8 {
			v, w := archsimd.LoadUint32x8((*[8]uint32)(x[j:])), archsimd.LoadUint32x8((*[8]uint32)(y[j:]))
			put8(out[j:j+8], lanes32(c, v, w))
		}
	}
	archsimd.ClearAVXUpperBits()
	return i
}

// lanes32 is a bit a lane.
func lanes32(c Comparison, v, w archsimd.Uint32x8) uint8 {
	switch c {
	case Equal:
		return v.Equal(w).ToBits()
	case Less:
		return ^v.Max(w).Equal(v).ToBits()
	}
	return v.Min(w).Equal(v).ToBits()
}

// put8 writes a byte a bit.
func put8(out []uint8, m uint8) { binary.LittleEndian.PutUint64(out, ones[m]) }

func compareI64(out []uint8, c Comparison, x []int64, y int64) int {
	w := archsimd.BroadcastInt64x4(y)
	i := 0
	for ; i+32 <= len(x); i += 32 {
		for j := i; j < i+32; j += 8 {
			p := (*[8]int64)(x[j:])
			v, u := archsimd.LoadInt64x4((*[4]int64)(p[:4])), archsimd.LoadInt64x4((*[4]int64)(p[4:]))
			var m uint8
			switch c {
			case Equal:
				m = v.Equal(w).ToBits() | u.Equal(w).ToBits()<<4
			case Less:
				m = w.Greater(v).ToBits() | w.Greater(u).ToBits()<<4
			default:
				m = ^(v.Greater(w).ToBits() | u.Greater(w).ToBits()<<4)
			}
			put8(out[j:j+8], m)
		}
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func compareF64(out []uint8, c Comparison, x []float64, y float64) int {
	w := archsimd.BroadcastFloat64x4(y)
	i := 0
	for ; i+32 <= len(x); i += 32 {
		for j := i; j < i+32; j += 8 {
			p := (*[8]float64)(x[j:])
			v, u := archsimd.LoadFloat64x4((*[4]float64)(p[:4])), archsimd.LoadFloat64x4((*[4]float64)(p[4:]))
			var m uint8
			switch c {
			case Equal:
				m = v.Equal(w).ToBits() | u.Equal(w).ToBits()<<4
			case Less:
				m = v.Less(w).ToBits() | u.Less(w).ToBits()<<4
			default:
				m = v.LessEqual(w).ToBits() | u.LessEqual(w).ToBits()<<4
			}
			put8(out[j:j+8], m)
		}
	}
	archsimd.ClearAVXUpperBits()
	return i
}

// choose writes eight row numbers at a time, of which those that pass come
// first, and moves on by their number.
func choose(out []uint32, pass []uint8, base uint32) (n, i int) {
	var zero archsimd.Uint8x32
	for ; i+32 <= len(pass); i += 32 {
		m := ^archsimd.LoadUint8x32((*[32]uint8)(pass[i:])).Equal(zero).ToBits()
		if m == 0 {
			continue
		}
		for j := uint32(0); j < 32; j += 8 {
			b := uint8(m >> j)
			archsimd.LoadUint32x8(&places[b]).Add(archsimd.BroadcastUint32x8(base + uint32(i) + j)).Store((*[8]uint32)(out[n:]))
			n += bits.OnesCount8(b)
		}
	}
	archsimd.ClearAVXUpperBits()
	return n, i
}

// find looks at 32 places at once for the first and the last byte of the
// needle, and where both are for the rest.
func find(text, needle []byte) (found, looked int) {
	last := len(needle) - 1
	a, b := archsimd.BroadcastUint8x32(needle[0]), archsimd.BroadcastUint8x32(needle[last])
	i := 0
	for ; i+last+32 <= len(text); i += 32 {
		v := archsimd.LoadUint8x32((*[32]uint8)(text[i:])).Equal(a)
		w := archsimd.LoadUint8x32((*[32]uint8)(text[i+last:])).Equal(b)
		for m := v.And(w).ToBits(); m != 0; m &= m - 1 {
			at := i + bits.TrailingZeros32(m)
			if bytes.Equal(text[at:at+last], needle[:last]) {
				archsimd.ClearAVXUpperBits()
				return at, 0
			}
		}
	}
	archsimd.ClearAVXUpperBits()
	return -1, i
}

func columns(out []float64, op Operation, x, y []float64) (i int) {
	switch op {
	case Add:
		for ; i+8 <= len(out); i += 8 {
			o, p, q := (*[8]float64)(out[i:]), (*[8]float64)(x[i:]), (*[8]float64)(y[i:])
			archsimd.LoadFloat64x4((*[4]float64)(p[:4])).Add(archsimd.LoadFloat64x4((*[4]float64)(q[:4]))).Store((*[4]float64)(o[:4]))
			archsimd.LoadFloat64x4((*[4]float64)(p[4:])).Add(archsimd.LoadFloat64x4((*[4]float64)(q[4:]))).Store((*[4]float64)(o[4:]))
		}
	case Subtract:
		for ; i+8 <= len(out); i += 8 {
			o, p, q := (*[8]float64)(out[i:]), (*[8]float64)(x[i:]), (*[8]float64)(y[i:])
			archsimd.LoadFloat64x4((*[4]float64)(p[:4])).Sub(archsimd.LoadFloat64x4((*[4]float64)(q[:4]))).Store((*[4]float64)(o[:4]))
			archsimd.LoadFloat64x4((*[4]float64)(p[4:])).Sub(archsimd.LoadFloat64x4((*[4]float64)(q[4:]))).Store((*[4]float64)(o[4:]))
		}
	case Multiply:
		for ; i+8 <= len(out); i += 8 {
			o, p, q := (*[8]float64)(out[i:]), (*[8]float64)(x[i:]), (*[8]float64)(y[i:])
			archsimd.LoadFloat64x4((*[4]float64)(p[:4])).Mul(archsimd.LoadFloat64x4((*[4]float64)(q[:4]))).Store((*[4]float64)(o[:4]))
			archsimd.LoadFloat64x4((*[4]float64)(p[4:])).Mul(archsimd.LoadFloat64x4((*[4]float64)(q[4:]))).Store((*[4]float64)(o[4:]))
		}
	case Divide:
		for ; i+8 <= len(out); i += 8 {
			o, p, q := (*[8]float64)(out[i:]), (*[8]float64)(x[i:]), (*[8]float64)(y[i:])
			archsimd.LoadFloat64x4((*[4]float64)(p[:4])).Div(archsimd.LoadFloat64x4((*[4]float64)(q[:4]))).Store((*[4]float64)(o[:4]))
			archsimd.LoadFloat64x4((*[4]float64)(p[4:])).Div(archsimd.LoadFloat64x4((*[4]float64)(q[4:]))).Store((*[4]float64)(o[4:]))
		}
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func constRight(out []float64, op Operation, x []float64, c float64) (i int) {
	w := archsimd.BroadcastFloat64x4(c)
	switch op {
	case Add:
		for ; i+8 <= len(out); i += 8 {
			o, p := (*[8]float64)(out[i:]), (*[8]float64)(x[i:])
			archsimd.LoadFloat64x4((*[4]float64)(p[:4])).Add(w).Store((*[4]float64)(o[:4]))
			archsimd.LoadFloat64x4((*[4]float64)(p[4:])).Add(w).Store((*[4]float64)(o[4:]))
		}
	case Subtract:
		for ; i+8 <= len(out); i += 8 {
			o, p := (*[8]float64)(out[i:]), (*[8]float64)(x[i:])
			archsimd.LoadFloat64x4((*[4]float64)(p[:4])).Sub(w).Store((*[4]float64)(o[:4]))
			archsimd.LoadFloat64x4((*[4]float64)(p[4:])).Sub(w).Store((*[4]float64)(o[4:]))
		}
	case Multiply:
		for ; i+8 <= len(out); i += 8 {
			o, p := (*[8]float64)(out[i:]), (*[8]float64)(x[i:])
			archsimd.LoadFloat64x4((*[4]float64)(p[:4])).Mul(w).Store((*[4]float64)(o[:4]))
			archsimd.LoadFloat64x4((*[4]float64)(p[4:])).Mul(w).Store((*[4]float64)(o[4:]))
		}
	case Divide:
		for ; i+8 <= len(out); i += 8 {
			o, p := (*[8]float64)(out[i:]), (*[8]float64)(x[i:])
			archsimd.LoadFloat64x4((*[4]float64)(p[:4])).Div(w).Store((*[4]float64)(o[:4]))
			archsimd.LoadFloat64x4((*[4]float64)(p[4:])).Div(w).Store((*[4]float64)(o[4:]))
		}
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func constLeft(out []float64, op Operation, c float64, x []float64) (i int) {
	w := archsimd.BroadcastFloat64x4(c)
	switch op {
	case Add:
		for ; i+8 <= len(out); i += 8 {
			o, p := (*[8]float64)(out[i:]), (*[8]float64)(x[i:])
			w.Add(archsimd.LoadFloat64x4((*[4]float64)(p[:4]))).Store((*[4]float64)(o[:4]))
			w.Add(archsimd.LoadFloat64x4((*[4]float64)(p[4:]))).Store((*[4]float64)(o[4:]))
		}
	case Subtract:
		for ; i+8 <= len(out); i += 8 {
			o, p := (*[8]float64)(out[i:]), (*[8]float64)(x[i:])
			w.Sub(archsimd.LoadFloat64x4((*[4]float64)(p[:4]))).Store((*[4]float64)(o[:4]))
			w.Sub(archsimd.LoadFloat64x4((*[4]float64)(p[4:]))).Store((*[4]float64)(o[4:]))
		}
	case Multiply:
		for ; i+8 <= len(out); i += 8 {
			o, p := (*[8]float64)(out[i:]), (*[8]float64)(x[i:])
			w.Mul(archsimd.LoadFloat64x4((*[4]float64)(p[:4]))).Store((*[4]float64)(o[:4]))
			w.Mul(archsimd.LoadFloat64x4((*[4]float64)(p[4:]))).Store((*[4]float64)(o[4:]))
		}
	case Divide:
		for ; i+8 <= len(out); i += 8 {
			o, p := (*[8]float64)(out[i:]), (*[8]float64)(x[i:])
			w.Div(archsimd.LoadFloat64x4((*[4]float64)(p[:4]))).Store((*[4]float64)(o[:4]))
			w.Div(archsimd.LoadFloat64x4((*[4]float64)(p[4:]))).Store((*[4]float64)(o[4:]))
		}
	}
	archsimd.ClearAVXUpperBits()
	return i
}

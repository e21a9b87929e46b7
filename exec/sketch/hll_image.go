package sketch

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/internal/fault"
)

// The image of an HLL (little-endian):
//
//	0  preamble ints: 2 list, 3 set, 10 registers
//	1  version 1
//	2  family 7
//	3  lgK
//	4  lgArr: a set, or the exceptions of HLL_4, fill a table of 2^lgArr
//	5  flags: 4 empty, 8 compact, 16 out of order, 32 sums are not kept
//	6  list: number of coupons; registers: lowest register (HLL_4, else 0)
//	7  bits 0-1: 0 list, 1 set, 2 registers; bits 2-3: 0 HLL_4, 1 HLL_6, 2 HLL_8
//
//	list       8 u32 coupon …
//	set        8 u32 count, 12 u32 coupon …          (not compact: whole table)
//	registers  8 f64 running estimate, 16 f64 24 f64 sums of 2^-register,
//	          32 u32 registers at the lowest value, 36 u32 exceptions,
//	          40 registers, then u32 exceptions (as coupons)
//
// HLL_4 packs register - lowest in half bytes, low half first; 15 means "see
// the exceptions". HLL_6 packs 6 bits, low bits first, plus one spare byte.
const (
	hllFamily    = 7
	hllHead      = 8
	hllSetHead   = 12
	hllRegsHead  = 40
	hllEmptyFlag = 4
	hllCompact   = 8
	hllOutOfOrd  = 16
	hllStaleFlag = 32
	hllException = 15
)

var le = binary.LittleEndian

// Bytes writes the compact image.
func (h *HLL) Bytes() []byte { return h.AppendBytes(nil) }

// AppendBytes appends the compact image.
func (h *HLL) AppendBytes(dst []byte) []byte {
	head := [hllHead]byte{2, 1, hllFamily, h.lgK, h.lgArr, hllCompact, 0, h.mode | byte(h.typ)<<2}
	switch h.mode {
	case hllList:
		head[4], head[6] = 3, byte(h.count)
		if h.count == 0 {
			head[5] |= hllEmptyFlag
		}
		dst = append(dst, head[:]...)
		return appendCoupons(dst, h.coupons)
	case hllSet:
		head[0] = 3
		dst = le.AppendUint32(append(dst, head[:]...), uint32(h.count))
		return appendCoupons(dst, h.coupons)
	}
	return h.appendRegisters(dst, head)
}

func appendCoupons(dst []byte, coupons []uint32) []byte {
	for _, c := range coupons {
		if c != 0 {
			dst = le.AppendUint32(dst, c)
		}
	}
	return dst
}

func (h *HLL) appendRegisters(dst []byte, head [hllHead]byte) []byte {
	if h.stale {
		h.refresh()
	}
	lowest, atLowest := byte(0), h.zeros
	var exceptions []uint32
	if h.typ != HLL4 {
		head[5] &^= hllCompact // these have but one form, and Java does not mark it
	} else {
		lowest, atLowest, exceptions = h.exceptions()
		head[4] = lgExceptions(h.lgK, len(exceptions))
	}
	if h.ooo {
		head[5] |= hllOutOfOrd
	}
	head[0], head[6] = 10, lowest
	dst = append(dst, head[:]...)
	for _, f := range [...]float64{h.hip, h.inverse[0], h.inverse[1]} {
		dst = le.AppendUint64(dst, math.Float64bits(f))
	}
	dst = le.AppendUint32(le.AppendUint32(dst, uint32(atLowest)), uint32(len(exceptions)))
	switch h.typ {
	case HLL8:
		return append(dst, h.regs...)
	case HLL6:
		return appendSixes(dst, h.regs)
	}
	for i := 0; i < len(h.regs); i += 2 {
		lo, hi := min(h.regs[i]-lowest, hllException), min(h.regs[i+1]-lowest, hllException)
		dst = append(dst, lo|hi<<4)
	}
	return appendCoupons(dst, exceptions)
}

// exceptions finds the lowest register, how many have that value, and those
// registers that are too far from it for half a byte.
func (h *HLL) exceptions() (lowest byte, atLowest int, far []uint32) {
	lowest = h.regs[0]
	for _, r := range h.regs {
		lowest = min(lowest, r)
	}
	for i, r := range h.regs {
		switch {
		case r == lowest:
			atLowest++
		case r-lowest >= hllException:
			far = append(far, uint32(r)<<couponBits|uint32(i))
		}
	}
	return lowest, atLowest, far
}

// lgExceptionsMin[lgK] is the first size of the table that Java keeps
// exceptions in.
var lgExceptionsMin = [MaxHLLLgK + 1]byte{4: 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 11, 12, 13}

func lgExceptions(lgK uint8, n int) byte {
	if n == 0 {
		return 0
	}
	lg := lgExceptionsMin[lgK]
	for 4*n > 3<<lg {
		lg++
	}
	return lg
}

func appendSixes(dst, regs []byte) []byte {
	for i := 0; i < len(regs); i += 4 {
		v := uint32(regs[i]) | uint32(regs[i+1])<<6 | uint32(regs[i+2])<<12 | uint32(regs[i+3])<<18
		dst = append(dst, byte(v), byte(v>>8), byte(v>>16))
	}
	return append(dst, 0)
}

// ReadHLL reads an image of any type and mode, compact or not. An image of no
// bytes is no sketch: callers treat absent ones as empty before.
func ReadHLL(b []byte) (*HLL, error) {
	if len(b) < hllHead {
		return nil, fault.Invalidf("HLL image: %d bytes, expected at least %d", len(b), hllHead)
	}
	if b[1] != 1 || b[2] != hllFamily {
		return nil, fault.Invalidf("HLL image: version %d of family %d, expected version 1 of family %d", b[1], b[2], hllFamily)
	}
	h, err := NewHLL(int(b[3]), HLLType(b[7]>>2&3))
	if err != nil {
		return nil, fault.Invalidf("HLL image: %v", err)
	}
	h.mode = b[7] & 3
	if h.mode > hllRegs {
		return nil, fault.Invalidf("HLL image: mode %d, expected 0 list, 1 set or 2 registers", h.mode)
	}
	if want := [...]byte{2, 3, 10}[h.mode]; b[0] != want {
		return nil, fault.Invalidf("HLL image: %d preamble ints in mode %d, expected %d", b[0], h.mode, want)
	}
	read := [...]func(*HLL, []byte) error{(*HLL).readList, (*HLL).readSet, (*HLL).readRegisters}[h.mode]
	if err := read(h, b); err != nil {
		return nil, err
	}
	return h, nil
}

func (h *HLL) readList(b []byte) error {
	n := int(b[6])
	if b[5]&hllEmptyFlag != 0 {
		n = 0
	}
	if n >= listCap || len(b) < hllHead+4*n {
		return fault.Invalidf("HLL image: a list of %d coupons in %d bytes", n, len(b))
	}
	return h.readCoupons(b[hllHead:hllHead+4*n], n)
}

func (h *HLL) readSet(b []byte) error {
	if h.lgK < 8 {
		return fault.Invalidf("HLL image: a set for lgK %d, which has none", h.lgK)
	}
	if len(b) < hllSetHead {
		return fault.Invalidf("HLL image: %d bytes, expected at least %d", len(b), hllSetHead)
	}
	n, rest, room := int(le.Uint32(b[8:])), b[hllSetHead:], len(b)-hllSetHead
	slots := n
	if b[5]&hllCompact == 0 {
		slots = 1 << min(b[4], 31)
	}
	if n > 3<<(h.lgK-3)/4 || room < 4*slots {
		return fault.Invalidf("HLL image: a set of %d coupons in %d slots for lgK %d in %d bytes", n, slots, h.lgK, len(b))
	}
	h.coupons, h.lgArr = make([]uint32, 1<<lgSetMin), lgSetMin
	return h.readCoupons(rest[:4*slots], n)
}

// readCoupons adds n coupons from b, whose other slots are free. Repeated
// coupons are a fault: the count would not be theirs.
func (h *HLL) readCoupons(b []byte, n int) error {
	mode := h.mode
	for ; len(b) > 0; b = b[4:] {
		switch c := le.Uint32(b); {
		case c == 0:
		case c>>couponBits == 0:
			return fault.Invalidf("HLL image: coupon %#x has no rank", c)
		default:
			h.add(c)
		}
	}
	if h.mode != mode || int(h.count) != n {
		return fault.Invalidf("HLL image: %d different coupons, expected %d", h.count, n)
	}
	return nil
}

func (h *HLL) readRegisters(b []byte) error {
	size := [...]int{1 << h.lgK / 2, 1<<h.lgK*3/4 + 1, 1 << h.lgK}[h.typ]
	if len(b) < hllRegsHead+size {
		return fault.Invalidf("HLL image: %d bytes, expected at least %d for %v with lgK %d", len(b), hllRegsHead+size, h.typ, h.lgK)
	}
	packed, rest := b[hllRegsHead:hllRegsHead+size], b[hllRegsHead+size:]
	h.startRegisters()
	h.ooo, h.stale = b[5]&hllOutOfOrd != 0, true
	h.hip = math.Float64frombits(le.Uint64(b[8:]))
	if !(h.hip >= 0) || math.IsInf(h.hip, 0) {
		return fault.Invalidf("HLL image: estimate is %v", h.hip)
	}
	switch h.typ {
	case HLL8:
		for i, r := range packed {
			h.regs[i] = r & 63
		}
	case HLL6:
		for i := 0; i < len(h.regs); i += 4 {
			v := uint32(packed[i/4*3]) | uint32(packed[i/4*3+1])<<8 | uint32(packed[i/4*3+2])<<16
			h.regs[i], h.regs[i+1], h.regs[i+2], h.regs[i+3] = byte(v&63), byte(v>>6&63), byte(v>>12&63), byte(v>>18)
		}
	default:
		return h.readFours(b, packed, rest)
	}
	return nil
}

func (h *HLL) readFours(b, packed, rest []byte) error {
	lowest, far := b[6], int(le.Uint32(b[36:]))
	if lowest > 63-hllException {
		return fault.Invalidf("HLL image: lowest register is %d", lowest)
	}
	pending := 0
	for i, p := range packed {
		h.regs[2*i], h.regs[2*i+1] = lowest+p&15, lowest+p>>4
		if p&15 == hllException {
			pending++
		}
		if p>>4 == hllException {
			pending++
		}
	}
	slots := far
	if b[5]&hllCompact == 0 && far > 0 {
		slots = 1 << min(b[4], 31)
	}
	if pending != far || len(rest) < 4*slots {
		return fault.Invalidf("HLL image: %d exceptions in %d slots, %d bytes, but %d registers need one", far, slots, len(rest), pending)
	}
	for ; slots > 0; slots, rest = slots-1, rest[4:] {
		c := le.Uint32(rest)
		if c == 0 {
			continue
		}
		at, rank := int(c&couponMask), byte(c>>couponBits)
		if at >= len(h.regs) || h.regs[at] != lowest+hllException || rank < lowest+hllException {
			return fault.Invalidf("HLL image: exception %#x fits no register", c)
		}
		h.regs[at] = rank
	}
	return nil
}

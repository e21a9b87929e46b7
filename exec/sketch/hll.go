package sketch

import (
	"math/bits"

	"github.com/ovatedb/ovate/internal/fault"
)

// HLLType is how an HLL's image packs its registers: 4, 6 or 8 bits each. It
// changes the size of the image, never the estimate.
type HLLType uint8

// The packings, by their number on the wire.
const (
	HLL4 HLLType = iota
	HLL6
	HLL8
)

// String gives the name that queries use: HLL_4, HLL_6, HLL_8.
func (t HLLType) String() string { return [...]string{"HLL_4", "HLL_6", "HLL_8"}[t] }

// ParseHLLType reads the name that queries use.
func ParseHLLType(name string) (HLLType, error) {
	names := []string{"HLL_4", "HLL_6", "HLL_8"}
	for i, n := range names {
		if n == name {
			return HLLType(i), nil
		}
	}
	return 0, fault.Invalidf("unknown HLL type %q, expected HLL_4, HLL_6 or HLL_8%s", name, fault.Suggest(name, names))
}

// The limits of lgK: a sketch has 2^lgK registers.
const (
	MinHLLLgK = 4
	MaxHLLLgK = 21
)

// The forms of an HLL as it fills: a list of coupons, a hash set of coupons,
// registers. The numbers are those of the image.
const (
	hllList = iota
	hllSet
	hllRegs
)

// A coupon is one value's hash cut to 32 bits: 6 bits of rank over 26 bits of
// address. The 2^lgK registers use the low bits of the address.
const (
	couponBits = 26
	couponMask = 1<<couponBits - 1
	listCap    = 8 // coupons in a list
	lgSetMin   = 5 // a set starts with 2^5 slots
)

// HLL counts distinct values in 2^lgK registers; the standard error is about
// 0.83/sqrt(2^lgK) before merges and 1.04/sqrt(2^lgK) after them. Few values
// are kept as coupons, 4 bytes each, and counted almost exactly.
type HLL struct {
	coupons []uint32 // list: the coupons; set: a hash table, 0 = free
	regs    []byte   // one register a byte, whatever the type

	// The three that follow describe regs. While stale, they are not kept.
	inverse [2]float64 // sums of 2^-register, for registers < 32 and >= 32
	zeros   int        // registers that are zero
	hip     float64    // running estimate by historic inverse probability

	count int32 // coupons
	lgK   uint8
	lgArr uint8 // a set has 2^lgArr slots
	typ   HLLType
	mode  uint8
	ooo   bool // out of order: registers were merged, hip means nothing
	stale bool
}

// NewHLL makes an empty sketch of 2^lgK registers, lgK in [4, 21].
func NewHLL(lgK int, typ HLLType) (*HLL, error) {
	if lgK < MinHLLLgK || lgK > MaxHLLLgK {
		return nil, fault.Invalidf("lgK of an HLL sketch is %d, expected %d to %d", lgK, MinHLLLgK, MaxHLLLgK)
	}
	if typ > HLL8 {
		return nil, fault.Invalidf("unknown HLL type number %d", typ)
	}
	return &HLL{lgK: uint8(lgK), typ: typ}, nil
}

// LgK is the binary logarithm of the number of registers.
func (h *HLL) LgK() int { return int(h.lgK) }

// Type is the packing of the image.
func (h *HLL) Type() HLLType { return h.typ }

// SetType changes the packing of the image.
func (h *HLL) SetType(t HLLType) { h.typ = min(t, HLL8) }

// IsEmpty tells whether no value was seen.
func (h *HLL) IsEmpty() bool { return h.mode == hllList && h.count == 0 }

// Size is the memory the sketch holds, in bytes.
func (h *HLL) Size() int64 { return 104 + int64(cap(h.coupons))*4 + int64(cap(h.regs)) }

// UpdateUTF16 counts a string by its UTF-16LE form (Druid's default).
func (h *HLL) UpdateUTF16(s string) { h.UpdateHash(HashUTF16(s)) }

// UpdateUTF8 counts a string by its UTF-8 form.
func (h *HLL) UpdateUTF8(s string) { h.UpdateHash(HashUTF8(s)) }

// UpdateBytes counts a byte string.
func (h *HLL) UpdateBytes(b []byte) { h.UpdateHash(HashBytes(b)) }

// UpdateLong counts a long.
func (h *HLL) UpdateLong(v int64) { h.UpdateHash(HashLong(v)) }

// UpdateDouble counts a double.
func (h *HLL) UpdateDouble(v float64) { h.UpdateHash(HashDouble(v)) }

// UpdateHash counts a hashed value.
func (h *HLL) UpdateHash(x Hash) {
	if x == (Hash{}) {
		return
	}
	rank := min(bits.LeadingZeros64(x.B), 62) + 1
	h.add(uint32(x.A)&couponMask | uint32(rank)<<couponBits)
}

// add counts a coupon.
func (h *HLL) add(c uint32) {
	switch h.mode {
	case hllRegs:
		if h.stale && !h.ooo {
			h.refresh()
		}
		h.raise(int(c)&(1<<h.lgK-1), byte(c>>couponBits))
	case hllSet:
		h.addToSet(c)
	default:
		h.addToList(c)
	}
}

func (h *HLL) addToList(c uint32) {
	for _, x := range h.coupons {
		if x == c {
			return
		}
	}
	h.coupons = append(h.coupons, c)
	h.count++
	switch {
	case h.count < listCap:
	case h.lgK < 8: // a set would be larger than the registers
		h.toRegisters()
	default:
		h.rehash(lgSetMin)
		h.mode = hllSet
	}
}

func (h *HLL) addToSet(c uint32) {
	at, found := findCoupon(h.coupons, h.lgArr, c)
	if found {
		return
	}
	h.coupons[at] = c
	h.count++
	switch {
	case 4*int(h.count) <= 3*len(h.coupons):
	case h.lgArr == h.lgK-3:
		h.toRegisters()
	default:
		h.rehash(h.lgArr + 1)
	}
}

// findCoupon gives the slot of a coupon in a table of 2^lg slots, or the free
// slot to put it in.
func findCoupon(table []uint32, lg uint8, c uint32) (at int, found bool) {
	mask := len(table) - 1
	stride := int(c&couponMask)>>lg | 1
	for at = int(c) & mask; table[at] != 0; at = (at + stride) & mask {
		if table[at] == c {
			return at, true
		}
	}
	return at, false
}

// rehash moves the coupons into a new table of 2^lg slots.
func (h *HLL) rehash(lg uint8) {
	table := make([]uint32, 1<<lg)
	for _, c := range h.coupons {
		if c != 0 {
			at, _ := findCoupon(table, lg, c)
			table[at] = c
		}
	}
	h.coupons, h.lgArr = table, lg
}

// toRegisters turns coupons into registers. The running estimate starts from
// the better one of the coupons.
func (h *HLL) toRegisters() {
	estimate, coupons := h.Estimate(), h.coupons
	h.startRegisters()
	for _, c := range coupons {
		if c != 0 {
			h.add(c)
		}
	}
	h.hip = estimate
}

func (h *HLL) startRegisters() {
	h.mode, h.coupons, h.count, h.lgArr = hllRegs, nil, 0, 0
	h.regs = make([]byte, 1<<h.lgK)
	h.zeros, h.hip = len(h.regs), 0
	h.inverse = [2]float64{float64(len(h.regs)), 0}
}

// raise sets a register to rank if that is more, and keeps the sums.
func (h *HLL) raise(slot int, rank byte) {
	old := h.regs[slot]
	if rank <= old {
		return
	}
	h.regs[slot] = rank
	if h.stale {
		return
	}
	if !h.ooo {
		h.hip += float64(len(h.regs)) / (h.inverse[0] + h.inverse[1])
	}
	if old == 0 {
		h.zeros--
	}
	h.inverse[old>>5&1] -= inversePower(old)
	h.inverse[rank>>5&1] += inversePower(rank)
}

// refresh makes the sums anew from the registers.
func (h *HLL) refresh() {
	var seen [64]int
	for _, r := range h.regs {
		seen[r&63]++
	}
	h.inverse = [2]float64{}
	for r, n := range seen {
		h.inverse[r>>5] += float64(n) * inversePower(byte(r))
	}
	h.zeros, h.stale = seen[0], false
}

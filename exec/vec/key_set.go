package vec

import (
	"math/bits"

	"github.com/ovatedb/ovate/internal/data"
)

// A KeySet tells of whole numbers whether they may be among some keys. It is
// exact where the keys lie close together, else it lets some others pass. It is
// built once and then only read, by any number of workers.
type KeySet struct {
	Least, Most int64
	exact       []uint64 // bit key-Least; the bit after the last is 0
	bloom       []uint64 // two bits of one word a key
	shift       uint
}

// exactBits is the longest range of keys of which each has a bit: 4 MiB.
const exactBits = 1 << 25

// NewKeySet is the set of the keys whose bit in valid, which may be nil, is 1;
// nil if there is none.
func NewKeySet(keys []int64, valid []byte) *KeySet {
	x := &KeySet{}
	var n int
	if x.Least, x.Most, n = Span(keys, valid); n == 0 {
		return nil
	}
	if span := uint64(x.Most) - uint64(x.Least); span < exactBits {
		x.exact = make([]uint64, (span+1)/64+1)
		for i, k := range keys {
			if valid == nil || valid[i>>3]&(1<<(i&7)) != 0 {
				at := uint64(k) - uint64(x.Least)
				x.exact[at>>6] |= 1 << (at & 63)
			}
		}
		return x
	}
	words := 1 << bits.Len(uint(n/4)|63)
	x.bloom, x.shift = make([]uint64, words), uint(64-bits.TrailingZeros(uint(words)))
	for i, k := range keys {
		if valid == nil || valid[i>>3]&(1<<(i&7)) != 0 {
			at, mask := bloomAt(k, x.shift)
			x.bloom[at] |= mask
		}
	}
	return x
}

func bloomAt(k int64, shift uint) (at, mask uint64) {
	h := uint64(k) * 0x9E3779B97F4A7C15
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	return h >> shift, 1<<(h&63) | 1<<(h>>6&63)
}

// Exact says whether none but the keys pass, and how many different ones there
// are.
func (x *KeySet) Exact() (n int, ok bool) {
	for _, w := range x.exact {
		n += bits.OnesCount64(w)
	}
	return n, x.exact != nil
}

// Pass has a 1 for each value of v, of whole numbers, that may be in the set.
// Codes are asked for as they lie.
func (x *KeySet) Pass(s *data.Scratch, v *data.Vec) []uint8 {
	out := data.Make[uint8](s, v.N)
	switch {
	case v.Const || v.Dict != nil || v.I64 != nil:
		passKeys(x, out, v.Longs(s)[:v.N], 0)
	case v.U8 != nil:
		passKeys(x, out, v.U8[:v.N], v.Base)
	case v.U16 != nil:
		passKeys(x, out, v.U16[:v.N], v.Base)
	case v.U32 != nil:
		passKeys(x, out, v.U32[:v.N], v.Base)
	default:
		passKeys(x, out, v.Longs(s)[:v.N], 0)
	}
	if valid := v.Validity(s); valid != nil {
		for i := range out {
			out[i] &= valid[i>>3] >> (i & 7) & 1
		}
	}
	return out
}

// passKeys asks for keys less base.
func passKeys[K Code | int64](x *KeySet, out []uint8, keys []K, base int64) {
	if x.exact != nil {
		passExact(out, keys, x.exact, uint64(base)-uint64(x.Least), uint64(x.Most)-uint64(x.Least)+1)
	} else {
		passBloom(out, keys, x.bloom, x.shift, base)
	}
}

func passExact[K Code | int64](out []uint8, keys []K, set []uint64, offset, size uint64) {
	out = out[:len(keys)]
	for i, k := range keys {
		at := min(uint64(k)+offset, size)
		out[i] = uint8(set[at>>6]>>(at&63)) & 1
	}
}

func passBloom[K Code | int64](out []uint8, keys []K, set []uint64, shift uint, base int64) {
	out = out[:len(keys)]
	for i, k := range keys {
		at, mask := bloomAt(int64(k)+base, shift)
		out[i] = 0
		if set[at]&mask == mask {
			out[i] = 1
		}
	}
}

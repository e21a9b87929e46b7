package sketch

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf8"
)

// defaultSeed is the seed of all DataSketches hashes; sketches of other seeds
// cannot be merged with ours.
const defaultSeed = 9001

// A Hash is the 128-bit hash of one value. The zero Hash stands for "no
// value": every UpdateHash ignores it.
type Hash struct{ A, B uint64 }

// HashUTF8 hashes the UTF-8 bytes of s. The empty string gives the zero Hash,
// since DataSketches do not count it.
func HashUTF8(s string) Hash {
	if len(s) == 0 {
		return Hash{}
	}
	var room [128]byte
	return HashBytes(append(room[:0], s...))
}

// HashUTF16 hashes the UTF-16LE form of s, as Druid's HLL does by default.
// The empty string gives the zero Hash.
func HashUTF16(s string) Hash {
	if len(s) == 0 {
		return Hash{}
	}
	var room [256]byte
	return HashBytes(appendUTF16(room[:0], s))
}

// HashBytes hashes a byte string; an empty one gives the zero Hash.
func HashBytes(b []byte) Hash {
	if len(b) == 0 {
		return Hash{}
	}
	h1, h2 := MurmurHash3_x64_128(b, defaultSeed)
	return Hash{h1, h2}
}

// HashLong hashes the eight little-endian bytes of v.
func HashLong(v int64) Hash {
	h1, h2 := murmurLong(uint64(v), defaultSeed)
	return Hash{h1, h2}
}

// HashDouble hashes the bits of v, after making -0.0 into 0.0 and every NaN
// into one.
func HashDouble(v float64) Hash { return HashLong(int64(doubleBits(v))) }

func doubleBits(v float64) uint64 {
	switch {
	case v == 0:
		return 0
	case v != v:
		return 0x7ff8000000000000
	}
	return math.Float64bits(v)
}

// appendUTF16 appends the UTF-16LE form of s; bytes that are not UTF-8 become
// U+FFFD.
func appendUTF16(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			dst = append(dst, c, 0)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if r >= 0x10000 {
			hi, lo := 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff
			dst = append(dst, byte(hi), byte(hi>>8), byte(lo), byte(lo>>8))
			continue
		}
		dst = append(dst, byte(r), byte(r>>8))
	}
	return dst
}

const (
	murmurC1 = 0x87c37b91114253d5
	murmurC2 = 0x4cf5ad432745937f
)

// MurmurHash3_x64_128 is the 128-bit MurmurHash3 for 64-bit machines, both
// halves seeded with seed.
func MurmurHash3_x64_128(data []byte, seed uint64) (h1, h2 uint64) {
	h1, h2 = seed, seed
	n := uint64(len(data))
	for len(data) >= 16 {
		k1, k2 := binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint64(data[8:])
		h1 ^= mixK1(k1)
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		h2 ^= mixK2(k2)
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
		data = data[16:]
	}
	if len(data) > 0 {
		var tail [16]byte
		copy(tail[:], data)
		h2 ^= mixK2(binary.LittleEndian.Uint64(tail[8:]))
		h1 ^= mixK1(binary.LittleEndian.Uint64(tail[:]))
	}
	return murmurEnd(h1, h2, n)
}

// murmurLong is MurmurHash3_x64_128 of eight bytes.
func murmurLong(v, seed uint64) (h1, h2 uint64) {
	return murmurEnd(seed^mixK1(v), seed, 8)
}

func mixK1(k uint64) uint64 { return bits.RotateLeft64(k*murmurC1, 31) * murmurC2 }

func mixK2(k uint64) uint64 { return bits.RotateLeft64(k*murmurC2, 33) * murmurC1 }

func murmurEnd(h1, h2, n uint64) (uint64, uint64) {
	h1 ^= n
	h2 ^= n
	h1 += h2
	h2 += h1
	h1, h2 = avalanche(h1), avalanche(h2)
	h1 += h2
	return h1, h2 + h1
}

func avalanche(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Murmur3_32 is the 32-bit MurmurHash3 of data; hashed shard specs use it.
func Murmur3_32(data []byte, seed uint32) uint32 {
	h, n := seed, uint32(len(data))
	for len(data) >= 4 {
		h ^= mix32(binary.LittleEndian.Uint32(data))
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
		data = data[4:]
	}
	if len(data) > 0 {
		var tail [4]byte
		copy(tail[:], data)
		h ^= mix32(binary.LittleEndian.Uint32(tail[:]))
	}
	h ^= n
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}

func mix32(k uint32) uint32 { return bits.RotateLeft32(k*0xcc9e2d51, 15) * 0x1b873593 }

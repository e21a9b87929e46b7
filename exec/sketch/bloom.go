package sketch

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/ovatedb/ovate/internal/fault"
)

// Bloom is a set of values that may be said to hold some that it does not: the
// BloomKFilter of Hive, for which all bits of a value lie in one block of 512.
type Bloom struct {
	words []uint64
	k     int // bits of a value
}

const (
	bloomBlock = 8 // words
	bloomShare = 0.05
	// bloomNull stands for null as a value.
	bloomNull = 2862933555777941757
	bloomSeed = 104729
	// maxBloom bounds the memory of a set: about 20 MB.
	maxBloom = 1 << 25
)

// NewBloom makes an empty set for so many values, 1 to 2^25, of which 5 % of
// the others seem to be in it.
func NewBloom(values int) (*Bloom, error) {
	if values < 1 || values > maxBloom {
		return nil, fault.Invalidf("a bloom filter for %d values, expected 1 to %d", values, maxBloom)
	}
	n := int(-float64(values) * math.Log(bloomShare) / (math.Ln2 * math.Ln2))
	k := max(1, int(math.Round(float64(n)/float64(values)*math.Ln2)))
	words := (n + 63) / 64
	return &Bloom{words: make([]uint64, words+bloomBlock-words%bloomBlock), k: k}, nil
}

// Size is the memory held, in bytes.
func (b *Bloom) Size() int64 { return 48 + 8*int64(len(b.words)) }

// BloomText hashes a string.
func BloomText(x string) Hash { return Hash{A: bloomHash([]byte(x))} }

// BloomLong hashes a LONG.
func BloomLong(x int64) Hash {
	h := bits.RotateLeft64(bloomSeed^mixK1(bits.ReverseBytes64(uint64(x))), 27)*5 + 0x52dce729
	return Hash{A: avalanche(h ^ 8)}
}

// BloomDouble hashes a DOUBLE, as the LONG of its bits.
func BloomDouble(x float64) Hash { return BloomLong(int64(javaBits(x))) }

// BloomFloat hashes a FLOAT.
func BloomFloat(x float32) Hash {
	return Hash{A: bloomHash(le.AppendUint32(nil, math.Float32bits(x)))}
}

// BloomNull is the hash of null.
func BloomNull() Hash { return Hash{A: bloomNull} }

func javaBits(x float64) uint64 {
	if x != x {
		return 0x7ff8000000000000
	}
	return math.Float64bits(x)
}

func bloomHash(x []byte) uint64 {
	h, n := uint64(bloomSeed), uint64(len(x))
	for ; len(x) >= 8; x = x[8:] {
		h = bits.RotateLeft64(h^mixK1(le.Uint64(x)), 27)*5 + 0x52dce729
	}
	if len(x) > 0 {
		var tail [8]byte
		copy(tail[:], x)
		h ^= mixK1(le.Uint64(tail[:]))
	}
	return avalanche(h ^ n)
}

// positive flips all bits of a negative number.
func positive(x int32) uint32 {
	if x < 0 {
		x = ^x
	}
	return uint32(x)
}

// bit is bit i, from 1, of a hash: a word and a mask.
func (b *Bloom) bit(x Hash, i int) (word int, mask uint64) {
	low, high := int32(x.A), int32(x.A>>32)
	block := int(positive(low+high)) % (len(b.words) / bloomBlock)
	h := positive(low + int32(i+1)*high)
	return block*bloomBlock + int(h%bloomBlock), 1 << (h / bloomBlock % 64)
}

// UpdateHash adds a value by its hash.
func (b *Bloom) UpdateHash(x Hash) {
	for i := 1; i <= b.k; i++ {
		word, mask := b.bit(x, i)
		b.words[word] |= mask
	}
}

// Has tells whether a value may be in the set.
func (b *Bloom) Has(x Hash) bool {
	for i := 1; i <= b.k; i++ {
		if word, mask := b.bit(x, i); b.words[word]&mask == 0 {
			return false
		}
	}
	return true
}

// Merge adds the values of a set of the same size.
func (b *Bloom) Merge(o *Bloom) error {
	if len(b.words) != len(o.words) || b.k != o.k {
		return fault.Invalidf("bloom filters of %d and %d bits cannot be merged", 64*len(b.words), 64*len(o.words))
	}
	for i, w := range o.words {
		b.words[i] |= w
	}
	return nil
}

// Bytes is the image (big-endian): i8 bits of a value, i32 words, i64 words.
func (b *Bloom) Bytes() []byte {
	out := append(make([]byte, 0, 5+8*len(b.words)), byte(b.k))
	out = binary.BigEndian.AppendUint32(out, uint32(len(b.words)))
	for _, w := range b.words {
		out = binary.BigEndian.AppendUint64(out, w)
	}
	return out
}

// ReadBloom reads an image.
func ReadBloom(image []byte) (*Bloom, error) {
	r := &bigReader{b: image}
	b := &Bloom{k: int(r.u8())}
	n := int(int32(r.u32()))
	if r.short || n < bloomBlock || n%bloomBlock != 0 || len(r.b)/8 < n || b.k < 1 || b.k > 127 {
		return nil, fault.Invalidf("bloom filter image: %d words in %d bytes, %d bits of a value; expected a multiple of %d words", n, len(image), b.k, bloomBlock)
	}
	b.words = make([]uint64, n)
	for i := range b.words {
		b.words[i] = binary.BigEndian.Uint64(r.b[8*i:])
	}
	return b, nil
}

package vec

import (
	"encoding/binary"
	"math/bits"

	"github.com/ovatedb/ovate/internal/data"
)

// Hash is a number for every row that is the same for rows whose keys are the
// same group to a Table, also in another process. Keys of the same salt and
// type are comparable; a null is like any other value.
func Hash(keys []*data.Vec, n int, salt uint64) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = salt
	}
	for _, k := range keys {
		switch {
		case k.Type.Kind == data.Null:
			mixIn(out, make([]uint64, n))
		case k.Type.Numeric():
			c := keyColumn{t: k.Type}
			mixIn(out, c.words(nil, k, n))
		default:
			mixIn(out, textHashes(k, n))
		}
	}
	for i, h := range out {
		out[i] = (h ^ h>>32) * spread
	}
	return out
}

// Ways is the partition of every row, 0 to 2^bits-1 with at most 8 bits, by
// Hash.
func Ways(keys []*data.Vec, n int, salt uint64, bits uint) []uint8 {
	out := make([]uint8, n)
	for i, h := range Hash(keys, n, salt) {
		out[i] = uint8(h >> (64 - bits))
	}
	return out
}

func mixIn(out, words []uint64) {
	words = words[:len(out)]
	for i, w := range words {
		out[i] = bits.RotateLeft64(out[i]^w, 29) * golden
	}
}

// textHashes are of strings, and of lists by their elements; words are hashed
// once each.
func textHashes(v *data.Vec, n int) []uint64 {
	out := make([]uint64, n)
	if n == 0 {
		return out
	}
	switch {
	case v.Const:
		h := textHash(v, 0)
		for i := range out {
			out[i] = h
		}
	case v.Dict != nil && v.Dict.Len() <= 4*n:
		words := make([]uint64, v.Dict.Len())
		for i := range words {
			words[i] = textHash(v.Dict.Words, i)
		}
		for i := range out {
			out[i] = words[v.Code(i)]
		}
	default:
		for i := range out {
			out[i] = textHash(v, i)
		}
	}
	return out
}

func textHash(v *data.Vec, i int) uint64 {
	if v.Null(i) {
		return 0
	}
	if v.Elem == nil || v.Dict != nil {
		return bytesHash(v.Str(i))
	}
	lo, hi := v.List(i)
	var key []byte
	for j := lo; j < hi; j++ {
		key = appendKey(key, v.Elem, j)
	}
	return bytesHash(string(key))
}

// bytesHash reads eight bytes at a time. It is never 0, which is null's.
func bytesHash(x string) uint64 {
	h := uint64(len(x)) + 1
	for len(x) >= 8 {
		h = bits.RotateLeft64(h^binary.LittleEndian.Uint64([]byte(x[:8])), 29) * golden
		h ^= h >> 32
		x = x[8:]
	}
	var tail [8]byte
	copy(tail[:], x)
	h = bits.RotateLeft64(h^binary.LittleEndian.Uint64(tail[:]), 29) * golden
	return h ^ h>>32 | 1
}

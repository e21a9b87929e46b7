package vec

import (
	"math/bits"
	"math/rand/v2"
	"unsafe"

	"github.com/ovatedb/ovate/internal/data"
)

// textSeed is another one in every process, so that nobody can choose strings
// that meet in one slot.
var textSeed = [3]uint64{rand.Uint64() | 1, rand.Uint64() | 1, rand.Uint64() | 1}

// hashText is 32 bits of a string: 16 bytes a multiplication, whose halves are
// folded.
func hashText(x string) uint64 {
	p, n := unsafe.Pointer(unsafe.StringData(x)), len(x)
	h := textSeed[2] ^ uint64(n)
	for ; n > 16; n -= 16 {
		h = fold(h^load8(p, 0)^textSeed[0], load8(p, 8)^textSeed[1])
		p = unsafe.Add(p, 16)
	}
	var a, b uint64
	switch {
	case n >= 8:
		a, b = load8(p, 0), load8(p, n-8)
	case n >= 4:
		a, b = load4(p, 0), load4(p, n-4)
	case n > 0: // the first, the middle, the last
		a = uint64(*(*byte)(p))<<16 | uint64(*(*byte)(unsafe.Add(p, n>>1)))<<8 | uint64(*(*byte)(unsafe.Add(p, n-1)))
	}
	return fold(fold(a^textSeed[0], b^h), h^textSeed[1]) >> 32
}

// hashTexts is hashText of every row; that of a null means nothing.
func hashTexts(v *data.Vec, out []uint64) {
	for i := range out {
		out[i] = hashText(text(v, i))
	}
}

// text is row i of plain strings.
func text(v *data.Vec, i int) string {
	b := v.Bytes[v.Off[i]:v.Off[i+1]]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func load8(p unsafe.Pointer, at int) uint64 { return *(*uint64)(unsafe.Add(p, at)) }

func load4(p unsafe.Pointer, at int) uint64 { return uint64(*(*uint32)(unsafe.Add(p, at))) }

// fold is both halves of a product.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

package vec

import "encoding/binary"

// Texts of ASCII alone have a character a byte: what is asked of characters is
// worked out from offsets, for all texts that lie one after the other at once.

const (
	everyByte = 0x0101010101010101
	topBits   = 0x80 * everyByte
)

// ASCII says whether every byte of text is a character.
func ASCII(text []byte) bool {
	le := binary.LittleEndian
	for ; len(text) >= 32; text = text[32:] {
		p := text[:32:32]
		if (le.Uint64(p)|le.Uint64(p[8:])|le.Uint64(p[16:])|le.Uint64(p[24:]))&topBits != 0 {
			return false
		}
	}
	for _, c := range text {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// Lengths are the lengths of texts, in bytes.
func Lengths(out []int64, off []int32) {
	off = off[:len(out)+1]
	for i := range out {
		out[i] = int64(off[i+1] - off[i])
	}
}

// Upper writes texts of ASCII in upper case, Lower in lower case. out has the
// length of text.
func Upper(out, text []byte) { changeCase(out, text, 'a', 'z') }
func Lower(out, text []byte) { changeCase(out, text, 'A', 'Z') }

// changeCase turns the bit that tells the cases apart in the letters from first
// to last, of eight bytes at once: a byte's top bit is set by an addition where
// it is first or above, and by another where it is above last.
func changeCase(out, text []byte, first, last byte) {
	from, above := uint64(0x80-first)*everyByte, uint64(0x7f-last)*everyByte
	out = out[:len(text)]
	i := 0
	for ; i+8 <= len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[i:])
		binary.LittleEndian.PutUint64(out[i:], x^(x+from)&^(x+above)&topBits>>2)
	}
	for ; i < len(text); i++ {
		out[i] = text[i]
		if first <= text[i] && text[i] <= last {
			out[i] ^= 0x20
		}
	}
}

// Spans says for texts where their bytes lo up to hi begin, and in to, which has
// one more, where each ends when they lie one after the other from 0 on. What
// lies beyond a text is left out. It gives the length of the shortest text.
func Spans(begin, to, off []int32, lo, hi int32) (shortest int32) {
	off, to = off[:len(begin)+1], to[:len(begin)+1]
	shortest = 1<<31 - 1
	at := int32(0)
	to[0] = 0
	for i := range begin {
		size := off[i+1] - off[i]
		a := min(lo, size)
		at += max(min(hi, size)-a, 0)
		begin[i], to[i+1] = off[i]+a, at
		shortest = min(shortest, size)
	}
	return shortest
}

// Tails is Spans for the last n bytes.
func Tails(begin, to, off []int32, n int32) {
	off, to = off[:len(begin)+1], to[:len(begin)+1]
	at := int32(0)
	to[0] = 0
	for i := range begin {
		size := min(n, off[i+1]-off[i])
		at += size
		begin[i], to[i+1] = off[i+1]-size, at
	}
}

// CopySpans writes what begins at begin[i] in text from to[i] up to to[i+1] in
// out. Of short spans eight bytes are written at once: what comes after is
// written over, and out has room for eight more bytes.
func CopySpans(out []byte, to, begin []int32, text []byte) {
	to = to[:len(begin)+1]
	last := int32(len(text) - 8)
	for i, b := range begin {
		at, size := to[i], to[i+1]-to[i]
		if size <= 8 && b <= last {
			binary.LittleEndian.PutUint64(out[at:], binary.LittleEndian.Uint64(text[b:]))
		} else {
			copy(out[at:at+size], text[b:])
		}
	}
}

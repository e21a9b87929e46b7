package vec

import (
	"bytes"
	"encoding/binary"
)

// Contains sets out[i] to 1 where the text bytes[off[i]:off[i+1]] has the
// needle in it, which is not empty; out comes with zeros.
func Contains(out []uint8, off []int32, text []byte, needle []byte) {
	f := finding{off: off[:len(out)+1], text: text, needle: needle, at: int(off[0])}
	for f.next() {
		out[f.row-1] = 1
	}
}

// Positions sets out[i] to the byte at which the needle, which is not empty,
// begins in a text, -1 where it is not in it.
func Positions(out []int64, off []int32, text []byte, needle []byte) {
	for i := range out {
		out[i] = -1
	}
	f := finding{off: off[:len(out)+1], text: text, needle: needle, at: int(off[0])}
	for f.next() {
		out[f.row-1] = int64(f.found - int(off[f.row-1]))
	}
}

// finding goes to the first place of a needle in each text. The texts lie one
// after the other and are searched as one; what begins in one and ends in the
// next is passed over.
type finding struct {
	off          []int32
	text, needle []byte
	at, row      int // where to search on: not before that text
	found        int // in the text before row
}

func (f *finding) next() bool {
	for last := len(f.off) - 1; f.row < last; {
		skip := index(f.text[f.at:f.off[last]], f.needle)
		if skip < 0 {
			break
		}
		f.at += skip
		for int(f.off[f.row+1]) <= f.at {
			f.row++
		}
		if f.at+len(f.needle) > int(f.off[f.row+1]) {
			f.at++
			continue
		}
		f.row++
		f.found, f.at = f.at, int(f.off[f.row])
		return true
	}
	f.row = len(f.off) - 1
	return false
}

// index is where needle begins in text, or -1.
func index(text, needle []byte) int {
	if fast == nil || len(needle) < 2 {
		return bytes.Index(text, needle)
	}
	found, looked := fast.index(text, needle)
	if found >= 0 {
		return found
	}
	if rest := bytes.Index(text[looked:], needle); rest >= 0 {
		return looked + rest
	}
	return -1
}

// Prefixed sets out[i] to 1 where the text begins with a prefix, which is not
// empty; out comes with zeros. Of every text eight bytes are compared at once,
// those after its end, too, where there are any.
func Prefixed(out []uint8, off []int32, text []byte, prefix []byte) {
	var first [8]byte
	n := copy(first[:], prefix)
	head, mask := binary.LittleEndian.Uint64(first[:]), ^uint64(0)>>(64-8*n)
	off = off[:len(out)+1]
	i, last := 0, int32(len(text)-8)
	for ; i < len(out) && off[i] <= last; i++ {
		x := binary.LittleEndian.Uint64(text[off[i]:])
		out[i] = bit((x^head)&mask == 0 && int(off[i+1]-off[i]) >= len(prefix))
	}
	for ; i < len(out); i++ {
		out[i] = bit(bytes.HasPrefix(text[off[i]:off[i+1]], prefix))
	}
	if len(prefix) <= 8 {
		return
	}
	for i, p := range out {
		if p == 1 && !bytes.Equal(text[off[i]+8:][:len(prefix)-8], prefix[8:]) {
			out[i] = 0
		}
	}
}

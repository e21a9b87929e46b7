package vec

import (
	"bytes"
	"encoding/binary"
)

// Contains sets out[i] to 1 where the text bytes[off[i]:off[i+1]] has the
// needle in it, which is not empty; out comes with zeros. The texts lie one
// after the other and are searched as one; what begins in one and ends in the
// next is passed over.
func Contains(out []uint8, off []int32, text []byte, needle []byte) {
	if len(out) == 0 {
		return
	}
	at, end, row := int(off[0]), int(off[len(out)]), 0
	for {
		skip := index(text[at:end], needle)
		if skip < 0 {
			return
		}
		at += skip
		for int(off[row+1]) <= at {
			row++
		}
		if at+len(needle) > int(off[row+1]) {
			at++
			continue
		}
		out[row] = 1
		at = int(off[row+1])
		if row++; row == len(out) {
			return
		}
	}
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

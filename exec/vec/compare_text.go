package vec

import (
	"encoding/binary"

	"github.com/ovatedb/ovate/internal/data"
)

// compareText compares strings with one string.
func compareText(s *data.Scratch, out []uint8, c Comparison, a *data.Vec, y string) {
	if a.Dict != nil || a.Off == nil || a.Const {
		for i := range out {
			out[i] = bit(c.Holds(compareStrings(a.Str(i), y)))
		}
		return
	}
	off := a.Off[:len(out)+1]
	switch three[c].loop {
	case Equal:
		equalTexts(s, out, off, a.Bytes, y)
	case Less:
		textsBelow(out, off, a.Bytes, y, 0)
	default:
		textsBelow(out, off, a.Bytes, y, 1)
	}
	if three[c].negate {
		flip(out)
	}
}

// equalTexts first finds the texts as long as y, which are few, from offsets
// alone: nothing foretells where they are, and to wait for the bytes of one
// after the other takes most of the time.
func equalTexts(s *data.Scratch, out []uint8, off []int32, text []byte, y string) {
	clear(out)
	rows, n, size := data.Make[uint32](s, len(out)), 0, int32(len(y))
	for i := range out {
		rows[n] = uint32(i)
		n += int(bit(off[i+1]-off[i] == size))
	}
	rows = rows[:n]
	if len(y) >= 8 {
		head := binary.LittleEndian.Uint64([]byte(y[:8]))
		for _, r := range rows {
			out[r] = bit(binary.LittleEndian.Uint64(text[off[r]:]) == head)
		}
		if y = y[8:]; y == "" {
			return
		}
		n = 0
		for _, r := range rows {
			rows[n] = r
			n += int(out[r])
		}
		rows = rows[:n]
	}
	for _, r := range rows {
		hi := off[r+1]
		out[r] = bit(string(text[int(hi)-len(y):hi]) == y)
	}
}

// textsBelow sets out to 1 for texts below y, to equal for y itself, else to 0.
// The first eight bytes decide for nearly all.
func textsBelow(out []uint8, off []int32, text []byte, y string, equal uint8) {
	head := textHead([]byte(y))
	i, last := 0, int32(len(text)-8)
	for ; i < len(out) && off[i] <= last; i++ {
		lo, hi := off[i], off[i+1]
		beyond := 64 - 8*uint(min(hi-lo, 8)) // bits that are of the next text
		x := binary.BigEndian.Uint64(text[lo:]) >> beyond << beyond
		out[i] = bit(x < head)
		if x == head {
			out[i] = belowOrEqual(text[lo:hi], y, equal)
		}
	}
	for ; i < len(out); i++ {
		out[i] = belowOrEqual(text[off[i]:off[i+1]], y, equal)
	}
}

func belowOrEqual(x []byte, y string, equal uint8) uint8 {
	if string(x) == y {
		return equal
	}
	return bit(string(x) < y)
}

// textHead is the first eight bytes, and zeros where there are fewer, as a
// number that orders as they do.
func textHead(x []byte) uint64 {
	var first [8]byte
	copy(first[:], x)
	return binary.BigEndian.Uint64(first[:])
}

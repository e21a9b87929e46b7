package druidv9

import (
	"encoding/binary"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment/bitmap"
)

// bitmaps read a set of rows in each of Druid's forms and give them to use.
var bitmaps = map[string]func(b []byte, rows int, use func(row int)) error{
	"roaring": roaring,
	"concise": concise,
}

// validity turns a bitmap of null rows into one of valid rows.
func validity(kind string, b []byte, rows int) ([]byte, error) {
	read, ok := bitmaps[kind]
	if !ok {
		return nil, fault.Invalidf("bitmaps of type %q, expected roaring or concise", kind)
	}
	out := make([]byte, (rows+7)>>3)
	for i := range out {
		out[i] = 0xff
	}
	err := read(b, rows, func(row int) { out[row>>3] &^= 1 << (row & 7) })
	return out, err
}

func roaring(b []byte, rows int, use func(row int)) error {
	set, err := bitmap.Decode(b)
	if err != nil {
		return fault.Invalidf("a roaring bitmap: %v", err)
	}
	set.Each(func(row uint32) {
		if int(row) < rows {
			use(int(row))
		}
	})
	return nil
}

// concise reads big-endian words: 31 rows as they are, or a run of groups of 31
// of which the first may have one row flipped.
func concise(b []byte, rows int, use func(row int)) error {
	if len(b)%4 != 0 {
		return fault.Invalidf("a concise bitmap of %d bytes, expected words of 4", len(b))
	}
	for at := 0; len(b) > 0 && at < rows; b = b[4:] {
		w := binary.BigEndian.Uint32(b)
		groups, flip := 1, 0
		bit := func(i int) bool { return w>>i&1 != 0 }
		if w>>31 == 0 {
			ones := w>>30&1 != 0
			groups, flip = int(w&(1<<25-1))+1, int(w>>25&31)
			bit = func(i int) bool { return ones != (i == flip-1) }
		}
		end := min(rows, at+31*groups)
		for row := at; row < end; row++ {
			if bit(row - at) {
				use(row)
			}
		}
		at += 31 * groups
	}
	return nil
}

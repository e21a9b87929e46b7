package file

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment/bitmap"
	"github.com/ovatedb/ovate/segment/encoding"
)

// An index says for each word which rows hold it. Heads has 8 bytes a word:
//
//	bits 0-31   the row; or where in Rows the rows begin, in 4 bytes; or where
//	            in Sets the set begins, in 8 bytes
//	bits 32-63  the number of rows: 0, 1, or up to maxPosted in Rows; with bit 63
//	            set, the length in bytes of a roaring bitmap in Sets
type index struct {
	Heads int `json:"heads"`
	Rows  int `json:"rows"`
	Sets  int `json:"sets"`
}

const (
	maxPosted = 64
	inSets    = 1 << 63
)

// index writes the index of a column of words just written, if it has one: the
// words must be few enough that a word stands for four rows.
func (w *writer) index(n *encoding.Node, rec *recorder) (*index, error) {
	v, err := encoding.Read(n, rec)
	if err != nil || v.Type.Kind != data.String {
		return nil, err
	}
	words := v
	if v.Elem != nil {
		words = v.Elem
	}
	if words.Dict == nil || 4*words.Dict.Len() > v.N {
		return nil, nil
	}
	starts, rows := rowsByWord(v, words)
	x := indexWriter{heads: make([]byte, 0, 8*words.Dict.Len())}
	for i := range words.Dict.Len() {
		if err := x.add(rows[starts[i]:starts[i+1]]); err != nil {
			return nil, err
		}
	}
	out := new(index)
	for _, p := range []struct {
		to *int
		b  []byte
	}{{&out.Heads, x.heads}, {&out.Rows, x.rows}, {&out.Sets, x.sets.Bytes()}} {
		if *p.to, err = w.Put(p.b); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rowsByWord sorts rows by word, by counting. A row counts once for a word
// that it holds twice, and an empty row for the null word.
func rowsByWord(v, words *data.Vec) (starts, rows []uint32) {
	codes := words.Codes32(nil)
	starts = make([]uint32, words.Dict.Len()+2) // one more, to fill without a copy
	each := func(f func(row, code uint32)) {
		if v.Elem == nil {
			for i, c := range codes {
				f(uint32(i), c)
			}
			return
		}
		for i := range v.N {
			of := codes[v.Off[i]:v.Off[i+1]]
			for j, c := range of {
				if slices.Index(of[:j], c) < 0 {
					f(uint32(i), c)
				}
			}
			if len(of) == 0 {
				f(uint32(i), 0)
			}
		}
	}
	each(func(_, c uint32) { starts[c+2]++ })
	for i := 2; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	rows = make([]uint32, starts[len(starts)-1])
	each(func(row, c uint32) {
		rows[starts[c+1]] = row
		starts[c+1]++
	})
	return starts[:len(starts)-1], rows
}

type indexWriter struct {
	heads, rows []byte
	sets        bytes.Buffer
}

func (x *indexWriter) add(rows []uint32) error {
	head := uint64(len(rows)) << 32
	switch {
	case len(rows) == 0:
	case len(rows) == 1:
		head |= uint64(rows[0])
	case len(rows) <= maxPosted:
		head |= uint64(len(x.rows) / 4)
		for _, r := range rows {
			x.rows = binary.LittleEndian.AppendUint32(x.rows, r)
		}
	default:
		b := bitmap.Of(rows)
		b.Optimize()
		x.sets.Write(padding[:-x.sets.Len()&7])
		at := x.sets.Len()
		if _, err := b.WriteTo(&x.sets); err != nil {
			return fault.New(fault.Internal, "index: %v", err)
		}
		head = inSets | uint64(x.sets.Len()-at)<<32 | uint64(at/8)
	}
	x.heads = binary.LittleEndian.AppendUint64(x.heads, head)
	return nil
}

// An indexReader is an index over the mapped bytes.
type indexReader struct{ heads, rows, sets []byte }

func (f *File) index(m *index, words int) (*indexReader, error) {
	if m == nil {
		return nil, nil
	}
	var x indexReader
	for _, p := range []struct {
		to *[]byte
		i  int
	}{{&x.heads, m.Heads}, {&x.rows, m.Rows}, {&x.sets, m.Sets}} {
		b, err := f.Get(p.i)
		if err != nil {
			return nil, err
		}
		*p.to = b
	}
	if len(x.heads) < 8*words {
		return nil, fault.Invalidf("index of %d words, expected %d", len(x.heads)/8, words)
	}
	return &x, nil
}

func (x *indexReader) head(code uint32) (head, at uint64) {
	h := binary.LittleEndian.Uint64(x.heads[8*int(code):])
	return h >> 32, h & 0xffffffff
}

// posted are the rows of an entry that is not in sets, added to dst.
func (x *indexReader) posted(dst []uint32, n, at uint64) []uint32 {
	if n == 1 {
		return append(dst, uint32(at))
	}
	for b := x.rows[4*at : 4*(at+n)]; len(b) > 0; b = b[4:] {
		dst = append(dst, binary.LittleEndian.Uint32(b))
	}
	return dst
}

const lengthOfSet = 1<<31 - 1

// set is the bitmap of an entry in sets. Verify has seen that it is one.
func (x *indexReader) set(n, at uint64) *bitmap.Bitmap {
	b, err := bitmap.Read(x.sets[8*at : 8*at+n&lengthOfSet])
	if err != nil {
		return bitmap.New()
	}
	return b
}

func (x *indexReader) rowsOf(code uint32) *bitmap.Bitmap {
	n, at := x.head(code)
	if n > lengthOfSet {
		return x.set(n, at)
	}
	return bitmap.Of(x.posted(nil, n, at))
}

// union is the rows of several words: short entries are gathered and sorted
// once, so that a thousand words of one row make one set and not a thousand.
func (x *indexReader) union(codes []uint32) *bitmap.Bitmap {
	var rows []uint32
	var sets []*bitmap.Bitmap
	for _, c := range codes {
		if n, at := x.head(c); n > lengthOfSet {
			sets = append(sets, x.set(n, at))
		} else {
			rows = x.posted(rows, n, at)
		}
	}
	if len(rows) > 0 {
		slices.Sort(rows)
		sets = append(sets, bitmap.Of(slices.Compact(rows)))
	}
	if len(sets) == 1 {
		return sets[0]
	}
	return bitmap.Or(sets...)
}

// count is the number of rows of a word.
func (x *indexReader) count(code uint32) int {
	n, at := x.head(code)
	if n > lengthOfSet {
		return x.set(n, at).Len()
	}
	return int(n)
}

// check looks at every entry: rows exist and ascend, sets are sets.
func (x *indexReader) check(words, rows int) error {
	for code := range uint32(words) {
		n, at := x.head(code)
		var got []uint32
		switch {
		case n > lengthOfSet:
			if 8*at+n&lengthOfSet > uint64(len(x.sets)) {
				return fault.Invalidf("index of word %d: outside of its buffer", code)
			}
			set, err := bitmap.Decode(x.sets[8*at : 8*at+n&lengthOfSet])
			if err != nil {
				return fault.Invalidf("index of word %d: %v", code, err)
			}
			if set.Rows(nil, uint32(rows), 1<<32-1) != nil {
				return fault.Invalidf("index of word %d: rows beyond %d", code, rows)
			}
			continue
		case n > 1 && 4*(at+n) > uint64(len(x.rows)):
			return fault.Invalidf("index of word %d: outside of its buffer", code)
		default:
			got = x.posted(nil, n, at)
		}
		if !slices.IsSorted(got) || (len(got) > 0 && int(got[len(got)-1]) >= rows) {
			return fault.Invalidf("index of word %d: rows out of order or beyond %d", code, rows)
		}
	}
	return nil
}

package vec

import (
	"encoding/binary"

	"github.com/ovatedb/ovate/internal/data"
)

// ShortWords makes words of computed texts, so that what is done with them next
// is done with codes. It keeps the dictionary, so that the batches of a pipeline
// have the same for as long as no new text comes, and gives up where there are
// many texts: it belongs to one pipeline.
//
//	key     length + 1 (8 bits) | bytes, the first lowest; 0 is no key
//	slots   key, codes its code; open addressing, linear probing
type ShortWords struct {
	slots []uint64
	codes []uint16
	keys  []uint64 // in the order of codes
	dict  *data.Dict
	made  int // dictionaries
	tired bool
}

// ShortText is the most bytes that texts may have to become words.
const ShortText = 7

const (
	shortBits = 12
	mostShort = 1 << (shortBits - 2) // words
	mostMade  = 64                   // dictionaries: consumers remember what they worked out for each
	shortNull = 0xff << 56           // the key of null
)

// Of is the texts of spans, as Spans gives them, as words, null where valid says
// so; nil: there are too many, or rows are too few. No span is longer than
// ShortText.
func (w *ShortWords) Of(s *data.Scratch, to, begin []int32, text, valid []byte) *data.Vec {
	if w.tired || len(begin) == 0 || w.few(len(begin)) {
		return nil
	}
	if w.slots == nil {
		w.slots, w.codes = make([]uint64, 1<<shortBits), make([]uint16, 1<<shortBits)
	}
	out := s.NewVec(data.StringType, len(begin))
	out.U16 = data.Make[uint16](s, len(begin))
	if !w.look(out.U16, to, begin, text) || valid != nil && !w.lookNulls(out.U16, valid) {
		w.tired = true
		return nil
	}
	if w.few(len(begin)) {
		return nil
	}
	if w.dict == nil || w.dict.Len() < len(w.keys) {
		if w.made++; w.made > mostMade {
			w.tired = true
			return nil
		}
		w.dict = w.newDict()
	}
	out.Dict = w.dict
	return out
}

// few says whether words would be shared by few of n rows.
func (w *ShortWords) few(n int) bool { return 4*len(w.keys) > n }

// look sets out to the code of each span; false: there are too many.
func (w *ShortWords) look(out []uint16, to, begin []int32, text []byte) bool {
	to, out = to[:len(begin)+1], out[:len(begin)]
	slots, codes := w.slots[:1<<shortBits], w.codes[:1<<shortBits]
	last := int32(len(text) - 8)
	for i, b := range begin {
		size := uint64(to[i+1] - to[i])
		var x uint64
		if b <= last {
			x = binary.LittleEndian.Uint64(text[b:])
		} else {
			x = lastBytes(text[b:])
		}
		key := x&(1<<(8*size&63)-1) | (size+1)<<56
		at := key * golden >> (64 - shortBits)
		if slots[at] != key {
			var ok bool
			if at, ok = w.place(key, at); !ok {
				return false
			}
		}
		out[i] = codes[at]
	}
	return true
}

// place is the slot of a key whose first slot is another's or free.
func (w *ShortWords) place(key, at uint64) (uint64, bool) {
	for w.slots[at] != key {
		if w.slots[at] != 0 {
			at = (at + 1) & (1<<shortBits - 1)
			continue
		}
		if len(w.keys) == mostShort {
			return 0, false
		}
		w.slots[at], w.codes[at] = key, uint16(len(w.keys))
		w.keys = append(w.keys, key)
	}
	return at, true
}

func (w *ShortWords) lookNulls(out []uint16, valid []byte) bool {
	at, ok := w.place(shortNull, shortNull&(1<<shortBits-1))
	if !ok {
		return false
	}
	for i := range out {
		if valid[i>>3]&(1<<(i&7)) == 0 {
			out[i] = w.codes[at]
		}
	}
	return true
}

// lastBytes is the bytes of text, of which there are less than eight.
func lastBytes(text []byte) uint64 {
	var all [8]byte
	copy(all[:], text)
	return binary.LittleEndian.Uint64(all[:])
}

func (w *ShortWords) newDict() *data.Dict {
	b := data.NewBuilder(data.StringType)
	var text [8]byte
	for _, key := range w.keys {
		if key == shortNull {
			b.Null()
			continue
		}
		binary.LittleEndian.PutUint64(text[:], key)
		b.String(string(text[:key>>56-1]))
	}
	return &data.Dict{Words: b.Vec()}
}

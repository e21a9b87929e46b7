package vec

import (
	"bytes"

	"github.com/ovatedb/ovate/internal/data"
)

// NoChoice as a row's choice gives null.
const NoChoice = 255

// A Choice makes columns by choosing among others. It keeps the dictionary of
// constant strings, so that all batches of a pipeline have the same.
type Choice struct {
	words []string // of dict, each after a =; "" for null
	dict  *data.Dict
}

// Choose makes a column of type t whose row i is that of from[which[i]], or
// null where which[i] is NoChoice. All of from have type t and are no lists,
// or are nil where never chosen. A choice among constant strings becomes words.
func (c *Choice) Choose(s *data.Scratch, t data.Type, which []uint8, from []*data.Vec, n int) *data.Vec {
	which = which[:n]
	if t.Kind == data.Null {
		return data.Nulls(s, t, n)
	}
	if t.Kind == data.String && allConst(from) {
		return c.chooseWords(s, t, which, from)
	}
	out := s.NewVec(t, n)
	out.Valid = chooseValid(s, which, from)
	switch t.Kind {
	case data.Long:
		out.I64 = data.Make[int64](s, n)
		chooseNumbers(s, out.I64, which, from, (*data.Vec).Longs)
	case data.Double:
		out.F64 = data.Make[float64](s, n)
		chooseNumbers(s, out.F64, which, from, (*data.Vec).Doubles)
	case data.Float:
		out.F32 = data.MakeZero[float32](s, n)
		for i, k := range which {
			if k != NoChoice {
				out.F32[i] = float32(from[k].Double(i))
			}
		}
	case data.Bool:
		out.U8 = data.MakeZero[uint8](s, n)
		for k, v := range from {
			if v != nil {
				pickFrom(out.U8, which, uint8(k), v.Flat(s).U8)
			}
		}
	default:
		chooseBytes(s, out, which, from)
	}
	return out
}

// chooseNumbers begins with the last of from in all rows and puts the others
// over it, without a branch that choices would mislead. Rows without a choice
// get any value.
func chooseNumbers[T int64 | float64](s *data.Scratch, out []T, which []uint8, from []*data.Vec, values func(*data.Vec, *data.Scratch) []T) {
	last := true
	for k := len(from) - 1; k >= 0; k-- {
		v := from[k]
		if v == nil || v.N == 0 {
			continue
		}
		var x []T
		if v.Const {
			one := *v
			one.N = 1
			x = values(&one, s)
		} else {
			x = values(v, s)[:len(out)]
		}
		switch {
		case last && v.Const:
			for i := range out {
				out[i] = x[0]
			}
		case last:
			copy(out, x)
		case v.Const:
			pickConst(as[uint64](out), which, uint8(k), as[uint64](x)[0])
		default:
			pickWords(as[uint64](out), which, uint8(k), as[uint64](x))
		}
		last = false
	}
	if last {
		clear(out)
	}
}

func pickWords(out []uint64, which []uint8, k uint8, from []uint64) {
	out, from = out[:len(which)], from[:len(which)]
	for i, w := range which {
		mask := -uint64(bit(w == k))
		out[i] ^= (out[i] ^ from[i]) & mask
	}
}

func pickConst(out []uint64, which []uint8, k uint8, x uint64) {
	out = out[:len(which)]
	for i, w := range which {
		mask := -uint64(bit(w == k))
		out[i] ^= (out[i] ^ x) & mask
	}
}

func pickFrom[T any](out []T, which []uint8, k uint8, from []T) {
	out, from = out[:len(which)], from[:len(which)]
	for i, w := range which {
		if w == k {
			out[i] = from[i]
		}
	}
}

func allConst(from []*data.Vec) bool {
	for _, v := range from {
		if v != nil && (!v.Const || v.N == 0) {
			return false
		}
	}
	return true
}

// chooseWords makes the constants a dictionary, with null as its last word.
func (c *Choice) chooseWords(s *data.Scratch, t data.Type, which []uint8, from []*data.Vec) *data.Vec {
	if !c.same(from) {
		c.words = c.words[:0]
		b := data.NewBuilder(t)
		for _, v := range append(from[:len(from):len(from)], nil) {
			if v == nil || v.Null(0) {
				b.Null()
				c.words = append(c.words, "")
			} else {
				b.String(v.Str(0))
				c.words = append(c.words, "="+v.Str(0))
			}
		}
		c.dict = &data.Dict{Words: b.Vec()}
	}
	out := s.NewVec(t, len(which))
	out.Dict = c.dict
	out.U8 = data.Make[uint8](s, len(which))
	null := uint8(len(from))
	for i, k := range which {
		out.U8[i] = min(k, null)
	}
	return out
}

// same says whether the words of the dictionary are the constants of from.
func (c *Choice) same(from []*data.Vec) bool {
	if c.dict == nil || len(c.words) != len(from)+1 {
		return false
	}
	for k, v := range from {
		w := ""
		if v != nil && !v.Null(0) {
			w = "=" + v.Str(0)
		}
		if w != c.words[k] {
			return false
		}
	}
	return true
}

// chooseValid is the validity of a choice, nil if no row is null.
func chooseValid(s *data.Scratch, which []uint8, from []*data.Vec) []byte {
	valid := make([][]byte, len(from))
	nulls := false
	for k, v := range from {
		if v != nil {
			valid[k] = v.Validity(s)
			nulls = nulls || valid[k] != nil
		}
	}
	if !nulls && bytes.IndexByte(which, NoChoice) < 0 {
		return nil
	}
	out := data.MakeZero[byte](s, (len(which)+7)>>3)
	for i, k := range which {
		if k != NoChoice && (valid[k] == nil || valid[k][i>>3]&(1<<(i&7)) != 0) {
			out[i>>3] |= 1 << (i & 7)
		}
	}
	return out
}

func chooseBytes(s *data.Scratch, out *data.Vec, which []uint8, from []*data.Vec) {
	total := 0
	for i, k := range which {
		if k != NoChoice {
			total += len(from[k].Str(i))
		}
	}
	out.Off, out.Bytes = data.Make[int32](s, len(which)+1), data.Make[byte](s, total)
	at := int32(0)
	for i, k := range which {
		out.Off[i] = at
		if k != NoChoice {
			at += int32(copy(out.Bytes[at:], from[k].Str(i)))
		}
	}
	out.Off[len(which)] = at
}

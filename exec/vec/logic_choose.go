package vec

import (
	"bytes"
	"encoding/binary"

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
				from := v.Flat(s).U8
				for i, w := range which {
					if w == uint8(k) {
						out.U8[i] = from[i]
					}
				}
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
	words := as[uint64](out)
	var under []uint64 // what is chosen from, below: a row each, or one for all
	for k := len(from) - 1; k >= 0; k-- {
		v := from[k]
		if v == nil || v.N == 0 {
			continue
		}
		one := *v
		if v.Const {
			one.N = 1
		}
		over := as[uint64](values(&one, s)[:one.N])
		switch {
		case under == nil:
			under = over
			continue
		case len(under) == 1 && len(over) == 1:
			blend11(words, which, uint8(k), over[0], under[0])
		case len(under) == 1:
			blendN1(words, which, uint8(k), over, under[0])
		case len(over) == 1:
			blend1N(words, which, uint8(k), over[0], under)
		default:
			blendNN(words, which, uint8(k), over, under)
		}
		under = words
	}
	switch {
	case len(under) == 1 && len(out) > 0:
		for i := range words {
			words[i] = under[0]
		}
	case under == nil:
		clear(out)
	case len(out) > 0 && &under[0] != &words[0]:
		copy(words, under)
	}
}

// The blends are over where which is k, else under; N is a value a row, 1 one
// for all. out may be under.

func blendNN(out []uint64, which []uint8, k uint8, over, under []uint64) {
	out, over, under = out[:len(which)], over[:len(which)], under[:len(which)]
	for i, w := range which {
		mask := -uint64(bit(w == k))
		out[i] = under[i] ^ (under[i]^over[i])&mask
	}
}

func blendN1(out []uint64, which []uint8, k uint8, over []uint64, under uint64) {
	out, over = out[:len(which)], over[:len(which)]
	for i, w := range which {
		mask := -uint64(bit(w == k))
		out[i] = under ^ (under^over[i])&mask
	}
}

func blend1N(out []uint64, which []uint8, k uint8, over uint64, under []uint64) {
	out, under = out[:len(which)], under[:len(which)]
	for i, w := range which {
		mask := -uint64(bit(w == k))
		out[i] = under[i] ^ (under[i]^over)&mask
	}
}

func blend11(out []uint64, which []uint8, k uint8, over, under uint64) {
	out = out[:len(which)]
	for i, w := range which {
		mask := -uint64(bit(w == k))
		out[i] = under ^ (under^over)&mask
	}
}

// Mark sets which to k where pass is 1, eight rows at a time.
func Mark(which, pass []uint8, k uint8) {
	which, pass = which[:len(pass)], pass[:len(pass)]
	i := 0
	for ; i+8 <= len(pass); i += 8 {
		mask := binary.LittleEndian.Uint64(pass[i:]) * 0xff
		w := binary.LittleEndian.Uint64(which[i:])&^mask | uint64(k)*0x0101010101010101&mask
		binary.LittleEndian.PutUint64(which[i:], w)
	}
	for ; i < len(pass); i++ {
		mask := -pass[i]
		which[i] = which[i]&^mask | k&mask
	}
}

// Fill sets all of out to x.
func Fill(out []uint8, x uint8) {
	if len(out) == 0 {
		return
	}
	out[0] = x
	for n := 1; n < len(out); n *= 2 {
		copy(out[n:], out[:n])
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

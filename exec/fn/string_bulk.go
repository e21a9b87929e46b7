package fn

import (
	"math"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/wtf8"
)

// Columns that have no words have texts that lie one after the other. The
// commonest functions take those of a batch together: by their bytes, where
// these are characters.

// isRaw says whether v has a text of its own for each row.
func isRaw(v *data.Vec) bool {
	return v.Type.Kind == data.String && !v.Const && v.Dict == nil && v.Elem == nil && v.Off != nil
}

// rawBytes are the bytes of the texts of v.
func rawBytes(v *data.Vec) []byte { return v.Bytes[v.Off[0]:v.Off[v.N]] }

// isASCII says whether v has texts of its own that are characters of a byte.
func isASCII(v *data.Vec) bool { return isRaw(v) && vec.ASCII(rawBytes(v)) }

// oneLong is the value that all rows have of an argument, if there is one.
func oneLong(v *data.Vec) (int64, bool) {
	if !v.Const || v.N == 0 || v.Null(0) {
		return 0, false
	}
	return v.Long(0), true
}

// oneNeedle is the text that all rows search for: not empty, and not half a
// character, which is found within others.
func oneNeedle(v *data.Vec) ([]byte, bool) {
	if !v.Const || v.N == 0 || v.Null(0) {
		return nil, false
	}
	x := v.Str(0)
	return []byte(x), x != "" && wtf8.Index(x) < 0
}

// lengths are units of texts that are ASCII.
func lengths(s *data.Scratch, v *data.Vec, n int) *data.Vec {
	out := s.NewVec(data.LongType, n)
	out.I64, out.Valid = data.Make[int64](s, n), v.Validity(s)
	vec.Lengths(out.I64, v.Off)
	return out
}

// textParts makes texts that are parts of others, or words where there are few such
// parts. It belongs to one pipeline.
type textParts struct{ words vec.ShortWords }

// part is the units lo up to hi of texts that are ASCII; what begins at or
// beyond the end is null if beyond says so.
func (p *textParts) part(s *data.Scratch, v *data.Vec, n int, lo, hi int, beyond bool) *data.Vec {
	begin, to := data.Make[int32](s, n), data.Make[int32](s, n+1)
	shortest := vec.Spans(begin, to, v.Off, int32(lo), int32(hi))
	valid := v.Validity(s)
	if beyond && int(shortest) <= lo {
		ends := &data.Vec{N: n}
		if valid != nil {
			ends.Valid = append(data.Make[byte](s, len(valid))[:0], valid...)
		}
		for i := range n {
			if int(v.Off[i+1]-v.Off[i]) <= lo {
				ends.SetNull(s, i)
			}
		}
		valid = ends.Valid
	}
	return p.copied(s, v, begin, to, hi-lo, valid)
}

// tail is the last units of texts that are ASCII.
func (p *textParts) tail(s *data.Scratch, v *data.Vec, n, units int) *data.Vec {
	begin, to := data.Make[int32](s, n), data.Make[int32](s, n+1)
	vec.Tails(begin, to, v.Off, int32(units))
	return p.copied(s, v, begin, to, units, v.Validity(s))
}

// copied is texts of at most so many bytes, that begin where begin says and end
// in the result where to says.
func (p *textParts) copied(s *data.Scratch, v *data.Vec, begin, to []int32, most int, valid []byte) *data.Vec {
	if most <= vec.ShortText {
		if out := p.words.Of(s, to, begin, v.Bytes, valid); out != nil {
			return out
		}
	}
	out := s.NewVec(data.StringType, len(begin))
	total := int(to[len(begin)])
	out.Off, out.Valid, out.Bytes = to, valid, data.Make[byte](s, total+8)
	vec.CopySpans(out.Bytes, to, begin, v.Bytes)
	out.Bytes = out.Bytes[:total]
	return out
}

// changed is texts that are ASCII with other bytes in the place of theirs.
func changed(s *data.Scratch, v *data.Vec, n int, change func(out, text []byte)) *data.Vec {
	out := s.NewVec(data.StringType, n)
	text := rawBytes(v)
	out.Valid, out.Bytes, out.Off = v.Validity(s), data.Make[byte](s, len(text)), v.Off
	change(out.Bytes, text)
	if first := v.Off[0]; first != 0 {
		out.Off = data.Make[int32](s, n+1)
		for i, at := range v.Off[:n+1] {
			out.Off[i] = at - first
		}
	}
	return out
}

// positions is where a needle is found in texts, in units; -1 if nowhere.
func positions(s *data.Scratch, v *data.Vec, n int, needle []byte) *data.Vec {
	out := s.NewVec(data.LongType, n)
	out.I64, out.Valid = data.Make[int64](s, n), v.Validity(s)
	vec.Positions(out.I64, v.Off, v.Bytes, needle)
	if vec.ASCII(rawBytes(v)) {
		return out
	}
	for i, at := range out.I64 {
		if at > 0 {
			out.I64[i] = int64(units(v.Str(i)[:at]))
		}
	}
	return out
}

// searchedBulk is which texts a bulk search finds its needle in.
func searchedBulk(s *data.Scratch, v *data.Vec, n int, needle []byte, search bulkSearch) *data.Vec {
	out := s.NewVec(data.BoolType, n)
	out.U8, out.Valid = data.MakeZero[uint8](s, n), v.Validity(s)
	search(out.U8, v.Off[:n+1], v.Bytes, needle)
	return out
}

// bulkSearch is such as vec.Contains.
type bulkSearch func(out []uint8, off []int32, text, needle []byte)

// sizeHint is the bytes of texts of their own that args have together.
func sizeHint(args []*data.Vec) int {
	size := 0
	for _, v := range args {
		if isRaw(v) {
			size += len(rawBytes(v))
		}
	}
	return min(size, math.MaxInt32)
}

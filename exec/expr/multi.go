package expr

import "github.com/ovatedb/ovate/internal/data"

// Filled is a multi-value string with one null in every row that has no value,
// so that what is done to each value is done to the null too. It has no
// constant form and no null rows.
func Filled(s *data.Scratch, v *data.Vec) *data.Vec {
	v = v.Flat(s)
	none := 0
	for i := range v.N {
		if lo, hi := v.List(i); lo >= hi || v.Null(i) {
			none++
		}
	}
	if none == 0 {
		return v
	}
	elem, nullAt := WithNull(s, v.Elem, nil)
	pick := data.Make[uint32](s, elem.N+none)[:0]
	out := s.NewVec(v.Type, v.N)
	out.Off = data.MakeZero[int32](s, v.N+1)
	for i := range v.N {
		lo, hi := v.List(i)
		if lo >= hi || v.Null(i) {
			pick = append(pick, uint32(nullAt))
		} else {
			for j := lo; j < hi; j++ {
				pick = append(pick, uint32(j))
			}
		}
		out.Off[i+1] = int32(len(pick))
	}
	out.Elem = elem.Take(s, pick)
	return out
}

// WordsWithNull is a dictionary with a null word, and its code.
type WordsWithNull struct {
	Dict *data.Dict
	Code uint32
}

// WithNull is the strings v with a null row added, and the number of that row.
// Words keep their codes: the null becomes one more word. known, if given,
// remembers the dictionaries that were made.
func WithNull(s *data.Scratch, v *data.Vec, known map[*data.Dict]WordsWithNull) (*data.Vec, int) {
	n := v.N
	v = v.Flat(s)
	out := s.NewVec(v.Type, n+1)
	if v.Dict == nil {
		out.Bytes, out.Off = v.Bytes, append(make([]int32, 0, n+2), 0)
		if n > 0 {
			out.Off = append(out.Off[:0], v.Off...)
		}
		out.Off = append(out.Off, out.Off[n])
		out.Valid = make([]byte, (n+8)>>3)
		for i := range n {
			if !v.Null(i) {
				out.Valid[i>>3] |= 1 << (i & 7)
			}
		}
		return out, n
	}
	w, ok := known[v.Dict]
	if !ok {
		w = dictWithNull(v.Dict)
		if known != nil && len(known) < 100 {
			known[v.Dict] = w
		}
	}
	out.Dict = w.Dict
	out.U32 = append(append(make([]uint32, 0, n+1), v.Codes32(s)...), w.Code)
	return out, n
}

func dictWithNull(d *data.Dict) WordsWithNull {
	for i := 0; d.Words.HasNulls() && i < d.Words.N; i++ {
		if d.Words.Null(i) {
			return WordsWithNull{d, uint32(i)}
		}
	}
	words, at := WithNull(nil, d.Words, nil)
	return WordsWithNull{&data.Dict{Words: words}, uint32(at)}
}

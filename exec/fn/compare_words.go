package fn

import (
	"strings"

	"github.com/ovatedb/ovate/internal/data"
)

// wordRanks compares words of two sorted dictionaries by their ranks among the
// words of both, which are counted once for as long as the dictionaries stay. It
// belongs to one pipeline.
type wordRanks struct {
	a, b           *data.Dict
	ranksA, ranksB *data.Dict
}

// of are the rows of a and b with a rank in place of each word; false where they
// are not words, or so many that to compare n rows costs less.
func (w *wordRanks) of(a, b *data.Vec, n int) (x, y *data.Vec, ok bool) {
	for _, v := range []*data.Vec{a, b} {
		if v.Dict == nil || !v.Dict.Sorted || v.Const || v.Elem != nil || v.Type.Kind != data.String {
			return nil, nil, false
		}
	}
	if a.Dict != w.a || b.Dict != w.b {
		if a.Dict.Len()+b.Dict.Len() > n {
			return nil, nil, false
		}
		w.a, w.b = a.Dict, b.Dict
		w.count()
	}
	return byRank(a, w.ranksA), byRank(b, w.ranksB), true
}

// count goes through both dictionaries at once.
func (w *wordRanks) count() {
	a, b := w.a.Words, w.b.Words
	x, y := make([]int64, a.N), make([]int64, b.N)
	i, j := nulls(a), nulls(b)
	for rank := int64(0); i < a.N || j < b.N; rank++ {
		order := 0
		switch {
		case i == a.N:
			order = 1
		case j == b.N:
			order = -1
		default:
			order = strings.Compare(a.Str(i), b.Str(j))
		}
		if order <= 0 {
			x[i] = rank
			i++
		}
		if order >= 0 {
			y[j] = rank
			j++
		}
	}
	w.ranksA = &data.Dict{Words: &data.Vec{Type: data.LongType, N: a.N, Valid: a.Valid, I64: x}}
	w.ranksB = &data.Dict{Words: &data.Vec{Type: data.LongType, N: b.N, Valid: b.Valid, I64: y}}
}

// nulls is the number of words, the first ones, that are null: one or none.
func nulls(words *data.Vec) int {
	if words.N > 0 && words.Null(0) {
		return 1
	}
	return 0
}

// byRank is v with other words.
func byRank(v *data.Vec, words *data.Dict) *data.Vec {
	out := *v
	out.Type, out.Dict = data.LongType, words
	return &out
}

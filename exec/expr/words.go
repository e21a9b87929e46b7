package expr

import (
	"reflect"
	"slices"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// A call whose columns are all words is evaluated once per word, or combination
// of words, and not once a row.
const (
	mostWorded   = 4       // columns
	mostCombined = 1 << 12 // combinations of the words of several columns
)

// A wordsKey is the dictionaries of a call's columns, and a bit for each argument
// that is one: the others are constants.
type wordsKey struct {
	dicts   [mostWorded]*data.Dict
	columns uint64
}

// wordsDone is the function's values for the words of a dictionary, or for the
// combinations of words of several, as vec.Combined numbers them.
type wordsDone struct {
	rows int       // rows seen before it was worth while
	out  *data.Vec // one value a word, in memory of its own; nil until then
	dict *data.Dict
	runs []uint32 // of equal whole numbers, that each word lies in; nil: not known
	// constants are the other arguments, which may be others in another batch:
	// columns of a segment that has one value of them, or buckets of time.
	constants []any
}

// worthWhile says whether n words cost less than the rows that came so far. Of
// several columns most combinations may be of no row.
func (w *wordsDone) worthWhile(n, columns int) bool {
	if columns > 1 {
		return 0 < n && n <= mostCombined && n <= w.rows
	}
	return n <= 2*w.rows
}

// constant is the value of n rows whose codes ascend, if it is the same for all
// words from the first row's to the last one's; else nil.
func (w *wordsDone) constant(s *data.Scratch, v *data.Vec, n int) *data.Vec {
	if !v.Ascending || n == 0 || w.runs == nil {
		return nil
	}
	code := v.Code(0)
	if w.runs[code] != w.runs[v.Code(n-1)] {
		return nil
	}
	out := w.out.Slice(s, int(code), int(code)+1)
	out.Const, out.N = true, n
	return out
}

// findRuns numbers runs of equal whole numbers.
func (w *wordsDone) findRuns() {
	if w.out.I64 == nil || w.out.Valid != nil {
		return
	}
	w.runs = make([]uint32, len(w.out.I64))
	for i := 1; i < len(w.runs); i++ {
		w.runs[i] = w.runs[i-1]
		if w.out.I64[i] != w.out.I64[i-1] {
			w.runs[i]++
		}
	}
}

// overWords evaluates the function once per word of its only column, or per
// combination of the words of its columns, and maps the codes: a pattern is
// matched against a hundred words and not against a million rows. Where there
// are more words than rows came so far, the rows are evaluated instead.
func (k *call) overWords(s *data.Scratch, n int) (*data.Vec, error) {
	var key wordsKey
	var at [mostWorded]int
	columns, words := 0, 1
	for i, v := range k.vecs {
		if !v.Const {
			key.dicts[columns], at[columns] = v.Dict, i
			key.columns |= 1 << i
			columns++
			words = min(words, mostCombined+1) * v.Dict.Len()
		}
	}
	w := k.wordsOf(key)
	if w.out != nil && !slices.EqualFunc(w.constants, k.constants(), reflect.DeepEqual) {
		*w = wordsDone{}
	}
	if w.out == nil {
		w.rows += n
		// A word that no row of the batch has may be what fails.
		if !w.worthWhile(words, columns) || k.evalWords(w, at[:columns], words) != nil {
			if columns == 1 {
				k.vecs[at[0]] = k.vecs[at[0]].Decoded(s)
			}
			return k.eval(s, k.vecs, n)
		}
	}
	v := k.vecs[at[0]]
	if columns > 1 {
		cols := make([]*data.Vec, columns)
		for i, a := range at[:columns] {
			cols[i] = k.vecs[a]
		}
		v = vec.Combined(s, cols, n)
	}
	return w.rowsOf(s, v, n), nil
}

// wordsOf is what is known of the words of some dictionaries.
func (k *call) wordsOf(key wordsKey) *wordsDone {
	if k.words == nil {
		k.words = map[wordsKey]*wordsDone{}
	}
	w := k.words[key]
	if w == nil {
		if len(k.words) > 1000 { // dictionaries made up on the way are never seen again
			clear(k.words)
		}
		w = &wordsDone{}
		k.words[key] = w
	}
	return w
}

// constants are the arguments that are no columns.
func (k *call) constants() []any {
	var out []any
	for _, v := range k.vecs {
		if v.Const && v.N > 0 {
			out = append(out, Boxed(v, 0))
		}
	}
	return out
}

// rowsOf are the values of n rows that have the codes of v.
func (w *wordsDone) rowsOf(s *data.Scratch, v *data.Vec, n int) *data.Vec {
	if one := w.constant(s, v, n); one != nil {
		return one
	}
	out := s.NewVec(w.out.Type, n)
	switch {
	case w.out.Type.Kind == data.Bool && w.out.Valid == nil:
		out.U8 = vec.LookUp(s, w.out.U8, v)
	case w.dict == nil:
		return w.out.Take(s, v.Codes32(s))
	default:
		out.U8, out.U16, out.U32, out.Dict = v.U8, v.U16, v.U32, w.dict
	}
	return out
}

// evalWords evaluates n words, or combinations of words, of the columns at at.
func (k *call) evalWords(w *wordsDone, at []int, n int) error {
	args := make([]*data.Vec, len(k.vecs))
	for i, a := range k.vecs {
		c := *a
		c.N = n
		args[i] = &c
	}
	if len(at) == 1 {
		words := *k.vecs[at[0]].Dict.Words
		words.Type = k.vecs[at[0]].Type
		args[at[0]] = &words
	} else {
		combine(args, at, n)
	}
	out, err := k.eval(nil, args, n)
	if err != nil {
		return err
	}
	w.out, w.constants = out.Flat(nil).Decoded(nil), k.constants()
	if w.out.Elem == nil && w.out.Type.Kind >= data.Long {
		w.dict = &data.Dict{Words: w.out}
	}
	if k.vecs[at[0]].Ascending && len(at) == 1 {
		w.findRuns()
	}
	return nil
}

// combine makes of columns of words all their combinations, n of them.
func combine(args []*data.Vec, at []int, n int) {
	each := n // rows that a word of the column before stands in, one after the other
	for _, a := range at {
		v := args[a]
		words := v.Dict.Len()
		each /= words
		codes := make([]uint32, n)
		for i := range codes {
			codes[i] = uint32(i / each % words)
		}
		t := v.Type
		args[a] = v.Dict.Words.Take(nil, codes)
		args[a].Type = t
	}
}

package exec

import (
	"math"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// Where zone maps say that the only key lies in a range that is short beside
// the number of rows, the group of a row is its key's distance from the least
// one: there is no table to look into, and as many groups as keys in the range.
// The only key of one segment, where it has a dictionary, is its code. Several
// keys of that kind number groups together.

const (
	// denseMax is the most keys of the range: the groups' numbers and a sum each
	// then fit the caches that a core has for itself or nearly so.
	denseMax = 1 << 20
	// denseRows is how many rows a key of the range there must be: the groups
	// that no row has are paid for, too.
	denseRows = 4
	// denseWords is the most words of a segment's dictionary that are numbered
	// before the first row.
	denseWords = 1 << 12
)

// setDense has groups numbered by the key itself, where that is possible.
func (a *Aggregate) setDense(t *vec.Table) {
	if len(a.keys) == 0 || a.mode == Final || !a.plainCalls() || !a.flatStates() {
		return
	}
	if len(a.keys) > 1 {
		a.setDenseTuple(t)
		return
	}
	scan, name := a.keyScan(0)
	if scan == nil {
		return
	}
	if a.schema[0].Type.Kind == data.String {
		if words := scan.soleWords(name); words != nil && words.Len() <= denseMax {
			t.DenseWords(words)
		}
		return
	}
	if a.schema[0].Type.Kind != data.Long {
		return
	}
	lo, hi, ok := scan.bounds(name)
	if !ok || hi-lo >= denseMax || math.Abs(lo) > 1<<52 {
		return
	}
	if keys := int(hi-lo) + 1; keys <= scan.rows()/denseRows {
		t.Dense(int64(lo), keys)
	}
}

// setDenseTuple has groups numbered by several keys, numbers in a range or words,
// where their combinations are few. Words alone need it not: their codes are
// mapped at once.
func (a *Aggregate) setDenseTuple(t *vec.Table) {
	var of *Scan
	keys, numbers := make([]vec.DenseKey, len(a.keys)), false
	product := 1
	for i := range a.keys {
		scan, name := a.keyScan(i)
		if scan == nil || of != nil && scan != of {
			return
		}
		of = scan
		k, ok := scan.denseKey(name, a.schema[i].Type)
		if !ok {
			return
		}
		if k.Dicts == nil {
			numbers = true
			if product *= k.Size; product > denseMax {
				return
			}
		}
		keys[i] = k
	}
	if numbers {
		t.DenseTuple(keys, min(denseMax, of.rows()/denseRows))
	}
}

// denseKey is the range of a column of whole numbers, or the dictionaries of a
// column of few strings, one a row.
func (s *Scan) denseKey(column string, t data.Type) (k vec.DenseKey, ok bool) {
	switch t.Kind {
	case data.Long:
		lo, hi, known := s.bounds(column)
		if !known || hi-lo >= denseMax || math.Abs(lo) > 1<<52 {
			return k, false
		}
		return vec.DenseKey{Least: int64(lo), Size: int(hi-lo) + 1}, true
	case data.String:
		k.Dicts = []*data.Dict{}
		var last segment.Segment
		for _, sl := range s.slices {
			if sl.Segment == last {
				continue
			}
			last = sl.Segment
			words, ok := wordsIn(last, column)
			if !ok || words.Len() > denseWords {
				return k, false
			}
			k.Dicts = append(k.Dicts, words)
		}
		return k, len(k.Dicts) > 0
	}
	return k, false
}

// wordsIn is the words that a segment's column of strings, one a row, may have:
// those of its dictionary, or the only one; none if there is no such column.
func wordsIn(seg segment.Segment, column string) (*data.Dict, bool) {
	col, ok := seg.Column(column)
	if !ok {
		return &data.Dict{Words: data.Nulls(nil, data.StringType, 0)}, true
	}
	if words := dictionaryOf(col); words != nil {
		return words, true
	}
	if f := col.Field(); f.Multi || f.Type.Kind != data.String || seg.Rows() == 0 {
		return nil, false
	}
	v := col.Read(new(data.Scratch), 0, 1)
	return &data.Dict{Words: v.Flat(nil)}, v.Const
}

// dictionary is that of a segment's column of strings, one a row; nil if it is
// something else.
func dictionary(seg segment.Segment, column string) *data.Dict {
	col, ok := seg.Column(column)
	if !ok {
		return nil
	}
	return dictionaryOf(col)
}

func dictionaryOf(col segment.Column) *data.Dict {
	if f := col.Field(); f.Multi || f.Type.Kind != data.String {
		return nil
	}
	if x, ok := col.(segment.Indexed); ok {
		return x.Dict()
	}
	return nil
}

// soleWords is the dictionary of a column of strings, one a row, when all
// slices are of one segment; else nil.
func (s *Scan) soleWords(column string) *data.Dict {
	for _, sl := range s.slices {
		if sl.Segment != s.slices[0].Segment {
			return nil
		}
	}
	if len(s.slices) == 0 {
		return nil
	}
	return dictionary(s.slices[0].Segment, column)
}

// flatStates says whether every state is a number, so that groups without rows
// cost little.
func (a *Aggregate) flatStates() bool {
	for i := range a.calls {
		for _, t := range a.calls[i].Func.States(a.types[i]) {
			if !t.Numeric() {
				return false
			}
		}
	}
	return true
}

// rows is the number of rows of all slices' segments.
func (s *Scan) rows() int {
	n := 0
	for _, sl := range s.slices {
		n += sl.Segment.Rows()
	}
	return n
}

// updateDense aggregates a batch that has no null argument. When one comes,
// groups move into a table that can tell which functions saw them.
func (g *groups) updateDense(s *data.Scratch, keys []*data.Vec, b *data.Batch) (bool, error) {
	cols, err := g.arguments(s, b)
	if err != nil {
		return false, err
	}
	for _, v := range cols {
		if v.HasNulls() {
			return false, g.undense()
		}
	}
	all, ok := g.table.GroupDense(s, keys, b.N)
	if !ok {
		return false, g.undense()
	}
	return true, g.updateWhole(all, s, cols)
}

// arguments are those of all calls, one after the other.
func (g *groups) arguments(s *data.Scratch, b *data.Batch) ([]*data.Vec, error) {
	var cols []*data.Vec
	for _, args := range g.args {
		for _, p := range args {
			v, err := eval1(p, s, b)
			if err != nil {
				return nil, err
			}
			cols = append(cols, v)
		}
	}
	return cols, nil
}

// updateWhole gives all rows, whose arguments are not null, to every function.
func (g *groups) updateWhole(all vec.Groups, s *data.Scratch, args []*data.Vec) error {
	for i, acc := range g.accs {
		acc.Grow(all.N)
		n := len(g.a.calls[i].Inputs())
		if err := acc.Update(s, all, args[:n]); err != nil {
			return err
		}
		args = args[n:]
	}
	return nil
}

// undense moves the groups of a dense table into one that is not.
func (g *groups) undense() error {
	o := *g
	fresh, err := g.a.newTable(false)
	if err != nil {
		return err
	}
	g.table, g.accs = fresh.table, fresh.accs
	return g.merge(&o)
}

// states are the keys and states of all groups.
func (g *groups) states() (keys, states []*data.Vec, n int) {
	n = g.table.Len()
	for _, acc := range g.accs {
		acc.Grow(n)
		states = append(states, acc.State()...)
	}
	keys = g.table.Keys()
	if !g.table.IsDense() {
		return keys, states, n
	}
	present := g.table.Present()
	for i, v := range states {
		states[i] = v.Take(nil, present)
	}
	return keys, states, len(present)
}

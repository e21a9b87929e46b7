package exec

import (
	"slices"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// windowRows is the rows of a window in order, and for each the bounds of its
// partition and of its peers, the rows with equal keys. Bounds are the first
// row and the one after the last.
type windowRows struct {
	b             *data.Batch
	n             int
	order         []*data.Vec // the key columns
	part, partEnd []int32
	peer, peerEnd []int32
	peerNo        []int32 // of the peers in the partition, from 0
}

type comparer = func(i, j int) int

// A differer says whether two rows next to each other are different.
type differer = func(i, j int) bool

// arrange orders rows by partition and keys and finds partitions and peers.
func (o *Window) arrange(b *data.Batch) *windowRows {
	part := o.comparers(b, o.partitionKeys())
	order := o.comparers(b, o.Order)
	differ := func(i, j int) bool { return firstUnequal(part, i, j) != 0 }
	switch {
	case !o.Given && !o.sorted(b.N, append(part[:len(part):len(part)], order...)):
		rows, ranks := o.permutation(b, order)
		b = takeRows(nil, b, rows)
		differ = func(i, j int) bool { return ranks[i] != ranks[j] }
	case o.Given && len(o.Within) > 0:
		b = o.sortWithin(b, part)
		part = o.comparers(b, o.partitionKeys())
	}
	order = o.comparers(b, o.Order)
	w := &windowRows{b: b, n: b.N}
	for _, k := range o.Order {
		w.order = append(w.order, o.key(b, k.Column))
	}
	w.bound(differ, func(i, j int) bool { return firstUnequal(order, i, j) != 0 })
	return w
}

// key is a column as rows are compared by it: a multi-value string without
// values is one null.
func (o *Window) key(b *data.Batch, name string) *data.Vec {
	v := b.Cols[o.input.Schema().Index(name)]
	if v.Multi() {
		return expr.Filled(nil, v)
	}
	return v
}

func (o *Window) partitionKeys() []SortKey {
	out := make([]SortKey, len(o.Partition))
	for i, p := range o.Partition {
		out[i].Column = p
	}
	return out
}

func (o *Window) comparers(b *data.Batch, keys []SortKey) []comparer {
	var out []comparer
	for _, k := range keys {
		v := o.key(b, k.Column)
		out = append(out, k.comparer(v, v))
	}
	return out
}

func (o *Window) sorted(n int, cmps []comparer) bool {
	for i := 1; i < n && len(cmps) > 0; i++ {
		if firstUnequal(cmps, i-1, i) > 0 {
			return false
		}
	}
	return true
}

func firstUnequal(cmps []comparer, i, j int) int {
	for _, c := range cmps {
		if d := c(i, j); d != 0 {
			return d
		}
	}
	return 0
}

// A placed row has the word that it is sorted by first.
type placed struct {
	word uint64
	row  uint32
}

// permutation is the rows in order, and the number of the partition of each:
// rows are dealt to their partitions, and each of these is sorted.
func (o *Window) permutation(b *data.Batch, order []comparer) (rows, ranks []uint32) {
	of, starts := o.partitions(b)
	ends := slices.Clone(starts)
	all := make([]placed, b.N)
	for i, p := range of {
		all[ends[p]].row = uint32(i)
		ends[p]++
	}
	if len(order) > 0 {
		k := o.Order[0]
		words := k.words(o.key(b, k.Column))
		for i := range all {
			all[i].word = words[all[i].row]
		}
		for p, lo := range starts {
			slices.SortFunc(all[lo:ends[p]], func(x, y placed) int {
				switch {
				case x.word < y.word:
					return -1
				case x.word > y.word:
					return 1
				}
				if d := firstUnequal(order, int(x.row), int(y.row)); d != 0 {
					return d
				}
				return int(x.row) - int(y.row)
			})
		}
	}
	rows, ranks = make([]uint32, b.N), make([]uint32, b.N)
	for i := range all {
		rows[i] = all[i].row
		ranks[i] = of[all[i].row]
	}
	return rows, ranks
}

// partitions is the number of each row's partition, in their order, and where
// each begins among the rows dealt to them.
func (o *Window) partitions(b *data.Batch) (of []uint32, starts []int) {
	of = make([]uint32, b.N)
	if len(o.Partition) == 0 {
		return of, []int{0}
	}
	var types []data.Type
	var cols []*data.Vec
	for _, p := range o.Partition {
		v := o.key(b, p)
		types, cols = append(types, v.Type), append(cols, v)
	}
	table := vec.NewTable(types)
	if g := table.Group(nil, cols, b.N); g.IDs != nil {
		copy(of, g.IDs)
	} else {
		for i := range of {
			of[i] = g.One
		}
	}
	groups := make([]uint32, table.Len())
	for i := range groups {
		groups[i] = uint32(i)
	}
	var cmps []comparer
	for _, v := range table.Keys() {
		cmps = append(cmps, SortKey{}.comparer(v, v))
	}
	slices.SortFunc(groups, func(x, y uint32) int { return firstUnequal(cmps, int(x), int(y)) })
	rank := make([]uint32, len(groups))
	for i, g := range groups {
		rank[g] = uint32(i)
	}
	starts = make([]int, len(groups)+1)
	for i, g := range of {
		of[i] = rank[g]
		starts[of[i]+1]++
	}
	for i := range groups {
		starts[i+1] += starts[i]
	}
	return of, starts[:len(groups)]
}

// words are numbers that ascend as the key orders the rows, as far as they
// differ: rows of the same word are to be compared.
func (k SortKey) words(v *data.Vec) []uint64 {
	null := uint64(0)
	if k.NullsFlip {
		null = ^null
	}
	out := make([]uint64, v.N)
	for i := range out {
		out[i] = null
		if !v.Null(i) {
			out[i] = vec.OrderWord(v, i)
		}
		if k.Desc {
			out[i] = ^out[i]
		}
	}
	return out
}

// sortWithin orders the rows of each run that part does not tell apart.
func (o *Window) sortWithin(b *data.Batch, part []comparer) *data.Batch {
	cmps := o.comparers(b, o.Within)
	rows := make([]uint32, b.N)
	from := 0
	for i := range rows {
		rows[i] = uint32(i)
		if i+1 == len(rows) || firstUnequal(part, i, i+1) != 0 {
			slices.SortStableFunc(rows[from:i+1], func(x, y uint32) int { return firstUnequal(cmps, int(x), int(y)) })
			from = i + 1
		}
	}
	return takeRows(nil, b, rows)
}

// bound finds where partitions and peers begin and end.
func (w *windowRows) bound(part, order differer) {
	for _, p := range []*[]int32{&w.part, &w.partEnd, &w.peer, &w.peerEnd, &w.peerNo} {
		*p = make([]int32, w.n)
	}
	for i := 1; i < w.n; i++ {
		w.part[i], w.peer[i], w.peerNo[i] = w.part[i-1], w.peer[i-1], w.peerNo[i-1]
		switch {
		case part(i-1, i):
			w.part[i], w.peer[i], w.peerNo[i] = int32(i), int32(i), 0
		case order(i-1, i):
			w.peer[i] = int32(i)
			w.peerNo[i]++
		}
	}
	for i := w.n - 1; i >= 0; i-- {
		w.partEnd[i], w.peerEnd[i] = int32(w.n), int32(w.n)
		if i+1 == w.n {
			continue
		}
		w.partEnd[i], w.peerEnd[i] = w.partEnd[i+1], w.peerEnd[i+1]
		if w.part[i] != w.part[i+1] {
			w.partEnd[i] = int32(i + 1)
		}
		if w.peer[i] != w.peer[i+1] {
			w.peerEnd[i] = int32(i + 1)
		}
	}
}

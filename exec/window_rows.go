package exec

import (
	"slices"

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

// arrange orders rows by partition and keys and finds partitions and peers.
func (o *Window) arrange(b *data.Batch) *windowRows {
	in := o.input.Schema()
	compare := func(b *data.Batch) (part, all []comparer) {
		for _, p := range o.Partition {
			v := b.Cols[in.Index(p)]
			part = append(part, SortKey{Column: p}.comparer(v, v))
		}
		all = append(all, part...)
		for _, k := range o.Order {
			v := b.Cols[in.Index(k.Column)]
			all = append(all, k.comparer(v, v))
		}
		return part, all
	}
	part, all := compare(b)
	rows := make([]uint32, b.N)
	for i := range rows {
		rows[i] = uint32(i)
	}
	by := func(i, j uint32) int { return firstUnequal(all, int(i), int(j)) }
	if !o.Given && !slices.IsSortedFunc(rows, by) {
		slices.SortStableFunc(rows, by)
		b = takeRows(nil, b, rows)
		part, all = compare(b)
	}
	if o.Given && len(o.Within) > 0 {
		b = o.sortWithin(b, part)
		part, all = compare(b)
	}
	w := &windowRows{b: b, n: b.N}
	for _, k := range o.Order {
		w.order = append(w.order, b.Cols[in.Index(k.Column)])
	}
	w.bound(part, all)
	return w
}

// sortWithin orders the rows of each run that part does not tell apart.
func (o *Window) sortWithin(b *data.Batch, part []comparer) *data.Batch {
	in := o.input.Schema()
	var cmps []comparer
	for _, k := range o.Within {
		v := b.Cols[in.Index(k.Column)]
		cmps = append(cmps, k.comparer(v, v))
	}
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

func firstUnequal(cmps []comparer, i, j int) int {
	for _, c := range cmps {
		if d := c(i, j); d != 0 {
			return d
		}
	}
	return 0
}

// bound finds where partitions and peers begin and end.
func (w *windowRows) bound(part, all []comparer) {
	for _, p := range []*[]int32{&w.part, &w.partEnd, &w.peer, &w.peerEnd, &w.peerNo} {
		*p = make([]int32, w.n)
	}
	for i := 1; i < w.n; i++ {
		w.part[i], w.peer[i], w.peerNo[i] = w.part[i-1], w.peer[i-1], w.peerNo[i-1]
		if firstUnequal(all, i-1, i) == 0 {
			continue
		}
		w.peer[i] = int32(i)
		w.peerNo[i]++
		if firstUnequal(part, i-1, i) != 0 {
			w.part[i], w.peerNo[i] = int32(i), 0
		}
	}
	for i := w.n - 1; i >= 0; i-- {
		w.partEnd[i], w.peerEnd[i] = int32(w.n), int32(w.n)
		if i+1 == w.n {
			continue
		}
		if w.part[i] == w.part[i+1] {
			w.partEnd[i] = w.partEnd[i+1]
		} else {
			w.partEnd[i] = int32(i + 1)
		}
		if w.peer[i] == w.peer[i+1] {
			w.peerEnd[i] = w.peerEnd[i+1]
		} else {
			w.peerEnd[i] = int32(i + 1)
		}
	}
}

package agg

import (
	"cmp"
	"math"
	"slices"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// weights are the numbers of every group, each as often as it came. Codes of 8
// and 16 bits are counted; other numbers are kept one by one, in the order they
// came, and sorted by group when somebody asks.
//
//	codes   counters of group * domain + code
//	chunks  numbers | groups, or the only one
//	pairs   group, number, how often: of states
type weights struct {
	codes  codeTables[uint32]
	chunks []valueChunk
	pairs  []groupWeight
	bytes  int64 // of the chunks
}

type valueChunk struct {
	values []float64
	ids    []uint32 // nil: all of group one
	one    uint32
}

// A weight is a number and how often it is there.
type weight struct {
	value float64
	count int64
}

type groupWeight struct {
	weight
	group uint32
}

const chunkValues = 1 << 16

// add takes the rows of a batch, which are not null; n is the number of groups.
func (w *weights) add(s *data.Scratch, g vec.Groups, v *data.Vec, n int) {
	if g.Rows == 0 {
		return
	}
	if c := w.counters(v, g.Rows, n); c != nil {
		c.rows += int64(g.Rows)
		if v.U8 != nil {
			vec.CountCodes(c.cells, c.domain, g, v.U8[:g.Rows])
		} else {
			vec.CountCodes(c.cells, c.domain, g, v.U16[:g.Rows])
		}
		return
	}
	w.keep(g, v.Doubles(s)[:g.Rows])
}

// counters are those for the codes of v; nil if it has none or there is no room.
func (w *weights) counters(v *data.Vec, rows, groups int) *codeTable[uint32] {
	key, domain, ok := codesOf(v)
	if !ok || v.Dict != nil || v.Type.Kind == data.Bool {
		return nil
	}
	if c := w.codes.tables[key]; c != nil && c.rows+int64(rows) > math.MaxUint32 {
		w.drain(key, c, nil)
	}
	return w.codes.room(key, domain, groups*domain, 4)
}

// keep keeps numbers one by one.
func (w *weights) keep(g vec.Groups, values []float64) {
	for from := 0; from < len(values); {
		c := w.open(g)
		to := min(len(values), from+cap(c.values)-len(c.values))
		c.values = append(c.values, values[from:to]...)
		if g.IDs != nil {
			c.ids = append(c.ids, g.IDs[from:to]...)
		}
		from = to
	}
}

// open is a chunk with room for rows of the groups: of several, or of one.
func (w *weights) open(g vec.Groups) *valueChunk {
	if n := len(w.chunks); n > 0 {
		c := &w.chunks[n-1]
		if len(c.values) < cap(c.values) && (c.ids == nil) == (g.IDs == nil) && (g.IDs != nil || c.one == g.One) {
			return c
		}
	}
	size := min(chunkValues, max(64, g.Rows))
	if len(w.chunks) > 4 {
		size = chunkValues
	}
	c := valueChunk{values: make([]float64, 0, size), one: g.One}
	w.bytes += int64(size) * 8
	if g.IDs != nil {
		c.ids = make([]uint32, 0, size)
		w.bytes += int64(size) * 4
	}
	w.chunks = append(w.chunks, c)
	return &w.chunks[len(w.chunks)-1]
}

// addCounted takes numbers that each came so many times.
func (w *weights) addCounted(ids []uint32, values []float64, counts []int64) {
	for i, x := range values {
		if counts[i] == 1 {
			w.keep(vec.Groups{IDs: ids[i : i+1], Rows: 1}, values[i:i+1])
			continue
		}
		w.pair(ids[i], x, counts[i])
	}
}

func (w *weights) pair(group uint32, x float64, count int64) {
	w.pairs = append(w.pairs, groupWeight{weight{x, count}, group})
}

// absorb takes over what another holds, whose group i is groups[i] here.
func (w *weights) absorb(groups []uint32, from *weights) {
	from.drainAll(func(g uint32) uint32 { return groups[g] })
	w.pairs = append(w.pairs, from.pairs...)
	for _, c := range from.chunks {
		if c.ids == nil {
			c.one = groups[c.one]
		}
		for i, g := range c.ids {
			c.ids[i] = groups[g]
		}
		w.bytes += int64(cap(c.values))*8 + int64(cap(c.ids))*4
		w.chunks = append(w.chunks, c)
	}
}

// drainAll makes pairs of all counters.
func (w *weights) drainAll(rename func(uint32) uint32) {
	if rename != nil {
		for i := range w.pairs {
			w.pairs[i].group = rename(w.pairs[i].group)
		}
	}
	for key, c := range w.codes.tables {
		w.drain(key, c, rename)
	}
}

func (w *weights) drain(key codeKey, c *codeTable[uint32], rename func(uint32) uint32) {
	for at, n := range c.cells {
		if n == 0 {
			continue
		}
		group := uint32(at / c.domain)
		if rename != nil {
			group = rename(group)
		}
		x := float64(key.base+int64(at%c.domain)) / data.Pow10[key.scale]
		w.pair(group, x, int64(n))
	}
	w.codes.drop(key, 4)
}

// counted is what every one of n groups has, in no order.
func (w *weights) counted(n int) [][]weight {
	w.drainAll(nil)
	out := make([][]weight, n)
	for _, p := range w.pairs {
		out[p.group] = append(out[p.group], p.weight)
	}
	for _, c := range w.chunks {
		for i, x := range c.values {
			g := c.one
			if c.ids != nil {
				g = c.ids[i]
			}
			out[g] = append(out[g], weight{x, 1})
		}
	}
	return out
}

func (w *weights) size() int64 { return w.codes.bytes + w.bytes + int64(cap(w.pairs))*24 }

// sortedWeights are the numbers of one group, to be asked for by their place among
// them when they are sorted.
type sortedWeights struct {
	pairs []weight    // sorted
	parts [][]float64 // one by one, in no order; none if there are pairs
	count int64
}

func (r *sortedWeights) n() int64 { return r.count }

// at is the number at a place, and the one after it, or the same if it is the
// last. Places are below n. NaN comes first.
func (r *sortedWeights) at(place int64) (x, next float64) {
	if r.pairs == nil {
		return vec.Ranked(r.parts, int(place))
	}
	for i, p := range r.pairs {
		if place -= p.count; place >= 0 {
			continue
		}
		if place < -1 || i+1 == len(r.pairs) {
			return p.value, p.value
		}
		return p.value, r.pairs[i+1].value
	}
	return math.NaN(), math.NaN()
}

// sorted are the numbers of each of n groups.
func (w *weights) sorted(n int) []sortedWeights {
	w.drainAll(nil)
	out := make([]sortedWeights, n)
	for _, p := range w.pairs {
		r := &out[p.group]
		r.pairs = append(r.pairs, p.weight)
		r.count += p.count
	}
	w.deal(out)
	for i := range out {
		r := &out[i]
		if r.pairs == nil {
			continue
		}
		for _, part := range r.parts {
			for _, x := range part {
				r.pairs = append(r.pairs, weight{x, 1})
			}
		}
		r.parts = nil
		slices.SortFunc(r.pairs, func(a, b weight) int { return cmp.Compare(a.value, b.value) })
	}
	return out
}

// deal gives every group its numbers: whole chunks of one group, and of the
// others parts of one array in order of the groups.
func (w *weights) deal(out []sortedWeights) {
	off, total := make([]int, len(out)+1), 0
	for _, c := range w.chunks {
		if c.ids == nil {
			out[c.one].parts = append(out[c.one].parts, c.values)
			out[c.one].count += int64(len(c.values))
			continue
		}
		total += len(c.ids)
		for _, g := range c.ids {
			off[g+1]++
		}
	}
	if total == 0 {
		return
	}
	for g := range out {
		off[g+1] += off[g]
	}
	values, next := make([]float64, total), slices.Clone(off)
	for _, c := range w.chunks {
		for i, g := range c.ids {
			values[next[g]] = c.values[i]
			next[g]++
		}
	}
	for g := range out {
		if part := values[off[g]:off[g+1]]; len(part) > 0 {
			out[g].parts = append(out[g].parts, part)
			out[g].count += int64(len(part))
		}
	}
}

package agg

import (
	"math"
	"sort"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// pairSet is the distinct pairs of a group and a value: it is small for few
// values in many groups and for many values in few, as nothing is kept for a
// group alone. Arrays and complex values are held as texts.
type pairSet struct {
	t      data.Type
	dupes  dupes
	nums   *numberSet // of numbers; of others table
	scale  uint8      // of decimals
	whole  bool       // nums are decimals times ten to the power of scale: DOUBLEs that were stored so
	nulls  []uint8    // groups with a null, of numbers
	table  *vec.Table
	counts []int64 // of the pairs of each group
	n      int
}

func newPairSet(t data.Type) *pairSet {
	if t.Kind == data.Array || t.Kind == data.Complex || t.Kind == data.Null {
		t = data.StringType
	}
	p := &pairSet{t: t}
	if t.Numeric() {
		p.nums = &numberSet{}
	} else {
		p.table = vec.NewTable([]data.Type{data.LongType, t})
	}
	return p
}

func (p *pairSet) grow(n int) { p.counts = vec.Grow(p.counts, n) }

// add adds the values of rows. v has the type that the set was made for.
func (p *pairSet) add(s *data.Scratch, g vec.Groups, v *data.Vec) {
	v = p.value(s, v)
	if rows, ok := p.dupes.fresh(s, g, v, len(p.counts)); ok {
		g, v = only(s, g, v, rows)
	}
	if v.Const && g.IDs == nil && g.Rows > 1 {
		g.Rows, v = 1, v.Slice(s, 0, 1)
	}
	if g.Rows == 0 {
		return
	}
	p.addFresh(s, g, v)
}

// addFresh adds values that are not known to be there.
func (p *pairSet) addFresh(s *data.Scratch, g vec.Groups, v *data.Vec) {
	if p.nums != nil {
		p.addNumbers(s, g, v)
		return
	}
	group := s.NewVec(data.LongType, g.Rows)
	if group.U32 = g.IDs; g.IDs == nil {
		group.Const, group.U32 = true, []uint32{g.One}
	}
	if g.Rows == 1 { // constants would be grouped as such
		group, v = group.Flat(s), v.Flat(s)
	}
	ids := p.table.Group(s, []*data.Vec{group, v}, g.Rows)
	for i, id := range ids.IDs {
		if int(id) == p.n { // pairs are numbered as they come
			p.n++
			p.counts[at(g, i)]++
		}
	}
}

func (p *pairSet) addNumbers(s *data.Scratch, g vec.Groups, v *data.Vec) {
	nulls := v.HasNulls()
	v = p.wholes(s, v)
	integral := p.t.Integral() || p.whole
	if integral {
		p.nums.toPages()
	}
	if p.nums.pages == nil {
		p.nums.reserve(g.Rows)
	}
	switch {
	case p.nums.pages != nil && !nulls:
		p.addPaged(g, v.Longs(s)[:g.Rows])
	case integral:
		for i, x := range v.Longs(s)[:g.Rows] {
			p.addNumber(uint64(x), at(g, i), nulls && v.Null(i))
		}
	default:
		for i, x := range v.Doubles(s)[:g.Rows] {
			p.addNumber(doubleKey(x), at(g, i), nulls && v.Null(i))
		}
	}
}

// wholes is the integers that decimals are stored as, while all that came so far
// had the same scale. Else numbers are DOUBLEs from now on.
func (p *pairSet) wholes(s *data.Scratch, v *data.Vec) *data.Vec {
	if p.t.Integral() {
		return v
	}
	decimals := v.Coded() && v.Dict == nil && !v.Const && v.Type.Kind == data.Double
	switch {
	case decimals && p.nums.empty():
		p.whole, p.scale = true, v.Scale
	case decimals && p.whole && p.scale == v.Scale:
	default:
		p.toDoubles()
		return v
	}
	out := s.NewVec(data.LongType, v.N)
	*out = *v
	out.Type, out.Scale = data.LongType, 0
	return out
}

// toDoubles makes DOUBLEs of decimals.
func (p *pairSet) toDoubles() {
	if !p.whole {
		return
	}
	old := p.nums
	p.nums, p.whole = &numberSet{}, false
	p.nums.reserve(p.n)
	old.each(func(x uint64, group uint32) { p.nums.add(doubleKey(float64(int64(x))/data.Pow10[p.scale]), group) })
}

// doubleKey is the bits of a double, of which equal ones have the same.
func doubleKey(x float64) uint64 {
	if x == 0 {
		x = 0 // one zero
	} else if x != x {
		x = math.NaN()
	}
	return math.Float64bits(x)
}

// addPaged is the loop for numbers in pages. Whether a number is new is added
// and not asked: nothing can foretell it.
func (p *pairSet) addPaged(g vec.Groups, xs []int64) {
	pages, before := p.nums.pages, p.nums.pages.sets
	one, sets := g.One, before
	for i, x := range xs {
		x := uint64(x)
		if g.IDs != nil {
			one = g.IDs[i]
		}
		of := pages.known(x>>pageBits, one)
		if of == nil {
			pages.sets = sets
			if of = pages.of(x, one); of == nil {
				p.addNumber(x, one, false)
				continue
			}
		}
		w := &of[x>>6&(pageWords-1)]
		fresh := ^*w >> (x & 63) & 1
		*w |= 1 << (x & 63)
		sets += int(fresh)
		p.counts[one] += int64(fresh)
	}
	pages.sets = sets
	p.n += sets - before
}

func (p *pairSet) addNumber(x uint64, group uint32, null bool) {
	switch {
	case null:
		p.nulls = vec.Grow(p.nulls, len(p.counts))
		if p.nulls[group] == 0 {
			p.nulls[group] = 1
			p.counts[group]++
			p.n++
		}
	case p.nums.add(x, group):
		p.counts[group]++
		p.n++
	}
}

// pairs are the groups and values of all pairs.
func (p *pairSet) pairs() (groups, values *data.Vec) {
	if p.nums == nil {
		keys := p.table.Keys()
		return keys[0], keys[1]
	}
	groups = &data.Vec{Type: data.LongType, N: p.n, I64: make([]int64, 0, p.n)}
	b := data.NewBuilder(p.t)
	for g, null := range p.nulls {
		if null != 0 {
			groups.I64 = append(groups.I64, int64(g))
			b.Null()
		}
	}
	p.nums.each(func(x uint64, group uint32) {
		groups.I64 = append(groups.I64, int64(group))
		switch {
		case p.t.Integral():
			b.Long(int64(x))
		case p.whole:
			b.Double(float64(int64(x)) / data.Pow10[p.scale])
		default:
			b.Double(math.Float64frombits(x))
		}
	})
	return groups, b.Vec()
}

func (p *pairSet) value(s *data.Scratch, v *data.Vec) *data.Vec {
	if v.Type.Kind != data.Array && v.Type.Kind != data.Complex && v.Type.Kind != data.Null || v.Type == p.t {
		return v
	}
	b := data.NewBuilder(data.StringType)
	for i := range v.N {
		if x := expr.Boxed(v, i); x == nil {
			b.Null()
		} else {
			b.String(string(expr.AppendJSON(nil, x)))
		}
	}
	return b.Vec()
}

// lists is the values of every group as an array, in the order they came, or
// ascending with null first.
func (p *pairSet) lists(ascending bool) *data.Vec {
	out := &data.Vec{Type: data.ArrayOf(p.t), N: len(p.counts), Off: make([]int32, len(p.counts)+1)}
	groups, values := p.pairs()
	for g, n := range p.counts {
		out.Off[g+1] = out.Off[g] + int32(n)
	}
	next := append([]int32(nil), out.Off...)
	pick := make([]uint32, p.n)
	for i := range p.n {
		g := groups.Long(i)
		pick[next[g]] = uint32(i)
		next[g]++
	}
	if ascending {
		order := vec.Comparer(values, values)
		for g := range p.counts {
			part := pick[out.Off[g]:out.Off[g+1]]
			sort.Slice(part, func(i, j int) bool { return order(int(part[i]), int(part[j])) < 0 })
		}
	}
	out.Elem = values.Take(nil, pick).Decoded(nil)
	return out
}

// merge adds the lists of other sets.
func (p *pairSet) merge(s *data.Scratch, groups []uint32, lists *data.Vec) {
	g, v := unlist(groups, lists)
	p.add(s, g, v)
}

// absorb takes over the pairs of another set, whose group i is groups[i] here.
func (p *pairSet) absorb(groups []uint32, from *pairSet) {
	if from.n == 0 {
		return
	}
	if p.nums == nil {
		keys := from.table.Keys()
		ids := make([]uint32, keys[0].N)
		for i, g := range keys[0].Longs(nil) {
			ids[i] = groups[g]
		}
		p.addFresh(nil, vec.Groups{IDs: ids, Rows: len(ids)}, keys[1])
		return
	}
	for g, null := range from.nulls {
		if null != 0 {
			p.addNumber(0, groups[g], true)
		}
	}
	if p.nums.empty() {
		p.whole, p.scale = from.whole, from.scale
	}
	if p.whole != from.whole || p.scale != from.scale {
		p.toDoubles()
		from.toDoubles()
	}
	if from.nums.pages != nil {
		if p.nums.pages == nil {
			p.nums.usePages()
		}
		for _, o := range from.nums.pages.slots {
			if o.page != nil {
				p.absorbPage(o, groups[o.group])
			}
		}
	}
	p.nums.reserve(from.nums.n)
	for _, o := range from.nums.slots {
		if o.group != 0 {
			p.addNumber(o.bits, groups[o.group-1], false)
		}
	}
}

func (p *pairSet) absorbPage(o pageSlot, group uint32) {
	to := p.nums.pages.of(o.high<<pageBits, group)
	if to == nil {
		o.page.each(o.high, func(x uint64) { p.addNumber(x, group, false) })
		return
	}
	fresh := p.nums.pages.unite(to, o.page)
	p.counts[group] += int64(fresh)
	p.n += fresh
}

// unlist is the elements of arrays, each with the group of its array.
func unlist(groups []uint32, lists *data.Vec) (vec.Groups, *data.Vec) {
	lists = lists.Flat(nil)
	var ids, pick []uint32
	if lists.Elem == nil {
		return vec.Groups{}, lists
	}
	for i, id := range groups {
		if lists.Null(i) {
			continue
		}
		for lo, hi := lists.List(i); lo < hi; lo++ {
			ids = append(ids, id)
			pick = append(pick, uint32(lo))
		}
	}
	return vec.Groups{IDs: ids, Rows: len(ids)}, lists.Elem.Take(nil, pick)
}

func (p *pairSet) size() int64 {
	n := p.dupes.bytes + int64(cap(p.counts))*8
	if p.nums != nil {
		return n + p.nums.size()
	}
	return n + p.table.Size()
}

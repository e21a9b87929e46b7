package agg

import "math/bits"

// numberPages are whole numbers of groups that lie close together: a bit each,
// which is a look-up in a megabyte in place of one in a hash table of a hundred.
//
//	slots   group, x >> pageBits -> page, open addressing at a load of at most a half
//	page    bit x & (1<<pageBits - 1): the group has x
//	near    group * span + x >> pageBits - low -> page, or nil: while these are few
type numberPages struct {
	slots  []pageSlot
	shift  uint
	pages  []*page
	slab   []page
	sets   int  // numbers in all pages
	closed bool // numbers turned out to lie far apart: there are no new pages
	moving bool // numbers that are known to lie close together come in, in any order

	near      []*page
	low, span uint64
	far       bool // near would be too long
}

type pageSlot struct {
	high  uint64
	group uint32
	page  *page // nil: free
}

type page [pageWords]uint64

const (
	pageBits  = 12
	pageWords = 1 << pageBits / 64
	// pagesFrom is the number of pairs from which pages are thought of.
	pagesFrom = 1 << 14
	// pageWorth is how many numbers a page must hold to take less memory than
	// they do as pairs.
	pageWorth = 16
	slabPages = 64
	// nearMost is the most pages that are found by their place.
	nearMost = 1 << 16
)

// known is the page of a number of a group, if it is found by its place.
func (b *numberPages) known(high uint64, group uint32) *page {
	if high -= b.low; high < b.span {
		if at := uint64(group)*b.span + high; at < uint64(len(b.near)) {
			return b.near[at]
		}
	}
	return nil
}

// note has a page found by its place from now on.
func (b *numberPages) note(high uint64, group uint32, p *page) {
	if b.far {
		return
	}
	at := uint64(group)*b.span + high - b.low
	if high-b.low >= b.span || at >= uint64(len(b.near)) {
		b.stretch(high, group)
		if at = uint64(group)*b.span + high - b.low; b.far {
			return
		}
	}
	b.near[at] = p
}

// stretch makes room in near for a page, and for as many again on each side.
func (b *numberPages) stretch(high uint64, group uint32) {
	least, most, groups := high, high, uint64(group)
	for _, o := range b.slots {
		if o.page != nil {
			least, most, groups = min(least, o.high), max(most, o.high), max(groups, uint64(o.group))
		}
	}
	if most-least >= nearMost || (most-least+1)*(groups+1) > nearMost {
		b.far, b.near, b.span = true, nil, 0
		return
	}
	half := (most - least + 1) / 2
	b.low, b.span = least-min(least, half), most-least+1+2*half
	b.near = make([]*page, b.span*(groups+1+groups/2))
	for _, o := range b.slots {
		if o.page != nil {
			b.near[uint64(o.group)*b.span+o.high-b.low] = o.page
		}
	}
}

// find is the page of a number of a group; nil: there is none.
func (b *numberPages) find(high uint64, group uint32) *page {
	if len(b.slots) == 0 {
		return nil
	}
	mask := uint64(len(b.slots) - 1)
	for at := numberHash(high, group) >> b.shift; ; at = (at + 1) & mask {
		o := &b.slots[at]
		if o.page == nil {
			return nil
		}
		if o.high == high && o.group == group {
			return o.page
		}
	}
}

// make is a new page, which is not there; nil if there are to be no more.
func (b *numberPages) make(high uint64, group uint32) *page {
	if b.closed = b.closed || !b.moving && len(b.pages) > 1<<12 && b.sets < pageWorth/2*len(b.pages); b.closed {
		return nil
	}
	if 2*(len(b.pages)+1) > len(b.slots) {
		b.grow()
	}
	if len(b.slab) == 0 {
		b.slab = make([]page, slabPages)
	}
	p := &b.slab[0]
	b.slab, b.pages = b.slab[1:], append(b.pages, p)
	b.put(pageSlot{high, group, p})
	return p
}

func (b *numberPages) put(o pageSlot) {
	mask := uint64(len(b.slots) - 1)
	at := numberHash(o.high, o.group) >> b.shift
	for b.slots[at].page != nil {
		at = (at + 1) & mask
	}
	b.slots[at] = o
}

func (b *numberPages) grow() {
	old := b.slots
	size := max(64, 2*len(old))
	b.slots, b.shift = make([]pageSlot, size), uint(64-bits.TrailingZeros(uint(size)))
	for _, o := range old {
		if o.page != nil {
			b.put(o)
		}
	}
}

// of is the page for a number, a new one if need be; nil: it has no page.
func (b *numberPages) of(x uint64, group uint32) *page {
	high := x >> pageBits
	p := b.find(high, group)
	if p == nil {
		p = b.make(high, group)
	}
	if p != nil {
		b.note(high, group, p)
	}
	return p
}

// add says whether x is new to a page.
func (b *numberPages) add(p *page, x uint64) bool {
	w, bit := &p[x>>6&(pageWords-1)], uint64(1)<<(x&63)
	if *w&bit != 0 {
		return false
	}
	*w |= bit
	b.sets++
	return true
}

// unite adds all of a page to another, and says how many were new.
func (b *numberPages) unite(p, from *page) (fresh int) {
	for i, w := range from {
		fresh += bits.OnesCount64(w &^ p[i])
		p[i] |= w
	}
	b.sets += fresh
	return fresh
}

// each gives all numbers of all groups.
func (b *numberPages) each(f func(x uint64, group uint32)) {
	if b == nil {
		return
	}
	for _, o := range b.slots {
		if o.page != nil {
			o.page.each(o.high, func(x uint64) { f(x, o.group) })
		}
	}
}

func (p *page) each(high uint64, f func(x uint64)) {
	for i, w := range p {
		for ; w != 0; w &= w - 1 {
			f(high<<pageBits | uint64(i)<<6 | uint64(bits.TrailingZeros64(w)))
		}
	}
}

func (b *numberPages) size() int64 {
	if b == nil {
		return 0
	}
	return int64(len(b.slots))*24 + int64(len(b.near))*8 + int64(len(b.pages)+len(b.slab))*(8*pageWords+8)
}

// toPages keeps whole numbers in pages from now on, when there have become many
// and they lie close together.
func (s *numberSet) toPages() {
	if s.pages != nil || s.n < max(pagesFrom, s.asked*2) {
		return
	}
	s.asked = s.n
	seen := numberSet{}
	for _, o := range s.slots {
		if o.group == 0 {
			continue
		}
		seen.reserve(1)
		if seen.add(o.bits>>pageBits, o.group); seen.n*pageWorth > s.n {
			return
		}
	}
	s.usePages()
}

// usePages moves all pairs into pages.
func (s *numberSet) usePages() {
	old := s.slots
	s.pages, s.slots, s.n = &numberPages{moving: true}, nil, 0
	for _, o := range old {
		if o.group != 0 {
			s.add(o.bits, o.group-1)
		}
	}
	s.pages.moving = false
}

package sketch

import (
	"math"
	"slices"
)

// Merge adds the bins of another histogram. While all bins have room they stay
// as they are. Else bins that are closer to each other than the range over the
// number of bins become one, and so do those beyond either limit.
func (a *Approx) Merge(o *Approx) {
	if len(o.at) == 0 {
		return
	}
	a.widen(o.least, o.most)
	a.count += o.count
	to := a.spare
	if to == nil {
		to = &Approx{}
	}
	to.at, to.n, to.guess = to.at[:0], to.n[:0], to.guess[:0]
	if len(a.at)+len(o.at) <= a.size {
		to.unite(a, o)
	} else {
		to.combine(a, o, a.cutoff())
		for len(to.at) > a.size { // by rounding, or as few bins cannot keep the limits apart
			pair, _ := to.closest()
			b := blend{to.at[pair], to.n[pair]}
			b.take(to.at[pair+1], to.n[pair+1])
			to.at[pair], to.n[pair], to.guess[pair] = b.at, b.n, true
			to.at = slices.Delete(to.at, pair+1, pair+2)
			to.n = slices.Delete(to.n, pair+1, pair+2)
			to.guess = slices.Delete(to.guess, pair+1, pair+2)
		}
	}
	a.at, to.at = to.at, a.at
	a.n, to.n = to.n, a.n
	a.guess, to.guess = to.guess, a.guess
	a.spare = to
}

// cutoff is the distance up to which bins are joined, so that no more than size
// are left.
func (a *Approx) cutoff() float32 {
	inf := float32(math.Inf(1))
	over := func(from, to float32, bins int) float32 { return (to - from) / float32(max(1, bins)) }
	switch {
	case a.high != inf && a.low != -inf:
		return over(a.low, a.high, a.size-3)
	case a.high != inf:
		return over(a.least, a.high, a.size-2)
	case a.low != -inf:
		return over(a.low, a.most, a.size-2)
	}
	return over(a.least, a.most, a.size-1)
}

func (a *Approx) push(at float32, n int64, guess bool) {
	a.at, a.n, a.guess = append(a.at, at), append(a.n, n), append(a.guess, guess)
}

// unite puts the bins of both into a; those at the same position become one.
func (a *Approx) unite(l, r *Approx) {
	i, j := 0, 0
	for i < len(l.at) || j < len(r.at) {
		switch {
		case i < len(l.at) && (j == len(r.at) || l.at[i] < r.at[j]):
			a.push(l.at[i], l.n[i], l.guess[i])
			i++
		case j < len(r.at) && (i == len(l.at) || l.at[i] > r.at[j]):
			a.push(r.at[j], r.n[j], r.guess[j])
			j++
		default:
			a.push(l.at[i], l.n[i]+r.n[j], l.guess[i] || r.guess[j])
			i, j = i+1, j+1
		}
	}
}

// blend is a bin that takes others one by one.
type blend struct {
	at float32
	n  int64
}

func (b *blend) take(at float32, n int64) {
	sum := b.n + n
	b.at = -(at-b.at)*(float32(b.n)/float32(sum)) + at
	b.n = sum
}

// combine joins the bins of both, in order, that are at most cutoff apart.
func (a *Approx) combine(l, r *Approx, cutoff float32) {
	var below, above blend
	skip := func(h *Approx) (i int) {
		for ; i < len(h.at) && h.at[i] < l.low; i++ {
			below.take(h.at[i], h.n[i])
		}
		return i
	}
	i := skip(l)
	j := skip(r)
	if below.n > 0 {
		a.push(below.at, below.n, true)
	}
	first := true
	for i < len(l.at) || j < len(r.at) {
		h, k := r, j
		if i < len(l.at) && (j == len(r.at) || l.at[i] < r.at[j]) {
			h, k = l, i
			i++
		} else {
			j++
		}
		at, n, last := h.at[k], h.n[k], len(a.at)-1
		switch {
		case first:
			a.push(at, n, h.guess[k])
			first = false
		case at > l.high:
			above.take(at, n)
		case at-a.at[last] <= cutoff:
			b := blend{a.at[last], a.n[last]}
			b.take(at, n)
			a.at[last], a.n[last], a.guess[last] = b.at, b.n, true
		default:
			a.push(at, n, false)
		}
	}
	if above.n > 0 {
		a.push(above.at, above.n, true)
	}
}

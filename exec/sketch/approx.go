package sketch

import (
	"math"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
)

// Approx is the histogram of Ben-Haim and Tom-Tov with floats: a number of bins
// (the resolution), each a position and a count. A value falls in the bin at
// its position, or makes one; when there are too many, the two that are closest
// become one in the middle. It is exact up to as many distinct values as it has
// bins. Limits, where there are some, keep the bins for values within them when
// histograms are merged: what lies beyond is one bin on either side.
type Approx struct {
	at    []float32 // ascending
	n     []int64
	guess []bool // the bin was made of several positions
	low   float32
	high  float32
	least float32
	most  float32
	count int64
	size  int
	spare *Approx // bins of the last merge, to be used again
}

// maxApproxBins bounds the resolution.
const maxApproxBins = 1 << 20

// NewApprox makes an empty histogram; limits may be infinite.
func NewApprox(bins int, low, high float32) (*Approx, error) {
	switch {
	case bins < 1 || bins > maxApproxBins:
		return nil, fault.Invalidf("the resolution must be from 1 to %d, got %d", maxApproxBins, bins)
	case !(high > low):
		return nil, fault.Invalidf("the upper limit %v must be greater than the lower limit %v", high, low)
	}
	return &Approx{size: bins, low: low, high: high, least: float32(math.Inf(1)), most: float32(math.Inf(-1))}, nil
}

// Count is the number of values.
func (a *Approx) Count() int64 { return a.count }

// Min is the least value, +Inf if there is none.
func (a *Approx) Min() float32 { return a.least }

// Max is the greatest value, -Inf if there is none.
func (a *Approx) Max() float32 { return a.most }

// Limit sets the limits, which images do not hold.
func (a *Approx) Limit(low, high float32) { a.low, a.high = low, high }

// Size is the memory held, in bytes.
func (a *Approx) Size() int64 {
	n := 144 + 13*int64(cap(a.at))
	if a.spare != nil {
		n += a.spare.Size()
	}
	return n
}

func (a *Approx) widen(low, high float32) {
	if low < a.least {
		a.least = low
	}
	if high > a.most {
		a.most = high
	}
}

// Update adds a value; NaN is dropped, as it has no position.
func (a *Approx) Update(v float32) {
	if v != v {
		return
	}
	a.widen(v, v)
	a.count++
	i, found := slices.BinarySearch(a.at, v)
	switch {
	case found:
		a.n[i]++
	case len(a.at) < a.size:
		a.insert(i, v, 1)
	default:
		a.squeeze(i, v)
	}
}

func (a *Approx) insert(i int, v float32, n int64) {
	a.at, a.n, a.guess = slices.Insert(a.at, i, v), slices.Insert(a.n, i, n), slices.Insert(a.guess, i, false)
}

// squeeze takes a value that belongs before bin i where all bins are in use: it
// joins a neighbour, or two bins that are closer to each other become one.
func (a *Approx) squeeze(i int, v float32) {
	pair, delta := a.closest()
	join := -1
	if i < len(a.at) && a.at[i]-v < delta {
		join, delta = i, a.at[i]-v
	}
	if i > 0 && v-a.at[i-1] < delta {
		join = i - 1
	}
	if join >= 0 || pair < 0 {
		join = max(join, 0)
		k := a.n[join]
		a.at[join] = (a.at[join]*float32(k) + v) / float32(k+1)
		a.n[join], a.guess[join] = k+1, true
		return
	}
	k0, k1 := a.n[pair], a.n[pair+1]
	a.at[pair] = float32((float64(a.at[pair])*float64(k0) + float64(a.at[pair+1])*float64(k1)) / float64(k0+k1))
	a.n[pair], a.guess[pair] = k0+k1, true
	free := pair + 1
	if i < free { // make room by moving what lies between
		copy(a.at[i+1:free+1], a.at[i:free])
		copy(a.n[i+1:free+1], a.n[i:free])
		copy(a.guess[i+1:free+1], a.guess[i:free])
	} else {
		i--
		copy(a.at[free:i], a.at[free+1:i+1])
		copy(a.n[free:i], a.n[free+1:i+1])
		copy(a.guess[free:i], a.guess[free+1:i+1])
	}
	a.at[i], a.n[i], a.guess[i] = v, 1, false
}

// closest is the first of the two bins that are closest to each other, and
// their distance.
func (a *Approx) closest() (pair int, delta float32) {
	pair, delta = -1, float32(math.Inf(1))
	for i := 1; i < len(a.at); i++ {
		if d := a.at[i] - a.at[i-1]; d < delta {
			pair, delta = i-1, d
		}
	}
	return pair, delta
}

package sketch

import (
	"math"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
)

// upTo is about the number of values up to a limit. The values of a bin lie
// half to its left and half to its right, more densely near the fuller of two
// neighbours; those of a bin of one position lie there.
func (a *Approx) upTo(limit float32) float64 {
	switch {
	case limit < a.least:
		return 0
	case limit >= a.most:
		return float64(a.count)
	}
	i, found := slices.BinarySearch(a.at, limit)
	if !found {
		i--
	}
	left, right := float64(a.least), float64(a.most)
	var n0, rough0, rough1 int64 // of the bins around; rough are those of several positions
	exact0 := false
	if i >= 0 {
		left, n0, exact0 = float64(a.at[i]), a.n[i], !a.guess[i]
		if !exact0 {
			rough0 = n0
		}
	}
	if i+1 < len(a.at) {
		right = float64(a.at[i+1])
		if a.guess[i+1] {
			rough1 = a.n[i+1]
		}
	}
	share := 0.0
	if right != left {
		share = (float64(limit) - left) / (right - left)
	}
	there := float64(rough0) + float64(rough1-rough0)*share
	sum := 0.5 * (float64(rough0) + there) * share
	for _, n := range a.n[:max(i, 0)] {
		sum += float64(n)
	}
	if exact0 {
		return sum + float64(n0)
	}
	return sum + 0.5*float64(n0)
}

// Quantile is about the value below which a fraction of the values lie; NaN if
// there are none. The fraction is from 0 to 1.
func (a *Approx) Quantile(fraction float32) float32 {
	if a.count == 0 {
		return float32(math.NaN())
	}
	wanted := float64(fraction) * float64(a.count)
	i, below := 0, int64(0)
	for i < len(a.n) && float64(below+a.n[i]) <= wanted {
		below += a.n[i]
		i++
	}
	switch i {
	case 0:
		return a.least
	case len(a.n): // all of them
		return a.most
	}
	rest := wanted - float64(below)
	d, twice := float64(a.n[i]-a.n[i-1]), float64(2*a.n[i-1])
	z := 2 * rest / twice
	if d != 0 {
		z = (-twice + math.Sqrt(twice*twice+8*d*rest)) / (2 * d)
	}
	return min(float32(float64(a.at[i-1])+float64(a.at[i]-a.at[i-1])*z), a.most)
}

// Between is about the number of values between breaks that ascend: above each
// and up to the next.
func (a *Approx) Between(breaks []float32) []float64 {
	out := make([]float64, 0, len(breaks))
	before := 0.0
	for i, x := range breaks {
		n := a.upTo(x)
		if i > 0 {
			out = append(out, float64(float32(n-before)))
		}
		before = n
	}
	return out
}

// EqualBreaks are n+1 breaks of equal distance that hold all values: the least
// is the last of its bin.
func (a *Approx) EqualBreaks(n int) ([]float32, error) {
	if n < 2 || n > maxApproxBins {
		return nil, fault.Invalidf("a histogram has 2 to %d buckets, got %d", maxApproxBins, n)
	}
	breaks := make([]float32, n+1)
	delta := (a.most - a.least) / float32(n-1)
	breaks[0] = a.least - delta
	for i := 1; i < n; i++ {
		breaks[i] = breaks[i-1] + delta
	}
	breaks[n] = a.most
	return breaks, nil
}

// maxBreaks bounds the buckets of one size between the least and the greatest
// value.
const maxBreaks = 1 << 20

// StepBreaks are the breaks, a multiple of size away from offset, between
// which there are values.
func (a *Approx) StepBreaks(size, offset float32) ([]float32, error) {
	if !(size > 0) {
		return nil, fault.Invalidf("the size of a bucket must be above 0, got %v", size)
	}
	if a.count == 0 {
		return nil, nil
	}
	if float64(a.most-a.least)/float64(size) > maxBreaks {
		return nil, fault.Invalidf("buckets of size %v between %v and %v are more than %d", size, a.least, a.most, maxBreaks)
	}
	const worth = 0.1 // fewer values than that do not make a bucket
	floor := func(x float32) float32 { return float32(math.Floor(float64((x-offset)/size)))*size + offset }
	ceil := func(x float32) float32 { return float32(math.Ceil(float64((x-offset)/size)))*size + offset }
	start, top := floor(a.least), ceil(a.most)
	first, last := max(start, floor(a.low)), min(top, ceil(a.high))
	var breaks []float32
	if bottom := start - size; bottom != first && a.upTo(first)-a.upTo(bottom) > worth {
		breaks = append(breaks, bottom) // the least is a break, and belongs below it
	}
	open := false
	for left := first; left+size <= last+size/10; {
		right := left + size
		if a.upTo(right)-a.upTo(left) > worth {
			if !open {
				breaks = append(breaks, left)
			}
			breaks, open = append(breaks, right), true
		} else {
			open = false
		}
		left = right
	}
	if n := len(breaks); n > 0 && breaks[n-1] != top && a.upTo(top)-a.upTo(breaks[n-1]) > worth {
		breaks = append(breaks, top)
	}
	return breaks, nil
}

package sketch

import (
	"math"
	"slices"
	"sort"

	"github.com/ovatedb/ovate/internal/fault"
)

// A RankView is a sample of a stream in order, each item standing for a number
// of values: what both Quantiles and KLL answer from. Ranks are fractions in
// [0, 1]; all are inclusive: the rank of v is the share of values <= v. It
// does not change when its sketch does.
type RankView struct {
	items []float64
	upTo  []int64 // values that items[0..i] stand for
	min   float64
	max   float64
}

// newRankView sorts a sample; weights[i] is what items[i] stands for. It keeps
// both slices.
func newRankView(items []float64, weights []int64, low, high float64) *RankView {
	sort.Sort(weighted{items, weights})
	total := int64(0)
	for i, w := range weights {
		total += w
		weights[i] = total
	}
	return &RankView{items: items, upTo: weights, min: low, max: high}
}

type weighted struct {
	items   []float64
	weights []int64
}

func (w weighted) Len() int           { return len(w.items) }
func (w weighted) Less(i, j int) bool { return w.items[i] < w.items[j] }
func (w weighted) Swap(i, j int) {
	w.items[i], w.items[j] = w.items[j], w.items[i]
	w.weights[i], w.weights[j] = w.weights[j], w.weights[i]
}

// Count is the number of values.
func (v *RankView) Count() int64 {
	if len(v.upTo) == 0 {
		return 0
	}
	return v.upTo[len(v.upTo)-1]
}

// Quantile is the least item whose rank is at least the fraction; NaN if
// there are no values. The fraction must be in [0, 1].
func (v *RankView) Quantile(fraction float64) (float64, error) {
	if !(fraction >= 0 && fraction <= 1) {
		return 0, fault.Invalidf("a fraction must be from 0 to 1, not %v", fraction)
	}
	if len(v.items) == 0 {
		return math.NaN(), nil
	}
	want := int64(math.Ceil(fraction * float64(v.Count())))
	i := sort.Search(len(v.upTo), func(i int) bool { return v.upTo[i] >= want })
	return v.items[min(i, len(v.items)-1)], nil
}

// Quantiles is Quantile of each fraction.
func (v *RankView) Quantiles(fractions []float64) ([]float64, error) {
	out := make([]float64, len(fractions))
	for i, f := range fractions {
		q, err := v.Quantile(f)
		if err != nil {
			return nil, err
		}
		out[i] = q
	}
	return out, nil
}

// Rank is the share of values <= x; NaN if there are no values.
func (v *RankView) Rank(x float64) float64 {
	if len(v.items) == 0 {
		return math.NaN()
	}
	i := sort.Search(len(v.items), func(i int) bool { return v.items[i] > x })
	if i == 0 {
		return 0
	}
	return float64(v.upTo[i-1]) / float64(v.Count())
}

// CDF is the rank of each split point, then 1. Split points must ascend.
func (v *RankView) CDF(splits []float64) ([]float64, error) {
	for i, s := range splits {
		if s != s || i > 0 && s <= splits[i-1] {
			return nil, fault.Invalidf("split points must ascend and be numbers, got %v", splits)
		}
	}
	return v.cdf(splits), nil
}

func (v *RankView) cdf(splits []float64) []float64 {
	out := make([]float64, 0, len(splits)+1)
	for _, s := range splits {
		out = append(out, v.Rank(s))
	}
	if len(v.items) == 0 {
		return append(out, math.NaN())
	}
	return append(out, 1)
}

// PMF is the share of values up to the first split point, of those above it up
// to the second, and so on: one more than there are split points.
func (v *RankView) PMF(splits []float64) ([]float64, error) {
	out, err := v.CDF(splits)
	return differences(out), err
}

func differences(cdf []float64) []float64 {
	for i := len(cdf) - 1; i > 0; i-- {
		cdf[i] -= cdf[i-1]
	}
	return cdf
}

// Histogram is PMF in numbers of values.
func (v *RankView) Histogram(splits []float64) ([]float64, error) {
	out, err := v.PMF(splits)
	return scale(out, float64(v.Count())), err
}

// EqualHistogram is the histogram of bins of equal width, at least 2, between
// the least and the greatest value.
func (v *RankView) EqualHistogram(bins int) ([]float64, error) {
	if bins < 2 {
		return nil, fault.Invalidf("a histogram of %d bins, expected at least 2", bins)
	}
	splits, width := make([]float64, bins-1), (v.max-v.min)/float64(bins)
	for i := range splits {
		splits[i] = v.min + width*float64(i+1)
	}
	return scale(differences(v.cdf(splits)), float64(v.Count())), nil
}

func scale(x []float64, by float64) []float64 {
	for i := range x {
		x[i] *= by
	}
	return x
}

// coin is a source of bits that depends on the data alone, so that the same
// stream always gives the same sketch.
type coin uint64

// flip gives 0 or 1; seed is any number of the data.
func (c *coin) flip(seed uint64) int {
	*c = coin(avalanche(uint64(*c)+0x9e3779b97f4a7c15) ^ seed)
	return int(avalanche(uint64(*c)) >> 63)
}

// halve keeps every other item of a sorted slice, into its front half.
func (c *coin) halve(sorted []float64) []float64 {
	n := len(sorted) / 2
	for i, j := 0, c.flip(math.Float64bits(sorted[0])); i < n; i, j = i+1, j+2 {
		sorted[i] = sorted[j]
	}
	return sorted[:n]
}

// mergeSorted merges two sorted slices into dst, which is long enough and may
// end with b.
func mergeSorted(dst, a, b []float64) {
	for i := range dst {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			dst[i], a = a[0], a[1:]
		default:
			dst[i], b = b[0], b[1:]
		}
	}
}

// isSorted tells whether items ascend and none is NaN.
func isSorted(items []float64) bool {
	return slices.IsSorted(items) && (len(items) == 0 || items[0] == items[0])
}

package sketch

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
)

// The limits of k of a Quantiles sketch, a power of two.
const (
	minQuantilesK = 2
	maxQuantilesK = 1 << 15
)

// Quantiles estimates ranks by the classic mergeable sketch: a buffer of 2k
// values that, when full, is sorted and halved into a level of k items; two
// levels of equal weight merge into one of double weight, like the carries of
// a binary counter. Up to 2k values answers are exact; the rank error is about
// 1.7 % for k = 128.
type Quantiles struct {
	k      int
	count  int64
	min    float64
	max    float64
	buffer []float64   // fewer than 2k values
	levels [][]float64 // nil, or k sorted items, each standing for 2^(i+1) values
	view   *RankView   // until the next change
	coin   coin
}

// NewQuantiles makes an empty sketch; k is a power of two from 2 to 32768.
func NewQuantiles(k int) (*Quantiles, error) {
	if k < minQuantilesK || k > maxQuantilesK || k&(k-1) != 0 {
		return nil, fault.Invalidf("k of a quantiles sketch is %d, expected a power of two from %d to %d", k, minQuantilesK, maxQuantilesK)
	}
	return &Quantiles{k: k, min: math.NaN(), max: math.NaN()}, nil
}

// K is the parameter of accuracy.
func (q *Quantiles) K() int { return q.k }

// Count is the number of values seen.
func (q *Quantiles) Count() int64 { return q.count }

// Min is the least value seen, NaN if none was.
func (q *Quantiles) Min() float64 { return q.min }

// Max is the greatest value seen, NaN if none was.
func (q *Quantiles) Max() float64 { return q.max }

// Size is the memory the sketch holds, in bytes.
func (q *Quantiles) Size() int64 {
	n := int64(120 + 8*cap(q.buffer) + 24*cap(q.levels))
	for _, l := range q.levels {
		n += 8 * int64(cap(l))
	}
	if q.view != nil {
		n += 80 + 16*int64(len(q.view.items))
	}
	return n
}

// Update adds a value; NaN is ignored.
func (q *Quantiles) Update(v float64) {
	if v != v {
		return
	}
	q.widen(v, v)
	q.count++
	q.push(v)
}

func (q *Quantiles) widen(low, high float64) {
	q.view = nil
	if !(q.min <= low) {
		q.min = low
	}
	if !(q.max >= high) {
		q.max = high
	}
}

// push adds a value that is counted already.
func (q *Quantiles) push(v float64) {
	if len(q.buffer) == cap(q.buffer) {
		q.buffer = slices.Grow(q.buffer, min(max(4, len(q.buffer)), 2*q.k-len(q.buffer)))
	}
	q.buffer = append(q.buffer, v)
	if len(q.buffer) < 2*q.k {
		return
	}
	slices.Sort(q.buffer)
	q.carry(0, slices.Clone(q.coin.halve(q.buffer)))
	q.buffer = q.buffer[:0]
}

// carry puts a level of k sorted items, which it may change, at height at.
func (q *Quantiles) carry(at int, items []float64) {
	for ; at < len(q.levels) && q.levels[at] != nil; at++ {
		both := make([]float64, 2*q.k)
		mergeSorted(both, q.levels[at], items)
		copy(items, q.coin.halve(both))
		q.levels[at] = nil
	}
	for len(q.levels) <= at {
		q.levels = append(q.levels, nil)
	}
	q.levels[at] = items
}

// Merge adds the values of o, another sketch, which stays as it is. The
// outcome has the smaller k of the two.
func (q *Quantiles) Merge(o *Quantiles) {
	if o.count == 0 || o == q {
		return
	}
	if o.k < q.k {
		mine := *q
		*q = Quantiles{k: o.k, min: math.NaN(), max: math.NaN(), coin: mine.coin}
		q.Merge(&mine)
	}
	q.widen(o.min, o.max)
	q.count += o.count
	for _, v := range o.buffer {
		q.push(v)
	}
	lg := bits.TrailingZeros(uint(o.k / q.k))
	for i, level := range o.levels {
		if level != nil {
			q.carry(i+lg, q.thin(level, 1<<lg))
		}
	}
}

// thin copies each stride-th item.
func (q *Quantiles) thin(level []float64, stride int) []float64 {
	if stride == 1 {
		return slices.Clone(level)
	}
	out, at := make([]float64, 0, q.k), 0
	for s := stride; s > 1; s /= 2 {
		at = 2*at + q.coin.flip(math.Float64bits(level[0]))
	}
	for ; at < len(level); at += stride {
		out = append(out, level[at])
	}
	return out
}

// Ranks gives the view to ask for quantiles and ranks.
func (q *Quantiles) Ranks() *RankView {
	if q.view != nil {
		return q.view
	}
	items := slices.Clone(q.buffer)
	weights := make([]int64, len(items))
	for i := range weights {
		weights[i] = 1
	}
	for i, level := range q.levels {
		for _, v := range level {
			items, weights = append(items, v), append(weights, 1<<(i+1))
		}
	}
	q.view = newRankView(items, weights, q.min, q.max)
	return q.view
}

// rankError is the error of one rank, or of a share of the distribution, that
// 99 of 100 sketches keep to.
func (q *Quantiles) rankError(share bool) float64 {
	if share {
		return 1.854 / math.Pow(float64(q.k), 0.9657)
	}
	return 1.576 / math.Pow(float64(q.k), 0.9726)
}

// String sums the sketch up.
func (q *Quantiles) String() string {
	retained, valid, pattern := len(q.buffer), 0, q.count/int64(2*q.k)
	for _, l := range q.levels {
		if l != nil {
			retained, valid = retained+q.k, valid+1
		}
	}
	image, room := 8, 8
	if q.count > 0 {
		image, room = 32+8*retained, 32+8*max(4, 1<<bits.Len64(uint64(q.count-1)))
		if q.count > int64(q.k) {
			room = 32 + 8*(2+len(q.levels))*q.k
		}
	}
	return fmt.Sprintf("\n### Quantiles DirectCompactDoublesSketch SUMMARY: \n   Empty                        : %v\n   Memory, Capacity bytes       : true, %d\n"+
		"   Estimation Mode              : %v\n   K                            : %d\n   N                            : %s\n"+
		"   Levels (Needed, Total, Valid): %d, %d, %d\n   Level Bit Pattern            : %b\n   BaseBufferCount              : %d\n"+
		"   Combined Buffer Capacity     : %d\n   Retained Items               : %s\n   Compact Storage Bytes        : %s\n"+
		"   Updatable Storage Bytes      : %s\n   Normalized Rank Error        : %.3f%%\n   Normalized Rank Error (PMF)  : %.3f%%\n"+
		"   Min Item                     : %s\n   Max Item                     : %s\n### END SKETCH SUMMARY\n",
		q.count == 0, image, pattern > 0, q.k, grouped(q.count), bits.Len64(uint64(pattern)), len(q.levels), valid, pattern, len(q.buffer),
		(image-32)/8, grouped(int64(retained)), grouped(int64(image)), grouped(int64(room)), 100*q.rankError(false), 100*q.rankError(true), scientific(q.min), scientific(q.max))
}

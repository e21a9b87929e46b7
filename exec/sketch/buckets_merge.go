package sketch

import (
	"fmt"
	"math"
	"strings"
)

// Merge adds the counts of other buckets. Where their limits or widths differ,
// values are taken to be spread evenly over their bucket and dealt to ours, in
// whole numbers.
func (b *Buckets) Merge(o *Buckets) {
	b.missing += o.missing
	switch {
	case b.low == o.low && b.high == o.high && len(b.counts) == len(o.counts):
		for i, n := range o.counts {
			b.counts[i] += n
		}
		b.count += o.count
		b.least, b.most = math.Min(b.least, o.least), math.Max(b.most, o.most)
		b.out(o.below, false)
		b.out(o.above, true)
	case o.low >= b.high: // their outliers below may be anywhere
		b.out(o.count+o.above, true)
	case o.high <= b.low:
		b.out(o.count+o.below, false)
	default:
		b.out(o.below+whole(o.upTo(b.low)), false)
		b.out(o.above+whole(float64(o.count)-o.upTo(b.high)), true)
		b.deal(o)
		if b.outliers == ClipOutliers && o.count > 0 && o.low > b.low && o.high < b.high {
			b.widen(o.least)
			b.widen(o.most)
		}
	}
}

// whole rounds a count half up.
func whole(x float64) int64 { return int64(math.Floor(x + 0.5)) }

// upTo is about how many of the values in buckets are below a limit.
func (b *Buckets) upTo(limit float64) float64 {
	if limit <= b.low {
		return 0
	}
	sum := 0.0
	for i, n := range b.counts {
		start := float64(i)*b.width + b.low
		if limit < start+b.width {
			return sum + (limit-start)/b.width*float64(n)
		}
		sum += float64(n)
	}
	return sum
}

// deal deals what o has within our limits to our buckets, piece by piece: a
// piece lies in one bucket of either.
func (b *Buckets) deal(o *Buckets) {
	from, end := math.Max(b.low, o.low), math.Min(b.high, o.high)
	mine, theirs := int((from-b.low)/b.width), int((from-o.low)/o.width)
	for from < end && mine < len(b.counts) && theirs < len(o.counts) {
		myEnd := math.Min(end, float64(mine+1)*b.width+b.low)
		theirEnd := math.Min(end, float64(theirs+1)*o.width+o.low)
		to := math.Min(myEnd, theirEnd)
		if n := whole(float64(o.counts[theirs]) * (to - from) / o.width); n > 0 {
			b.counts[mine] += n
			b.count += n
			b.spread(o, theirs, from, to)
		}
		if to >= myEnd {
			mine++
		}
		if to >= theirEnd {
			theirs++
		}
		from = to
	}
}

// spread widens the extremes by the first and last of the evenly spread values
// of their bucket that lie in [from, to).
func (b *Buckets) spread(o *Buckets, bucket int, from, to float64) {
	start, stride := float64(bucket)*o.width+o.low, o.width/float64(o.counts[bucket])
	if v := math.Ceil((from-start)/stride)*stride + start; v >= from {
		b.widen(v)
	}
	if v := math.Floor((to-start)/stride)*stride + start; v < to {
		b.widen(v)
	}
}

// String is the buckets as the aggregator shows them.
func (b *Buckets) String() string {
	counts := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(b.counts), "[]")), ", ")
	return fmt.Sprintf("{lowerLimit=%s, upperLimit=%s, numBuckets=%d, upperOutlierCount=%d, lowerOutlierCount=%d, missingValueCount=%d, histogram=[%s], "+
		"outlierHandlingMode=%s, count=%d, max=%s, min=%s}", javaDouble(b.low), javaDouble(b.high), len(b.counts), b.above, b.below, b.missing, counts,
		b.outliers, b.count, javaDouble(b.most), javaDouble(b.least))
}

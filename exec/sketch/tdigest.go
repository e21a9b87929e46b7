package sketch

import (
	"math"
	"slices"

	"github.com/caio/go-tdigest/v4"

	"github.com/ovatedb/ovate/internal/fault"
)

// TDigest estimates quantiles by centroids, each a mean and a weight, which are
// lighter towards both ends. While there are few values each is a centroid.
// NaN is ignored.
type TDigest struct {
	digest      *tdigest.TDigest
	low, high   float64
	compression int
	random      *order
	fresh       []float64 // values that are not in the digest yet
}

// flushAt is how many values, times the compression, are joined at once: a
// centroid costs as much to add as a value.
const flushAt = 10

// maxCompression bounds the memory of a digest, which grows with it.
const maxCompression = 10000

// NewTDigest makes an empty digest of about twice as many centroids as its
// compression, 1 to 10000.
func NewTDigest(compression int) (*TDigest, error) {
	if compression < 1 || compression > maxCompression {
		return nil, fault.Invalidf("the compression of a t-digest is %d, expected 1 to %d", compression, maxCompression)
	}
	random := new(order)
	d, err := tdigest.New(tdigest.Compression(float64(compression)), tdigest.RandomNumberGenerator(random))
	if err != nil {
		return nil, fault.Invalidf("%v", err)
	}
	return &TDigest{digest: d, low: math.Inf(1), high: math.Inf(-1), compression: compression, random: random}, nil
}

// order is a source of numbers that depends on nothing, so that the same rows
// give the same digest.
type order uint64

func (o *order) next() uint64 {
	*o += 0x9e3779b97f4a7c15
	return avalanche(uint64(*o))
}

// Float32 is a number in [0, 1).
func (o *order) Float32() float32 { return float32(o.next()>>40) / (1 << 24) }

// Intn is a number in [0, n).
func (o *order) Intn(n int) int { return int(o.next() % uint64(n)) }

// Count is the number of values seen.
func (t *TDigest) Count() int64 { return int64(t.digest.Count()) + int64(len(t.fresh)) }

// Size is about the memory held, in bytes.
func (t *TDigest) Size() int64 { return 200 + 40*int64(t.compression) + 8*int64(cap(t.fresh)) }

// Update adds a value.
func (t *TDigest) Update(v float64) {
	if v != v {
		return
	}
	if t.fresh = append(t.fresh, v); len(t.fresh) >= flushAt*t.compression {
		t.flush()
	}
}

// flush adds the fresh values.
func (t *TDigest) flush() {
	if len(t.fresh) == 0 {
		return
	}
	slices.Sort(t.fresh)
	low, high := t.fresh[0], t.fresh[len(t.fresh)-1]
	of := make([]centroid, len(t.fresh))
	for i, v := range t.fresh {
		of[i] = centroid{v, 1}
	}
	t.fresh = t.fresh[:0]
	t.take(t.few(of, float64(len(of))), low, high)
}

// few is the centroids, joined if they are more than twice the compression.
func (t *TDigest) few(all []centroid, count float64) []centroid {
	if len(all) <= 2*t.compression {
		return all
	}
	return joined(all, float64(t.compression), count)
}

func (t *TDigest) add(v float64, weight uint64) {
	t.low, t.high = math.Min(t.low, v), math.Max(t.high, v)
	_ = t.digest.AddWeighted(v, weight) // fails for NaN and no weight alone
}

// Merge adds the values of another digest.
func (t *TDigest) Merge(o *TDigest) {
	of := o.centroids()
	t.take(of, o.low, o.high)
}

// take adds centroids, in no order: a digest that grows from one end is worse.
func (t *TDigest) take(of []centroid, low, high float64) {
	for i := len(of) - 1; i >= 0; i-- {
		j := t.random.Intn(i + 1)
		of[i], of[j] = of[j], of[i]
		t.add(of[i].mean, of[i].weight)
	}
	if len(of) > 0 {
		t.low, t.high = math.Min(t.low, low), math.Max(t.high, high)
	}
}

type centroid struct {
	mean   float64
	weight uint64
}

// centroids are at most twice as many as the compression, ascending.
func (t *TDigest) centroids() []centroid {
	t.flush()
	var all []centroid
	t.digest.ForEachCentroid(func(mean float64, weight uint64) bool {
		all = append(all, centroid{mean, weight})
		return true
	})
	return t.few(all, float64(t.digest.Count()))
}

// joined joins neighbours while they span no more than a step of the scale
// asin(2q-1), which is wide in the middle.
func joined(all []centroid, compression, count float64) []centroid {
	scale := func(q float64) float64 { return compression / math.Pi * math.Asin(2*math.Min(q, 1)-1) }
	out, before, start := all[:1], 0.0, scale(0)
	for _, c := range all[1:] {
		last := &out[len(out)-1]
		upTo := before + float64(last.weight) + float64(c.weight)
		if scale(upTo/count)-start <= 1 {
			last.weight += c.weight
			last.mean += (c.mean - last.mean) * float64(c.weight) / float64(last.weight)
			continue
		}
		before += float64(last.weight)
		start = scale(before / count)
		out = append(out, c)
	}
	return out
}

// Quantile is about the value at a fraction from 0 to 1: between the means of
// centroids, whose values lie half to their left and half to their right. NaN
// if there are none.
func (t *TDigest) Quantile(fraction float64) (float64, error) {
	if !(fraction >= 0 && fraction <= 1) {
		return 0, fault.Invalidf("a fraction must be from 0 to 1, not %v", fraction)
	}
	of := t.centroids()
	switch len(of) {
	case 0:
		return math.NaN(), nil
	case 1:
		return of[0].mean, nil
	}
	index := fraction * float64(t.digest.Count())
	at, left := 0.0, t.low
	step := float64(of[0].weight) / 2
	for i, c := range of {
		if index < at+step {
			return left + (index-at)/step*(c.mean-left), nil
		}
		at, left = at+step, c.mean
		if step = float64(c.weight) / 2; i+1 < len(of) {
			step += float64(of[i+1].weight) / 2
		}
	}
	return math.Min(t.high, left+(index-at)/step*(t.high-left)), nil
}

package fn

import (
	"math/bits"

	"github.com/ovatedb/ovate/internal/chrono"
)

// A timeMap gives every time a number.
type timeMap interface {
	all(dst, src []int64)
	same(first, last int64) (value int64, ok bool) // of all times between them
}

// eachTime is a timeMap that knows nothing of others.
type eachTime func(ms int64) int64

func (f eachTime) all(dst, src []int64) {
	for i, ms := range src {
		dst[i] = f(ms)
	}
}

func (f eachTime) same(first, last int64) (int64, bool) { return f(first), first == last }

// buckets maps times to what their buckets stand for: a start, an end, a
// field. Times come in runs, so the last bucket is tried first; for those that
// do not there is a table of buckets met before, because calendars are slow.
// It belongs to one pipeline.
type buckets struct {
	g     chrono.Granularity
	value func(ms, lo, hi int64) int64
	back  int64 // subtracted from every time first
	shift int   // a slot is for times that are equal but for this many bits
	slots []bucket
}

type bucket struct{ lo, hi, value int64 }

const bucketSlots = 512 // of 24 bytes: they stay in the nearest cache

func newBuckets(g chrono.Granularity, value func(ms, lo, hi int64) int64) *buckets {
	start := g.Floor(0)
	length := uint64(max(g.Next(start)-start, 1))
	// Several slots a bucket, so that a bucket's edge costs little.
	return &buckets{g: g, value: value, shift: max(bits.Len64(length)-3, 0), slots: make([]bucket, bucketSlots)}
}

// all sets dst[i] to the value of the bucket of src[i].
func (b *buckets) all(dst, src []int64) {
	dst = dst[:len(src)]
	var at bucket // empty
	for i, ms := range src {
		if ms -= b.back; ms < at.lo || ms >= at.hi {
			slot := &b.slots[uint64(ms)>>b.shift%bucketSlots]
			if ms < slot.lo || ms >= slot.hi {
				*slot = b.find(ms)
			}
			at = *slot
		}
		dst[i] = at.value
	}
}

// same is the value of all times from the first to the last, if they lie in one
// bucket.
func (b *buckets) same(first, last int64) (value int64, ok bool) {
	first, last = first-b.back, last-b.back
	slot := &b.slots[uint64(first)>>b.shift%bucketSlots]
	if first < slot.lo || first >= slot.hi {
		*slot = b.find(first)
	}
	return slot.value, last >= first && last < slot.hi
}

// find asks the calendar. A bucket that does not hold the time that it was
// found for, as may be where clocks are put back, is good for that time only.
func (b *buckets) find(ms int64) bucket {
	lo := b.g.Floor(ms)
	hi := b.g.Next(lo)
	value := b.value(ms, lo, hi)
	if ms < lo || ms >= hi {
		lo, hi = ms, ms+1
	}
	return bucket{lo, hi, value}
}

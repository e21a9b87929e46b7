package chrono

import (
	"iter"
	"math"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Granularity cuts time into buckets. Implementations are immutable and
// may be shared by goroutines.
type Granularity interface {
	// Floor gives the start of the bucket that an instant is in.
	Floor(ms int64) int64
	// Next gives the start of the bucket after the one that starts at an instant.
	Next(bucketStart int64) int64
	// FloorAll sets dst[i] to Floor(src[i]). dst is as long as src, and may be src.
	FloorAll(dst, src []int64)
	// Zone is the zone in which bucket starts are shown.
	Zone() *Zone
	// IsAll tells whether there is only one bucket.
	IsAll() bool
	// IsNone tells whether every millisecond is a bucket.
	IsNone() bool
	// String is the JSON form without quotes around a simple name.
	String() string
	// MarshalJSON writes what ParseGranularity reads.
	MarshalJSON() ([]byte, error)
}

// The granularities without parameters.
var (
	All  Granularity = allTime{}
	None Granularity = noBuckets{}
)

type allTime struct{}

func (allTime) Floor(int64) int64            { return Eternity.Start }
func (allTime) Next(int64) int64             { return Eternity.End }
func (allTime) Zone() *Zone                  { return UTC }
func (allTime) IsAll() bool                  { return true }
func (allTime) IsNone() bool                 { return false }
func (allTime) String() string               { return `{"type":"all"}` }
func (allTime) MarshalJSON() ([]byte, error) { return []byte(`{"type":"all"}`), nil }

func (allTime) FloorAll(dst, src []int64) {
	for i := range src {
		dst[i] = Eternity.Start
	}
}

type noBuckets struct{}

func (noBuckets) Floor(ms int64) int64         { return ms }
func (noBuckets) Next(ms int64) int64          { return satAdd(ms, 1) }
func (noBuckets) FloorAll(dst, src []int64)    { copy(dst, src) }
func (noBuckets) Zone() *Zone                  { return UTC }
func (noBuckets) IsAll() bool                  { return false }
func (noBuckets) IsNone() bool                 { return true }
func (noBuckets) String() string               { return `{"type":"none"}` }
func (noBuckets) MarshalJSON() ([]byte, error) { return []byte(`{"type":"none"}`), nil }

// Ceil gives the start of the first bucket that does not start before an instant.
func Ceil(g Granularity, ms int64) int64 {
	if start := g.Floor(ms); start < ms {
		return g.Next(start)
	}
	return ms
}

// Bucket is the interval of the bucket that an instant is in.
func Bucket(g Granularity, ms int64) Interval {
	start := g.Floor(ms)
	return Interval{start, g.Next(start)}
}

// Buckets gives the starts of the buckets that overlap an interval, in order;
// the first may start before it. For All that is the interval's own start.
// More than most buckets are an error.
func Buckets(g Granularity, in Interval, most int) (iter.Seq[int64], error) {
	if in.Empty() {
		return func(func(int64) bool) {}, nil
	}
	if g.IsAll() {
		return func(yield func(int64) bool) { yield(in.Start) }, nil
	}
	n := 0
	for t := g.Floor(in.Start); t < in.End; t = g.Next(t) {
		// The first few tell how long a bucket is, roughly.
		if n++; n > most || n == 64 && in.Millis()/(t-g.Floor(in.Start)+1) > int64(most)/32 {
			return nil, fault.New(fault.Limit, "granularity %s cuts interval %s into more than %d buckets: ask for a coarser granularity or a shorter interval", g, in, most)
		}
	}
	return func(yield func(int64) bool) {
		for t := g.Floor(in.Start); t < in.End; t = g.Next(t) {
			if !yield(t) {
				return
			}
		}
	}, nil
}

// fixed buckets are all equally long.
type fixed struct {
	length int64 // ms
	origin int64 // in [0, length): where a bucket starts
	zone   *Zone
	text   string
}

func newFixed(length, origin int64, z *Zone, text string) *fixed {
	return &fixed{length, floorMod(origin, length), z, text}
}

func (f *fixed) Floor(ms int64) int64 {
	in := floorMod(ms, f.length) - f.origin
	if in < 0 {
		in += f.length
	}
	if ms < math.MinInt64+in {
		return math.MinInt64
	}
	return ms - in
}

func (f *fixed) Next(ms int64) int64          { return satAdd(ms, f.length) }
func (f *fixed) Zone() *Zone                  { return f.zone }
func (f *fixed) IsAll() bool                  { return false }
func (f *fixed) IsNone() bool                 { return false }
func (f *fixed) String() string               { return unquoted(f.text) }
func (f *fixed) MarshalJSON() ([]byte, error) { return []byte(f.text), nil }

func (f *fixed) FloorAll(dst, src []int64) {
	dst = dst[:len(src)]
	var lo, hi int64 // empty
	for i, ms := range src {
		if ms < lo || ms >= hi {
			lo = f.Floor(ms)
			hi = f.Next(lo)
		}
		dst[i] = lo
	}
}

func unquoted(text string) string {
	if n := len(text); n > 1 && text[0] == '"' {
		return text[1 : n-1]
	}
	return text
}

// floorAll keeps the bucket of the last value: times come in runs, and a
// comparison is cheaper than a division, far cheaper than a calendar.
func floorAll(g interface {
	Floor(int64) int64
	Next(int64) int64
}, dst, src []int64) {
	if len(src) == 0 {
		return
	}
	dst = dst[:len(src)]
	var lo, hi int64 // empty
	for i, ms := range src {
		if ms < lo || ms >= hi {
			lo = g.Floor(ms)
			hi = g.Next(lo)
			if ms < lo || ms >= hi { // a bucket that its Next does not enclose is not kept
				dst[i], lo, hi = lo, 0, 0
				continue
			}
		}
		dst[i] = lo
	}
}

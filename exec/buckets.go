package exec

import (
	"context"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
)

// Buckets gives the starts of the buckets of time that the slices of a scan
// touch: those between the first and the last row of a segment, as far as they
// are in the slice's intervals.
type Buckets struct {
	scan *Scan
	name string
	g    chrono.Granularity
}

// mostBuckets is how many buckets a slice may have.
const mostBuckets = 1 << 22

// NewBuckets gives the buckets of a scan's slices.
func NewBuckets(scan *Scan, name string, g chrono.Granularity) *Buckets {
	return &Buckets{scan, name, g}
}

// BucketsSchema is one column of times.
func BucketsSchema(name string) data.Schema { return data.Schema{{Name: name, Type: data.LongType}} }

func (b *Buckets) Schema() data.Schema { return BucketsSchema(b.name) }
func (b *Buckets) Inputs() []Operator  { return []Operator{b.scan} }
func (b *Buckets) String() string      { return "buckets " + b.g.String() }

// Run gives the buckets slice by slice.
func (b *Buckets) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		for _, sl := range b.scan.slices {
			if err := context.Cause(ctx); err != nil {
				yield(nil, err)
				return
			}
			starts, err := b.of(sl)
			if err != nil {
				yield(nil, err)
				return
			}
			rows := &data.Batch{N: len(starts), Slice: sl.Ordinal, Cols: []*data.Vec{{Type: data.LongType, N: len(starts), I64: starts}}}
			if !emit(rows, b.scan.env.batchRows(), yield) {
				return
			}
		}
	}
}

// of is the buckets of a slice.
func (b *Buckets) of(sl Slice) ([]int64, error) {
	var out []int64
	info := sl.Segment.Info()
	if sl.Segment.Rows() == 0 {
		return nil, nil
	}
	for _, iv := range sl.Intervals {
		both, ok := iv.Intersect(chrono.Interval{Start: info.MinTime, End: info.MaxTime + 1})
		if !ok {
			continue
		}
		starts, err := chrono.Buckets(b.g, both, mostBuckets)
		if err != nil {
			return nil, err
		}
		for t := range starts {
			out = append(out, t)
		}
	}
	return out, nil
}

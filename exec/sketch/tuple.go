package sketch

import (
	"slices"
	"sort"

	"github.com/ovatedb/ovate/internal/fault"
)

// Tuple is a theta sketch whose hashes carry numbers: the same count for each,
// summed over the updates of the value. It estimates distinct counts and the
// sums of the numbers, also of unions, intersections and differences.
type Tuple struct {
	set     hashSet
	numbers []float64 // width for each slot of the table
	width   int
	limit   uint64 // least theta of what was merged
	seen    bool
	merged  bool
}

// NewTuple makes an empty sketch of 2^4 to 2^26 nominal entries, with 1 to 255
// numbers for each value.
func NewTuple(nominal, width int) (*Tuple, error) {
	lg := lgOf(nominal)
	if lg < 0 {
		return nil, fault.Invalidf("tuple sketch of %d nominal entries, expected a power of two from %d to %d", nominal, 1<<minLgNominal, 1<<maxLgNominal)
	}
	if width < 1 || width > 255 {
		return nil, fault.Invalidf("tuple sketch of %d values, expected 1 to 255", width)
	}
	return &Tuple{set: newHashSet(uint8(lg)), width: width, limit: maxTheta}, nil
}

// Width is the count of numbers that each value carries.
func (t *Tuple) Width() int { return t.width }

// IsEmpty tells whether no value was seen.
func (t *Tuple) IsEmpty() bool { return !t.seen }

// Size is the memory the sketch holds, in bytes.
func (t *Tuple) Size() int64 { return 96 + 8*int64(cap(t.set.table)+cap(t.numbers)) }

// UpdateString adds the numbers, Width of them, to a string.
func (t *Tuple) UpdateString(key string, numbers []float64) { t.UpdateHash(HashUTF8(key), numbers) }

// UpdateHash adds the numbers, Width of them, to a hashed value.
func (t *Tuple) UpdateHash(x Hash, numbers []float64) {
	if x != (Hash{}) {
		t.seen = true
		t.add(x.A>>1, numbers)
	}
}

func (t *Tuple) add(hash uint64, numbers []float64) {
	at, fresh := t.set.insert(hash)
	if at < 0 {
		return
	}
	if t.numbers == nil {
		t.numbers = make([]float64, len(t.set.table)*t.width)
	}
	mine := t.numbers[at*t.width : (at+1)*t.width]
	if !fresh {
		for i, v := range numbers[:t.width] {
			mine[i] += v
		}
		return
	}
	copy(mine, numbers[:t.width])
	if t.set.crowded() {
		t.settle()
	}
}

func (t *Tuple) settle() {
	old, w := t.numbers, t.width
	t.numbers = nil
	t.set.settle(func(from, to int) {
		if t.numbers == nil {
			t.numbers = make([]float64, len(t.set.table)*w)
		}
		copy(t.numbers[to*w:(to+1)*w], old[from*w:(from+1)*w])
	})
}

// Merge adds the values of a sealed sketch with as many numbers.
func (t *Tuple) Merge(s *TupleSet) error {
	if s.empty {
		return nil
	}
	if s.width != t.width {
		return fault.Invalidf("cannot merge tuple sketches of %d and %d values", t.width, s.width)
	}
	t.seen, t.merged = true, true
	t.limit = min(t.limit, s.theta, t.set.theta)
	for i, hash := range s.hashes {
		if hash >= t.limit {
			break
		}
		t.add(hash, s.row(i))
	}
	t.limit = min(t.limit, t.set.theta)
	return nil
}

// bound gives theta of the result. A sketch of updates alone keeps what it
// has; one of merges is cut to the nominal entries.
func (t *Tuple) bound() (theta uint64, count int) {
	if !t.merged {
		return t.set.theta, t.set.count
	}
	return t.set.bound(t.limit)
}

// Estimate is the estimated number of distinct values.
func (t *Tuple) Estimate() float64 { return thetaEstimate(t.bound()) }

// Bytes is the compact image of the result.
func (t *Tuple) Bytes() []byte { return t.Result().Bytes() }

// Result seals the sketch.
func (t *Tuple) Result() *TupleSet {
	theta, count := t.bound()
	out := &TupleSet{theta: theta, width: t.width, empty: !t.seen}
	slots := make([]int, 0, count)
	for at, hash := range t.set.table {
		if hash != 0 && hash < theta {
			slots = append(slots, at)
		}
	}
	sort.Slice(slots, func(i, j int) bool { return t.set.table[slots[i]] < t.set.table[slots[j]] })
	for _, at := range slots {
		out.append(t.set.table[at], t.numbers[at*t.width:(at+1)*t.width])
	}
	return out
}

// A TupleSet is a sealed tuple sketch: sorted hashes below theta, with their
// numbers. It never changes, so it may be shared.
type TupleSet struct {
	hashes  []uint64
	numbers []float64 // width for each hash
	theta   uint64
	width   int
	empty   bool
}

// EmptyTuple is the sealed sketch of no values.
func EmptyTuple(width int) *TupleSet { return &TupleSet{theta: maxTheta, width: width, empty: true} }

func (s *TupleSet) append(hash uint64, numbers []float64) {
	s.hashes, s.numbers = append(s.hashes, hash), append(s.numbers, numbers...)
}

func (s *TupleSet) row(i int) []float64 { return s.numbers[i*s.width : (i+1)*s.width] }

// sealed is s, or the empty sketch if nothing was kept of everything.
func (s *TupleSet) sealed() *TupleSet {
	s.empty = len(s.hashes) == 0 && s.theta == maxTheta
	return s
}

// Width is the count of numbers that each value carries.
func (s *TupleSet) Width() int { return s.width }

// IsEmpty tells whether no value was seen.
func (s *TupleSet) IsEmpty() bool { return s.empty }

// Retained is the number of entries kept.
func (s *TupleSet) Retained() int { return len(s.hashes) }

// Size is the memory the sketch holds, in bytes.
func (s *TupleSet) Size() int64 { return 80 + 8*int64(cap(s.hashes)+cap(s.numbers)) }

// Theta is the share of all hashes that are kept, in (0, 1].
func (s *TupleSet) Theta() float64 { return float64(s.theta) / maxTheta }

// Estimate is the estimated number of distinct values.
func (s *TupleSet) Estimate() float64 { return thetaEstimate(s.theta, len(s.hashes)) }

// Bounds gives the lower and upper bound at 1, 2 or 3 standard deviations.
func (s *TupleSet) Bounds(stdDevs int) (low, high float64) {
	return thetaBounds(s.theta, len(s.hashes), s.empty, stdDevs)
}

// UnionTuple is the union of sketches, of at most nominal entries; numbers of
// the same value are added.
func UnionTuple(nominal, width int, of ...*TupleSet) (*TupleSet, error) {
	t, err := NewTuple(nominal, width)
	if err != nil {
		return nil, err
	}
	for _, s := range of {
		if err := t.Merge(s); err != nil {
			return nil, err
		}
	}
	return t.Result(), nil
}

// IntersectTuple is the values that all of the sketches saw, their numbers
// added up. At least one sketch is needed.
func IntersectTuple(of ...*TupleSet) (*TupleSet, error) {
	if len(of) == 0 {
		return nil, fault.Invalidf("an intersection of no tuple sketches")
	}
	left := of[0]
	for _, right := range of[1:] {
		if left.empty || right.empty {
			left = EmptyTuple(left.width)
			continue
		}
		if left.width != right.width {
			return nil, fault.Invalidf("cannot intersect tuple sketches of %d and %d values", left.width, right.width)
		}
		both := &TupleSet{theta: min(left.theta, right.theta), width: left.width}
		left.each(both.theta, func(i int, hash uint64) {
			if j, ok := slices.BinarySearch(right.hashes, hash); ok {
				both.append(hash, left.row(i))
				sum := both.row(len(both.hashes) - 1)
				for c, v := range right.row(j) {
					sum[c] += v
				}
			}
		})
		left = both
	}
	return left, nil
}

// ANotBTuple is the values that a saw and b did not, with the numbers of a.
func ANotBTuple(a, b *TupleSet) *TupleSet {
	if a.empty || b.empty {
		return a
	}
	rest := &TupleSet{theta: min(a.theta, b.theta), width: a.width}
	a.each(rest.theta, func(i int, hash uint64) {
		if _, ok := slices.BinarySearch(b.hashes, hash); !ok {
			rest.append(hash, a.row(i))
		}
	})
	return rest.sealed()
}

// each calls f for the hashes below theta.
func (s *TupleSet) each(theta uint64, f func(i int, hash uint64)) {
	for i, hash := range s.hashes {
		if hash >= theta {
			return
		}
		f(i, hash)
	}
}

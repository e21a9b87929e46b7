package sketch

import (
	"slices"
	"sort"

	"github.com/ovatedb/ovate/internal/fault"
)

// Theta counts distinct values and keeps a sample of their hashes, so that
// counts of unions, intersections and differences can be estimated. It grows
// by updates and merges; Result is its sealed form. The standard error is
// about 1/sqrt(nominal entries); below that many values counts are exact.
type Theta struct {
	set   hashSet
	limit uint64 // least theta of what was merged
	seen  bool   // whether anything was
}

// NewTheta makes an empty sketch of 2^4 to 2^26 nominal entries.
func NewTheta(nominal int) (*Theta, error) {
	lg := lgOf(nominal)
	if lg < 0 {
		return nil, fault.Invalidf("theta sketch of size %d, expected a power of two from %d to %d", nominal, 1<<minLgNominal, 1<<maxLgNominal)
	}
	return &Theta{set: newHashSet(uint8(lg)), limit: maxTheta}, nil
}

// IsEmpty tells whether no value was seen.
func (t *Theta) IsEmpty() bool { return !t.seen }

// Size is the memory the sketch holds, in bytes.
func (t *Theta) Size() int64 { return 64 + int64(cap(t.set.table))*8 }

// UpdateString counts a string by its UTF-8 form.
func (t *Theta) UpdateString(s string) { t.UpdateHash(HashUTF8(s)) }

// UpdateBytes counts a byte string.
func (t *Theta) UpdateBytes(b []byte) { t.UpdateHash(HashBytes(b)) }

// UpdateLong counts a long.
func (t *Theta) UpdateLong(v int64) { t.UpdateHash(HashLong(v)) }

// UpdateDouble counts a double.
func (t *Theta) UpdateDouble(v float64) { t.UpdateHash(HashDouble(v)) }

// UpdateHash counts a hashed value.
func (t *Theta) UpdateHash(x Hash) {
	if x != (Hash{}) {
		t.seen = true
		t.add(x.A >> 1)
	}
}

func (t *Theta) add(hash uint64) {
	if _, fresh := t.set.insert(hash); fresh && t.set.crowded() {
		t.set.settle(nil)
	}
}

// Merge adds the values of a sealed sketch.
func (t *Theta) Merge(s *ThetaSet) {
	if s.empty {
		return
	}
	t.seen = true
	t.limit = min(t.limit, s.theta, t.set.theta)
	for _, hash := range s.hashes {
		if hash >= t.limit {
			break
		}
		t.add(hash)
	}
	t.limit = min(t.limit, t.set.theta)
}

// Estimate is the estimated number of distinct values.
func (t *Theta) Estimate() float64 { return thetaEstimate(t.set.bound(t.limit)) }

// Bytes is the compact image of the result.
func (t *Theta) Bytes() []byte { return t.Result().Bytes() }

// Result seals the sketch: at most the nominal number of hashes, sorted.
func (t *Theta) Result() *ThetaSet {
	theta, count := t.set.bound(t.limit)
	hashes := make([]uint64, 0, count)
	for _, hash := range t.set.table {
		if hash != 0 && hash < theta {
			hashes = append(hashes, hash)
		}
	}
	slices.Sort(hashes)
	return &ThetaSet{hashes: hashes, theta: theta, empty: !t.seen}
}

// A ThetaSet is a sealed theta sketch: sorted hashes below theta. It never
// changes, so it may be shared.
type ThetaSet struct {
	hashes []uint64
	theta  uint64
	empty  bool // saw no value; without hashes it may yet have seen some
}

// EmptyTheta is the sealed sketch of no values.
func EmptyTheta() *ThetaSet { return &ThetaSet{theta: maxTheta, empty: true} }

// sealTheta makes a result; nothing kept of everything is nothing seen.
func sealTheta(hashes []uint64, theta uint64, empty bool) *ThetaSet {
	if empty || len(hashes) == 0 && theta == maxTheta {
		return EmptyTheta()
	}
	return &ThetaSet{hashes: hashes, theta: theta}
}

// IsEmpty tells whether no value was seen.
func (s *ThetaSet) IsEmpty() bool { return s.empty }

// Retained is the number of hashes kept.
func (s *ThetaSet) Retained() int { return len(s.hashes) }

// Theta is the share of all hashes that are kept, in (0, 1].
func (s *ThetaSet) Theta() float64 { return float64(s.theta) / maxTheta }

// Size is the memory the sketch holds, in bytes.
func (s *ThetaSet) Size() int64 { return 48 + int64(cap(s.hashes))*8 }

// Estimate is the estimated number of distinct values.
func (s *ThetaSet) Estimate() float64 { return thetaEstimate(s.theta, len(s.hashes)) }

// Bounds gives the lower and upper bound at 1, 2 or 3 standard deviations
// (other numbers are taken as the nearest of these).
func (s *ThetaSet) Bounds(stdDevs int) (low, high float64) {
	return thetaBounds(s.theta, len(s.hashes), s.empty, stdDevs)
}

func thetaEstimate(theta uint64, count int) float64 {
	return float64(count) * (float64(maxTheta) / float64(theta))
}

// UnionTheta is the union of sketches, of at most nominal hashes.
func UnionTheta(nominal int, of ...*ThetaSet) (*ThetaSet, error) {
	t, err := NewTheta(nominal)
	if err != nil {
		return nil, err
	}
	for _, s := range of {
		t.Merge(s)
	}
	return t.Result(), nil
}

// IntersectTheta is the values that all of the sketches saw; of none of them,
// it is the empty sketch.
func IntersectTheta(of ...*ThetaSet) *ThetaSet {
	if len(of) == 0 {
		return EmptyTheta()
	}
	left := *of[0]
	for _, right := range of[1:] {
		left = *intersectTwo(&left, right)
	}
	return &left
}

func intersectTwo(a, b *ThetaSet) *ThetaSet {
	if a.empty || b.empty {
		return EmptyTheta()
	}
	theta := min(a.theta, b.theta)
	var both []uint64
	x, y := a.below(theta), b.below(theta)
	for len(x) > 0 && len(y) > 0 {
		switch {
		case x[0] < y[0]:
			x = x[1:]
		case x[0] > y[0]:
			y = y[1:]
		default:
			both = append(both, x[0])
			x, y = x[1:], y[1:]
		}
	}
	return sealTheta(both, theta, false)
}

// ANotBTheta is the values that a saw and b did not.
func ANotBTheta(a, b *ThetaSet) *ThetaSet {
	switch {
	case a.empty:
		return EmptyTheta()
	case b.empty:
		return sealTheta(a.hashes, a.theta, false)
	}
	theta := min(a.theta, b.theta)
	var rest []uint64
	y := b.below(theta)
	for _, hash := range a.below(theta) {
		for len(y) > 0 && y[0] < hash {
			y = y[1:]
		}
		if len(y) == 0 || y[0] != hash {
			rest = append(rest, hash)
		}
	}
	return sealTheta(rest, theta, false)
}

// below is the hashes less than theta.
func (s *ThetaSet) below(theta uint64) []uint64 {
	n := sort.Search(len(s.hashes), func(i int) bool { return s.hashes[i] >= theta })
	return s.hashes[:n]
}

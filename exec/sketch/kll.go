package sketch

import (
	"fmt"
	"math"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
)

// The limits of k of a KLL sketch, and m, the least capacity of a level.
const (
	minKLLK      = 8
	maxKLLK      = 65535
	kllM         = 8
	maxKLLLevels = 46
)

// KLL estimates ranks by the sketch of Karnin, Lang and Liberty: levels of
// items, each item of level i standing for 2^i values, with capacities that
// shrink by 2/3 from the top down. When all are full, the lowest full level is
// sorted, halved and merged into the next. It is smaller than Quantiles at the
// same accuracy: about 1.3 % for k = 200.
type KLL struct {
	levels   [][]float64 // level 0 as the values came, the others sorted
	count    int64
	min, max float64
	view     *RankView // until the next change
	coin     coin
	held     int // items in all levels
	capacity int
	k, minK  uint16 // minK: least k of what was merged
	m        uint8
	floats   bool // items are 32-bit floats
	sorted   bool // level 0 descends, and so ascends in the image
}

// NewKLLDoubles makes an empty sketch of doubles, k in [8, 65535].
func NewKLLDoubles(k int) (*KLL, error) { return newKLL(k, false) }

// NewKLLFloats makes an empty sketch of floats, k in [8, 65535]. Values are
// rounded to floats.
func NewKLLFloats(k int) (*KLL, error) { return newKLL(k, true) }

func newKLL(k int, floats bool) (*KLL, error) {
	if k < minKLLK || k > maxKLLK {
		return nil, fault.Invalidf("k of a KLL sketch is %d, expected %d to %d", k, minKLLK, maxKLLK)
	}
	s := &KLL{k: uint16(k), minK: uint16(k), m: kllM, floats: floats, min: math.NaN(), max: math.NaN()}
	s.addLevel()
	return s, nil
}

// K is the parameter of accuracy.
func (s *KLL) K() int { return int(s.k) }

// Count is the number of values seen.
func (s *KLL) Count() int64 { return s.count }

// Min is the least value seen, NaN if none was.
func (s *KLL) Min() float64 { return s.min }

// Max is the greatest value seen, NaN if none was.
func (s *KLL) Max() float64 { return s.max }

// Size is the memory the sketch holds, in bytes.
func (s *KLL) Size() int64 {
	n := int64(104 + 24*cap(s.levels))
	for _, l := range s.levels {
		n += 8 * int64(cap(l))
	}
	if s.view != nil {
		n += 80 + 16*int64(len(s.view.items))
	}
	return n
}

// levelCapacity is what the level at height holds if there are levels.
func levelCapacity(k uint16, m uint8, levels, height int) int {
	depth, capacity := levels-height-1, uint64(k)
	if depth > 30 { // in two steps, so that powers of three fit
		capacity = thirds(capacity, depth/2)
		depth -= depth / 2
	}
	return max(int(m), int(thirds(capacity, depth)))
}

// thirds is k * (2/3)^depth, rounded half up; depth is at most 30.
func thirds(k uint64, depth int) uint64 {
	power := uint64(1)
	for range depth {
		power *= 3
	}
	return (2*k<<depth/power + 1) / 2
}

func totalCapacity(k uint16, m uint8, levels int) (sum int) {
	for h := range levels {
		sum += levelCapacity(k, m, levels, h)
	}
	return sum
}

func (s *KLL) addLevel() {
	s.levels = append(s.levels, nil)
	s.capacity = totalCapacity(s.k, s.m, len(s.levels))
}

// Update adds a value; NaN is ignored.
func (s *KLL) Update(v float64) {
	if s.floats {
		v = float64(float32(v))
	}
	if v != v {
		return
	}
	s.widen(v, v)
	s.count++
	s.push(v)
}

func (s *KLL) widen(low, high float64) {
	s.view = nil
	if !(s.min <= low) {
		s.min = low
	}
	if !(s.max >= high) {
		s.max = high
	}
}

// push adds a value that is counted already.
func (s *KLL) push(v float64) {
	if s.held >= s.capacity {
		s.compact()
	}
	s.levels[0], s.sorted = append(s.levels[0], v), false
	s.held++
}

// compact halves the lowest level that is full into the next; an odd item
// stays behind.
func (s *KLL) compact() {
	at := 0
	for at < len(s.levels)-1 && len(s.levels[at]) < levelCapacity(s.k, s.m, len(s.levels), at) {
		at++
	}
	if at == len(s.levels)-1 {
		s.addLevel()
	}
	level := s.levels[at]
	odd := len(level) & 1
	even := level[odd:]
	if at == 0 {
		slices.Sort(even)
	}
	half := s.coin.halve(even)
	above := s.levels[at+1]
	both := make([]float64, len(above)+len(half))
	mergeSorted(both, above, half)
	s.levels[at+1], s.levels[at] = both, level[:odd]
	s.held -= len(half)
}

// Merge adds the values of o, another sketch of the same kind, which stays as
// it is.
func (s *KLL) Merge(o *KLL) {
	if o.count == 0 || o == s {
		return
	}
	if s.count == 0 && s.k == o.k && s.m == o.m {
		s.copy(o)
		return
	}
	s.widen(o.min, o.max)
	s.count += o.count
	if len(o.levels) > 1 {
		s.minK = min(s.minK, o.minK)
	}
	for i := len(o.levels[0]) - 1; i >= 0; i-- { // the newest first, as the image has them
		s.push(o.levels[0][i])
	}
	for i, level := range o.levels[1:] {
		for len(s.levels) <= i+1 {
			s.addLevel()
		}
		both := make([]float64, len(s.levels[i+1])+len(level))
		mergeSorted(both, s.levels[i+1], level)
		s.levels[i+1] = both
		s.held += len(level)
	}
	for s.held > s.capacity {
		s.compact()
	}
}

// copy makes an empty sketch one like o, the order of its values included.
func (s *KLL) copy(o *KLL) {
	levels := make([][]float64, len(o.levels))
	for i, level := range o.levels {
		levels[i] = slices.Clone(level)
	}
	s.levels, s.count, s.held, s.capacity, s.minK, s.sorted = levels, o.count, o.held, o.capacity, o.minK, o.sorted
	s.widen(o.min, o.max)
}

// Ranks gives the view to ask for quantiles and ranks.
func (s *KLL) Ranks() *RankView {
	if s.view != nil {
		return s.view
	}
	slices.Sort(s.levels[0]) // as the library does, so that the image tells
	slices.Reverse(s.levels[0])
	s.sorted = true
	items, weights := make([]float64, 0, s.held), make([]int64, 0, s.held)
	for i, level := range s.levels {
		for _, v := range level {
			items, weights = append(items, v), append(weights, 1<<i)
		}
	}
	s.view = newRankView(items, weights, s.min, s.max)
	return s.view
}

// rankError is the error of one rank, or of a share of the distribution, that
// 99 of 100 sketches keep to.
func (s *KLL) rankError(share bool) float64 {
	if share {
		return 2.446 / math.Pow(float64(s.minK), 0.9433)
	}
	return 2.296 / math.Pow(float64(s.minK), 0.9723)
}

// String sums the sketch up.
func (s *KLL) String() string {
	name, width, bits := "Doubles", 8, 64
	if s.floats {
		name, width, bits = "Floats", 4, 32
	}
	free := kllFullHead + 4*(len(s.levels)+1) + width*(2+s.capacity)
	return fmt.Sprintf("\n### KllDirectCompact%sSketch Summary:\n   K                      : %d\n   Dynamic min K          : %d\n   M                      : %d\n"+
		"   N                      : %d\n   Epsilon                : %.3f%%\n   Epsilon PMF            : %.3f%%\n"+
		"   Empty                  : %v\n   Estimation Mode        : %v\n   Levels                 : %d\n   Level 0 Sorted         : false\n"+
		"   Capacity Items         : %d\n   Retained Items         : %d\n   Empty/Garbage Items    : %d\n   ReadOnly               : true(Format)\n"+
		"   Updatable Storage Bytes: %d\n   Compact Storage Bytes  : %d\n   Min Item               : %s\n   Max Item               : %s\n### End sketch summary\n",
		name, s.k, s.minK, s.m, s.count, 100*s.rankError(false), 100*s.rankError(true), s.count == 0, len(s.levels) > 1, len(s.levels),
		s.capacity, s.held, s.capacity-s.held, free, len(s.Bytes()), javaNumber(s.min, bits), javaNumber(s.max, bits))
}

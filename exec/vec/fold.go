package vec

// Code is the numbers that columns are stored as.
type Code interface {
	uint8 | uint16 | uint32 | int64
}

// few is the number of groups up to which the kernels by ID keep four copies
// of the state: adding to the same cell again and again waits for the last
// addition, adding to four cells in turn does not.
const few = 16

// SumCodes adds all codes. Sums wrap as two's complement does.
func SumCodes[C Code](codes []C) int64 {
	var a, b, c, d int64
	i := 0
	if fast != nil {
		a, i = sumFast(codes)
	}
	for ; i+4 <= len(codes); i += 4 {
		q := codes[i : i+4 : i+4]
		a += int64(q[0])
		b += int64(q[1])
		c += int64(q[2])
		d += int64(q[3])
	}
	for ; i < len(codes); i++ {
		a += int64(codes[i])
	}
	return a + b + c + d
}

// SumCodesByID adds base and code of each row to the cell of its group.
func SumCodesByID[C Code](sums []int64, ids []uint32, codes []C, base int64) {
	ids = ids[:len(codes)]
	if len(sums) > few {
		for i, c := range codes {
			sums[ids[i]] += base + int64(c)
		}
		return
	}
	var four [4][few]int64
	i := 0
	for ; i+4 <= len(codes); i += 4 {
		q, g := codes[i:i+4:i+4], ids[i:i+4:i+4]
		four[0][g[0]&(few-1)] += base + int64(q[0])
		four[1][g[1]&(few-1)] += base + int64(q[1])
		four[2][g[2]&(few-1)] += base + int64(q[2])
		four[3][g[3]&(few-1)] += base + int64(q[3])
	}
	for ; i < len(codes); i++ {
		four[0][ids[i]&(few-1)] += base + int64(codes[i])
	}
	for g := range sums {
		sums[g] += four[0][g] + four[1][g] + four[2][g] + four[3][g]
	}
}

// SumDoubles adds all values, in four sums.
func SumDoubles(vals []float64) float64 {
	var a, b, c, d float64
	i := 0
	for ; i+4 <= len(vals); i += 4 {
		q := vals[i : i+4 : i+4]
		a += q[0]
		b += q[1]
		c += q[2]
		d += q[3]
	}
	for ; i < len(vals); i++ {
		a += vals[i]
	}
	return a + b + c + d
}

// SumDoublesByID adds each value to the cell of its group.
func SumDoublesByID(sums []float64, ids []uint32, vals []float64) {
	ids = ids[:len(vals)]
	if len(sums) > few {
		for i, v := range vals {
			sums[ids[i]] += v
		}
		return
	}
	var four [4][few]float64
	i := 0
	for ; i+4 <= len(vals); i += 4 {
		q, g := vals[i:i+4:i+4], ids[i:i+4:i+4]
		four[0][g[0]&(few-1)] += q[0]
		four[1][g[1]&(few-1)] += q[1]
		four[2][g[2]&(few-1)] += q[2]
		four[3][g[3]&(few-1)] += q[3]
	}
	for ; i < len(vals); i++ {
		four[0][ids[i]&(few-1)] += vals[i]
	}
	for g := range sums {
		sums[g] += four[0][g] + four[1][g] + four[2][g] + four[3][g]
	}
}

// AddDoublesByID is SumDoublesByID that adds in the order of the rows.
func AddDoublesByID(sums []float64, ids []uint32, vals []float64) {
	ids = ids[:len(vals)]
	for i, v := range vals {
		sums[ids[i]] += v
	}
}

// SumSquares adds the squares of the distances from a mean, in four sums.
func SumSquares(vals []float64, mean float64) float64 {
	var a, b, c, d float64
	i := 0
	for ; i+4 <= len(vals); i += 4 {
		q := vals[i : i+4 : i+4]
		w, x, y, z := q[0]-mean, q[1]-mean, q[2]-mean, q[3]-mean
		a += w * w
		b += x * x
		c += y * y
		d += z * z
	}
	for ; i < len(vals); i++ {
		a += (vals[i] - mean) * (vals[i] - mean)
	}
	return a + b + c + d
}

// SumSquaresByID adds the square of each value's distance from its group's mean
// to the cell of the group.
func SumSquaresByID(sums []float64, ids []uint32, vals, means []float64) {
	ids = ids[:len(vals)]
	if len(sums) > few {
		for i, v := range vals {
			d := v - means[ids[i]]
			sums[ids[i]] += d * d
		}
		return
	}
	var four [4][few]float64
	var mean [few]float64
	copy(mean[:], means)
	i := 0
	for ; i+4 <= len(vals); i += 4 {
		q, g := vals[i:i+4:i+4], ids[i:i+4:i+4]
		w, x := q[0]-mean[g[0]&(few-1)], q[1]-mean[g[1]&(few-1)]
		y, z := q[2]-mean[g[2]&(few-1)], q[3]-mean[g[3]&(few-1)]
		four[0][g[0]&(few-1)] += w * w
		four[1][g[1]&(few-1)] += x * x
		four[2][g[2]&(few-1)] += y * y
		four[3][g[3]&(few-1)] += z * z
	}
	for ; i < len(vals); i++ {
		d := vals[i] - mean[ids[i]&(few-1)]
		four[0][ids[i]&(few-1)] += d * d
	}
	for g := range sums {
		sums[g] += four[0][g] + four[1][g] + four[2][g] + four[3][g]
	}
}

// CountByID adds one to the cell of each row's group.
func CountByID(counts []int64, ids []uint32) {
	if len(counts) > few {
		for _, g := range ids {
			counts[g]++
		}
		return
	}
	var four [4][few]int64
	i := 0
	for ; i+4 <= len(ids); i += 4 {
		g := ids[i : i+4 : i+4]
		four[0][g[0]&(few-1)]++
		four[1][g[1]&(few-1)]++
		four[2][g[2]&(few-1)]++
		four[3][g[3]&(few-1)]++
	}
	for ; i < len(ids); i++ {
		four[0][ids[i]&(few-1)]++
	}
	for g := range counts {
		counts[g] += four[0][g] + four[1][g] + four[2][g] + four[3][g]
	}
}

// AddWhere adds x to the cell of each row's group, where pass is 1.
func AddWhere(sums []int64, ids []uint32, pass []uint8, x int64) {
	ids = ids[:len(pass)]
	for i, p := range pass {
		sums[ids[i]] += x & -int64(p)
	}
}

// Fold applies f to the cell of each row's group.
func Fold[S, T any](cells []S, ids []uint32, vals []T, f func(*S, T)) {
	ids = ids[:len(vals)]
	for i, v := range vals {
		f(&cells[ids[i]], v)
	}
}

// Grow is v with length n; new cells hold zero.
func Grow[T any](v []T, n int) []T {
	if n <= len(v) {
		return v
	}
	if n <= cap(v) {
		clear(v[len(v):n])
		return v[:n]
	}
	out := make([]T, n, n+n/2)
	copy(out, v)
	return out
}

// Seen knows which groups got a row. While every batch comes whole, the groups
// that exist are those seen and no row is looked at.
type Seen struct {
	whole int     // groups below it are seen
	bits  []uint8 // per group, once a batch came with rows missing
}

// Mark notes the groups of a batch; call it before folding, with g.N grown to.
func (s *Seen) Mark(g Groups) {
	if g.Rows == 0 {
		return
	}
	if g.Sparse && s.bits == nil {
		s.whole = max(s.whole, g.N)
		return
	}
	if g.IDs == nil {
		s.one(g.One)
		return
	}
	if s.bits == nil && g.All && s.follow(g) {
		return
	}
	s.split(g.N)
	for _, id := range g.IDs {
		s.bits[id] = 1
	}
}

// follow says whether the groups below g.N are all seen with this batch. Groups
// beyond the whole ones need not be new: an earlier batch may have had none of
// its rows left for this function. New ones come in the order of their numbers.
func (s *Seen) follow(g Groups) bool {
	if g.Known > 0 && s.whole >= g.Known-1 {
		s.whole = max(s.whole, g.N)
		return true
	}
	next := s.whole
	if next < g.N {
		for _, id := range g.IDs {
			if int(id) == next {
				next++
			}
		}
	}
	if next == g.N {
		s.whole = next
	}
	return next == g.N
}

// one notes one group.
func (s *Seen) one(id uint32) {
	if s.bits == nil && int(id) <= s.whole {
		s.whole = max(s.whole, int(id)+1)
		return
	}
	s.split(int(id) + 1)
	s.bits[id] = 1
}

// split begins to keep one byte a group.
func (s *Seen) split(n int) {
	if s.bits == nil {
		s.bits = make([]uint8, max(n, s.whole))
		for i := range s.whole {
			s.bits[i] = 1
		}
	}
	s.bits = Grow(s.bits, n)
}

// Whole says whether all groups below n got a row.
func (s *Seen) Whole(n int) bool { return n <= s.whole }

// Has says whether the group got a row.
func (s *Seen) Has(id int) bool {
	return id < s.whole || id < len(s.bits) && s.bits[id] != 0
}

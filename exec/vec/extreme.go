package vec

import "math"

// Numbers are what extremes are taken of.
type Numbers interface {
	uint8 | uint16 | uint32 | int64 | float32 | float64
}

// Least is the smallest of codes, of which there is one at least; NaN if one is.
func Least[C Numbers](codes []C) C {
	a, b := codes[0], codes[0]
	i := 0
	if fast != nil {
		if x, n := leastFast(codes); n > 0 {
			a, i = min(a, x), n
		}
	}
	for ; i+2 <= len(codes); i += 2 {
		a, b = min(a, codes[i]), min(b, codes[i+1])
	}
	if i < len(codes) {
		a = min(a, codes[i])
	}
	return min(a, b)
}

// Most is the greatest of codes, of which there is one at least; NaN if one is.
func Most[C Numbers](codes []C) C {
	a, b := codes[0], codes[0]
	i := 0
	if fast != nil {
		if x, n := mostFast(codes); n > 0 {
			a, i = max(a, x), n
		}
	}
	for ; i+2 <= len(codes); i += 2 {
		a, b = max(a, codes[i]), max(b, codes[i+1])
	}
	if i < len(codes) {
		a = max(a, codes[i])
	}
	return max(a, b)
}

// LeastByID lowers the cell of each row's group to base + its code.
func LeastByID[C Code](cells []int64, ids []uint32, codes []C, base int64) {
	ids = ids[:len(codes)]
	for i, c := range codes {
		if x := base + int64(c); x < cells[ids[i]] {
			cells[ids[i]] = x
		}
	}
}

// MostByID raises the cell of each row's group to base + its code.
func MostByID[C Code](cells []int64, ids []uint32, codes []C, base int64) {
	ids = ids[:len(codes)]
	for i, c := range codes {
		if x := base + int64(c); x > cells[ids[i]] {
			cells[ids[i]] = x
		}
	}
}

// LeastDoublesByID lowers the cell of each row's group to its value, NaN being
// the least of all, and -0.0 below 0.0.
func LeastDoublesByID(cells []float64, ids []uint32, vals []float64) {
	ids = ids[:len(vals)]
	for i, v := range vals {
		if c := cells[ids[i]]; !(v > c) && (v != c || v == 0) {
			cells[ids[i]] = math.Min(v, c)
		}
	}
}

// MostDoublesByID raises the cell of each row's group to its value, NaN being
// the greatest of all, and -0.0 below 0.0.
func MostDoublesByID(cells []float64, ids []uint32, vals []float64) {
	ids = ids[:len(vals)]
	for i, v := range vals {
		if c := cells[ids[i]]; !(v < c) && (v != c || v == 0) {
			cells[ids[i]] = math.Max(v, c)
		}
	}
}

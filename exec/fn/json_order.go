package fn

import (
	"sort"
	"unicode/utf16"
)

// Where Druid keeps things in a Java hash table before it prints them, their
// order is that of the table. Clients compare texts, so the order is kept:
// these are java.util.HashMap's rules as its documentation and String.hashCode
// and List.hashCode's define them.

// stringHash is String.hashCode: s0*31^(n-1) + ... + s(n-1) over UTF-16 units.
func stringHash(s string) int32 {
	h := int32(0)
	for _, r := range s {
		if r >= 0x10000 {
			hi, lo := utf16.EncodeRune(r)
			h = (h*31+hi)*31 + lo
			continue
		}
		h = h*31 + r
	}
	return h
}

// pathHash is the hash of a list of steps, each of which hashes as a list of
// the one thing that it holds.
func pathHash(steps []jsonStep) int32 {
	h := int32(1)
	for _, s := range steps {
		one := int32(s.index)
		if !s.element {
			one = stringHash(s.field)
		}
		h = h*31 + 31 + one
	}
	return h
}

// hashOrder is the order in which a table gives back keys of these hashes, in
// terms of the order in which they were put: 16 buckets at first, twice as many
// whenever three in four are taken, keys of one bucket as they came.
func hashOrder(hashes []int32) []int {
	buckets := 16
	for len(hashes)*4 > buckets*3 {
		buckets *= 2
	}
	order := make([]int, len(hashes))
	bucket := make([]uint32, len(hashes))
	for i, h := range hashes {
		order[i] = i
		bucket[i] = (uint32(h) ^ uint32(h)>>16) & uint32(buckets-1)
	}
	sort.SliceStable(order, func(a, b int) bool { return bucket[order[a]] < bucket[order[b]] })
	return order
}

package cluster

import "sort"

// A Domain is what a condition lets a column be: the union of its Ranges.
// Strings are ordered by UTF-8 bytes and null comes before them all.
type Domain struct {
	Ranges []Range // ascending, not overlapping; none: nothing passes
}

// A Range holds the values between two bounds, each of which is in it unless
// open. A nil Low is null itself, the least of all; NoHigh has no upper bound.
type Range struct {
	Low, High         *string
	LowOpen, HighOpen bool
	NoHigh            bool
}

// Values is the domain of exactly these values; a nil one is null.
func Values(values ...*string) Domain {
	sorted := append([]*string(nil), values...)
	sort.Slice(sorted, func(i, j int) bool { return compareNull(sorted[i], sorted[j]) < 0 })
	var d Domain
	for i, v := range sorted {
		if i == 0 || compareNull(sorted[i-1], v) != 0 {
			d.Ranges = append(d.Ranges, Range{Low: v, High: v})
		}
	}
	return d
}

// Points are the values of a domain that is nothing but values.
func (d Domain) Points() ([]*string, bool) {
	var out []*string
	for _, r := range d.Ranges {
		if r.NoHigh || r.LowOpen || r.HighOpen || compareNull(r.Low, r.High) != 0 {
			return nil, false
		}
		out = append(out, r.Low)
	}
	return out, true
}

// meets says whether a value of d lies in [low, high), or [low, high] if
// closed. nil bounds are open ended. It may say so wrongly for ranges between
// two neighbouring strings, which costs a look at a segment and no answer.
func (d Domain) meets(low, high *string, closed bool) bool {
	for _, r := range d.Ranges {
		if !r.NoHigh {
			if c := compareNull(r.High, low); c < 0 || c == 0 && r.HighOpen {
				continue
			}
		}
		if high != nil {
			if c := compareNull(r.Low, high); c > 0 || c == 0 && (!closed || r.LowOpen) {
				continue
			}
		}
		return true
	}
	return false
}

func compareNull(a, b *string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	case *a < *b:
		return -1
	case *a > *b:
		return 1
	}
	return 0
}

package cluster

import "sort"

// A cut is a place between values: before or after one of them.
type cut struct {
	value *string
	after bool
	end   bool // after all values
}

func (c cut) compare(o cut) int {
	switch {
	case c.end || o.end:
		return order(c.end, o.end)
	case compareNull(c.value, o.value) != 0:
		return compareNull(c.value, o.value)
	}
	return order(c.after, o.after)
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func (r Range) cuts() (low, high cut) {
	return cut{value: r.Low, after: r.LowOpen}, cut{value: r.High, after: !r.HighOpen, end: r.NoHigh}
}

func between(low, high cut) Range {
	return Range{Low: low.value, LowOpen: low.after, High: high.value, HighOpen: !high.after && !high.end, NoHigh: high.end}
}

// Intersect is the values that are in both.
func (d Domain) Intersect(o Domain) Domain {
	var out Domain
	for i, j := 0, 0; i < len(d.Ranges) && j < len(o.Ranges); {
		low, high := d.Ranges[i].cuts()
		low2, high2 := o.Ranges[j].cuts()
		if low.compare(low2) < 0 {
			low = low2
		}
		first := high
		if high2.compare(high) < 0 {
			first = high2
			j++
		} else {
			i++
		}
		if low.compare(first) < 0 {
			out.Ranges = append(out.Ranges, between(low, first))
		}
	}
	return out
}

// Union is the values that are in either.
func (d Domain) Union(o Domain) Domain {
	all := append(append([]Range(nil), d.Ranges...), o.Ranges...)
	sort.Slice(all, func(i, j int) bool {
		a, _ := all[i].cuts()
		b, _ := all[j].cuts()
		return a.compare(b) < 0
	})
	var out Domain
	for _, r := range all {
		low, high := r.cuts()
		if n := len(out.Ranges); n > 0 {
			before, last := out.Ranges[n-1].cuts()
			if low.compare(last) <= 0 {
				if last.compare(high) < 0 {
					out.Ranges[n-1] = between(before, high)
				}
				continue
			}
		}
		out.Ranges = append(out.Ranges, r)
	}
	return out
}

// Contains says whether a value is in d; nil is null.
func (d Domain) Contains(value *string) bool {
	at, after := cut{value: value}, cut{value: value, after: true}
	for _, r := range d.Ranges {
		if low, high := r.cuts(); low.compare(at) <= 0 && after.compare(high) <= 0 {
			return true
		}
	}
	return false
}

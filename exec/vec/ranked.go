package vec

import (
	"math"
	"slices"
)

// CountCodes adds one to the counter of each row's group and code, which is at
// group * domain + code.
func CountCodes[C uint8 | uint16](counts []uint32, domain int, g Groups, codes []C) {
	if g.IDs == nil {
		counts = counts[int(g.One)*domain:][:domain]
		for _, c := range codes {
			counts[c]++
		}
		return
	}
	ids := g.IDs[:len(codes)]
	for i, c := range codes {
		counts[int(ids[i])*domain+int(c)]++
	}
}

const (
	rankBits  = 16
	sortBelow = 1 << 11 // values that are sorted at once
)

// Ranked is the value that would be at a place, from 0, if all parts were
// sorted together, NaN first, and the one after it, or the same at the end. It
// counts the values by their first 16 bits, looks on among those that share
// the bits of the one sought, and so on:
//
//	bits   63..48  47..32  31..16  15..0   of the ordered image of a double
func Ranked(parts [][]float64, place int) (x, next float64) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	after := uint64(math.MaxUint64) // the least of what lies beyond those looked at
	var among []uint64
	if n <= sortBelow {
		among = make([]uint64, 0, n)
		for _, p := range parts {
			for _, v := range p {
				among = append(among, orderedBits(v))
			}
		}
	} else {
		counts := make([]uint32, 1<<rankBits)
		for _, p := range parts {
			for _, v := range p {
				counts[orderedBits(v)>>(64-rankBits)]++
			}
		}
		var bits uint64
		bits, place = placeIn(counts, place)
		among = make([]uint64, 0, counts[bits])
		for _, p := range parts {
			for _, v := range p {
				switch b := orderedBits(v); {
				case b>>(64-rankBits) == bits:
					among = append(among, b)
				case b>>(64-rankBits) > bits:
					after = min(after, b)
				}
			}
		}
	}
	for shift := 64 - 2*rankBits; len(among) > sortBelow && shift >= 0; shift -= rankBits {
		counts := make([]uint32, 1<<rankBits)
		for _, b := range among {
			counts[b>>shift&(1<<rankBits-1)]++
		}
		var bits uint64
		bits, place = placeIn(counts, place)
		n := 0
		for _, b := range among {
			switch part := b >> shift & (1<<rankBits - 1); {
			case part == bits:
				among[n] = b
				n++
			case part > bits:
				after = min(after, b)
			}
		}
		among = among[:n]
	}
	slices.Sort(among)
	x = fromOrderedBits(among[place])
	switch {
	case place+1 < len(among):
		return x, fromOrderedBits(among[place+1])
	case after != math.MaxUint64:
		return x, fromOrderedBits(after)
	}
	return x, x
}

// placeIn is the counter that a place falls into, and the place in it.
func placeIn(counts []uint32, place int) (at uint64, rest int) {
	for i, c := range counts {
		if place < int(c) {
			return uint64(i), place
		}
		place -= int(c)
	}
	return uint64(len(counts) - 1), place
}

// orderedBits is a number that orders as doubles do, NaN below all.
func orderedBits(x float64) uint64 {
	if x != x {
		return 0
	}
	b := math.Float64bits(x)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

func fromOrderedBits(b uint64) float64 {
	if b>>63 != 0 {
		return math.Float64frombits(b ^ 1<<63)
	}
	return math.Float64frombits(^b) // of 0 a NaN
}

package vec

import (
	"math"
	"runtime"
	"slices"
	"sync"
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
		parts = cutParts(parts)
		counts := countFirst(parts)
		var bits uint64
		bits, place = placeIn(counts, place)
		among, after = pickFirst(parts, bits, int(counts[bits]))
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

// countFirst counts values by their first bits. Many parts are dealt to all
// processors.
func countFirst(parts [][]float64) []uint32 {
	counts := make([][]uint32, hands(parts))
	deal(parts, len(counts), func(hand int, parts [][]float64) {
		mine := make([]uint32, 1<<rankBits)
		for _, p := range parts {
			for _, v := range p {
				mine[orderedBits(v)>>(64-rankBits)]++
			}
		}
		counts[hand] = mine
	})
	for _, other := range counts[1:] {
		for i, n := range other {
			counts[0][i] += n
		}
	}
	return counts[0]
}

// pickFirst is the n values whose first bits are these, and the least of those
// beyond. Which these are nothing foretells: there is no branch for them.
func pickFirst(parts [][]float64, bits uint64, n int) (among []uint64, after uint64) {
	lists, afters := make([][]uint64, hands(parts)), make([]uint64, hands(parts))
	deal(parts, len(lists), func(hand int, parts [][]float64) {
		mine, after := make([]uint64, 0, n), uint64(math.MaxUint64)
		for _, p := range parts {
			for _, v := range p {
				b := orderedBits(v)
				first := b >> (64 - rankBits)
				if first == bits {
					mine = append(mine, b)
				}
				after = min(after, b|-uint64(bit(first <= bits)))
			}
		}
		lists[hand], afters[hand] = mine, after
	})
	return slices.Concat(lists...), slices.Min(afters)
}

// cutParts is the same values in parts that can be dealt.
func cutParts(parts [][]float64) [][]float64 {
	var out [][]float64
	for _, p := range parts {
		out = slices.AppendSeq(out, slices.Chunk(p, partValues))
	}
	return out
}

// partValues is how many values a part has at most when parts are dealt.
const partValues = 1 << 15

// hands is by how many goroutines parts are looked at.
func hands(parts [][]float64) int { return max(1, min(runtime.GOMAXPROCS(0), len(parts)/handParts)) }

// handParts is how many parts make it worth while to start a goroutine.
const handParts = 4

// deal has each of n hands look at a share of the parts.
func deal(parts [][]float64, n int, look func(hand int, parts [][]float64)) {
	var wg sync.WaitGroup
	for hand := 1; hand < n; hand++ {
		wg.Go(func() { look(hand, parts[hand*len(parts)/n:(hand+1)*len(parts)/n]) })
	}
	look(0, parts[:len(parts)/n])
	wg.Wait()
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

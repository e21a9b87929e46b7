package sketch

import "math/bits"

// maxTheta is theta of a sketch that has thrown nothing away. Hashes are 63
// bits; theta is the bound below which they are kept.
const maxTheta = 1<<63 - 1

const (
	minLgNominal = 4
	maxLgNominal = 26
	lgFirstTable = 3
)

// A hashSet keeps about the k = 2^lgNominal smallest hashes it was given, by
// the QuickSelect rule: once 15/16 of a table of 2k slots is full, all but the
// k smallest go and theta becomes the (k+1)-th. So theta depends on the order
// of arrival, in the same way as in Java. Zero marks a free slot.
type hashSet struct {
	table     []uint64
	count     int
	theta     uint64
	lgNominal uint8
	lgTable   uint8
}

func newHashSet(lgNominal uint8) hashSet { return hashSet{theta: maxTheta, lgNominal: lgNominal} }

// find gives the slot of a hash, or the free slot to put it in.
func (s *hashSet) find(hash uint64) (at int, found bool) {
	mask := uint64(len(s.table) - 1)
	i, stride := hash&mask, hash>>s.lgTable&127<<1|1
	for ; s.table[i] != 0; i = (i + stride) & mask {
		if s.table[i] == hash {
			return int(i), true
		}
	}
	return int(i), false
}

// insert adds a hash. It gives the slot, or -1 if the hash was refused, and
// whether it is new. The caller calls settle after it has filled a new slot.
func (s *hashSet) insert(hash uint64) (at int, fresh bool) {
	if hash == 0 || hash >= s.theta {
		return -1, false
	}
	if s.table == nil {
		s.lgTable, s.table = lgFirstTable, make([]uint64, 1<<lgFirstTable)
	}
	at, found := s.find(hash)
	if found {
		return at, false
	}
	s.table[at] = hash
	s.count++
	return at, true
}

// crowded tells whether the table must grow or be cut before the next insert.
func (s *hashSet) crowded() bool {
	if s.lgTable <= s.lgNominal {
		return 2*s.count > len(s.table)
	}
	return 16*s.count > 15*len(s.table)
}

// settle makes room; moved is called with each old and new slot.
func (s *hashSet) settle(moved func(from, to int)) {
	lg := s.lgTable + 1
	if s.lgTable > s.lgNominal {
		lg = s.lgTable
		s.theta = s.rankedHash(1 << s.lgNominal)
	}
	old := s.table
	s.table, s.lgTable, s.count = make([]uint64, 1<<lg), lg, 0
	for from, hash := range old {
		if hash == 0 || hash >= s.theta {
			continue
		}
		to, _ := s.find(hash)
		s.table[to] = hash
		s.count++
		if moved != nil {
			moved(from, to)
		}
	}
}

// rankedHash gives the hash that has exactly rank smaller ones.
func (s *hashSet) rankedHash(rank int) uint64 {
	all := make([]uint64, 0, s.count)
	for _, hash := range s.table {
		if hash != 0 {
			all = append(all, hash)
		}
	}
	return selectRank(all, rank)
}

// selectRank is the element at index rank if a were sorted; it reorders a.
func selectRank(a []uint64, rank int) uint64 {
	for lo, hi := 0, len(a)-1; lo < hi; {
		pivot := a[lo+(hi-lo)/2]
		i, j := lo, hi
		for i <= j {
			for a[i] < pivot {
				i++
			}
			for a[j] > pivot {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case rank <= j:
			hi = j
		case rank >= i:
			lo = i
		default:
			return a[rank]
		}
	}
	return a[rank]
}

// bound gives theta and the number of hashes below it for a result of at most
// k hashes, where theta is at most limit.
func (s *hashSet) bound(limit uint64) (theta uint64, count int) {
	theta = min(s.theta, limit)
	if k := 1 << s.lgNominal; s.count > k {
		theta = min(theta, s.rankedHash(k))
	}
	if theta == s.theta {
		return theta, s.count
	}
	for _, hash := range s.table {
		if hash != 0 && hash < theta {
			count++
		}
	}
	return theta, count
}

// lgOf gives the binary logarithm of a power of two in the range of nominal
// entries, or -1.
func lgOf(nominal int) int {
	if nominal < 1<<minLgNominal || nominal > 1<<maxLgNominal || nominal&(nominal-1) != 0 {
		return -1
	}
	return bits.TrailingZeros(uint(nominal))
}

package vec

import "math/bits"

// A JoinIndex finds the rows that have a key of one whole number. It is built
// once and then only read, by any number of workers.
//
//	dense    first[key-least] is the first row with the key, plus 1
//	ranked   the same of the keys that there are: a bit each tells which, and
//	         ranks how many are below each word of bits
//	hashed   slots hold rows plus 1; open addressing, linear probing
//	next     the next row with the same key, plus 1; nil if no key comes twice
type JoinIndex struct {
	least int64
	first []uint32
	ranks []rank
	keys  []int64
	slots []uint32
	shift uint
	next  []uint32
}

// denseSlack is how many places a dense index may have a row: 4 bytes each are
// then no more than a hash table and its keys take.
const denseSlack = 8

// rankSlack is how many bits a ranked index may have a row, and a rank is 128
// bits for 64 of them: no more than a hash table.
const rankSlack = 128

// A rank is 64 places of keys: which there are, and how many keys lie below.
type rank struct {
	bits  uint64
	below uint32
}

// NewJoinIndex indexes rows by their keys. Rows whose bit in valid is 0 are left
// out; valid may be nil. keys must stay as they are.
func NewJoinIndex(keys []int64, valid []byte) *JoinIndex {
	x := &JoinIndex{keys: keys}
	least, most, n := Span(keys, valid)
	if n == 0 {
		return x
	}
	switch span := uint64(most) - uint64(least); {
	case span < uint64(denseSlack*n+1<<16):
		x.least, x.first = least, make([]uint32, span+1)
		x.fillDense(valid)
		return x
	case span < uint64(rankSlack*n+1<<20):
		x.least, x.ranks = least, make([]rank, span>>6+1)
		x.first = make([]uint32, x.rank(valid))
		x.fillRanked(valid)
		return x
	}
	size := 1 << bits.Len(uint(2*n))
	x.slots, x.shift = make([]uint32, size), uint(64-bits.TrailingZeros(uint(size)))
	x.fillHashed(valid)
	return x
}

// Span is the least and the greatest of the keys whose bit in valid is 1, and
// their number.
func Span(keys []int64, valid []byte) (least, most int64, n int) {
	for i, k := range keys {
		if valid != nil && valid[i>>3]&(1<<(i&7)) == 0 {
			continue
		}
		if n == 0 {
			least, most = k, k
		}
		least, most = min(least, k), max(most, k)
		n++
	}
	return least, most, n
}

// fillDense goes from the last row to the first, so that the rows of a key
// follow each other in their order.
func (x *JoinIndex) fillDense(valid []byte) {
	for i := len(x.keys) - 1; i >= 0; i-- {
		if valid != nil && valid[i>>3]&(1<<(i&7)) == 0 {
			continue
		}
		at := &x.first[x.keys[i]-x.least]
		if *at != 0 {
			x.chain(i, *at)
		}
		*at = uint32(i) + 1
	}
}

// rank notes which keys there are, and gives their number.
func (x *JoinIndex) rank(valid []byte) int {
	ranks, least := x.ranks, x.least
	for i, k := range x.keys {
		if valid == nil || valid[i>>3]&(1<<(i&7)) != 0 {
			at := uint64(k) - uint64(least)
			ranks[at>>6].bits |= 1 << (at & 63)
		}
	}
	n := 0
	for i := range ranks {
		ranks[i].below = uint32(n)
		n += bits.OnesCount64(ranks[i].bits)
	}
	return n
}

func (x *JoinIndex) fillRanked(valid []byte) {
	for i := len(x.keys) - 1; i >= 0; i-- {
		if valid != nil && valid[i>>3]&(1<<(i&7)) == 0 {
			continue
		}
		at := uint64(x.keys[i]) - uint64(x.least)
		r := x.ranks[at>>6]
		first := &x.first[r.below+uint32(bits.OnesCount64(r.bits&(1<<(at&63)-1)))]
		if *first != 0 {
			x.chain(i, *first)
		}
		*first = uint32(i) + 1
	}
}

func (x *JoinIndex) fillHashed(valid []byte) {
	mask := uint64(len(x.slots) - 1)
	for i := len(x.keys) - 1; i >= 0; i-- {
		if valid != nil && valid[i>>3]&(1<<(i&7)) == 0 {
			continue
		}
		k := x.keys[i]
		at := hash1(uint64(k)) >> x.shift
		for x.slots[at] != 0 && x.keys[x.slots[at]-1] != k {
			at = (at + 1) & mask
		}
		if x.slots[at] != 0 {
			x.chain(i, x.slots[at])
		}
		x.slots[at] = uint32(i) + 1
	}
}

func (x *JoinIndex) chain(row int, next uint32) {
	if x.next == nil {
		x.next = make([]uint32, len(x.keys))
	}
	x.next[row] = next
}

// Chain is, for each row, the next with the same key, plus 1, or 0; it is nil
// if no key has two rows.
func (x *JoinIndex) Chain() []uint32 { return x.next }

// Find puts the first row with each key, plus 1, into first; 0 where there is
// none.
func (x *JoinIndex) Find(first []uint32, keys []int64) {
	switch {
	case x.ranks != nil:
		x.findRanked(first, keys)
	case x.first != nil:
		x.findDense(first, keys)
	case x.slots != nil:
		x.findHashed(first, keys)
	default:
		clear(first[:len(keys)])
	}
}

func (x *JoinIndex) findDense(first []uint32, keys []int64) {
	table, least := x.first, x.least
	first = first[:len(keys)]
	for i, k := range keys {
		at := uint64(k) - uint64(least)
		r := uint32(0)
		if at < uint64(len(table)) {
			r = table[at]
		}
		first[i] = r
	}
}

func (x *JoinIndex) findRanked(first []uint32, keys []int64) {
	table, ranks, least := x.first, x.ranks, x.least
	size := uint64(len(ranks))
	first = first[:len(keys)]
	for i, k := range keys {
		at := uint64(k) - uint64(least)
		first[i] = 0
		if at>>6 >= size {
			continue
		}
		r := ranks[at>>6]
		if bit := uint64(1) << (at & 63); r.bits&bit != 0 {
			first[i] = table[r.below+uint32(bits.OnesCount64(r.bits&(bit-1)))]
		}
	}
}

func (x *JoinIndex) findHashed(first []uint32, keys []int64) {
	slots, own, shift, mask := x.slots, x.keys, x.shift, uint64(len(x.slots)-1)
	first = first[:len(keys)]
	for i, k := range keys {
		at := hash1(uint64(k)) >> shift
		for {
			r := slots[at]
			if r == 0 || own[r-1] == k {
				first[i] = r
				break
			}
			at = (at + 1) & mask
		}
	}
}

// Pairs lists the rows that were found and what they found, less 1; it gives
// their number. left and right have room for len(first).
func Pairs(left, right, first []uint32) int {
	n := 0
	left, right = left[:len(first)], right[:len(first)]
	for i, f := range first {
		left[n], right[n] = uint32(i), f-1
		if f != 0 {
			n++
		}
	}
	return n
}

// Chains lists pairs of rows that were found, from row at of those on, and of
// that from its partner next on (plus 1; 0: its first), until all are listed or
// out is full. It gives their number, and where to go on; at is then len(first)
// if all are.
func Chains(left, right, first, chain []uint32, at int, next uint32) (n, row int, partner uint32) {
	right = right[:len(left)]
	for ; at < len(first); at++ {
		if next == 0 {
			next = first[at]
		}
		for next != 0 {
			if n == len(left) {
				return n, at, next
			}
			left[n], right[n] = uint32(at), next-1
			n++
			next = chain[next-1]
		}
	}
	return n, at, 0
}

package vec

import "github.com/ovatedb/ovate/internal/data"

// spread is the multiplier of the hash that partitions rows. It differs from
// that of the group table, whose slots would else all be taken in one corner.
const spread = 0xD6E8FEB86659FD93

// Partition is the partition of every row, 0 to 2^bits-1, by the hash of
// columns of numbers without nulls (a null counts as 0, wherever it is).
func Partition(keys []*data.Vec, n int, bits uint) []uint8 {
	hash := make([]uint64, n)
	for i, k := range keys {
		c := keyColumn{t: k.Type}
		words := c.words(nil, k, n)
		if i == 0 {
			copy(hash, words)
			continue
		}
		for j, w := range words {
			hash[j] = hash[j]*golden ^ w
		}
	}
	out := make([]uint8, n)
	for i, h := range hash {
		out[i] = uint8((h ^ h>>32) * spread >> (64 - bits))
	}
	return out
}

// PartitionSpan is the partition of every row by the value of a column of whole
// numbers: (value-least)>>shift, what is below or beyond in the outer ones.
func PartitionSpan(key *data.Vec, n int, least int64, shift uint, ways int) []uint8 {
	c := keyColumn{t: key.Type}
	out := make([]uint8, n)
	last := uint64(ways - 1)
	for i, w := range c.words(nil, key, n) {
		out[i] = uint8(min((w-uint64(least))>>shift, last))
	}
	return out
}

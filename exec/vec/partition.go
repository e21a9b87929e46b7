package vec

import "github.com/ovatedb/ovate/internal/data"

// spread is the multiplier of the hash that partitions rows. It differs from
// that of the group table, whose slots would else all be taken in one corner.
const spread = 0xD6E8FEB86659FD93

// Partition fills ways with the partition of every row, 0 to 2^bits-1, by the hash of
// columns of numbers without nulls (a null counts as 0, wherever it is).
func Partition(ways []uint8, keys []*data.Vec, bits uint) {
	n := len(ways)
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
	for i, h := range hash {
		ways[i] = uint8((h ^ h>>32) * spread >> (64 - bits))
	}
}

// PartitionSpan fills ways with the partition of every row by the value of a column of whole
// numbers: (value-least)>>shift, what is below or beyond in the outer ones.
func PartitionSpan(ways []uint8, key *data.Vec, least int64, shift uint, parts int) {
	delta, last := uint64(key.Base)-uint64(least), uint64(parts-1)
	switch {
	case key.Const || key.Dict != nil || key.HasNulls():
		c := keyColumn{t: key.Type}
		spanWays(ways, c.words(nil, key, len(ways)), -uint64(least), shift, last)
	case key.U8 != nil:
		spanWays(ways, key.U8, delta, shift, last)
	case key.U16 != nil:
		spanWays(ways, key.U16, delta, shift, last)
	case key.U32 != nil:
		spanWays(ways, key.U32, delta, shift, last)
	default:
		spanWays(ways, key.Longs(nil), -uint64(least), shift, last)
	}
}

func spanWays[C uint8 | uint16 | uint32 | int64 | uint64](ways []uint8, codes []C, delta uint64, shift uint, last uint64) {
	codes = codes[:len(ways)]
	for i, c := range codes {
		ways[i] = uint8(min((uint64(c)+delta)>>(shift&63), last))
	}
}

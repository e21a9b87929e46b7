package cluster

import (
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A Shard says which part of an interval's rows a segment holds: Druid's
// shardSpec. Members are shared and not changed after they were made.
type Shard interface {
	// Number is the partition number.
	Number() int
	// Core is the number of partitions, from 0 on, that make the set whole:
	// 0 if any will do, or byBounds if the set is whole when the ranges of its
	// members follow each other without a gap.
	Core() int
	// Possible is false when no row of the segment can pass a condition that
	// keeps each column within its domain. ok is false for a column that the
	// condition says nothing of.
	Possible(domain func(column string) (d Domain, ok bool)) bool
}

// byBounds is the Core of range partitions that do not know how many they are.
const byBounds = -1

var shards = jsontype.New[Shard]("shardSpec", "type")

// ParseShard reads a shardSpec. One that is absent or null is the only
// partition of its set, as in the oldest descriptors.
func ParseShard(raw []byte) (Shard, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return &Numbered{Partitions: 1}, nil
	}
	if s, ok := usual[string(raw)]; ok {
		return s, nil
	}
	s, err := shards.Decode("shardSpec", raw)
	if err == nil && s.Number() < 0 {
		err = fault.At(fault.Invalidf("partition number is %d; expected 0 or more", s.Number()), "shardSpec")
	}
	return s, err
}

// usual spares the parser the shardSpecs that most segments have.
var usual = map[string]Shard{
	`{"type":"none"}`: &None{},
	`{"type":"numbered","partitionNum":0,"partitions":0}`: &Numbered{},
	`{"type":"numbered","partitionNum":0,"partitions":1}`: &Numbered{Partitions: 1},
	`{"type":"linear","partitionNum":0}`:                  &Linear{},
}

// MarshalShard writes what ParseShard reads.
func MarshalShard(s Shard) ([]byte, error) {
	if s == nil {
		s = &Numbered{Partitions: 1}
	}
	return shards.Encode(s)
}

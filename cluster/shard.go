package cluster

import (
	"encoding/json"
	"sort"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Shard says which part of an interval's rows a segment holds: Druid's
// shardSpec. Members are values: they are compared, shared and never changed.
// Each is marshalled with its type.
type Shard interface {
	// Type is its name in JSON.
	Type() string
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

// shards reads a member by its type.
var shards = map[string]func(raw []byte) (Shard, error){}

func registerShard[T Shard](names ...string) {
	for _, n := range names {
		shards[n] = func(raw []byte) (Shard, error) {
			var s T
			err := json.Unmarshal(raw, &s)
			return s, err
		}
	}
}

// ParseShard reads a shardSpec. One that is absent or null is the only
// partition of its set, as in the oldest descriptors.
func ParseShard(raw []byte) (Shard, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return Numbered{Partitions: 1}, nil
	}
	if s, ok := usual[string(raw)]; ok {
		return s, nil
	}
	var tag struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &tag); err != nil {
		return nil, fault.Invalidf("expected an object with a type: %v", err)
	}
	parse, ok := shards[tag.Type]
	if !ok {
		known := make([]string, 0, len(shards))
		for n := range shards {
			known = append(known, n)
		}
		sort.Strings(known)
		return nil, fault.Invalidf("unknown shardSpec type %q%s; known: %v", tag.Type, fault.Suggest(tag.Type, known), known)
	}
	s, err := parse(raw)
	if err != nil {
		return nil, fault.Invalidf("shardSpec of type %q: %v", tag.Type, err)
	}
	if s.Number() < 0 {
		return nil, fault.Invalidf("shardSpec of type %q: partitionNum is %d; expected 0 or more", tag.Type, s.Number())
	}
	return s, nil
}

// usual spares the parser the shardSpecs that most segments have.
var usual = map[string]Shard{
	`{"type":"none"}`: None{},
	`{"type":"numbered","partitionNum":0,"partitions":0}`: Numbered{},
	`{"type":"numbered","partitionNum":0,"partitions":1}`: Numbered{Partitions: 1},
	`{"type":"linear","partitionNum":0}`:                  Linear{},
}

// MarshalShard writes what ParseShard reads.
func MarshalShard(s Shard) ([]byte, error) {
	if s == nil {
		s = Numbered{Partitions: 1}
	}
	fields, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	out := append([]byte(`{"type":"`), s.Type()...)
	out = append(out, '"')
	if string(fields) == "{}" {
		return append(out, '}'), nil
	}
	return append(append(out, ','), fields[1:]...), nil
}

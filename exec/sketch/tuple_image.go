package sketch

import (
	"fmt"
	"math"
	"sort"

	"github.com/ovatedb/ovate/internal/fault"
)

// The image of a tuple sketch of doubles (little-endian):
//
//	0  preamble longs 1
//	1  version 1
//	2  family 9
//	3  kind: 3 compact; 2 still a hash table
//	4  flags: 1 big-endian (not read), 4 empty, 8 has entries
//	5  numbers of each value
//	6  u16 hash of the seed
//	8  u64 theta
//	16 u32 count, 20 u32 0; u64 hash …; f64 numbers of each hash …
//	   (hash table: 16 u8 lgNominal, u8 lgTable, u8 growth, 0, f32 sampling,
//	   u32 count, u32 0, then 2^lgTable hashes, 0 = free, and their numbers)
const (
	tupleFamily      = 9
	tupleTable       = 2
	tupleCompact     = 3
	tupleBigEndian   = 1
	tupleEmptyFlag   = 4
	tupleEntriesFlag = 8
	tupleHead        = 16
	tupleEntries     = 24
	tupleTableHead   = 32
)

// Bytes writes the compact image.
func (s *TupleSet) Bytes() []byte { return s.AppendBytes(nil) }

// AppendBytes appends the compact image.
func (s *TupleSet) AppendBytes(dst []byte) []byte {
	flags := byte(0)
	if s.empty {
		flags |= tupleEmptyFlag
	}
	if len(s.hashes) > 0 {
		flags |= tupleEntriesFlag
	}
	dst = append(dst, 1, 1, tupleFamily, tupleCompact, flags, byte(s.width), byte(defaultSeedHash), byte(defaultSeedHash>>8))
	dst = le.AppendUint64(dst, s.theta)
	if len(s.hashes) == 0 {
		return dst
	}
	dst = le.AppendUint64(dst, uint64(len(s.hashes)))
	for _, hash := range s.hashes {
		dst = le.AppendUint64(dst, hash)
	}
	return appendDoubles(dst, s.numbers...)
}

// ReadTuple reads an image, compact or of a hash table.
func ReadTuple(b []byte) (*TupleSet, error) {
	if len(b) < tupleHead {
		return nil, fault.Invalidf("tuple image: %d bytes, expected at least %d", len(b), tupleHead)
	}
	if b[1] != 1 || b[2] != tupleFamily || b[3] != tupleCompact && b[3] != tupleTable {
		return nil, fault.Invalidf("tuple image: version %d of family %d, kind %d, expected version 1 of family %d, kind %d", b[1], b[2], b[3], tupleFamily, tupleCompact)
	}
	if seed := le.Uint16(b[6:]); seed != defaultSeedHash || b[4]&tupleBigEndian != 0 {
		return nil, fault.Invalidf("tuple image: seed hash %#x, flags %#x, expected little-endian with %#x", seed, b[4], defaultSeedHash)
	}
	s := &TupleSet{theta: le.Uint64(b[8:]), width: int(b[5]), empty: b[4]&tupleEmptyFlag != 0}
	if s.width == 0 || s.theta == 0 || s.theta > maxTheta {
		return nil, fault.Invalidf("tuple image: %d values, theta %#x", s.width, s.theta)
	}
	if s.empty || b[4]&tupleEntriesFlag == 0 {
		if s.empty {
			s.theta = maxTheta
		}
		return s, nil
	}
	if err := s.readEntries(b); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *TupleSet) readEntries(b []byte) error {
	head, count, slots := tupleEntries, 0, 0
	if len(b) >= head {
		count = int(le.Uint32(b[16:]))
		slots = count
	}
	if b[3] == tupleTable && len(b) >= tupleTableHead {
		head, count = tupleTableHead, int(le.Uint32(b[24:]))
		slots = 1 << min(b[17], maxLgNominal+1)
	}
	if len(b) < head || count > slots || (len(b)-head)/(8*(1+s.width)) < slots {
		return fault.Invalidf("tuple image: %d entries of %d values in %d slots, %d bytes", count, s.width, slots, len(b))
	}
	hashes, numbers := b[head:head+8*slots], b[head+8*slots:]
	order := make([]int, 0, count)
	for at := range slots {
		if hash := le.Uint64(hashes[8*at:]); hash != 0 && hash < s.theta {
			order = append(order, at)
		}
	}
	hashAt := func(i int) uint64 { return le.Uint64(hashes[8*order[i]:]) }
	sort.Slice(order, func(i, j int) bool { return hashAt(i) < hashAt(j) })
	if len(order) != count {
		return fault.Invalidf("tuple image: %d entries below theta, expected %d", len(order), count)
	}
	for i, at := range order {
		if i > 0 && hashAt(i) == hashAt(i-1) {
			return fault.Invalidf("tuple image: hash %#x occurs twice", hashAt(i))
		}
		s.hashes = append(s.hashes, hashAt(i))
		for c := range s.width {
			s.numbers = append(s.numbers, math.Float64frombits(le.Uint64(numbers[8*(at*s.width+c):])))
		}
	}
	return nil
}

// String sums the sketch up.
func (s *TupleSet) String() string {
	low, high := s.Bounds(2)
	return fmt.Sprintf("### DirectArrayOfDoublesCompactSketch SUMMARY: \n   Estimate                : %s\n   Upper Bound, 95%% conf   : %s\n"+
		"   Lower Bound, 95%% conf   : %s\n   Theta (double)          : %s\n   Theta (long)            : %d\n   EstMode?                : %v\n"+
		"   Empty?                  : %v\n   Retained Entries        : %d\n   Seed Hash               : %04x | %d\n### END SKETCH SUMMARY\n",
		javaDouble(s.Estimate()), javaDouble(high), javaDouble(low), javaDouble(s.Theta()), s.theta, s.theta != maxTheta && !s.empty, s.empty, len(s.hashes), defaultSeedHash, defaultSeedHash)
}

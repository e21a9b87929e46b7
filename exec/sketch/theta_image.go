package sketch

import (
	"fmt"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
)

// The image of a theta sketch (little-endian):
//
//	0  preamble longs p: 1 empty or single item, 2 exact, 3 with theta
//	1  version: 3; 4 packed
//	2  family: 3 compact; 2 still a hash table
//	3  lgNominal  4 lgTable   (hash tables only)
//	5  flags: 2 read-only, 4 empty, 8 compact, 16 ordered, 32 single item
//	6  u16 hash of the seed
//	8  u32 count, 12 f32 1.0 (p > 1)
//	16 u64 theta             (p > 2)
//	8p u64 hash …            (hash table: 2^lgTable slots, 0 = free)
//
// Version 4 has bits a hash at 3, bytes of the count at 4, then theta if p is
// 2, the count, and the differences of the sorted hashes packed most
// significant bit first.
const (
	thetaFamily      = 3
	thetaTableFamily = 2
	thetaEmptyFlag   = 4
	thetaOrdered     = 16
	thetaSingleFlag  = 32
	thetaFlags       = 2 | 8 | thetaOrdered
)

// defaultSeedHash is what sketches of the default seed carry, to tell them
// from those of other seeds.
var defaultSeedHash = func() uint16 {
	h, _ := murmurLong(defaultSeed, 0)
	return uint16(h)
}()

// Bytes writes the compact, ordered image.
func (s *ThetaSet) Bytes() []byte { return s.AppendBytes(nil) }

// AppendBytes appends the compact, ordered image.
func (s *ThetaSet) AppendBytes(dst []byte) []byte {
	head := [8]byte{1, 3, thetaFamily, 0, 0, thetaFlags, byte(defaultSeedHash), byte(defaultSeedHash >> 8)}
	switch exact := s.theta == maxTheta; {
	case s.empty:
		head[5] |= thetaEmptyFlag
		head[6], head[7] = 0, 0
		return append(dst, head[:]...)
	case exact && len(s.hashes) == 1:
		head[5] |= thetaSingleFlag
		return le.AppendUint64(append(dst, head[:]...), s.hashes[0])
	case exact:
		head[0] = 2
	default:
		head[0] = 3
	}
	dst = append(slices.Grow(dst, 24+8*len(s.hashes)), head[:]...)
	dst = le.AppendUint32(dst, uint32(len(s.hashes)))
	dst = append(dst, 0, 0, 0x80, 0x3f)
	if head[0] == 3 {
		dst = le.AppendUint64(dst, s.theta)
	}
	for _, hash := range s.hashes {
		dst = le.AppendUint64(dst, hash)
	}
	return dst
}

// ReadTheta reads an image: compact, packed, or of a hash table.
func ReadTheta(b []byte) (*ThetaSet, error) {
	if len(b) < 8 {
		return nil, fault.Invalidf("theta image: %d bytes, expected at least 8", len(b))
	}
	compact, table := b[2] == thetaFamily, b[2] == thetaTableFamily && b[1] == 3
	if (b[1] != 3 && b[1] != 4) || !compact && !table {
		return nil, fault.Invalidf("theta image: version %d of family %d, expected version 3 or 4 of family %d", b[1], b[2], thetaFamily)
	}
	if b[5]&thetaEmptyFlag != 0 {
		return EmptyTheta(), nil
	}
	if seed := le.Uint16(b[6:]); seed != defaultSeedHash {
		return nil, fault.Invalidf("theta image: seed hash %#x, expected %#x, that of seed %d", seed, defaultSeedHash, defaultSeed)
	}
	if b[1] == 4 {
		return readPackedTheta(b)
	}
	return readPlainTheta(b, table)
}

func readPlainTheta(b []byte, table bool) (*ThetaSet, error) {
	longs := int(b[0] & 63)
	if longs < 1 || longs > 4 || len(b) < 8*longs {
		return nil, fault.Invalidf("theta image: %d preamble longs in %d bytes", longs, len(b))
	}
	theta, count := uint64(maxTheta), 1
	if longs > 1 {
		count = int(le.Uint32(b[8:]))
	}
	if longs > 2 {
		theta = le.Uint64(b[16:])
	}
	slots := count
	if table {
		slots = 1 << min(b[4], maxLgNominal+1)
	}
	if longs == 1 && table || theta == 0 || theta > maxTheta || count > slots || len(b)-8*longs < 8*slots {
		return nil, fault.Invalidf("theta image: %d hashes in %d slots, theta %#x, %d bytes", count, slots, theta, len(b))
	}
	hashes := make([]uint64, 0, count)
	for body := b[8*longs : 8*(longs+slots)]; len(body) > 0; body = body[8:] {
		hash := le.Uint64(body)
		if table && (hash == 0 || hash >= theta) { // free, or left over
			continue
		}
		hashes = append(hashes, hash)
	}
	if len(hashes) != count {
		return nil, fault.Invalidf("theta image: %d hashes in the table, expected %d", len(hashes), count)
	}
	if b[5]&thetaOrdered == 0 {
		slices.Sort(hashes)
	}
	return checkedTheta(hashes, theta)
}

// checkedTheta makes a sketch of hashes, which must ascend below theta.
func checkedTheta(hashes []uint64, theta uint64) (*ThetaSet, error) {
	last := uint64(0)
	for _, hash := range hashes {
		if hash <= last || hash >= theta {
			return nil, fault.Invalidf("theta image: hash %#x after %#x, expected ascending ones below theta %#x", hash, last, theta)
		}
		last = hash
	}
	return &ThetaSet{hashes: hashes, theta: theta}, nil
}

func readPackedTheta(b []byte) (*ThetaSet, error) {
	at, width, theta := 8, int(b[3]), uint64(maxTheta)
	if b[0]&63 > 1 && len(b) >= 16 {
		theta, at = le.Uint64(b[8:]), 16
	}
	count, countBytes := 0, int(b[4])
	if countBytes > 4 || width < 1 || width > 63 || len(b) < at+countBytes || theta == 0 || theta > maxTheta {
		return nil, fault.Invalidf("theta image: packed with %d bits, a count of %d bytes, theta %#x, in %d bytes", width, countBytes, theta, len(b))
	}
	for i := range countBytes {
		count |= int(b[at+i]) << (8 * i)
	}
	body := b[at+countBytes:]
	if count > len(body)*8/width {
		return nil, fault.Invalidf("theta image: %d hashes of %d bits in %d bytes", count, width, len(body))
	}
	hashes, hash := make([]uint64, count), uint64(0)
	for i := range hashes {
		hash += bitsAt(body, i*width, width)
		hashes[i] = hash
	}
	return checkedTheta(hashes, theta)
}

// bitsAt reads width bits from bit number at, most significant first.
func bitsAt(b []byte, at, width int) uint64 {
	var v uint64
	for width > 0 {
		left := 8 - at%8
		n := min(left, width)
		v = v<<n | uint64(b[at/8])>>(left-n)&(1<<n-1)
		at, width = at+n, width-n
	}
	return v
}

// String sums the sketch up.
func (s *ThetaSet) String() string {
	low, high := s.Bounds(2)
	kind, seed := "DirectCompactSketch", fmt.Sprintf("%04x | %d", defaultSeedHash, defaultSeedHash)
	switch {
	case s.empty:
		kind, seed = "EmptyCompactSketch", "0 | 0"
	case len(s.hashes) == 1 && s.theta == maxTheta:
		kind = "SingleItemSketch"
	}
	return fmt.Sprintf("\n### %s SUMMARY: \n   Estimate                : %s\n   Upper Bound, 95%% conf   : %s\n"+
		"   Lower Bound, 95%% conf   : %s\n   Theta (double)          : %s\n   Theta (long)            : %d\n"+
		"   Theta (long) hex        : %016x\n   EstMode?                : %v\n   Empty?                  : %v\n"+
		"   Ordered?                : true\n   Retained Entries        : %d\n   Seed Hash               : %s\n### END SKETCH SUMMARY\n",
		kind, javaDouble(s.Estimate()), javaDouble(high), javaDouble(low), javaDouble(s.Theta()), s.theta, s.theta,
		s.theta != maxTheta && !s.empty, s.empty, len(s.hashes), seed)
}

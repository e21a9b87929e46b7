package cluster

import (
	"math/bits"
	"strings"
)

func init() { shards.Add("hashed", new(Hashed)) }

// Hashed holds the rows whose Dimensions hash to Bucket of Buckets. Without a
// Function, or without Dimensions, how rows were dealt is not known.
type Hashed struct {
	Partition  int      `json:"partitionNum"`
	Partitions int      `json:"partitions"`
	Bucket     *int     `json:"bucketId,omitempty"`   // nil: Partition
	Buckets    *int     `json:"numBuckets,omitempty"` // nil: Partitions
	Dimensions []string `json:"partitionDimensions"`
	Function   *string  `json:"partitionFunction,omitempty"`
}

// HashFunction is the one partitionFunction there is.
const HashFunction = "murmur3_32_abs"

// maxHashed bounds the combinations of values that Possible tries.
const maxHashed = 1000

// Number and the other methods are those of Shard.
func (s *Hashed) Number() int { return s.Partition }
func (s *Hashed) Core() int   { return s.Partitions }

func (s *Hashed) bucket() (bucket, of int) {
	bucket, of = s.Partition, s.Partitions
	if s.Bucket != nil {
		bucket = *s.Bucket
	}
	if s.Buckets != nil {
		of = *s.Buckets
	}
	return bucket, of
}

// Possible hashes every combination of the values that the condition allows,
// if it allows only some values of every dimension.
func (s *Hashed) Possible(domain func(string) (Domain, bool)) bool {
	bucket, of := s.bucket()
	if s.Function == nil || *s.Function != HashFunction || len(s.Dimensions) == 0 || of < 1 {
		return true
	}
	rows := [][]*string{nil}
	for _, name := range s.Dimensions {
		d, ok := domain(name)
		if !ok {
			return true
		}
		values, ok := d.Points()
		if !ok || len(values)*len(rows) > maxHashed {
			return true
		}
		var next [][]*string
		for _, r := range rows {
			for _, v := range values {
				next = append(next, append(r[:len(r):len(r)], v))
			}
		}
		rows = next
	}
	for _, r := range rows {
		if HashBucket(r, of) == bucket {
			return true
		}
	}
	return false
}

// HashBucket is the bucket, of so many, of a row with these values of the
// partition dimensions. The hash is over their JSON: a list of one list a
// dimension, empty for null.
func HashBucket(values []*string, of int) int {
	row := []byte{'['}
	for i, v := range values {
		if i > 0 {
			row = append(row, ',')
		}
		row = append(row, '[')
		if v != nil {
			row = appendJackson(row, *v)
		}
		row = append(row, ']')
	}
	h := int(int32(murmur3(append(row, ']')))) % of
	return max(h, -h)
}

// appendJackson writes a JSON string byte by byte as the writers of existing
// segments did: what is escaped, and how, decides the bucket.
func appendJackson(b []byte, s string) []byte {
	const short, hex = "\b\t\n\f\r\"\\", "0123456789ABCDEF"
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch j := strings.IndexByte(short, c); {
		case j >= 0:
			b = append(b, '\\', "btnfr\"\\"[j])
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// murmur3 is the 32-bit murmur3 hash, seed 0.
func murmur3(b []byte) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	var h uint32
	n := len(b)
	for ; len(b) >= 4; b = b[4:] {
		k := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
		h ^= bits.RotateLeft32(k*c1, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	var k uint32
	for i := len(b) - 1; i >= 0; i-- {
		k = k<<8 | uint32(b[i])
	}
	h ^= bits.RotateLeft32(k*c1, 15) * c2
	h ^= uint32(n)
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

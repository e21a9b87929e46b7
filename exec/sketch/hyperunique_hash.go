package sketch

import (
	"math"
	"slices"
	"unicode/utf16"
)

// The hashes that HyperUnique takes have seed 0, and the empty string has one.

// UniqueUTF16 hashes the UTF-16LE form of s: the cardinality aggregator's.
func UniqueUTF16(s string) Hash {
	var room [256]byte
	return uniqueBytes(appendUTF16(room[:0], s))
}

// UniqueUTF8 hashes the UTF-8 form of s: that of hyperUnique at ingestion.
func UniqueUTF8(s string) Hash {
	var room [128]byte
	return uniqueBytes(append(room[:0], s...))
}

// UniqueLong hashes a long.
func UniqueLong(v int64) Hash {
	a, b := murmurLong(uint64(v), 0)
	return Hash{a, b}
}

// UniqueDouble hashes a double; all NaNs are one, 0.0 and -0.0 are two.
func UniqueDouble(v float64) Hash {
	if v != v {
		return UniqueLong(0x7ff8000000000000)
	}
	return UniqueLong(int64(math.Float64bits(v)))
}

// UniqueFloat hashes a float by its four bytes.
func UniqueFloat(v float32) Hash {
	bits := math.Float32bits(v)
	if v != v {
		bits = 0x7fc00000
	}
	return uniqueBytes([]byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)})
}

func uniqueBytes(b []byte) Hash {
	a, c := MurmurHash3_x64_128(b, 0)
	return Hash{a, c}
}

// A RowHash hashes the fields of a row together, for cardinality by row:
// Start, then for each field Field and at most one value (none for null),
// then Hash. It allocates only to grow.
type RowHash struct {
	bytes  []byte
	fields int
}

// Start begins a row.
func (r *RowHash) Start() { r.bytes, r.fields = r.bytes[:0], 0 }

// Field begins a field.
func (r *RowHash) Field() {
	if r.fields > 0 {
		r.bytes = append(r.bytes, 0)
	}
	r.fields++
}

// String adds a string.
func (r *RowHash) String(s string) { r.bytes = appendUTF16(r.bytes, s) }

// Strings adds a multi-value string in any order; a null pointer is a null
// value, and if all are null, so is the field.
func (r *RowHash) Strings(values []*string) {
	words, any := make([]string, len(values)), false
	for i, v := range values {
		if words[i] = "\x00"; v != nil {
			words[i], any = *v, true
		}
	}
	if len(words) == 1 && any {
		r.String(words[0])
	}
	if len(words) < 2 || !any {
		return
	}
	slices.SortFunc(words, compareUTF16)
	for i, w := range words {
		if i > 0 {
			r.bytes = append(r.bytes, 1, 0)
		}
		r.String(w)
	}
}

func compareUTF16(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

// Long adds a long.
func (r *RowHash) Long(v int64) { r.bytes = le.AppendUint64(r.bytes, uint64(v)) }

// Double adds a double.
func (r *RowHash) Double(v float64) { r.Long(int64(math.Float64bits(v))) }

// Float adds a float.
func (r *RowHash) Float(v float32) { r.bytes = le.AppendUint32(r.bytes, math.Float32bits(v)) }

// Hash is the hash of the row, for HyperUnique.
func (r *RowHash) Hash() Hash { return uniqueBytes(r.bytes) }

// Package bitmap is sets of row numbers. It owns the choice of the roaring
// library and shows the five operations that an index needs.
package bitmap

import (
	"io"

	"github.com/RoaringBitmap/roaring/v2"
)

// A Bitmap is a set of row numbers. One that a segment handed out is read only.
type Bitmap struct{ r *roaring.Bitmap }

// New holds the given rows.
func New(rows ...uint32) *Bitmap { return &Bitmap{roaring.BitmapOf(rows...)} }

// Read wraps the portable serialization in b without a copy: the bitmap is
// valid as long as b.
func Read(b []byte) (*Bitmap, error) {
	r := roaring.New()
	if len(b) == 0 {
		return &Bitmap{r}, nil
	}
	if _, err := r.FromBuffer(b); err != nil {
		return nil, err
	}
	return &Bitmap{r}, nil
}

// Add puts a row into the set.
func (b *Bitmap) Add(row uint32) { b.r.Add(row) }

// AddRange puts rows lo to hi into the set.
func (b *Bitmap) AddRange(lo, hi uint64) { b.r.AddRange(lo, hi) }

// Len is the number of rows.
func (b *Bitmap) Len() int { return int(b.r.GetCardinality()) }

// Contains says whether the row is in the set.
func (b *Bitmap) Contains(row uint32) bool { return b.r.Contains(row) }

// Or is the union of sets; it leaves them as they are.
func Or(sets ...*Bitmap) *Bitmap {
	rs := make([]*roaring.Bitmap, len(sets))
	for i, s := range sets {
		rs[i] = s.r
	}
	return &Bitmap{roaring.FastOr(rs...)}
}

// And is the rows in both.
func And(a, b *Bitmap) *Bitmap { return &Bitmap{roaring.And(a.r, b.r)} }

// Rows appends the rows in [lo, hi), ascending, to dst.
func (b *Bitmap) Rows(dst []uint32, lo, hi uint32) []uint32 {
	it := b.r.Iterator()
	it.AdvanceIfNeeded(lo)
	for it.HasNext() {
		row := it.Next()
		if row >= hi {
			break
		}
		dst = append(dst, row)
	}
	return dst
}

// Optimize stores runs as runs; for before WriteTo.
func (b *Bitmap) Optimize() { b.r.RunOptimize() }

// WriteTo writes the portable serialization that Read reads.
func (b *Bitmap) WriteTo(w io.Writer) (int64, error) { return b.r.WriteTo(w) }

// Size is the serialized size in bytes.
func (b *Bitmap) Size() int { return int(b.r.GetSerializedSizeInBytes()) }

// Of holds the given rows, which ascend.
func Of(rows []uint32) *Bitmap {
	r := roaring.New()
	r.AddMany(rows)
	return &Bitmap{r}
}

// Decode is Read for bytes that nobody vouches for: it copies them and checks
// that they hold what a bitmap may hold.
func Decode(b []byte) (*Bitmap, error) {
	r := roaring.New()
	if len(b) == 0 {
		return &Bitmap{r}, nil
	}
	if _, err := r.FromBuffer(append([]byte(nil), b...)); err != nil {
		return nil, err
	}
	if err := r.Validate(); err != nil {
		return nil, err
	}
	return &Bitmap{r}, nil
}

// Each calls f with every row, ascending.
func (b *Bitmap) Each(f func(row uint32)) {
	for it := b.r.Iterator(); it.HasNext(); {
		f(it.Next())
	}
}

package file

import (
	"encoding/binary"
	"math"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// A zone map has 24 bytes for each block of zoneRows rows: least and greatest
// value as f64, and the number of nulls as u64. Of a block of nulls the least
// is +Inf and the greatest -Inf; with a NaN among the values both are NaN.
// Longs beyond 2^53 are rounded outwards.
const (
	zoneRows = 1 << 16
	zoneSize = 24
)

// zones writes the zone map of a column of numbers.
func (w *writer) zones(v *data.Vec) (*int, error) {
	if !v.Type.Numeric() || v.N == 0 {
		return nil, nil
	}
	var b []byte
	for lo := 0; lo < v.N; lo += zoneRows {
		least, most, nulls := zone(v.Slice(nil, lo, min(lo+zoneRows, v.N)))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(least))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(most))
		b = binary.LittleEndian.AppendUint64(b, uint64(nulls))
	}
	i, err := w.Put(b)
	return &i, err
}

func zone(v *data.Vec) (least, most float64, nulls int) {
	valid := v.Validity(nil)
	if v.Type.Integral() {
		return longZone(v.Longs(nil), valid)
	}
	least, most = math.Inf(1), math.Inf(-1)
	for i, x := range v.Doubles(nil) {
		if valid != nil && valid[i>>3]&(1<<(i&7)) == 0 {
			nulls++
			continue
		}
		least, most = min(least, x), max(most, x) // NaN stays
	}
	return least, most, nulls
}

func longZone(values []int64, valid []byte) (least, most float64, nulls int) {
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	for i, x := range values {
		if valid != nil && valid[i>>3]&(1<<(i&7)) == 0 {
			nulls++
			continue
		}
		lo, hi = min(lo, x), max(hi, x)
	}
	if lo > hi {
		return math.Inf(1), math.Inf(-1), nulls
	}
	return outward(lo, -1), outward(hi, 1), nulls
}

// outward is x as a double, or the next one in the direction of sign where x
// is none.
func outward(x int64, sign int) float64 {
	f := float64(x)
	if x > -1<<53 && x < 1<<53 {
		return f
	}
	return math.Nextafter(f, math.Inf(sign))
}

// zoneMap is the zone map of a column over the mapped bytes.
type zoneMap []byte

func (f *File) zones(at *int, rows int) (zoneMap, error) {
	if at == nil {
		return nil, nil
	}
	b, err := f.Get(*at)
	if err != nil {
		return nil, err
	}
	if want := (rows + zoneRows - 1) / zoneRows * zoneSize; len(b) < want {
		return nil, fault.Invalidf("zone map of %d bytes, expected %d", len(b), want)
	}
	return b, nil
}

func (z zoneMap) bounds(lo, hi int) (least, most float64, nulls, ok bool) {
	if len(z) == 0 || lo >= hi {
		return 0, 0, false, false
	}
	least, most = math.Inf(1), math.Inf(-1)
	for i := lo / zoneRows; i*zoneRows < hi; i++ {
		b := z[i*zoneSize:]
		least = min(least, math.Float64frombits(binary.LittleEndian.Uint64(b)))
		most = max(most, math.Float64frombits(binary.LittleEndian.Uint64(b[8:])))
		nulls = nulls || binary.LittleEndian.Uint64(b[16:]) > 0
	}
	return least, most, nulls, least == least && most == most
}

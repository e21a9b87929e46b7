package vec

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/ovatedb/ovate/internal/data"
)

// A SortColumn is a plain column that rows are ordered by, as Comparer compares
// its values.
type SortColumn struct {
	V         *data.Vec
	Desc      bool
	NullFirst bool
}

// A sortedRow is a row, and 64 bits of what it is ordered by at the moment.
type sortedRow struct {
	prefix uint64
	row    uint32
}

// fewSorted rows are compared column by column, without prefixes.
const fewSorted = 12

// SortRows puts rows in the order of the columns, the first first, and rows that
// are equal in all of them in the order of their places; places has one for each
// row of the columns. Rows are ordered by the first 64 bits of the first column,
// those that are equal there by the next 64 bits, or the next column, and so on.
func SortRows(rows []uint32, cols []SortColumn, places []int64) {
	x := rowSorter{cols: cols, places: places}
	for _, c := range cols {
		x.compare = append(x.compare, Comparer(c.V, c.V))
	}
	list := make([]sortedRow, len(rows))
	for i, r := range rows {
		list[i].row = r
	}
	x.sort(list, 0)
	for i, r := range list {
		rows[i] = r.row
	}
}

type rowSorter struct {
	cols    []SortColumn
	compare []func(i, j int) int
	places  []int64
}

// sort orders rows that are equal in the columns before k.
func (x *rowSorter) sort(rows []sortedRow, k int) {
	switch {
	case len(rows) < 2:
	case k == len(x.cols):
		for i, r := range rows {
			rows[i].prefix = uint64(x.places[r.row]) ^ 1<<63
		}
		byPrefix(rows)
	case len(rows) <= fewSorted || x.cols[k].V.Elem != nil || x.cols[k].V.Type.Kind == data.Array:
		slices.SortFunc(rows, func(a, b sortedRow) int { return x.compareFrom(k, a.row, b.row) })
	case x.cols[k].V.Type.Kind == data.Null:
		x.sort(rows, k+1)
	default:
		nulls, values := x.split(rows, k)
		x.sort(nulls, k+1)
		x.sortValues(values, k, 0)
	}
}

// compareFrom compares rows by the columns from k on, and by their places.
func (x *rowSorter) compareFrom(k int, a, b uint32) int {
	for i := k; i < len(x.cols); i++ {
		d := x.compare[i](int(a), int(b))
		if d == 0 {
			continue
		}
		c := &x.cols[i]
		if null := c.V.Null(int(a)); null != c.V.Null(int(b)) {
			if null == c.NullFirst {
				return -1
			}
			return 1
		}
		if c.Desc {
			return -d
		}
		return d
	}
	return cmp.Compare(x.places[a], x.places[b])
}

// split puts rows without a value in column k before or behind the others.
func (x *rowSorter) split(rows []sortedRow, k int) (nulls, values []sortedRow) {
	c := &x.cols[k]
	if !c.V.HasNulls() {
		return nil, rows
	}
	n := 0
	for i, r := range rows {
		if c.V.Null(int(r.row)) == c.NullFirst {
			rows[n], rows[i] = r, rows[n]
			n++
		}
	}
	if c.NullFirst {
		return rows[:n], rows[n:]
	}
	return rows[n:], rows[:n]
}

// sortValues orders rows that have a value in column k, of texts those that are
// equal in the first depth times eight bytes.
func (x *rowSorter) sortValues(rows []sortedRow, k, depth int) {
	if len(rows) <= fewSorted {
		slices.SortFunc(rows, func(a, b sortedRow) int { return x.compareFrom(k, a.row, b.row) })
		return
	}
	c := &x.cols[k]
	text := fillPrefixes(rows, c.V, 8*depth)
	if c.Desc {
		for i := range rows {
			rows[i].prefix = ^rows[i].prefix
		}
	}
	byPrefix(rows)
	for lo := 0; lo < len(rows); {
		hi := lo + 1
		for hi < len(rows) && rows[hi].prefix == rows[lo].prefix {
			hi++
		}
		switch same := rows[lo:hi]; {
		case len(same) == 1:
		case !text:
			x.sort(same, k+1)
		default:
			x.sortTexts(same, k, depth)
		}
		lo = hi
	}
}

// sortTexts orders rows whose texts are equal up to and with the bytes of depth,
// if what lies behind their end is taken for zeros.
func (x *rowSorter) sortTexts(rows []sortedRow, k, depth int) {
	v := x.cols[k].V
	shortest, longest := math.MaxInt, 0
	for _, r := range rows {
		n := int(v.Off[r.row+1] - v.Off[r.row])
		shortest, longest = min(shortest, n), max(longest, n)
	}
	switch {
	case longest > 8*(depth+1):
		x.sortValues(rows, k, depth+1)
	case shortest == longest:
		x.sort(rows, k+1)
	default: // some end with zeros
		slices.SortFunc(rows, func(a, b sortedRow) int { return x.compareFrom(k, a.row, b.row) })
	}
}

// byPrefix orders rows by their prefixes, equal ones in any way.
func byPrefix(rows []sortedRow) {
	slices.SortFunc(rows, func(a, b sortedRow) int { return cmp.Compare(a.prefix, b.prefix) })
}

// fillPrefixes sets prefixes that are ordered as the values of rows, which are
// not null: numbers, or eight bytes of texts from one on, which text says.
func fillPrefixes(rows []sortedRow, v *data.Vec, from int) (text bool) {
	switch {
	case v.I64 != nil:
		for i, r := range rows {
			rows[i].prefix = uint64(v.I64[r.row]) ^ 1<<63
		}
	case v.Type.Integral():
		for i, r := range rows {
			rows[i].prefix = uint64(v.Long(int(r.row))) ^ 1<<63
		}
	case v.Type.Numeric():
		for i, r := range rows {
			rows[i].prefix = javaOrder(v.Double(int(r.row)))
		}
	default:
		for i, r := range rows {
			rows[i].prefix = eightBytes(v.Bytes[v.Off[r.row]:v.Off[r.row+1]], from)
		}
		return true
	}
	return false
}

// javaOrder is bits that are ordered as CompareDoubles orders.
func javaOrder(x float64) uint64 {
	if x != x {
		return math.MaxUint64
	}
	b := math.Float64bits(x)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// eightBytes are those of text from one on, zeros where it is shorter.
func eightBytes(text []byte, from int) uint64 {
	if from+8 <= len(text) {
		return binary.BigEndian.Uint64(text[from:])
	}
	var out [8]byte
	if from < len(text) {
		copy(out[:], text[from:])
	}
	return binary.BigEndian.Uint64(out[:])
}

package exec

import (
	"context"
	"encoding/json"
	"math"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// Origin adds a column with the ordinal of the slice that each row comes from,
// for those who order rows and still want to know.
type Origin struct {
	input  Operator
	schema data.Schema
}

// NewOrigin adds a LONG column of that name.
func NewOrigin(input Operator, name string) *Origin {
	return &Origin{input, OriginSchema(input.Schema(), name)}
}

// OriginSchema is the input's columns and the new one.
func OriginSchema(in data.Schema, name string) data.Schema {
	return append(in[:len(in):len(in)], data.Field{Name: name, Type: data.LongType})
}

func (o *Origin) Schema() data.Schema { return o.schema }
func (o *Origin) Inputs() []Operator  { return []Operator{o.input} }
func (o *Origin) String() string      { return "origin" }
func (o *Origin) sharable() bool      { return true }

// Run adds the column batch by batch.
func (o *Origin) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		for b, err := range o.input.Run(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			out := *b
			from := &data.Vec{Type: data.LongType, N: b.N, Const: true, I64: []int64{int64(b.Slice)}}
			out.Cols = append(b.Cols[:len(b.Cols):len(b.Cols)], from)
			if !yield(&out, nil) {
				return
			}
		}
	}
}

// A Description is what a segment says of itself, and what its columns hold.
type Description struct {
	ID      segment.ID          `json:"id"`
	Ordinal int                 `json:"ordinal"`
	Rows    int64               `json:"rows"`
	Size    int64               `json:"size,omitempty"` // of all columns, if asked for, with a byte for what parts values
	Info    segment.Info        `json:"info"`
	Columns []ColumnDescription `json:"columns"`
}

// A ColumnDescription is what a column of a segment holds. What was not asked
// for, or is not known of its type, is left out.
type ColumnDescription struct {
	Name        string    `json:"name"`
	Type        data.Type `json:"type"`
	Multi       bool      `json:"multi,omitempty"`
	Nulls       bool      `json:"nulls,omitempty"`
	Size        int64     `json:"size,omitempty"`        // of the values as text, over all rows
	Cardinality *int64    `json:"cardinality,omitempty"` // different values, null too, of STRINGs
	Least       *string   `json:"least,omitempty"`       // of STRINGs, null first
	Most        *string   `json:"most,omitempty"`

	Distinct *int64   `json:"distinct,omitempty"` // words, where values are stored as such
	Low      *float64 `json:"low,omitempty"`      // bounds of numbers, by zone maps
	High     *float64 `json:"high,omitempty"`
}

// A DescribeSpec says what to find out.
type DescribeSpec struct {
	All         bool     `json:"all,omitempty"`     // columns
	Columns     []string `json:"columns,omitempty"` // or those
	Cardinality bool     `json:"cardinality,omitempty"`
	Bounds      bool     `json:"bounds,omitempty"`
	Size        bool     `json:"size,omitempty"`
	// Statistics asks for what is known without a look at rows, and for nothing
	// else.
	Statistics bool `json:"statistics,omitempty"`
}

// Describe gives a row for each segment of a scan: its Description, as JSON.
type Describe struct {
	scan *Scan
	spec DescribeSpec
}

// DescribeSchema is the one column of Describe.
var DescribeSchema = data.Schema{{Name: "segment", Type: data.JSONType}}

// NewDescribe describes the segments of a scan.
func NewDescribe(scan *Scan, spec DescribeSpec) *Describe { return &Describe{scan, spec} }

func (d *Describe) Schema() data.Schema { return DescribeSchema }
func (d *Describe) Inputs() []Operator  { return []Operator{d.scan} }
func (d *Describe) String() string      { return "describe segments" }

// Run describes segment by segment.
func (d *Describe) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		for _, sl := range d.scan.slices {
			if err := context.Cause(ctx); err != nil {
				yield(nil, err)
				return
			}
			text, err := json.Marshal(d.spec.describe(sl))
			if err != nil {
				yield(nil, err)
				return
			}
			b := &data.Batch{N: 1, Slice: sl.Ordinal, Cols: []*data.Vec{data.Literal(data.JSONType, text, 1)}}
			if !yield(b, nil) {
				return
			}
		}
	}
}

func (s *DescribeSpec) describe(sl Slice) *Description {
	seg := sl.Segment
	out := &Description{ID: seg.ID(), Ordinal: sl.Ordinal, Rows: int64(seg.Rows()), Info: seg.Info(), Columns: []ColumnDescription{}}
	for _, f := range seg.Schema() {
		shown := s.All || slices.Contains(s.Columns, f.Name)
		if !shown && !s.Size {
			continue
		}
		col, ok := seg.Column(f.Name)
		switch {
		case ok && s.Statistics:
			out.Columns = append(out.Columns, statistics(col, f, seg.Rows()))
		case ok:
			c := s.column(col, f, seg.Rows())
			if s.Size {
				out.Size += c.Size + out.Rows
			}
			if shown {
				out.Columns = append(out.Columns, c)
			}
		}
	}
	return out
}

// timeWidth is how many bytes a time counts as.
const timeWidth = 10

func (s *DescribeSpec) column(col segment.Column, f data.Field, rows int) ColumnDescription {
	out := ColumnDescription{Name: f.Name, Type: f.Type, Multi: f.Multi, Nulls: f.Type.Kind == data.Complex && f.Type != data.JSONType}
	text := f.Type.Kind == data.String
	seen := map[string]bool{}
	scratch := new(data.Scratch)
	for lo := 0; lo < rows; lo += morselRows {
		scratch.Reset()
		v := col.Read(scratch, lo, min(lo+morselRows, rows))
		out.Nulls = hasNull(v) || out.Nulls
		if s.Size || text && (s.Cardinality || s.Bounds) {
			out.Size += collectTexts(v, seen)
		}
	}
	switch {
	case !s.Size || f.Type.Kind == data.Null || f.Type.Kind == data.Complex || f.Type.Kind == data.Array:
		out.Size = 0
	case f.Name == segment.Time:
		out.Size = timeWidth * int64(rows)
	}
	if f.Type.Kind == data.Null && s.Cardinality { // a dictionary of null
		one := int64(1)
		out.Cardinality = &one
	}
	if !text {
		return out
	}
	if s.Cardinality {
		n := int64(len(seen))
		if out.Nulls {
			n++
		}
		out.Cardinality = &n
	}
	if s.Bounds {
		out.bounds(seen)
	}
	return out
}

// statistics is what the codes of a column and its zone map tell.
func statistics(col segment.Column, f data.Field, rows int) ColumnDescription {
	out := ColumnDescription{Name: f.Name, Type: f.Type, Multi: f.Multi}
	if ix, ok := col.(segment.Indexed); ok && ix.Dict() != nil {
		n := int64(ix.Dict().Len())
		out.Distinct = &n
	}
	if r, ok := col.(segment.Ranged); ok && rows > 0 && f.Type.Numeric() {
		if least, most, _, ok := r.Range(0, rows); ok && !math.IsInf(least, 0) && !math.IsInf(most, 0) && least == least && most == most {
			out.Low, out.High = &least, &most
		}
	}
	return out
}

// bounds are the least and greatest text; null is less than any.
func (c *ColumnDescription) bounds(seen map[string]bool) {
	for x := range seen {
		if c.Most == nil || x > *c.Most {
			most := strings.Clone(x)
			c.Most = &most
		}
		if !c.Nulls && (c.Least == nil || x < *c.Least) {
			least := strings.Clone(x)
			c.Least = &least
		}
	}
}

// hasNull says whether a row is null, or a list without values.
func hasNull(v *data.Vec) bool {
	if v.Multi() {
		for i := range v.N {
			if lo, hi := v.List(i); v.Null(i) || lo == hi {
				return true
			}
		}
		return hasNull(v.Elem)
	}
	if !v.HasNulls() {
		return false
	}
	for i := range v.N {
		if v.Null(i) {
			return true
		}
	}
	return false
}

// collectTexts adds the texts of a column to a set; it gives the bytes of all
// values: of text, its length, of numbers their width.
func collectTexts(v *data.Vec, seen map[string]bool) (size int64) {
	if v.Elem != nil && v.Dict == nil {
		lo, hi := v.List(0)
		if !v.Const && v.N > 0 {
			_, hi = v.List(v.N - 1)
		}
		return collectTexts(v.Elem.Slice(nil, lo, hi), seen)
	}
	if v.Type.Kind != data.String && v.Type.Kind != data.Complex {
		const width = 8
		return int64(v.N) * width
	}
	for i := range v.N {
		if v.Null(i) {
			continue
		}
		x := v.Str(i)
		size += int64(len(x))
		if v.Type.Kind == data.String && !seen[x] {
			seen[strings.Clone(x)] = true
		}
	}
	return size
}

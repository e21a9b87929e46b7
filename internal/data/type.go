// Package data is what every layer passes on: types, columns of values and
// batches of columns. It knows nothing of segments, queries or functions.
//
// A Vec is an Arrow array opened up. Its buffers have Arrow's layout (values,
// validity bitmap, 32-bit offsets, dictionary codes), so that it wraps mapped
// bytes without a copy and becomes an arrow.Array without one (arrow.go); but
// they are plain Go slices, because kernels want slices, and it knows three
// forms that Arrow v15 has no array for and that speed rests on:
//
//	constant  one value that stands for N rows (Const)
//	codes     numbers stored as narrow codes: value = (Base + code) / 10^Scale
//	words     codes into a Dict whose words may hold null as a word like any other
//
// A Vec handed out by a reader or a function is valid until its Scratch is
// reset; who keeps it longer calls Copy.
package data

import (
	"sort"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Kind is the kind of a value.
type Kind uint8

// The kinds. Null is the type of a bare NULL; Bool is what conditions give and
// is shown as a LONG of 0 or 1 where Druid has no booleans.
const (
	Null Kind = iota
	Bool
	Long
	Float
	Double
	String
	Array
	Complex
)

// A Type is comparable with ==. Elem is the element kind of an Array; Name is
// the name of a Complex (or of an Array's complex elements).
type Type struct {
	Kind Kind
	Elem Kind
	Name string
}

// The types without parameters.
var (
	NullType    = Type{Kind: Null}
	BoolType    = Type{Kind: Bool}
	LongType    = Type{Kind: Long}
	FloatType   = Type{Kind: Float}
	DoubleType  = Type{Kind: Double}
	StringType  = Type{Kind: String}
	JSONType    = Type{Kind: Complex, Name: "json"}
	LongArray   = Type{Kind: Array, Elem: Long}
	DoubleArray = Type{Kind: Array, Elem: Double}
	StringArray = Type{Kind: Array, Elem: String}
)

// ArrayOf is the type of arrays of t.
func ArrayOf(t Type) Type { return Type{Kind: Array, Elem: t.Kind, Name: t.Name} }

// ComplexOf is the complex type of that name.
func ComplexOf(name string) Type { return Type{Kind: Complex, Name: name} }

// Element is the type of an array's elements, and t itself for other types.
func (t Type) Element() Type {
	if t.Kind != Array {
		return t
	}
	return Type{Kind: t.Elem, Name: t.Name}
}

// Numeric says whether t is a number; a Bool counts as one.
func (t Type) Numeric() bool { return t.Kind >= Bool && t.Kind <= Double }

// Integral says whether t is a LONG or a Bool.
func (t Type) Integral() bool { return t.Kind == Bool || t.Kind == Long }

var kindNames = [...]string{"NULL", "BOOL", "LONG", "FLOAT", "DOUBLE", "STRING", "ARRAY", "COMPLEX"}

// String is the type as Druid writes it: LONG, ARRAY<STRING>, COMPLEX<json>.
func (t Type) String() string {
	switch t.Kind {
	case Array:
		return "ARRAY<" + t.Element().String() + ">"
	case Complex:
		return "COMPLEX<" + t.Name + ">"
	}
	return kindNames[t.Kind]
}

// MarshalText writes String.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what ParseType reads.
func (t *Type) UnmarshalText(b []byte) (err error) {
	*t, err = ParseType(string(b))
	return err
}

// ParseType reads a type as Druid writes it, in any case; "json" and names of
// sketches are accepted bare, as Druid does.
func ParseType(s string) (Type, error) {
	up := strings.ToUpper(strings.TrimSpace(s))
	for k, n := range kindNames {
		if up == n && Kind(k) < Array {
			return Type{Kind: Kind(k)}, nil
		}
	}
	switch {
	case strings.HasPrefix(up, "ARRAY<") && strings.HasSuffix(up, ">"):
		e, err := ParseType(s[strings.IndexByte(s, '<')+1 : strings.LastIndexByte(s, '>')])
		if err != nil {
			return Type{}, err
		}
		if e.Kind == Array {
			return Type{}, fault.Invalidf("type %q: arrays of arrays are not a type here", s)
		}
		return ArrayOf(e), nil
	case strings.HasPrefix(up, "COMPLEX<") && strings.HasSuffix(up, ">"):
		return ComplexOf(s[strings.IndexByte(s, '<')+1 : strings.LastIndexByte(s, '>')]), nil
	case up == "JSON":
		return JSONType, nil
	case up == "COMPLEX":
		return ComplexOf("unknown"), nil
	}
	return Type{}, fault.Invalidf("unknown type %q: expected STRING, LONG, FLOAT, DOUBLE, ARRAY<...> or COMPLEX<...>", s)
}

// Merge is the least restrictive type that holds values of both: null < bool <
// long < float < double < string; a scalar beside an array becomes an array;
// json and other complex types come last.
func Merge(a, b Type) Type {
	if a == b {
		return a
	}
	if a.Kind > b.Kind {
		a, b = b, a
	}
	switch {
	case a.Kind == Null:
		return b
	case b.Kind == Complex:
		return b
	case b.Kind == Array:
		return ArrayOf(Merge(a.Element(), b.Element()))
	case a.Kind == Bool && b.Kind == Float, a.Kind == Long && b.Kind == Float:
		return DoubleType
	}
	return b
}

// A Field is a column of a schema. Multi says that a STRING may hold several
// values in one row.
type Field struct {
	Name  string `json:"name"`
	Type  Type   `json:"type"`
	Multi bool   `json:"multi,omitempty"`
}

// A Schema is the columns of a batch, in order.
type Schema []Field

// Index is the place of the column of that name, or -1.
func (s Schema) Index(name string) int {
	for i := range s {
		if s[i].Name == name {
			return i
		}
	}
	return -1
}

// Find is the column of that name; of an unknown name, a NULL column.
func (s Schema) Find(name string) (Field, bool) {
	if i := s.Index(name); i >= 0 {
		return s[i], true
	}
	return Field{Name: name}, false
}

// Names are the columns' names in order.
func (s Schema) Names() []string {
	out := make([]string, len(s))
	for i := range s {
		out[i] = s[i].Name
	}
	return out
}

// Union merges schemas by name: types by Merge, columns sorted as first seen.
func Union(schemas ...Schema) Schema {
	var out Schema
	at := map[string]int{}
	for _, s := range schemas {
		for _, f := range s {
			i, ok := at[f.Name]
			if !ok {
				at[f.Name] = len(out)
				out = append(out, f)
				continue
			}
			out[i].Type = Merge(out[i].Type, f.Type)
			out[i].Multi = out[i].Multi || f.Multi
		}
	}
	return out
}

// Sorted is the schema ordered by column name.
func (s Schema) Sorted() Schema {
	out := append(Schema(nil), s...)
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// A Batch is some rows of an operator's output: one Vec a column, each of N
// rows. It is valid until the operator is asked for the next one.
type Batch struct {
	N    int
	Cols []*Vec
	// Slice is the ordinal of the slice of a segment that the rows come from,
	// and Row the number of the first of them there: what depends on the order
	// of segments orders by these, never by which worker was faster.
	Slice int
	Row   int64
	// Pass marks rows, 1 a row that is there and 0 one that is to be left out, and
	// Passed is how many are there. It is nil, and all N rows are, but between a
	// scan and an operator that asked for marks.
	Pass   []uint8
	Passed int
}

// Rows is the number of rows that are there.
func (b *Batch) Rows() int {
	if b.Pass != nil {
		return b.Passed
	}
	return b.N
}

package data

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Builder makes a Vec value by value, in memory of its own. It is for
// literals, JSON rows and other places where rows come one at a time.
type Builder struct {
	v    *Vec
	elem *Builder
}

// NewBuilder makes values of type t; multi-value strings are built with
// Append of []any on a STRING builder made by NewMulti.
func NewBuilder(t Type) *Builder {
	b := &Builder{v: &Vec{Type: t}}
	switch t.Kind {
	case Array:
		b.elem, b.v.Off = NewBuilder(t.Element()), []int32{0}
	case String, Complex:
		b.v.Off = []int32{0}
	}
	return b
}

// NewMulti makes multi-value strings: []any of strings, a string, or nil.
func NewMulti() *Builder {
	return &Builder{v: &Vec{Type: StringType, Off: []int32{0}}, elem: NewBuilder(StringType)}
}

// Len is the number of values so far.
func (b *Builder) Len() int { return b.v.N }

// Null appends a null.
func (b *Builder) Null() {
	i := b.grow()
	switch {
	case b.v.Off != nil:
		b.v.Off = append(b.v.Off, b.v.Off[i])
	default:
		b.number(0, 0)
	}
	if need := i>>3 + 1; b.v.Valid == nil {
		b.v.Valid = make([]byte, need, 2*need)
		for j := range b.v.Valid {
			b.v.Valid[j] = 0xff
		}
	}
	b.v.Valid[i>>3] &^= 1 << (i & 7)
}

func (b *Builder) grow() int {
	i := b.v.N
	b.v.N++
	if b.v.Valid != nil && i>>3 == len(b.v.Valid) {
		b.v.Valid = append(b.v.Valid, 0xff)
	}
	return i
}

func (b *Builder) number(l int64, d float64) {
	switch b.v.Type.Kind {
	case Bool:
		b.v.U8 = append(b.v.U8, uint8(l))
	case Long:
		b.v.I64 = append(b.v.I64, l)
	case Float:
		b.v.F32 = append(b.v.F32, float32(d))
	case Double:
		b.v.F64 = append(b.v.F64, d)
	}
}

// Long appends a LONG or Bool; to a DOUBLE or FLOAT builder, as such.
func (b *Builder) Long(x int64) { b.grow(); b.number(x, float64(x)) }

// Double appends a DOUBLE or FLOAT; to a LONG builder it is truncated.
func (b *Builder) Double(x float64) { b.grow(); b.number(ToLong(x), x) }

// String appends a STRING, or a Complex image.
func (b *Builder) String(x string) {
	if b.elem != nil {
		b.Append([]any{x})
		return
	}
	b.grow()
	b.v.Bytes = append(b.v.Bytes, x...)
	b.v.Off = append(b.v.Off, int32(len(b.v.Bytes)))
}

// Append appends a Go value as Vec.Value gives it. Numbers fit number types;
// anything else than the type's values is an error of the caller and is shown
// as a string where the type is STRING, else null.
func (b *Builder) Append(x any) {
	switch x := x.(type) {
	case nil:
		b.Null()
	case []any:
		b.list(x)
	case bool:
		if x {
			b.scalar(1, 1, "true")
		} else {
			b.scalar(0, 0, "false")
		}
	case int:
		b.Append(int64(x))
	case int64:
		b.scalar(x, float64(x), x)
	case float32:
		b.scalar(ToLong(float64(x)), float64(x), x)
	case float64:
		b.scalar(ToLong(x), x, x)
	case string:
		b.text(x)
	case []byte:
		b.text(string(x))
	default:
		b.text(fmt.Sprint(x))
	}
}

func (b *Builder) scalar(l int64, d float64, show any) {
	if b.v.Off != nil {
		b.text(fmt.Sprint(show))
		return
	}
	b.grow()
	b.number(l, d)
}

func (b *Builder) text(x string) {
	if b.v.Off == nil {
		b.Null()
		return
	}
	b.String(x)
}

func (b *Builder) list(x []any) {
	if b.elem == nil {
		b.Null()
		return
	}
	b.grow()
	for _, e := range x {
		b.elem.Append(e)
	}
	b.v.Off = append(b.v.Off, int32(b.elem.Len()))
}

// Vec is what was built; the builder is done.
func (b *Builder) Vec() *Vec {
	if b.elem != nil {
		b.v.Elem = b.elem.Vec()
	}
	switch {
	case b.v.N > 0:
	case b.v.Type.Kind == Bool:
		b.v.U8 = []uint8{}
	case b.v.Type.Kind == Long:
		b.v.I64 = []int64{}
	case b.v.Type.Kind == Float:
		b.v.F32 = []float32{}
	case b.v.Type.Kind == Double:
		b.v.F64 = []float64{}
	}
	return b.v
}

// Literal is one value that stands for n rows; a list for the type STRING
// makes multi-value strings.
func Literal(t Type, x any, n int) *Vec {
	if x == nil || t.Kind == Null {
		return Nulls(nil, t, n)
	}
	b := NewBuilder(t)
	if _, list := x.([]any); list && t.Kind == String {
		b = NewMulti()
	}
	b.Append(x)
	v := b.Vec()
	v.Const, v.N = true, n
	return v
}

// Texts collects strings that may be read while more are added.
type Texts struct {
	off   []int32
	bytes []byte
	nulls []int
}

// Len is the number of strings so far.
func (t *Texts) Len() int { return max(0, len(t.off)-1) }

// At is string i, without a copy; it stays as it is.
func (t *Texts) At(i int) string {
	b := t.bytes[t.off[i]:t.off[i+1]]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Size is the memory held, in bytes.
func (t *Texts) Size() int64 { return int64(cap(t.bytes) + 4*cap(t.off)) }

// Add appends a string. More than 2 GiB of them end the query: it panics with
// a fault.Limit, which whoever runs operators makes an error.
func (t *Texts) Add(x string) {
	if len(t.bytes)+len(x) > math.MaxInt32 {
		panic(fault.New(fault.Limit, "a column holds more than 2 GiB of different texts at once; group by less, or by something shorter"))
	}
	if t.off == nil {
		t.off = []int32{0}
	}
	if len(t.bytes)+len(x) > cap(t.bytes) {
		t.bytes = doubled(t.bytes, len(x))
	}
	if len(t.off) == cap(t.off) {
		t.off = doubled(t.off, 1)
	}
	t.bytes = append(t.bytes, x...)
	t.off = append(t.off, int32(len(t.bytes)))
}

// doubled is b with room for n more, and for as much again as it holds: append
// takes a quarter more of what is large, and copies it thrice as often.
func doubled[T any](b []T, n int) []T {
	return append(make([]T, 0, max(2*len(b), len(b)+n, 64)), b...)
}

// AddNull appends a null.
func (t *Texts) AddNull() {
	t.nulls = append(t.nulls, t.Len())
	t.Add("")
}

// Vec is the strings so far, sharing their memory.
func (t *Texts) Vec(ty Type) *Vec {
	v := &Vec{Type: ty, N: t.Len(), Off: t.off, Bytes: t.bytes}
	for _, i := range t.nulls {
		v.SetNull(nil, i)
	}
	return v
}

package data

import (
	"reflect"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// forms are columns in every layout.
func forms() map[string]struct {
	f Field
	v *Vec
} {
	built := func(b *Builder, values ...any) *Vec {
		for _, x := range values {
			b.Append(x)
		}
		return b.Vec()
	}
	words := &Dict{Words: built(NewBuilder(StringType), nil, "a", "bc")}
	multi := built(NewMulti(), []any{"x", "y"}, nil, []any{}, []any{"z", nil})
	type form = struct {
		f Field
		v *Vec
	}
	return map[string]form{
		"nulls":     {Field{Type: NullType}, Nulls(nil, NullType, 3)},
		"bool":      {Field{Type: BoolType}, built(NewBuilder(BoolType), true, nil, false)},
		"long":      {Field{Type: LongType}, built(NewBuilder(LongType), 1, nil, -3)},
		"narrow":    {Field{Type: LongType}, &Vec{Type: LongType, N: 3, U8: []uint8{0, 1, 255}, Base: -5}},
		"decimal":   {Field{Type: DoubleType}, &Vec{Type: DoubleType, N: 2, U16: []uint16{1, 999}, Base: 1, Scale: 2}},
		"float":     {Field{Type: FloatType}, built(NewBuilder(FloatType), 1.5, nil)},
		"double":    {Field{Type: DoubleType}, built(NewBuilder(DoubleType), 1.5, nil, -0.25)},
		"string":    {Field{Type: StringType}, built(NewBuilder(StringType), "", nil, "wörld")},
		"words":     {Field{Type: StringType}, &Vec{Type: StringType, N: 4, U16: []uint16{2, 0, 1, 2}, Dict: words}},
		"constant":  {Field{Type: StringType}, Literal(StringType, "c", 3)},
		"null long": {Field{Type: LongType}, Nulls(nil, LongType, 2)},
		"multi":     {Field{Type: StringType, Multi: true}, multi},
		"sliced":    {Field{Type: StringType, Multi: true}, multi.Slice(nil, 1, 4)},
		"tail":      {Field{Type: StringType}, built(NewBuilder(StringType), "one", "two", nil, "three").Slice(nil, 1, 4)},
		"array":     {Field{Type: LongArray}, built(NewBuilder(LongArray), []any{1, nil}, nil, []any{})},
		"image":     {Field{Type: ComplexOf("thetaSketch")}, built(NewBuilder(ComplexOf("thetaSketch")), "\x00\xff", nil)},
		"no rows":   {Field{Type: StringType}, NewBuilder(StringType).Vec()},
		"no lists":  {Field{Type: StringArray}, NewBuilder(StringArray).Vec()},
	}
}

func listOf(v *Vec) []any {
	out := make([]any, v.N)
	for i := range out {
		out[i] = v.Value(i)
	}
	return out
}

func TestArrowThereAndBack(t *testing.T) {
	for name, form := range forms() {
		form.f.Name = name
		field, err := FieldFromArrow(ArrowField(form.f))
		if err != nil || field != form.f {
			t.Errorf("%s: the field came back as %v, %v", name, field, err)
		}
		a, err := ToArrow(nil, form.v, form.f)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, err := FromArrow(a, form.f)
		if err != nil {
			t.Errorf("%s: back: %v", name, err)
			continue
		}
		if got, want := listOf(back), listOf(form.v); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
		if back.Type != form.f.Type || back.Multi() != form.f.Multi {
			t.Errorf("%s: came back as %v", name, back.Type)
		}
	}
}

// What has Arrow's layout is not copied.
func TestArrowShares(t *testing.T) {
	v := &Vec{Type: LongType, N: 2, I64: []int64{7, 8}}
	a, err := ToArrow(nil, v, Field{Type: LongType})
	if err != nil {
		t.Fatal(err)
	}
	v.I64[1] = 9
	if got := a.(*array.Int64).Value(1); got != 9 {
		t.Errorf("the array has %d: it was copied", got)
	}
	back, _ := FromArrow(a, Field{Type: LongType})
	if &back.I64[0] != &v.I64[0] {
		t.Error("the column was copied on the way back")
	}
}

func TestArrowWords(t *testing.T) {
	v := forms()["words"].v
	a, ok := ToArrowWords(v)
	if !ok || a.DataType().ID() != arrow.DICTIONARY || a.NullN() != 1 {
		t.Fatalf("got %v", a)
	}
	back, err := FromArrow(a, Field{Type: StringType})
	if err != nil || back.Dict == nil {
		t.Fatalf("back: %v, %v", back, err)
	}
	if got, want := listOf(back), listOf(v); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, ok := ToArrowWords(Literal(StringType, "c", 1)); ok {
		t.Error("a constant is no words")
	}
}

// A column that is not what its field says is refused, not misread.
func TestArrowMismatch(t *testing.T) {
	long, _ := ToArrow(nil, Literal(LongType, 1, 1), Field{Type: LongType})
	if _, err := FromArrow(long, Field{Name: "x", Type: StringType}); err == nil {
		t.Error("int64 was read as strings")
	}
	if _, err := ToArrow(nil, Literal(LongType, 1, 1), Field{Type: StringType}); err == nil {
		t.Error("LONG was written as strings")
	}
	one := Literal(StringType, "a", 1)
	a, err := ToArrow(nil, one, Field{Type: StringType, Multi: true})
	if err != nil || a.DataType().ID() != arrow.LIST {
		t.Errorf("one string in a multi-value column: %v, %v", a, err)
	}
}

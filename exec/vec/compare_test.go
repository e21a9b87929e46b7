package vec

import (
	"fmt"
	"math"
	"math/rand"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

var comparisons = []Comparison{Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual}

func vecOf(t data.Type, values ...any) *data.Vec {
	b := data.NewBuilder(t)
	for _, v := range values {
		b.Append(v)
	}
	return b.Vec()
}

func constant(t data.Type, x any, n int) *data.Vec { return data.Literal(t, x, n) }

// Codes are compared in their own space. The answer must be that of the
// values, for constants in, between, at the ends of and beyond them.
func TestCompareCodes(t *testing.T) {
	columns := map[string]*data.Vec{
		"u8":         {Type: data.LongType, N: 4, U8: []uint8{0, 1, 200, 255}},
		"u8 base":    {Type: data.LongType, N: 3, U8: []uint8{0, 7, 255}, Base: -100},
		"u16":        {Type: data.LongType, N: 3, U16: []uint16{0, 999, 65535}, Base: 1 << 40},
		"u32":        {Type: data.LongType, N: 3, U32: []uint32{0, 5, math.MaxUint32}, Base: math.MinInt64},
		"top":        {Type: data.LongType, N: 2, U8: []uint8{0, 7}, Base: math.MaxInt64 - 7},
		"big":        {Type: data.LongType, N: 3, U8: []uint8{0, 1, 2}, Base: 1 << 53}, // several codes are one double
		"money":      {Type: data.DoubleType, N: 4, U16: []uint16{0, 10, 33, 65535}, Base: -20, Scale: 2},
		"double u8":  {Type: data.DoubleType, N: 3, U8: []uint8{0, 1, 10}, Scale: 1},
		"double u32": {Type: data.DoubleType, N: 3, U32: []uint32{0, 123456, math.MaxUint32}, Base: 5, Scale: 4},
	}
	var longs []any
	for _, x := range []int64{0, 1, 6, 7, 155, 200, 255, 256, 1 << 40, 1<<40 + 65535, 1 << 53, 1<<53 + 1, math.MaxInt64, math.MinInt64, math.MinInt64 + 5} {
		longs = append(longs, x, -x, x-1)
	}
	doubles := []any{0.0, 0.1, 0.13, -0.2, 0.005, 1.0, 7.0, 7.5, 255.5, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1), 1 << 53, 12.3461}
	for name, v := range columns {
		plain := v.Decoded(nil)
		check := func(kind data.Kind, typ data.Type, x any) {
			y := constant(typ, x, v.N)
			for _, c := range comparisons {
				got := Compare(nil, c, kind, v, y, v.N)
				mirror := Compare(nil, mirrored[c], kind, y, v, v.N)
				for i := range v.N {
					want := c.Holds(compareFloats(plain.Double(i), y.Double(0)))
					if kind == data.Long {
						want = c.Holds(compareInts(plain.Long(i), y.Long(0)))
					}
					if d, ok := x.(float64); ok && d != d {
						want = c == NotEqual
					}
					if got.U8[i] != bit(want) || mirror.U8[i] != bit(want) {
						t.Errorf("%s row %d (%v) %d %v: got %d and mirrored %d, want %v", name, i, plain.Value(i), c, x, got.U8[i], mirror.U8[i], want)
					}
				}
			}
		}
		for _, x := range longs {
			if v.Type == data.LongType {
				check(data.Long, data.LongType, x)
			} else {
				check(data.Double, data.LongType, x)
			}
		}
		for _, x := range doubles {
			check(data.Double, data.DoubleType, x)
		}
	}
}

// All bytes against all bytes, in words and in what is left over.
func TestCompareBytes(t *testing.T) {
	x := make([]uint8, 256+5)
	for i := range x {
		x[i] = uint8(i)
	}
	out := make([]uint8, len(x))
	for y := range 256 {
		for _, c := range comparisons {
			compareNumbers(out, c, x, uint8(y))
			for i, v := range x {
				if want := bit(c.Holds(int(v) - y)); out[i] != want {
					t.Fatalf("%d %d %d: got %d", v, c, y, out[i])
				}
			}
		}
	}
}

func TestCompareValues(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name string
		kind data.Kind
		a, b *data.Vec
		want string // for = <> < <= > >=, a letter a row
	}{
		{"longs", data.Long, vecOf(data.LongType, int64(1), int64(2), nil, int64(3)), vecOf(data.LongType, int64(2), int64(2), int64(1), nil), "ftnn tfnn tfnn ttnn ffnn ftnn"},
		{"long and double", data.Double, vecOf(data.LongType, int64(1), int64(2)), vecOf(data.DoubleType, 1.5, 2.0), "ft tf tf tt ff ft"},
		{"NaN compares with nothing", data.Double, vecOf(data.DoubleType, nan, 1.0, nan), vecOf(data.DoubleType, 1.0, nan, nan), "fff ttt fff fff fff fff"},
		{"NaN as constant", data.Double, vecOf(data.DoubleType, nan, 1.0), constant(data.DoubleType, nan, 2), "ff tt ff ff ff ff"},
		{"constant and NaN", data.Double, vecOf(data.DoubleType, nan, 1.0), constant(data.DoubleType, 1.0, 2), "ft tf ff ft ff ft"},
		{"float and double", data.Double, vecOf(data.FloatType, 0.2857, 0.5), constant(data.DoubleType, 0.2857, 2), "ff tt tf tf ft ft"},
		{"strings", data.String, vecOf(data.StringType, "a", "b", "", nil), vecOf(data.StringType, "b", "b", "a", "x"), "ftfn tftn tftn tttn fffn ftfn"},
		{"strings and constant", data.String, vecOf(data.StringType, "a", "ab", "abc", "é", nil), constant(data.StringType, "ab", 5), "ftffn tfttn tfffn ttffn ffttn ftttn"},
		{"constant null", data.Long, vecOf(data.LongType, int64(1)), constant(data.LongType, nil, 1), "n n n n n n"},
		{"booleans", data.Long, vecOf(data.BoolType, true, false), constant(data.LongType, int64(1), 2), "tf ft ft tt ff tf"},
	} {
		got := ""
		for k, op := range comparisons {
			if k > 0 {
				got += " "
			}
			got += letters(Compare(nil, op, c.kind, c.a, c.b, c.a.N))
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func letters(v *data.Vec) string {
	out := ""
	for i := range v.N {
		switch {
		case v.Null(i):
			out += "n"
		case v.Long(i) != 0:
			out += "t"
		default:
			out += "f"
		}
	}
	return out
}

func TestSet(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	codes, wide := make([]uint16, 30000), make([]uint32, 30000)
	plain := make([]int64, len(codes))
	for i := range codes {
		codes[i], wide[i] = uint16(i), uint32(i)
		plain[i] = int64(i) - 7000
	}
	out := make([]uint8, len(codes))
	for _, size := range []int{1, 3, 3000} { // compared, bits, and with one far away hashed
		for _, far := range []int64{0, 1 << 40} {
			members := []any{far}
			in := map[int64]bool{far: true}
			for range size {
				x := int64(r.Intn(20000)) - 5000
				in[x] = true
				members = append(members, x)
			}
			set := NewSet(vecOf(data.LongType, members...))
			for _, v := range []*data.Vec{
				{Type: data.LongType, N: len(codes), U16: codes, Base: -7000},
				{Type: data.LongType, N: len(codes), U32: wide, Base: -7000},
				{Type: data.LongType, N: len(codes), I64: plain},
			} {
				set.Has(nil, out, v)
				for i, x := range plain {
					if (out[i] == 1) != in[x] {
						t.Fatalf("%d of %d: got %d", x, size, out[i])
					}
				}
			}
		}
	}
	doubles := NewSet(vecOf(data.DoubleType, 1.5, 0.0, math.NaN()))
	doubles.Has(nil, out[:4], vecOf(data.DoubleType, math.Copysign(0, -1), 1.5, 2.0, math.NaN()))
	if string(out[:4]) != "\x01\x01\x00\x00" {
		t.Errorf("doubles: got %v", out[:4])
	}
	doubles.Has(nil, out[:2], &data.Vec{Type: data.DoubleType, N: 2, U8: []uint8{14, 15}, Scale: 1})
	if out[0] != 0 || out[1] != 1 {
		t.Errorf("codes: got %v", out[:2])
	}
}

func batchOfCodes(n int) *data.Vec {
	codes := make([]uint16, n)
	for i := range codes {
		codes[i] = uint16(i * 7)
	}
	return &data.Vec{Type: data.DoubleType, N: n, U16: codes, Scale: 2}
}

// Kernels take their buffers from the scratch: with one that has been used
// before they allocate nothing.
func TestKernelsDoNotAllocate(t *testing.T) {
	const n = 4096
	s := &data.Scratch{}
	a, five := batchOfCodes(n), constant(data.DoubleType, 5.0, n)
	valid := make([]byte, n/8)
	b := &data.Vec{Type: data.DoubleType, N: n, F64: a.Doubles(nil), Valid: valid}
	longs := &data.Vec{Type: data.LongType, N: n, I64: b.Longs(nil)}
	run := func() {
		s.Reset()
		x := Compare(s, Less, data.Double, a, five, n)
		y := Compare(s, GreaterEqual, data.Double, a, b, n)
		Not(s, Or(s, And(s, x, y, n), x, n), n)
		Doubles(s, Multiply, a, b, n)
		Doubles(s, Subtract, five, a, n)
		if _, err := Longs(s, Add, longs, longs, n); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if got := testing.AllocsPerRun(10, run); got > 0 {
		t.Errorf("%v allocations a run", got)
	}
}

func BenchmarkCompareCodes(b *testing.B) {
	const n = 4096
	s := &data.Scratch{}
	v, five := batchOfCodes(n), constant(data.DoubleType, 5.0, n)
	for b.Loop() {
		s.Reset()
		Compare(s, Less, data.Double, v, five, n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

func BenchmarkCompareBytes(b *testing.B) {
	const n = 4096
	s := &data.Scratch{}
	v, five := &data.Vec{Type: data.LongType, N: n, U8: make([]uint8, n)}, constant(data.LongType, int64(5), n)
	for b.Loop() {
		s.Reset()
		Compare(s, Less, data.Long, v, five, n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

func BenchmarkCompareLongs(b *testing.B) {
	const n = 4096
	s := &data.Scratch{}
	v := &data.Vec{Type: data.LongType, N: n, I64: batchOfCodes(n).Longs(nil)}
	five := constant(data.LongType, int64(5), n)
	for b.Loop() {
		s.Reset()
		Compare(s, Less, data.Long, v, five, n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

func BenchmarkAnd(b *testing.B) {
	const n = 4096
	s := &data.Scratch{}
	x := Compare(nil, Less, data.Double, batchOfCodes(n), constant(data.DoubleType, 5.0, n), n)
	x.Valid = make([]byte, n/8)
	for b.Loop() {
		s.Reset()
		And(s, x, x, n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

// TestCompareText compares texts with one text as the language does: short ones
// and long ones with the same first bytes, zeros at their ends, empty ones, and
// those at the end of the buffer, after which there is nothing to read.
func TestCompareText(t *testing.T) {
	r := rand.New(rand.NewSource(11))
	word := func() string {
		out := []byte("commonly"[:r.Intn(9)])
		for range r.Intn(6) {
			out = append(out, "\x00ab\xff"[r.Intn(4)])
		}
		return string(out)
	}
	for range 300 {
		b := data.NewBuilder(data.StringType)
		n := 1 + r.Intn(60)
		for range n {
			b.String(word())
		}
		v, y := b.Vec(), word()
		from := r.Intn(n)
		v = v.Slice(nil, from, n)
		for c := Equal; c <= GreaterEqual; c++ {
			got := Compare(&data.Scratch{}, c, data.String, v, data.Literal(data.StringType, y, v.N), v.N)
			for i := range v.N {
				if want := bit(c.Holds(strings.Compare(v.Str(i), y))); got.U8[i] != want {
					t.Fatalf("comparison %d of %q and %q: %d", c, v.Str(i), y, got.U8[i])
				}
			}
		}
	}
}

// TestNotWorseTexts leaves out texts beyond the worst kept, either way.
func TestNotWorseTexts(t *testing.T) {
	v, worst := vecOf(data.StringType, "b", "aaaaaaaaaa", "", "aaaaaaaaab", "c", "a"), vecOf(data.StringType, "aaaaaaaaab")
	for desc, want := range map[bool]string{false: "[1 2 3 5]", true: "[0 3 4]"} {
		rows, ok := NotWorse(nil, make([]uint32, v.N), v, worst, desc)
		if got := fmt.Sprint(rows); !ok || got != want {
			t.Errorf("descending %v: rows %s, want %s", desc, got, want)
		}
	}
}

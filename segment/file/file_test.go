package file

import (
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// shapes make random values of a type; the names say which encoding they aim at.
var shapes = []struct {
	name  string
	typ   data.Type
	codec string // with 1,000 rows without nulls
	value func(r *rand.Rand) any
}{
	{"long8", data.LongType, "narrow", func(r *rand.Rand) any { return 1_700_000_000_000 + r.Int64N(256) }},
	{"long16", data.LongType, "narrow", func(r *rand.Rand) any { return -r.Int64N(65536) }},
	{"long32", data.LongType, "narrow", func(r *rand.Rand) any { return r.Int64N(1 << 32) }},
	{"long64", data.LongType, "plain", func(r *rand.Rand) any { return int64(r.Uint64()) }},
	{"longEnds", data.LongType, "values", func(r *rand.Rand) any { return []int64{math.MinInt64, math.MaxInt64, 0}[r.IntN(3)] }},
	{"days", data.LongType, "values", func(r *rand.Rand) any { return r.Int64N(200) * 86_400_000 }},
	{"sameLong", data.LongType, "constant", func(*rand.Rand) any { return int64(7) }},
	{"price", data.DoubleType, "decimal", func(r *rand.Rand) any { return float64(r.IntN(60000)) / 100 }},
	{"whole", data.DoubleType, "decimal", func(r *rand.Rand) any { return float64(r.IntN(1<<30) - 1<<29) }},
	{"random", data.DoubleType, "plain", func(r *rand.Rand) any { return r.NormFloat64() }},
	{"thirds", data.DoubleType, "values", func(r *rand.Rand) any { return float64(r.IntN(100)) / 3 }},
	{"odd", data.DoubleType, "plain", func(r *rand.Rand) any {
		return []float64{math.NaN(), math.Inf(1), math.Copysign(0, -1), 0, 1e300, 5e-324}[r.IntN(6)]
	}},
	{"float", data.FloatType, "plain", func(r *rand.Rand) any { return float32(r.NormFloat64()) }},
	{"floatFew", data.FloatType, "values", func(r *rand.Rand) any { return float32(r.IntN(9)) / 7 }},
	{"word", data.StringType, "dictionary", func(r *rand.Rand) any { return []string{"", "a", "ü", "😀", "！", "zz"}[r.IntN(6)] }},
	{"words", data.StringType, "dictionary", func(r *rand.Rand) any { return fmt.Sprintf("w%d", r.IntN(300)) }},
	{"texts", data.StringType, "bytes", func(r *rand.Rand) any { return fmt.Sprint(r.Uint64()) }},
	{"sameWord", data.StringType, "constant", func(*rand.Rand) any { return "same" }},
	{"sketch", data.ComplexOf("thetaSketch"), "bytes", func(r *rand.Rand) any { return []byte(fmt.Sprint(r.IntN(5))) }},
	{"longs", data.LongArray, "list", func(r *rand.Rand) any { return list(r, 5, func() any { return r.Int64N(9) }) }},
	{"doubles", data.DoubleArray, "list", func(r *rand.Rand) any { return list(r, 3, func() any { return r.Float64() }) }},
	{"strings", data.StringArray, "list", func(r *rand.Rand) any { return list(r, 4, func() any { return fmt.Sprint(r.IntN(9)) }) }},
	{"bool", data.BoolType, "plain", func(r *rand.Rand) any { return r.IntN(2) == 1 }},
}

func list(r *rand.Rand, most int, value func() any) []any {
	out := make([]any, r.IntN(most+1))
	for i := range out {
		if r.IntN(10) > 0 {
			out[i] = value()
		}
	}
	return out
}

// nulls say which rows are null.
var nulls = []struct {
	name string
	null func(r *rand.Rand, i int) bool
}{
	{"none", func(*rand.Rand, int) bool { return false }},
	{"some", func(r *rand.Rand, _ int) bool { return r.IntN(4) == 0 }},
	{"first", func(_ *rand.Rand, i int) bool { return i == 0 }},
	{"all", func(*rand.Rand, int) bool { return true }},
}

var testID = segment.ID{Source: "things", Interval: chrono.Interval{Start: 0, End: 86_400_000}, Version: "v1", Partition: 2}

// write puts cols into a file and opens it.
func write(t testing.TB, cols []Column) *File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "segment")
	if err := Write(path, testID, segment.Info{Dimensions: []string{"d"}, MaxTime: 5}, cols); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := f.Verify(); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWriteAndRead(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{0, 1, 9, 1000} {
		for _, null := range nulls {
			var cols []Column
			for _, sh := range shapes {
				b := data.NewBuilder(sh.typ)
				for i := range rows {
					if null.null(r, i) {
						b.Null()
					} else {
						b.Append(sh.value(r))
					}
				}
				cols = append(cols, Column{Field: data.Field{Name: sh.name, Type: sh.typ}, Vec: b.Vec()})
			}
			f := write(t, cols)
			for i, c := range cols {
				name := fmt.Sprintf("%s, %d rows, nulls: %s", c.Field.Name, rows, null.name)
				compare(t, r, name, f, c)
				m, _ := f.foot.column(i)
				if got := m.Encoding.Codec; rows == 1000 && null.name == "none" && got != shapes[i].codec {
					t.Errorf("%s: encoded as %s, expected %s", name, got, shapes[i].codec)
				}
			}
		}
	}
}

// compare reads the column in ranges and by rows, and holds it to what was written.
func compare(t *testing.T, r *rand.Rand, name string, f *File, want Column) {
	t.Helper()
	c, ok := f.Column(want.Field.Name)
	if !ok || c.Field().Type != want.Field.Type {
		t.Fatalf("%s: no such column, or of type %s", name, c.Field().Type)
	}
	n := want.Vec.N
	s := new(data.Scratch)
	for range 6 {
		lo := r.IntN(n + 1)
		hi := lo + r.IntN(n-lo+1)
		if lo == 0 && hi < n/2 {
			hi = n
		}
		s.Reset()
		v := c.Read(s, lo, hi)
		if v.N != hi-lo || v.Type != want.Vec.Type {
			t.Fatalf("%s: rows %d to %d gave %d rows of type %s", name, lo, hi, v.N, v.Type)
		}
		for i := lo; i < hi; i++ {
			same(t, name, i, v.Value(i-lo), want.Vec.Value(i))
		}
		var rows []uint32
		for i := lo; i < hi; i++ {
			if r.IntN(3) == 0 {
				rows = append(rows, uint32(i))
			}
		}
		v = c.Take(s, rows)
		for i, row := range rows {
			same(t, name, int(row), v.Value(i), want.Vec.Value(int(row)))
		}
	}
}

func same(t *testing.T, name string, row int, got, want any) {
	switch a := want.(type) {
	case float64:
		if b, ok := got.(float64); ok && math.Float64bits(a) == math.Float64bits(b) {
			return
		}
	case string, int64, nil:
		if got == want {
			return
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: row %d is %v, expected %v", name, row, got, want)
	}
}

func TestMultiValues(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	b := data.NewMulti()
	for range 500 {
		switch r.IntN(5) {
		case 0:
			b.Append([]any{})
		case 1:
			b.Append([]any{nil})
		default:
			b.Append(list(r, 3, func() any { return fmt.Sprint(r.IntN(20)) }))
		}
	}
	want := Column{Field: data.Field{Name: "tags", Type: data.StringType}, Vec: b.Vec()}
	f := write(t, []Column{want})
	compare(t, r, "tags", f, want)
	if !f.Schema()[0].Multi {
		t.Error("the schema does not say that the column is multi-valued")
	}
	c, _ := f.Column("tags")
	checkIndex(t, c.(*wordColumn), want.Vec)
}

// checkIndex holds the rows of each word to the values.
func checkIndex(t *testing.T, c *wordColumn, v *data.Vec) {
	t.Helper()
	if c.rows == nil {
		t.Fatal("no index")
	}
	want := make(map[any]map[uint32]bool)
	put := func(word any, row int) {
		if want[word] == nil {
			want[word] = map[uint32]bool{}
		}
		want[word][uint32(row)] = true
	}
	for i := range v.N {
		switch x := v.Value(i).(type) {
		case []any:
			for _, e := range x {
				put(e, i)
			}
			if len(x) == 0 {
				put(nil, i)
			}
		default:
			put(x, i)
		}
	}
	if c.Dict().Len() != len(want) {
		t.Fatalf("%d words, expected %d", c.Dict().Len(), len(want))
	}
	var codes []uint32
	var union int
	all := map[uint32]bool{}
	for code := range uint32(c.Dict().Len()) {
		rows := want[c.Dict().Words.Value(int(code))]
		set := c.RowsOf(code)
		if n, _ := c.Count(code); set.Len() != len(rows) || n != len(rows) {
			t.Fatalf("word %d has %d rows (count %d), expected %d", code, set.Len(), n, len(rows))
		}
		for row := range rows {
			if !set.Contains(row) {
				t.Fatalf("word %d lacks row %d", code, row)
			}
			if code%2 == 0 {
				all[row] = true
			}
		}
		if code%2 == 0 {
			codes = append(codes, code)
		}
	}
	union = c.RowsOfAny(codes).Len()
	if union != len(all) {
		t.Fatalf("the union has %d rows, expected %d", union, len(all))
	}
}

func TestIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	b := data.NewBuilder(data.StringType)
	const n = 5000
	for i := range n { // words of one row, of a few and of many, and null
		switch {
		case i < 100:
			b.Append(fmt.Sprint("one", i))
		case i < 1000:
			b.Append(fmt.Sprint("few", r.IntN(50)))
		case i%7 == 0:
			b.Null()
		default:
			b.Append(fmt.Sprint("many", i/2000))
		}
	}
	v := b.Vec()
	f := write(t, []Column{{Field: data.Field{Name: "w", Type: data.StringType}, Vec: v}})
	c, _ := f.Column("w")
	checkIndex(t, c.(*wordColumn), v)
	if d := c.(segment.Indexed).Dict(); d != c.Read(nil, 0, 10).Dict || d != c.Take(nil, []uint32{4}).Dict {
		t.Error("reads give another dictionary than the column")
	}
}

func TestZones(t *testing.T) {
	n := 2*zoneRows + 100
	longs, doubles := data.NewBuilder(data.LongType), data.NewBuilder(data.DoubleType)
	for i := range n {
		longs.Append(int64(i))
		switch i / zoneRows {
		case 0:
			doubles.Append(float64(i) + 0.5)
		case 1:
			doubles.Null()
		default:
			doubles.Append(math.NaN())
		}
	}
	ends := data.NewBuilder(data.LongType)
	for range n {
		ends.Append(int64(1<<53 + 1))
	}
	f := write(t, []Column{
		{Field: data.Field{Name: "l", Type: data.LongType}, Vec: longs.Vec()},
		{Field: data.Field{Name: "d", Type: data.DoubleType}, Vec: doubles.Vec()},
		{Field: data.Field{Name: "e", Type: data.LongType}, Vec: ends.Vec()},
	})
	for _, c := range []struct {
		column      string
		lo, hi      int
		least, most float64
		nulls, ok   bool
	}{
		{"l", 0, 10, 0, zoneRows - 1, false, true},
		{"l", 10, zoneRows + 1, 0, 2*zoneRows - 1, false, true},
		{"l", 2 * zoneRows, n, 2 * zoneRows, float64(n - 1), false, true},
		{"l", 5, 5, 0, 0, false, false},
		{"d", 0, zoneRows, 0.5, zoneRows - 0.5, false, true},
		{"d", 0, zoneRows + 1, 0.5, zoneRows - 0.5, true, true},
		{"d", zoneRows, 2 * zoneRows, math.Inf(1), math.Inf(-1), true, true},
		{"d", 2*zoneRows - 1, n, 0, 0, true, false},
		{"e", 0, 1, 1<<53 - 1, 1<<53 + 2, false, true},
	} {
		col, _ := f.Column(c.column)
		least, most, nulls, ok := col.(segment.Ranged).Range(c.lo, c.hi)
		if ok != c.ok || (ok && (least != c.least || most != c.most || nulls != c.nulls)) {
			t.Errorf("%s from %d to %d: %v to %v, nulls %v, known %v; expected %+v", c.column, c.lo, c.hi, least, most, nulls, ok, c)
		}
	}
}

func TestPathsAndPeek(t *testing.T) {
	raw, city, nums := data.NewBuilder(data.JSONType), data.NewBuilder(data.StringType), data.NewBuilder(data.LongArray)
	for i := range 40 {
		raw.Append(fmt.Sprintf(`{"city":"c%d","n":[%d]}`, i%3, i))
		city.Append(fmt.Sprint("c", i%3))
		nums.Append([]any{int64(i)})
	}
	cityVec, numsVec := city.Vec(), nums.Vec()
	f := write(t, []Column{{Field: data.Field{Name: "j", Type: data.JSONType}, Vec: raw.Vec(),
		Paths: map[string]*data.Vec{"$.city": cityVec, "$.n": numsVec}}})
	c, _ := f.Column("j")
	j := c.(segment.Pathed)
	if got := j.Paths(); !reflect.DeepEqual(got, []string{"$.city", "$.n"}) {
		t.Errorf("paths %v", got)
	}
	p, ok := j.Path("$.city")
	if !ok || p.Read(nil, 5, 6).Value(0) != cityVec.Value(5) {
		t.Error("the path $.city does not hold what was written")
	}
	checkIndex(t, p.(*wordColumn), cityVec)
	if _, ok := j.Path("$.other"); ok {
		t.Error("a path that was not written")
	}
	it, err := Peek(f.Path())
	if err != nil || it.ID != testID || len(it.Schema) != 1 || it.Info.MaxTime != 5 || it.Info.Size == 0 || it.Rows != f.Rows() {
		t.Errorf("peek: %+v %v", it, err)
	}
}

func TestTimeInfo(t *testing.T) {
	for _, c := range []struct {
		times       []int64
		least, most int64
		sorted      bool
	}{{nil, 0, 0, true}, {[]int64{-3, -3, 8}, -3, 8, true}, {[]int64{5, 4, 9}, 4, 9, false}} {
		b := data.NewBuilder(data.LongType)
		for _, x := range c.times {
			b.Long(x)
		}
		info := write(t, []Column{{Field: data.Field{Name: segment.Time, Type: data.LongType}, Vec: b.Vec()}}).Info()
		if info.MinTime != c.least || info.MaxTime != c.most || info.TimeSorted != c.sorted {
			t.Errorf("%v: %+v", c.times, info)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	long := data.Literal(data.LongType, int64(1), 3)
	a := Column{Field: data.Field{Name: "a", Type: data.LongType}, Vec: long}
	for name, cols := range map[string][]Column{
		"twice":  {a, a},
		"rows":   {a, {Field: data.Field{Name: "b", Type: data.LongType}, Vec: data.Literal(data.LongType, int64(1), 4)}},
		"type":   {{Field: data.Field{Name: "b", Type: data.StringType}, Vec: long}},
		"values": {{Field: data.Field{Name: "b", Type: data.StringType}}},
	} {
		dir := t.TempDir()
		if err := Write(filepath.Join(dir, "s"), testID, segment.Info{}, cols); err == nil {
			t.Errorf("%s: written", name)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: left %v behind", name, left)
		}
	}
}

// sample is a small file with every encoding.
func sample(t testing.TB) []byte {
	b, err := os.ReadFile(write(t, sampleColumns()).Path())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sampleColumns are the same each time.
func sampleColumns() (cols []Column) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, sh := range shapes {
		b := data.NewBuilder(sh.typ)
		for i := range 40 {
			if i%9 == 3 {
				b.Null()
			} else {
				b.Append(sh.value(r))
			}
		}
		cols = append(cols, Column{Field: data.Field{Name: sh.name, Type: sh.typ}, Vec: b.Vec()})
	}
	return cols
}

func TestDamage(t *testing.T) {
	whole := sample(t)
	path := filepath.Join(t.TempDir(), "s")
	try := func(b []byte) error {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return f.Verify()
	}
	if err := try(whole); err != nil {
		t.Fatal(err)
	}
	h, _ := readHeader(whole, int64(len(whole)))
	f, _ := readFooter(whole[h.at:], h)
	inside := func(at int64) bool {
		for _, b := range f.Buffers {
			if at >= b.At && at < b.At+b.Len {
				return true
			}
		}
		return at < headerSize || at >= h.at
	}
	for at := 0; at < len(whole); at += 1 + min(at, 4000)/97 {
		bad := append([]byte(nil), whole...)
		bad[at] ^= 0x40
		if err := try(bad); err == nil && inside(int64(at)) {
			t.Errorf("byte %d changed unnoticed", at)
		}
	}
	for _, n := range []int{0, 10, headerSize, len(whole) / 2, len(whole) - 1} {
		if try(whole[:n]) == nil {
			t.Errorf("cut to %d bytes unnoticed", n)
		}
	}
}

// mend sets the checksums of b to what its bytes give.
func mend(b []byte, h header) []byte {
	foot := b[h.at : h.at+h.len]
	h.crc = crc32.Checksum(foot, castagnoli)
	if f, err := readFooter(foot, h); err == nil && f.whole() == nil {
		for i, x := range f.Buffers {
			f.Buffers[i].CRC = crc32.Checksum(b[x.At:x.At+x.Len], castagnoli)
		}
		foot = f.bytes()
		b = append(b[:h.at:h.at], foot...)
	}
	copy(b, header{version, int64(len(b)), h.at, int64(len(foot)), crc32.Checksum(foot, castagnoli)}.bytes())
	return b
}

// whole reads the bodies of all columns.
func (f *footer) whole() error {
	for i := range f.Columns {
		m, err := f.column(i)
		if err != nil {
			return err
		}
		f.Columns[i] = *m
	}
	f.lazy = false
	return nil
}

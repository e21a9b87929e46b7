package druidv9

import (
	"math"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment/encoding"
)

// auto reads a column whose type Druid found out: u8 0, vbyte length and the
// name that its files begin with; JSON has more.
func (r *reader) auto(name string, p *partNames, c *cursor) (Column, error) {
	c.version("an auto column", 0)
	prefix := string(c.take(c.vbyte()))
	if c.err != nil {
		return Column{}, c.err
	}
	t, err := data.ParseType(p.LogicalType)
	if err != nil {
		return Column{}, err
	}
	g, err := r.globals(prefix + ".")
	if err != nil {
		return Column{}, err
	}
	if t == data.JSONType {
		return r.nested(name, prefix+".", p, c, g)
	}
	in, err := r.cursor(prefix + ".__encodedColumn")
	if err != nil {
		return Column{}, err
	}
	ids, err := in.packedIDs(r.rows)
	if err != nil {
		return Column{}, err
	}
	v, err := g.column(ids, t)
	return plainColumn(name, v, err)
}

// globals are all values of a column, numbered: strings (null the first), then
// longs, doubles and arrays. Elements of arrays are such numbers too.
type globals struct {
	words   *data.Vec
	longs   fixed
	doubles fixed
	lists   [][]uint32
	most    int       // elements that a column of arrays may have
	texts   *data.Vec // words, longs and doubles, all as strings
}

// elementsPerByte bounds the elements of a column of arrays by the size of the
// segment: many rows may name one long array.
const elementsPerByte = 1 << 12

func (r *reader) globals(prefix string) (g *globals, err error) {
	g = &globals{most: min(math.MaxInt32, 1<<16+elementsPerByte*int(r.size()))}
	for _, d := range []struct {
		name string
		read func(c *cursor) error
	}{
		{"__stringDictionary", func(c *cursor) (err error) { g.words, err = c.dictionary(); return err }},
		{"__longDictionary", func(c *cursor) error { g.longs = c.fixed(8); return c.err }},
		{"__doubleDictionary", func(c *cursor) error { g.doubles = c.fixed(8); return c.err }},
		{"__arrayDictionary", func(c *cursor) (err error) { g.lists, err = c.arrays(); return err }},
	} {
		if !r.has(prefix + d.name) {
			continue
		}
		c, err := r.cursor(prefix + d.name)
		if err == nil {
			err = d.read(c)
		}
		if err != nil {
			return nil, fault.At(err, "["+d.name+"]")
		}
	}
	if g.words == nil {
		g.words = &data.Vec{Type: data.StringType, Off: []int32{0}}
		if !g.longs.null && !g.doubles.null {
			g.words = data.Nulls(nil, data.StringType, 1).Flat(nil)
		}
	}
	return g, nil
}

// scalars is the number of values that are no arrays.
func (g *globals) scalars() int { return g.words.N + g.longs.size() + g.doubles.size() }

// column is the values of ids as type t.
func (g *globals) column(ids []uint32, t data.Type) (*data.Vec, error) {
	switch t.Kind {
	case data.Array:
		return g.arrays(ids, t)
	case data.String:
		return g.strings(ids)
	case data.Long, data.Double:
		return g.numbers(ids, t)
	}
	return nil, fault.New(fault.Unsupported, "an auto column of type %s", t)
}

func (g *globals) strings(ids []uint32) (*data.Vec, error) {
	words := g.words
	for _, id := range ids {
		if int(id) >= words.N {
			words = g.asText()
			break
		}
	}
	return encoding.Words(words, ids)
}

// asText is all scalars as strings, in the order of their numbers.
func (g *globals) asText() *data.Vec {
	if g.texts != nil {
		return g.texts
	}
	b := data.NewBuilder(data.StringType)
	for i := range g.words.N {
		b.Append(g.words.Value(i))
	}
	if g.longs.null {
		b.Null()
	}
	for i := range g.longs.n {
		b.String(strconv.FormatInt(int64(g.longs.u64(i)), 10))
	}
	if g.doubles.null {
		b.Null()
	}
	for i := range g.doubles.n {
		b.String(string(appendDouble(nil, math.Float64frombits(g.doubles.u64(i)), 64)))
	}
	g.texts = b.Vec()
	return g.texts
}

// numbers are ids as LONG or DOUBLE; what is neither is null.
func (g *globals) numbers(ids []uint32, t data.Type) (*data.Vec, error) {
	long, valid := make([]int64, g.scalars()), make([]bool, g.scalars())
	double := make([]float64, g.scalars())
	at := g.words.N
	fill := func(f fixed, set func(i int, bits uint64)) {
		if f.null {
			at++
		}
		for i := range f.n {
			set(at, f.u64(i))
			valid[at] = true
			at++
		}
	}
	fill(g.longs, func(i int, bits uint64) { long[i], double[i] = int64(bits), float64(int64(bits)) })
	fill(g.doubles, func(i int, bits uint64) {
		x := math.Float64frombits(bits)
		long[i], double[i] = data.ToLong(x), x
	})
	v := &data.Vec{Type: t, N: len(ids)}
	if t.Kind == data.Long {
		v.I64 = make([]int64, len(ids))
	} else {
		v.F64 = make([]float64, len(ids))
	}
	for i, id := range ids {
		switch {
		case int(id) >= len(valid):
			return nil, fault.Invalidf("row %d: value %d of %d", i, id, len(valid))
		case !valid[id]:
			v.SetNull(nil, i)
		case v.I64 != nil:
			v.I64[i] = long[id]
		default:
			v.F64[i] = double[id]
		}
	}
	return v, nil
}

// arrays are ids as arrays: a bare scalar is an array of one, a null is null.
func (g *globals) arrays(ids []uint32, t data.Type) (*data.Vec, error) {
	v := &data.Vec{Type: t, N: len(ids), Off: make([]int32, 1, len(ids)+1)}
	first := g.scalars()
	var elems []uint32
	for i, id := range ids {
		switch at := int(id) - first; {
		case id == 0:
			v.SetNull(nil, i)
		case at < 0:
			elems = append(elems, id)
		case at < len(g.lists):
			elems = append(elems, g.lists[at]...)
		default:
			return nil, fault.Invalidf("row %d: value %d of %d", i, id, first+len(g.lists))
		}
		if len(elems) > g.most {
			return nil, fault.New(fault.Unsupported, "more than %d elements in one column of arrays", g.most)
		}
		v.Off = append(v.Off, int32(len(elems)))
	}
	var err error
	v.Elem, err = g.column(elems, t.Element())
	return v, err
}

// appendDouble writes x as Java and Druid do: 1.5, 1.0, 1.0E10, NaN.
func appendDouble(b []byte, x float64, bits int) []byte {
	switch {
	case x != x:
		return append(b, "NaN"...)
	case math.IsInf(x, 0):
		if x < 0 {
			b = append(b, '-')
		}
		return append(b, "Infinity"...)
	}
	if a := math.Abs(x); a == 0 || (a >= 1e-3 && a < 1e7) {
		at := len(b)
		b = strconv.AppendFloat(b, x, 'f', -1, bits)
		for _, c := range b[at:] {
			if c == '.' {
				return b
			}
		}
		return append(b, ".0"...)
	}
	digits, e, _ := strings.Cut(strconv.FormatFloat(x, 'E', -1, bits), "E") // 1.5E+07
	if !strings.Contains(digits, ".") {                                     // two digits at least, the nearest
		digits, e, _ = strings.Cut(strconv.FormatFloat(x, 'E', 1, bits), "E")
	}
	b = append(b, digits...)
	exp, _ := strconv.Atoi(e)
	b = append(b, 'E')
	return strconv.AppendInt(b, int64(exp), 10)
}

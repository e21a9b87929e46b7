package agg

import (
	"math"

	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Min and Max are the extremes of numbers, times and strings. Of nothing they
// are null; a NaN among doubles is the result.
var (
	Min = Register(&Func{
		Name: "min", SQL: []SQL{{Name: "MIN"}}, Min: 1, Max: 1, Type: ordered, States: one(ordered), New: newExtreme(false),
		Doc: "The least of the values that are not null; null if there are none.",
	})
	Max = Register(&Func{
		Name: "max", SQL: []SQL{{Name: "MAX"}}, Min: 1, Max: 1, Type: ordered, States: one(ordered), New: newExtreme(true),
		Doc: "The greatest of the values that are not null; null if there are none.",
	})
)

func init() {
	natives.Add("longMin", &numeric{f: Min, t: data.LongType, none: int64(math.MaxInt64)})
	natives.Add("longMax", &numeric{f: Max, t: data.LongType, none: int64(math.MinInt64)})
	natives.Add("doubleMin", &numeric{f: Min, t: data.DoubleType, none: math.Inf(1)})
	natives.Add("doubleMax", &numeric{f: Max, t: data.DoubleType, none: math.Inf(-1)})
	natives.Add("floatMin", &numeric{f: Min, t: data.FloatType, none: math.Inf(1)})
	natives.Add("floatMax", &numeric{f: Max, t: data.FloatType, none: math.Inf(-1)})
}

// ordered is the type of functions that give one of their arguments' values,
// of which the order matters.
func ordered(args []data.Type) (data.Type, error) {
	if args[0].Kind == data.String {
		return args[0], nil
	}
	t, err := number(args)
	if err != nil {
		err = fault.Invalidf("expected a number or a string, got %s", args[0])
	}
	return t, err
}

func newExtreme(most bool) func(b *Binding) (Accumulator, error) {
	return func(b *Binding) (Accumulator, error) {
		switch b.Type.Kind {
		case data.Float, data.Double:
			return &doubleExtreme{most: most, t: b.Type}, nil
		case data.String:
			return &textExtreme{most: most}, nil
		}
		return &longExtreme{most: most}, nil
	}
}

// longExtreme compares narrow codes as they are stored.
type longExtreme struct {
	most  bool
	cells []int64
	seen  vec.Seen
}

func (a *longExtreme) Grow(n int) {
	old := len(a.cells)
	a.cells = vec.Grow(a.cells, n)
	for i := old; i < n; i++ {
		if a.cells[i] = math.MaxInt64; a.most {
			a.cells[i] = math.MinInt64
		}
	}
}

func (a *longExtreme) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	if g.Rows == 0 {
		return nil
	}
	a.seen.Mark(g)
	extremeCodes(s, a.cells, a.most, g, args[0])
	return nil
}

// extremeCodes takes integers, codes with their base or longs, into cells.
func extremeCodes(s *data.Scratch, cells []int64, most bool, g vec.Groups, v *data.Vec) {
	switch {
	case v.Const:
		extremeOf(cells, most, vec.Groups{Rows: 1, One: g.One, IDs: g.IDs}, v.Longs(s)[:rowsOf(g)], 0)
	case v.Dict != nil || v.Type.Kind == data.Bool || v.I64 != nil:
		extremeOf(cells, most, g, v.Longs(s), 0)
	case v.U8 != nil:
		extremeOf(cells, most, g, v.U8[:g.Rows], v.Base)
	case v.U16 != nil:
		extremeOf(cells, most, g, v.U16[:g.Rows], v.Base)
	case v.U32 != nil:
		extremeOf(cells, most, g, v.U32[:g.Rows], v.Base)
	default:
		extremeOf(cells, most, g, v.Longs(s), 0)
	}
}

// rowsOf is the number of rows to look at of a constant: one for one group.
func rowsOf(g vec.Groups) int {
	if g.IDs == nil {
		return 1
	}
	return g.Rows
}

func extremeOf[C vec.Code](cells []int64, most bool, g vec.Groups, codes []C, base int64) {
	switch {
	case g.IDs == nil && most:
		cells[g.One] = max(cells[g.One], base+int64(vec.Most(codes)))
	case g.IDs == nil:
		cells[g.One] = min(cells[g.One], base+int64(vec.Least(codes)))
	case most:
		vec.MostByID(cells, g.IDs, codes, base)
	default:
		vec.LeastByID(cells, g.IDs, codes, base)
	}
}

func (a *longExtreme) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	g, v := given(s, groups, states[0], len(a.cells))
	return a.Update(s, g, []*data.Vec{v})
}

func (a *longExtreme) State() []*data.Vec { v, _ := a.Result(); return []*data.Vec{v} }

func (a *longExtreme) Result() (*data.Vec, error) {
	v := &data.Vec{Type: data.LongType, N: len(a.cells), I64: a.cells}
	markUnseen(v, &a.seen)
	return v, nil
}

func (a *longExtreme) Size() int64 { return int64(cap(a.cells)) * 8 }

// doubleExtreme compares decimal codes as integers while their scale stays.
type doubleExtreme struct {
	most  bool
	t     data.Type
	cells []float64
	cents longExtreme // of codes of the scale, seen by those groups
	scale uint8
	seen  vec.Seen
}

func (a *doubleExtreme) Grow(n int) {
	old := len(a.cells)
	a.cells = vec.Grow(a.cells, n)
	for i := old; i < n; i++ {
		if a.cells[i] = math.Inf(1); a.most {
			a.cells[i] = math.Inf(-1)
		}
	}
}

func (a *doubleExtreme) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	if g.Rows == 0 {
		return nil
	}
	a.seen.Mark(g)
	v := args[0]
	switch {
	case v.Dict == nil && !v.Const && v.Coded():
		if a.scale != v.Scale {
			a.settle()
			a.scale = v.Scale
		}
		a.cents.most = a.most
		a.cents.Grow(len(a.cells))
		g.All, g.Sparse = g.All && !g.Sparse, false // settle asks which groups saw a code
		return a.cents.Update(s, g, args)
	case g.IDs == nil && a.most:
		a.cells[g.One] = max(a.cells[g.One], vec.Most(v.Doubles(s)))
	case g.IDs == nil:
		a.cells[g.One] = min(a.cells[g.One], vec.Least(v.Doubles(s)))
	case a.most:
		vec.MostDoublesByID(a.cells, g.IDs, v.Doubles(s))
	default:
		vec.LeastDoublesByID(a.cells, g.IDs, v.Doubles(s))
	}
	return nil
}

// settle turns the integers into doubles.
func (a *doubleExtreme) settle() {
	for i, c := range a.cents.cells {
		if a.cents.seen.Has(i) {
			a.take(uint32(i), float64(c)/data.Pow10[a.scale])
		}
	}
	a.cents = longExtreme{most: a.most}
}

func (a *doubleExtreme) take(id uint32, x float64) {
	if a.most {
		a.cells[id] = max(a.cells[id], x)
	} else {
		a.cells[id] = min(a.cells[id], x)
	}
}

func (a *doubleExtreme) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	g, v := given(s, groups, states[0], len(a.cells))
	return a.Update(s, g, []*data.Vec{v})
}

func (a *doubleExtreme) State() []*data.Vec { v, _ := a.Result(); return []*data.Vec{v} }

func (a *doubleExtreme) Result() (*data.Vec, error) {
	a.settle()
	v := &data.Vec{Type: a.t, N: len(a.cells), F64: a.cells}
	if a.t.Kind == data.Float {
		v.F64, v.F32 = nil, make([]float32, len(a.cells))
		for i, x := range a.cells {
			v.F32[i] = float32(x)
		}
	}
	markUnseen(v, &a.seen)
	return v, nil
}

func (a *doubleExtreme) Size() int64 { return int64(cap(a.cells))*8 + a.cents.Size() }

// textExtreme keeps the text of every group. A batch is reduced to one row a
// group before texts are copied; rows of one sorted dictionary compare by code.
type textExtreme struct {
	most  bool
	texts texts
	rows  winners
	dupes dupes
}

func (a *textExtreme) Grow(n int) { a.texts.grow(n) }

func (a *textExtreme) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	g, v := flatten(s, g, args[0])
	if rows, ok := a.dupes.fresh(s, g, v, len(a.texts.has)); ok {
		g, v = only(s, g, v, rows)
	}
	order := vec.Comparer(v, v)
	a.rows.pick(g, len(a.texts.has), func(i, best int) bool { return (order(i, best) > 0) == a.most && order(i, best) != 0 })
	for _, id := range a.rows.ids {
		a.take(id, v.Str(int(a.rows.row[id])))
	}
	return nil
}

func (a *textExtreme) take(id uint32, x string) {
	if old, ok := a.texts.get(id); !ok || (x > old) == a.most && x != old {
		a.texts.set(id, x)
	}
}

func (a *textExtreme) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	v := states[0]
	for i, id := range groups {
		if !v.Null(i) {
			a.take(id, v.Str(i))
		}
	}
	return nil
}

func (a *textExtreme) State() []*data.Vec { v, _ := a.Result(); return []*data.Vec{v} }

func (a *textExtreme) Result() (*data.Vec, error) { return a.texts.vec(data.StringType), nil }

func (a *textExtreme) Size() int64 { return a.texts.size + a.dupes.bytes }

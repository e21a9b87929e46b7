package agg

import (
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Sum adds numbers: longs wrap, floats add as floats. Of nothing it is null.
var Sum = Register(&Func{
	Name: "sum", SQL: []SQL{{Name: "SUM"}}, Min: 1, Max: 1,
	Doc:    "The sum of the values that are not null; null if there are none.",
	Type:   number,
	States: one(number),
	New: func(b *Binding) (Accumulator, error) {
		switch b.Type.Kind {
		case data.Float:
			return &floatSum{}, nil
		case data.Double:
			return &doubleSum{}, nil
		}
		return &longSum{}, nil
	},
})

func init() {
	natives.Add("longSum", &numeric{f: Sum, t: data.LongType, none: int64(0)})
	natives.Add("doubleSum", &numeric{f: Sum, t: data.DoubleType, none: 0.0})
	natives.Add("floatSum", &numeric{f: Sum, t: data.FloatType, none: 0.0})
}

// number is the type of functions that keep their argument's type.
func number(args []data.Type) (data.Type, error) {
	switch {
	case args[0].Integral():
		return data.LongType, nil
	case args[0].Numeric():
		return args[0], nil
	case args[0].Kind == data.Null:
		return data.LongType, nil
	}
	return data.Type{}, fault.Invalidf("expected a number, got %s", args[0])
}

func one(t func([]data.Type) (data.Type, error)) func([]data.Type) []data.Type {
	return func(args []data.Type) []data.Type {
		r, _ := t(args)
		return []data.Type{r}
	}
}

// longSum adds narrow codes as they are stored: the base is added once per row
// count, not per row.
type longSum struct {
	sums []int64
	seen vec.Seen
}

func (a *longSum) Grow(n int) { a.sums = vec.Grow(a.sums, n) }

func (a *longSum) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	a.seen.Mark(g)
	addCodes(s, a.sums, g, args[0])
	return nil
}

// addCodes adds integers: codes with their base, or longs.
func addCodes(s *data.Scratch, sums []int64, g vec.Groups, v *data.Vec) {
	switch {
	case v.Const || v.Dict != nil || v.Type.Kind == data.Bool:
		sumCodes(sums, g, v.Longs(s), 0)
	case v.U8 != nil:
		sumCodes(sums, g, v.U8[:g.Rows], v.Base)
	case v.U16 != nil:
		sumCodes(sums, g, v.U16[:g.Rows], v.Base)
	case v.U32 != nil:
		sumCodes(sums, g, v.U32[:g.Rows], v.Base)
	default:
		sumCodes(sums, g, v.Longs(s), 0)
	}
}

func (a *longSum) UpdateMasked(s *data.Scratch, g vec.Groups, pass []uint8, passed int, args []*data.Vec) error {
	a.seen.Mark(g)
	addMasked(s, a.sums, g, pass, passed, args[0])
	return nil
}

// addMasked is addCodes of the rows whose byte is 1.
func addMasked(s *data.Scratch, sums []int64, g vec.Groups, pass []uint8, passed int, v *data.Vec) {
	switch {
	case v.Const || v.Dict != nil || v.Type.Kind == data.Bool || !v.Coded():
		sumMasked(s, sums, g, v.Longs(s), pass)
		return
	case v.U8 != nil:
		sumMasked(s, sums, g, v.U8[:g.Rows], pass)
	case v.U16 != nil:
		sumMasked(s, sums, g, v.U16[:g.Rows], pass)
	default:
		sumMasked(s, sums, g, v.U32[:g.Rows], pass)
	}
	switch {
	case v.Base == 0:
	case g.IDs == nil:
		sums[g.One] += v.Base * int64(passed)
	default:
		vec.AddWhere(sums, g.IDs, pass, v.Base)
	}
}

func sumMasked[C vec.Code](s *data.Scratch, sums []int64, g vec.Groups, codes []C, pass []uint8) {
	masked := data.Make[C](s, len(codes))
	vec.Masked(masked, codes, pass)
	sumCodes(sums, g, masked, 0)
}

func sumCodes[C vec.Code](sums []int64, g vec.Groups, codes []C, base int64) {
	if g.IDs == nil {
		sums[g.One] += vec.SumCodes(codes) + base*int64(len(codes))
		return
	}
	vec.SumCodesByID(sums, g.IDs, codes, base)
}

func (a *longSum) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	g, v := given(s, groups, states[0], len(a.sums))
	return a.Update(s, g, []*data.Vec{v})
}

func (a *longSum) State() []*data.Vec { v, _ := a.Result(); return []*data.Vec{v} }

func (a *longSum) Result() (*data.Vec, error) {
	v := &data.Vec{Type: data.LongType, N: len(a.sums), I64: a.sums}
	markUnseen(v, &a.seen)
	return v, nil
}

func (a *longSum) Reset() { clear(a.sums); a.seen = vec.Seen{} }

func (a *longSum) Size() int64 { return int64(cap(a.sums)) * 8 }

// markUnseen makes the groups that saw nothing null.
func markUnseen(v *data.Vec, seen *vec.Seen) {
	if seen.Whole(v.N) {
		return
	}
	for i := range v.N {
		if !seen.Has(i) {
			v.SetNull(nil, i)
		}
	}
}

// doubleSum adds doubles. Decimal codes are added as integers while their
// scale stays, which is exact and needs no division per row; they become
// doubles when the scale changes, when they might overflow, and at the end.
type doubleSum struct {
	n     int
	sums  []float64 // nil until there is one
	cents []int64   // nil until there are decimals
	scale uint8
	rows  int64 // added to cents
	seen  vec.Seen
}

func (a *doubleSum) Grow(n int) {
	if n <= a.n {
		return
	}
	a.n = n
	if a.sums != nil {
		a.sums = vec.Grow(a.sums, n)
	}
	if a.cents != nil {
		a.cents = vec.Grow(a.cents, n)
	}
}

// doubles makes room for sums that are not decimals.
func (a *doubleSum) doubles() []float64 {
	a.sums = vec.Grow(a.sums, a.n)
	return a.sums
}

func (a *doubleSum) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	a.seen.Mark(g)
	if v := args[0]; a.decimals(v, g.Rows) {
		addCodes(s, a.cents, g, v)
	} else {
		a.add(g, v.Doubles(s))
	}
	return nil
}

func (a *doubleSum) UpdateMasked(s *data.Scratch, g vec.Groups, pass []uint8, passed int, args []*data.Vec) error {
	a.seen.Mark(g)
	v := args[0]
	if a.decimals(v, g.Rows) {
		addMasked(s, a.cents, g, pass, passed, v)
		return nil
	}
	masked := data.Make[float64](s, g.Rows)
	vec.MaskedDoubles(masked, v.Doubles(s), pass)
	a.add(g, masked)
	return nil
}

// decimals says whether v is added as integers, so many rows of it, and makes
// room for them.
func (a *doubleSum) decimals(v *data.Vec, rows int) bool {
	if v.Dict != nil || v.Const || !v.Coded() || v.Base <= -1<<31 || v.Base >= 1<<31 {
		return false
	}
	if a.scale != v.Scale || a.rows+int64(rows) > 1<<29 {
		a.settle()
		a.scale = v.Scale
	}
	a.rows += int64(rows)
	a.cents = vec.Grow(a.cents, a.n)
	return true
}

func (a *doubleSum) add(g vec.Groups, vals []float64) {
	if g.IDs == nil {
		a.doubles()[g.One] += vec.SumDoubles(vals)
		return
	}
	vec.SumDoublesByID(a.doubles(), g.IDs, vals)
}

// Absorb takes over the sums of another worker, decimals as such: their sum is
// then the same however rows were dealt.
func (a *doubleSum) Absorb(groups []uint32, from Accumulator) {
	o := from.(*doubleSum)
	if o.rows > 0 && a.rows == 0 {
		a.scale = o.scale
	}
	if o.scale != a.scale || a.rows+o.rows > 1<<29 {
		o.settle()
	}
	if o.rows > 0 {
		a.cents = vec.Grow(a.cents, a.n)
		a.rows += o.rows
		for i, c := range o.cents {
			a.cents[groups[i]] += c
		}
	}
	if o.sums != nil {
		sums := a.doubles()
		for i, x := range o.sums {
			sums[groups[i]] += x
		}
	}
	for i, g := range groups {
		if o.seen.Has(i) {
			a.seen.Mark(vec.Groups{Rows: 1, One: g})
		}
	}
}

// settle turns the integers into doubles.
func (a *doubleSum) settle() {
	if a.rows == 0 {
		return
	}
	a.doubles()
	for i, c := range a.cents {
		if c != 0 {
			a.sums[i] += float64(c) / data.Pow10[a.scale]
		}
	}
	clear(a.cents)
	a.rows = 0
}

func (a *doubleSum) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	g, v := given(s, groups, states[0], a.n)
	a.seen.Mark(g)
	vec.AddDoublesByID(a.doubles(), g.IDs, v.Doubles(s))
	return nil
}

func (a *doubleSum) State() []*data.Vec { v, _ := a.Result(); return []*data.Vec{v} }

func (a *doubleSum) Result() (*data.Vec, error) {
	a.settle()
	v := &data.Vec{Type: data.DoubleType, N: a.n, F64: a.doubles()}
	markUnseen(v, &a.seen)
	return v, nil
}

func (a *doubleSum) Reset() {
	clear(a.sums)
	clear(a.cents)
	a.rows, a.seen = 0, vec.Seen{}
}

func (a *doubleSum) Size() int64 { return int64(cap(a.sums)+cap(a.cents)) * 8 }

// given is the states of one column that are not null, and their groups, of n,
// as a batch of rows.
func given(s *data.Scratch, groups []uint32, v *data.Vec, n int) (vec.Groups, *data.Vec) {
	g := vec.Groups{N: n, Rows: len(groups), IDs: groups, All: true}
	if !v.HasNulls() {
		return g, v
	}
	ids, rows := make([]uint32, 0, len(groups)), data.Make[uint32](s, len(groups))[:0]
	for i, id := range groups {
		if !v.Null(i) {
			ids, rows = append(ids, id), append(rows, uint32(i))
		}
	}
	g.IDs, g.Rows, g.All = ids, len(ids), false
	return g, v.Take(s, rows)
}

// floatSum adds floats as floats, one after the other, as Java does.
type floatSum struct {
	sums []float32
	seen vec.Seen
}

func (a *floatSum) Grow(n int) { a.sums = vec.Grow(a.sums, n) }

func (a *floatSum) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	a.seen.Mark(g)
	for i, d := range args[0].Doubles(s) {
		a.sums[at(g, i)] += float32(d)
	}
	return nil
}

// at is the group of row i.
func at(g vec.Groups, i int) uint32 {
	if g.IDs == nil {
		return g.One
	}
	return g.IDs[i]
}

func (a *floatSum) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	g, v := given(s, groups, states[0], len(a.sums))
	return a.Update(s, g, []*data.Vec{v})
}

func (a *floatSum) State() []*data.Vec { v, _ := a.Result(); return []*data.Vec{v} }

func (a *floatSum) Result() (*data.Vec, error) {
	v := &data.Vec{Type: data.FloatType, N: len(a.sums), F32: a.sums}
	markUnseen(v, &a.seen)
	return v, nil
}

func (a *floatSum) Size() int64 { return int64(cap(a.sums)) * 4 }

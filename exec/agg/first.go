package agg

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// First and Last give the value, which may be null, at the least or greatest
// time; rows without time do not count. Of equal times the first row, or the
// last, counts. AnyValue gives that of the first row. Texts are cut to the
// number of bytes that the last argument says.
var (
	First = Register(&Func{
		Name: "first", Min: 2, Max: 3, Inputs: 2, Type: firstType, States: firstStates, New: newFirst(false), KeepNulls: true, Ordered: true,
		SQL: []SQL{{Name: "EARLIEST", Build: withTime}, {Name: "EARLIEST_BY", Build: byTime}},
		Doc: "The value at the least time; texts are cut to a number of bytes, 1024 by default.",
	})
	Last = Register(&Func{
		Name: "last", Min: 2, Max: 3, Inputs: 2, Type: firstType, States: firstStates, New: newFirst(true), KeepNulls: true, Ordered: true,
		SQL: []SQL{{Name: "LATEST", Build: withTime}, {Name: "LATEST_BY", Build: byTime}},
		Doc: "The value at the greatest time; texts are cut to a number of bytes, 1024 by default.",
	})
	AnyValue = Register(&Func{
		Name: "any_value", Min: 1, Max: 3, Inputs: 1, Type: valueType, States: firstStates, New: newFirst(false), KeepNulls: true, Ordered: true,
		SQL: []SQL{{Name: "ANY_VALUE", Build: anyArguments}},
		Doc: "The value of one of the rows; texts are cut to a number of bytes, 1024 by default.",
	})
)

const timeColumn = "__time"

// withTime builds EARLIEST(x, bytes).
func withTime(args []expr.Typed) ([]expr.Expr, error) {
	if len(args) < 1 || len(args) > 2 {
		return nil, fault.Invalidf("expected a value and optionally a number of bytes")
	}
	return append([]expr.Expr{args[0].Expr, expr.Column(timeColumn)}, bytesOf(args[1:])...), nil
}

// byTime builds EARLIEST_BY(x, time, bytes).
func byTime(args []expr.Typed) ([]expr.Expr, error) {
	if len(args) < 2 || len(args) > 3 {
		return nil, fault.Invalidf("expected a value, a time and optionally a number of bytes")
	}
	return append([]expr.Expr{args[0].Expr, args[1].Expr}, bytesOf(args[2:])...), nil
}

// anyArguments builds ANY_VALUE(x, bytes, multiple).
func anyArguments(args []expr.Typed) ([]expr.Expr, error) {
	if len(args) < 1 || len(args) > 3 {
		return nil, fault.Invalidf("expected a value and optionally a number of bytes")
	}
	return append([]expr.Expr{args[0].Expr}, bytesOf(args[1:min(2, len(args))])...), nil
}

// bytesOf leaves out a number of bytes that is the default.
func bytesOf(args []expr.Typed) []expr.Expr {
	if len(args) == 0 {
		return nil
	}
	if l, ok := args[0].Expr.(*expr.Lit); ok && (l.Value == int64(defaultBytes) || l.Value == nil) {
		return nil
	}
	return []expr.Expr{args[0].Expr}
}

const defaultBytes = 1024

// valueType is the type of functions that give one of the values.
func valueType(args []data.Type) (data.Type, error) {
	if args[0].Kind == data.Bool || args[0].Kind == data.Null {
		return data.LongType, nil
	}
	return args[0], nil
}

func firstType(args []data.Type) (data.Type, error) {
	if !args[1].Numeric() && args[1].Kind != data.Null {
		return data.Type{}, fault.Invalidf("expected a time, got %s", args[1])
	}
	return valueType(args)
}

// firstStates are value, time and number of the row.
func firstStates(args []data.Type) []data.Type {
	t, _ := valueType(args)
	return []data.Type{t, data.LongType, data.LongType}
}

func newFirst(last bool) func(b *Binding) (Accumulator, error) {
	return func(b *Binding) (Accumulator, error) {
		bytes, err := Param(b, 0, int64(defaultBytes))
		if err == nil && bytes <= 0 {
			err = fault.Invalidf("the number of bytes must be above 0, got %d", bytes)
		}
		t, _ := valueType(b.Types)
		return &first{last: last, cells: newCells(t, int(bytes))}, err
	}
}

type first struct {
	last  bool
	cells cells
	time  []int64
	order []int64
	seen  []bool
	rows  winners
}

func (a *first) Grow(n int) {
	a.cells.grow(n)
	a.time, a.order, a.seen = vec.Grow(a.time, n), vec.Grow(a.order, n), vec.Grow(a.seen, n)
}

func (a *first) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	var times []int64
	v := args[0]
	if len(args) > 1 {
		if args[1].HasNulls() {
			g, v, args = dropRows(s, g, args)
		}
		times = args[1].Longs(s)
	}
	switch {
	case times == nil:
		a.rows.pick(g, len(a.seen), func(i, best int) bool { return a.last })
	case a.last:
		a.rows.pick(g, len(a.seen), func(i, best int) bool { return times[i] >= times[best] })
	default:
		a.rows.pick(g, len(a.seen), func(i, best int) bool { return times[i] < times[best] })
	}
	for _, id := range a.rows.ids {
		row := int(a.rows.row[id])
		time := int64(0)
		if times != nil {
			time = times[row]
		}
		a.take(id, time, g.Order+int64(row), v, row)
	}
	return nil
}

// dropRows leaves the rows with a time.
func dropRows(s *data.Scratch, g vec.Groups, args []*data.Vec) (vec.Groups, *data.Vec, []*data.Vec) {
	keep := data.Make[uint32](s, g.Rows)[:0]
	for i := range g.Rows {
		if !args[1].Null(i) {
			keep = append(keep, uint32(i))
		}
	}
	if g.IDs != nil {
		ids := data.Make[uint32](s, len(keep))
		for i, r := range keep {
			ids[i] = g.IDs[r]
		}
		g.IDs = ids
	}
	g.Rows, g.All = len(keep), false
	if len(keep) == 0 {
		g.IDs = nil
	}
	out := []*data.Vec{args[0].Take(s, keep), args[1].Take(s, keep)}
	return g, out[0], out
}

// take keeps a value that is earlier, or later, than that of its group.
func (a *first) take(id uint32, time, order int64, v *data.Vec, row int) {
	if a.seen[id] {
		before := time < a.time[id] || time == a.time[id] && order < a.order[id]
		if before == a.last {
			return
		}
	}
	a.seen[id], a.time[id], a.order[id] = true, time, order
	a.cells.set(id, v, row)
}

func (a *first) Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error {
	for i, id := range groups {
		if !states[1].Null(i) {
			a.take(id, states[1].Long(i), states[2].Long(i), states[0], i)
		}
	}
	return nil
}

func (a *first) State() []*data.Vec {
	n := len(a.seen)
	return []*data.Vec{a.cells.vec(), withNulls(&data.Vec{Type: data.LongType, N: n, I64: a.time}, a.seen),
		{Type: data.LongType, N: n, I64: a.order}}
}

func (a *first) Result() (*data.Vec, error) { return a.cells.vec(), nil }

func (a *first) Size() int64 { return a.cells.size() + int64(cap(a.seen))*17 }

package exec

import (
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// Where all rows of a batch belong to one group, to list those that pass a
// condition and to pick their values costs more than to add up all values with
// zeros in place of the others. So a scan whose rows only an aggregate sees
// marks the rows that pass, functions that can take marks do, and the sum of a
// CASE that is 0 where its condition is not true is a sum with marks.

// takesMarks says whether all functions can take marks in place of rows: where
// there may be one group a batch.
func (a *Aggregate) takesMarks() bool {
	if a.mode == Final {
		return false
	}
	for _, k := range a.keys {
		if !ofTime(k.Expr) {
			return false
		}
	}
	for i := range a.calls {
		c := &a.calls[i]
		for j, e := range c.Inputs() {
			if _, plain := e.(*expr.Col); !plain || !a.types[i][j].Numeric() {
				return false // computing it for the other rows may fail
			}
		}
		acc, err := c.Bind(a.types[i], a.result[i], a.env.Expr, false)
		if _, ok := acc.(agg.Masked); !ok || err != nil {
			return false
		}
	}
	return len(a.calls) > 0
}

// ofTime says whether e is computed from the time alone, as buckets of it are:
// rows come in order of time.
func ofTime(e expr.Expr) bool {
	only := true
	expr.Walk(e, func(column string) { only = only && column == segment.Time })
	_, call := e.(*expr.Call)
	return call && only && deterministic(e)
}

// picked is a batch of the rows that are marked alone.
func picked(s *data.Scratch, b *data.Batch) *data.Batch {
	rows := data.Make[uint32](s, b.N)
	return takeRows(s, b, rows[:vec.Select(rows, b.Pass, 0)])
}

// takes says whether marked rows can be aggregated as they are: those of one
// group, while groups are in a table.
func (g *groups) takes(keys []*data.Vec) bool {
	for _, k := range keys {
		if !k.Const || k.Multi() {
			return false
		}
	}
	return g.scatter == nil && !g.table.IsDense()
}

// A zeroCase is the argument of a sum: CASE WHEN cond THEN value ELSE 0 END.
type zeroCase struct{ cond, value *expr.Program }

// zeroCaseOf is the parts of a call's argument, if it is such a CASE, and its
// value a column or a literal, which cannot fail where the condition is not true.
func (a *Aggregate) zeroCaseOf(call int) (cond, value expr.Expr, ok bool) {
	c := &a.calls[call]
	if c.Func != agg.Sum || c.Filter != nil || len(c.Args) != 1 {
		return nil, nil, false
	}
	e, is := c.Args[0].(*expr.Call)
	if !is || e.Func.Name != "case_searched" || len(e.Args) != 3 {
		return nil, nil, false
	}
	zero, is := e.Args[2].(*expr.Lit)
	if !is || zero.Value != int64(0) && zero.Value != 0.0 {
		return nil, nil, false
	}
	switch e.Args[1].(type) {
	case *expr.Col, *expr.Lit:
	default:
		return nil, nil, false
	}
	t, err := expr.TypeOf(e.Args[1], a.input.Schema())
	return e.Args[0], e.Args[1], err == nil && t == a.types[call][0] && t.Kind != data.Float
}

// updateCase adds the values of a zeroCase; done is false where it is to be
// computed as any other expression is.
func (g *groups) updateCase(s *data.Scratch, b *data.Batch, z *zeroCase, acc agg.Accumulator, all vec.Groups) (done bool, err error) {
	m, ok := acc.(agg.Masked)
	if !ok {
		return false, nil
	}
	v, err := eval1(z.value, s, b)
	if err != nil || v.HasNulls() || v.Multi() {
		return false, nil
	}
	cond, err := eval1(z.cond, s, b)
	if err != nil {
		return false, err
	}
	pass := vec.True(s, expr.Truth(s, cond), b.N).U8[:b.N]
	if b.Pass != nil {
		both := data.Make[uint8](s, b.N)
		vec.AndBytes(both, pass, b.Pass)
		pass = both
	}
	return true, m.UpdateMasked(s, all, pass, int(vec.SumCodes(pass)), []*data.Vec{v})
}

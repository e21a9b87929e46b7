package exec

import (
	"context"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// lone says whether all left rows have one partner, the only right row, as those
// that are compared with the value of a subquery: its columns are constants then.
func (j *Join) lone(b *buildSide) bool {
	return j.on.Type == Inner && len(j.on.Keys) == 0 && b.rows.N == 1
}

// passLone gives the left rows that pass the residual with the only right row.
func (j *Join) passLone(ctx context.Context, p *probe, yield func(*data.Batch, error) bool) {
	for b, err := range j.left.Run(ctx) {
		if err != nil {
			yield(nil, err)
			return
		}
		out := p.withLone(b, j.fromLeft, j.fromRight)
		if p.residual != nil {
			v, err := p.residual.Eval(p.s, p.withLone(b, p.reads[0], p.reads[1]))
			if err != nil {
				yield(nil, err)
				return
			}
			out = passed(p.s, out, expr.Truth(p.s, v))
		}
		if out.N > 0 && !yield(out, nil) {
			return
		}
	}
}

// withLone is some columns of a left batch, and of the only right row.
func (p *probe) withLone(b *data.Batch, fromLeft, fromRight []int) *data.Batch {
	out := &data.Batch{N: b.N, Slice: b.Slice, Row: b.Row}
	for _, c := range fromLeft {
		out.Cols = append(out.Cols, b.Cols[c])
	}
	for _, c := range fromRight {
		v := p.b.rows.Cols[c].Slice(p.s, 0, 1)
		v.Const, v.N = true, b.N
		out.Cols = append(out.Cols, v)
	}
	return out
}

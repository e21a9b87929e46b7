package exec

import (
	"context"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// A probe passes batches of the left side by the table.
type probe struct {
	j        *Join
	b        *buildSide
	s        *data.Scratch
	ctx      context.Context
	finder   *vec.Finder
	keys     []*expr.Program
	residual *expr.Program
	rows     int // of the left side so far
}

func (j *Join) newProbe(ctx context.Context, b *buildSide) (*probe, error) {
	p := &probe{j: j, b: b, s: worker(ctx).Scratch, ctx: ctx, finder: b.table.NewFinder()}
	for _, k := range j.on.Keys {
		prog, err := expr.Compile(k.Left.Expr, j.left.Schema(), j.env.Expr)
		if err != nil {
			return nil, err
		}
		p.keys = append(p.keys, prog)
	}
	if j.on.Residual.Expr != nil {
		var err error
		both := append(append(data.Schema(nil), j.left.Schema()...), j.right.Schema()...)
		if p.residual, err = expr.Compile(j.on.Residual.Expr, both, j.env.Expr); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// pairs are rows of the left batch and their partners, in order of the left.
type pairs struct{ left, right []uint32 }

// probe gives the joined rows of a batch; false: stop.
func (p *probe) probe(b *data.Batch, yield func(*data.Batch, error) bool) bool {
	keys := make([]*data.Vec, len(p.keys))
	for i, k := range p.keys {
		v, err := k.Eval(p.s, b)
		if err != nil {
			yield(nil, err)
			return false
		}
		keys[i] = asType(p.s, v, p.j.types[i])
	}
	groups := p.finder.Find(p.s, keys, b.N)
	matched := make([]bool, b.N)
	var out pairs
	limit := p.j.env.batchRows()
	for row := range b.N {
		g := groups[row]
		if g == vec.NoGroup || p.j.nullKey(keys, row) || int(g) >= len(p.b.head) {
			continue
		}
		for r := p.b.head[g]; r != 0; r = p.b.next[r-1] {
			out.left, out.right = append(out.left, uint32(row)), append(out.right, r-1)
			if len(out.left) >= limit {
				if !p.flush(b, &out, matched, yield) {
					return false
				}
			}
		}
	}
	if !p.flush(b, &out, matched, yield) {
		return false
	}
	return p.alone(b, matched, yield)
}

// flush checks the residual of the pairs and gives those that pass it.
func (p *probe) flush(b *data.Batch, out *pairs, matched []bool, yield func(*data.Batch, error) bool) bool {
	if len(out.left) == 0 {
		return true
	}
	if err := context.Cause(p.ctx); err != nil {
		yield(nil, err)
		return false
	}
	left, right := out.left, out.right
	defer func() { out.left, out.right = out.left[:0], out.right[:0] }()
	if p.residual != nil {
		v, err := p.residual.Eval(p.s, p.joined(b, left, right))
		if err != nil {
			yield(nil, err)
			return false
		}
		sel := selection{s: p.s, lo: 0, hi: len(left)}
		sel.keepTrue(expr.Truth(p.s, v))
		if sel.rows != nil {
			left, right = pickRows(left, sel.rows), pickRows(right, sel.rows)
		}
	}
	for i, l := range left {
		matched[l] = true
		if p.b.met != nil {
			p.b.met[right[i]] = true
		}
	}
	if p.j.on.Type == Semi || p.j.on.Type == Anti || len(left) == 0 {
		return true
	}
	return yield(p.joined(b, left, right), nil)
}

func pickRows(from, rows []uint32) []uint32 {
	out := make([]uint32, len(rows))
	for i, r := range rows {
		out[i] = from[r]
	}
	return out
}

func (p *probe) joined(b *data.Batch, left, right []uint32) *data.Batch {
	out := takeRows(p.s, b, left)
	for _, c := range p.b.rows.Cols {
		out.Cols = append(out.Cols, c.Take(p.s, right))
	}
	return out
}

// alone gives the left rows that the type keeps: without a partner for left,
// full and anti joins, with one for semi joins.
func (p *probe) alone(b *data.Batch, matched []bool, yield func(*data.Batch, error) bool) bool {
	t := p.j.on.Type
	if t == Inner || t == Right {
		return true
	}
	var rows []uint32
	for i, m := range matched {
		if m == (t == Semi) {
			rows = append(rows, uint32(i))
		}
	}
	if len(rows) == 0 {
		return true
	}
	out := takeRows(p.s, b, rows)
	if t == Left || t == Full {
		for _, f := range p.j.right.Schema() {
			out.Cols = append(out.Cols, data.Nulls(p.s, f.Type, len(rows)))
		}
	}
	return yield(out, nil)
}

// unmatched gives the right rows that never met a partner.
func (p *probe) unmatched(yield func(*data.Batch, error) bool) {
	var rows []uint32
	for i, met := range p.b.met {
		if !met {
			rows = append(rows, uint32(i))
		}
	}
	if len(rows) == 0 {
		return
	}
	out := &data.Batch{N: len(rows), Slice: 1 << 22}
	for _, f := range p.j.left.Schema() {
		out.Cols = append(out.Cols, data.Nulls(nil, f.Type, len(rows)))
	}
	for _, c := range p.b.rows.Cols {
		out.Cols = append(out.Cols, c.Take(nil, rows))
	}
	emit(out, p.j.env.batchRows(), yield)
}

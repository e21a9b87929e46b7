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
	finder   *vec.Finder // where the table is one of groups
	keys     []*expr.Program
	residual *expr.Program
	reads    [2][]int // columns of the sides that the residual reads
}

func (j *Join) newProbe(ctx context.Context, b *buildSide) (*probe, error) {
	p := &probe{j: j, b: b, s: worker(ctx).Scratch, ctx: ctx}
	if b.table.table != nil {
		p.finder = b.table.table.NewFinder()
	}
	for _, k := range j.on.Keys {
		prog, err := expr.Compile(k.Left.Expr, j.left.Schema(), j.env.Expr)
		if err != nil {
			return nil, err
		}
		p.keys = append(p.keys, prog)
	}
	return p, p.compileResidual()
}

// compileResidual compiles the residual over the columns that it reads.
func (p *probe) compileResidual() (err error) {
	if p.j.on.Residual.Expr == nil {
		return nil
	}
	names := map[string]bool{}
	expr.Columns(p.j.on.Residual.Expr, names)
	var schema data.Schema
	for side, op := range []Operator{p.j.left, p.j.right} {
		for i, f := range op.Schema() {
			if names[f.Name] {
				schema = append(schema, f)
				p.reads[side] = append(p.reads[side], i)
			}
		}
	}
	p.residual, err = expr.Compile(p.j.on.Residual.Expr, schema, p.j.env.Expr)
	return err
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
	first := p.find(keys, b.N)
	matched := data.MakeZero[uint8](p.s, b.N)
	done := false
	switch {
	case p.residual == nil && (p.j.on.Type == Semi || p.j.on.Type == Anti):
		for i, f := range first {
			if f != 0 {
				matched[i] = 1
			}
		}
		done = true
	case p.b.table.next == nil:
		out := pairs{data.Make[uint32](p.s, b.N), data.Make[uint32](p.s, b.N)}
		n := vec.Pairs(out.left, out.right, first)
		out.left, out.right = out.left[:n], out.right[:n]
		done = p.flush(b, &out, matched, yield)
	default:
		done = p.chains(b, first, matched, yield)
	}
	return done && p.alone(b, matched, yield)
}

// chains gives the pairs of keys that have several rows.
func (p *probe) chains(b *data.Batch, first []uint32, matched []uint8, yield func(*data.Batch, error) bool) bool {
	limit := p.j.env.batchRows()
	left, right := data.Make[uint32](p.s, limit), data.Make[uint32](p.s, limit)
	for row, partner := 0, uint32(0); row < len(first); {
		var n int
		n, row, partner = vec.Chains(left, right, first, p.b.table.next, row, partner)
		out := pairs{left[:n], right[:n]}
		if !p.flush(b, &out, matched, yield) {
			return false
		}
	}
	return true
}

// flush checks the residual of the pairs and gives those that pass it.
func (p *probe) flush(b *data.Batch, out *pairs, matched []uint8, yield func(*data.Batch, error) bool) bool {
	if len(out.left) == 0 {
		return true
	}
	if err := context.Cause(p.ctx); err != nil {
		yield(nil, err)
		return false
	}
	left, right := out.left, out.right
	if p.residual != nil {
		v, err := p.residual.Eval(p.s, p.joined(b, left, right, p.reads[0], p.reads[1]))
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
	for _, l := range left {
		matched[l] = 1
	}
	if p.b.met != nil {
		for _, r := range right {
			p.b.met[r] = true
		}
	}
	if p.j.on.Type == Semi || p.j.on.Type == Anti || len(left) == 0 {
		return true
	}
	return yield(p.joined(b, left, right, p.j.fromLeft, p.j.fromRight), nil)
}

func pickRows(from, rows []uint32) []uint32 {
	out := make([]uint32, len(rows))
	for i, r := range rows {
		out[i] = from[r]
	}
	return out
}

// joined is some columns of pairs of rows. Strings of the right side are words:
// its rows are the dictionary.
func (p *probe) joined(b *data.Batch, left, right []uint32, fromLeft, fromRight []int) *data.Batch {
	out := p.leftRows(b, left, fromLeft)
	for _, c := range fromRight {
		if words := p.b.words[c]; words != nil {
			v := p.s.NewVec(data.StringType, len(right))
			v.Dict, v.U32 = words, right
			out.Cols = append(out.Cols, v)
			continue
		}
		out.Cols = append(out.Cols, p.b.rows.Cols[c].Take(p.s, right))
	}
	return out
}

// leftRows is some columns of the given rows of b, which are all of it where
// each comes once and as many do.
func (p *probe) leftRows(b *data.Batch, rows []uint32, from []int) *data.Batch {
	out := &data.Batch{N: len(rows), Slice: b.Slice, Row: b.Row}
	all := p.b.table.next == nil && len(rows) == b.N
	if len(rows) > 0 {
		out.Row += int64(rows[0])
	}
	for _, c := range from {
		v := b.Cols[c]
		if !all {
			v = v.Take(p.s, rows)
		}
		out.Cols = append(out.Cols, v)
	}
	return out
}

// alone gives the left rows that the type keeps: without a partner for left,
// full and anti joins, with one for semi joins.
func (p *probe) alone(b *data.Batch, matched []uint8, yield func(*data.Batch, error) bool) bool {
	t := p.j.on.Type
	if t == Inner || t == Right {
		return true
	}
	want := uint8(0)
	if t == Semi {
		want = 1
	}
	rows := data.Make[uint32](p.s, b.N)
	n := 0
	for i, m := range matched {
		rows[n] = uint32(i)
		if m == want {
			n++
		}
	}
	if n == 0 {
		return true
	}
	out := &data.Batch{N: b.N, Slice: b.Slice, Row: b.Row}
	if n < b.N {
		out.N, out.Row = n, b.Row+int64(rows[0])
	}
	for _, c := range p.j.fromLeft {
		v := b.Cols[c]
		if n < b.N {
			v = v.Take(p.s, rows[:n])
		}
		out.Cols = append(out.Cols, v)
	}
	if t == Left || t == Full {
		right := p.j.right.Schema()
		for _, c := range p.j.fromRight {
			out.Cols = append(out.Cols, data.Nulls(p.s, right[c].Type, n))
		}
	}
	return yield(out, nil)
}

// unmatched gives the right rows that never met a partner; false: stop.
func (p *probe) unmatched(yield func(*data.Batch, error) bool) bool {
	var rows []uint32
	for i, met := range p.b.met {
		if !met {
			rows = append(rows, uint32(i))
		}
	}
	if len(rows) == 0 {
		return true
	}
	out := &data.Batch{N: len(rows), Slice: 1 << 22}
	left := p.j.left.Schema()
	for _, c := range p.j.fromLeft {
		out.Cols = append(out.Cols, data.Nulls(nil, left[c].Type, len(rows)))
	}
	for _, c := range p.j.fromRight {
		out.Cols = append(out.Cols, p.b.rows.Cols[c].Take(nil, rows))
	}
	return emit(out, p.j.env.batchRows(), yield)
}

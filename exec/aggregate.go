package exec

import (
	"context"
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
)

// A Mode says what an Aggregate takes and gives.
type Mode uint8

const (
	Single  Mode = iota // rows in, results out
	Partial             // rows in, states out
	Final               // states in, results out
)

// Aggregate groups rows by keys and aggregates each group. Each worker of the
// pipeline below keeps one group table across all segments; the tables are
// merged at the end. A multi-value key makes a row count once for each of its
// values.
type Aggregate struct {
	input  Operator
	mode   Mode
	keys   []Named
	calls  []agg.Call
	types  [][]data.Type // of the calls' arguments
	result []data.Type
	schema data.Schema
	env    *Env
	known  []*data.Vec // states of slices that need not be read, a row each
}

// NewAggregate types keys and calls over rows (not states) of that schema,
// which in Final mode is that of the input of the partial aggregate.
func NewAggregate(env *Env, input Operator, mode Mode, keys []Named, calls []agg.Call, rows data.Schema) (*Aggregate, error) {
	a := &Aggregate{input: input, mode: mode, keys: keys, calls: calls, env: env}
	for i := range calls {
		types, result, err := calls[i].Types(rows)
		if err != nil {
			return nil, err
		}
		a.types, a.result = append(a.types, types), append(a.result, result)
	}
	var err error
	if a.schema, err = AggregateSchema(mode == Partial, keys, calls, rows); err != nil {
		return nil, err
	}
	a.summarize()
	if scan, ok := bare(a.input).(*Scan); ok && a.takesMarks() {
		scan.marks, scan.whole = true, len(a.keys) == 0 && a.plainCalls()
	}
	return a, nil
}

// AggregateSchema is the keys, then the results or, if states is set, the
// states, of which a call may have several.
func AggregateSchema(states bool, keys []Named, calls []agg.Call, rows data.Schema) (data.Schema, error) {
	out, err := ProjectSchema(keys, rows)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Multi = false
	}
	for i := range calls {
		types, result, err := calls[i].Types(rows)
		if err != nil {
			return nil, err
		}
		if !states {
			out = append(out, data.Field{Name: calls[i].Name, Type: result})
			continue
		}
		for j, t := range calls[i].Func.States(types) {
			out = append(out, data.Field{Name: fmt.Sprintf("%s#%d", calls[i].Name, j), Type: t})
		}
	}
	return out, nil
}

func (a *Aggregate) Schema() data.Schema { return a.schema }
func (a *Aggregate) Inputs() []Operator  { return []Operator{a.input} }

// String lists keys and calls.
func (a *Aggregate) String() string {
	return fmt.Sprintf("aggregate %s %s", a.mode, AggregateText(a.keys, a.calls))
}

// AggregateText is keys and calls as EXPLAIN shows them.
func AggregateText(keys []Named, calls []agg.Call) string {
	k, c := make([]string, len(keys)), make([]string, len(calls))
	for i := range keys {
		k[i] = keys[i].String()
	}
	for i := range calls {
		c[i] = calls[i].String() + " AS " + expr.Column(calls[i].Name).String()
	}
	return "by [" + strings.Join(k, ", ") + "]: [" + strings.Join(c, ", ") + "]"
}

// String is the mode as EXPLAIN shows it.
func (m Mode) String() string { return [...]string{"single", "partial", "final"}[m] }

// Run aggregates all rows, then gives the groups: in the order they were first
// seen by the first worker, or, when there are many, in no order.
func (a *Aggregate) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		n := width(a.input, a.env)
		if a.mode == Final || a.perSlice() {
			n = 1
		}
		tables := make([]*groups, n)
		defer func() {
			for _, t := range tables {
				t.close()
			}
		}()
		err := parallel(ctx, n, func(ctx context.Context, w *Worker, i int) (err error) {
			if tables[i], err = a.newGroups(); err != nil {
				return err
			}
			if a.perSlice() {
				return tables[i].consumeSlices(ctx, w)
			}
			return tables[i].consume(ctx, w)
		})
		if err == nil {
			err = a.finish(ctx, tables, yield)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// finish merges what the workers have and gives it.
func (a *Aggregate) finish(ctx context.Context, tables []*groups, yield func(*data.Batch, error) bool) error {
	if a.known != nil {
		if err := tables[0].mergeColumns(nil, nil, a.known, a.known[0].N); err != nil {
			return err
		}
	}
	if a.mustSpill(tables) {
		return a.fromDisk(ctx, tables, yield)
	}
	for _, t := range tables {
		if t.scatter != nil {
			return a.gatherParts(ctx, tables, yield)
		}
	}
	for i, t := range tables[1:] {
		if err := tables[0].merge(t); err != nil {
			return err
		}
		t.close()
		if tables[0].disk != nil { // it was too much; what is merged is not to be merged again
			return a.fromDisk(ctx, append([]*groups{tables[0]}, tables[i+2:]...), yield)
		}
	}
	out, err := tables[0].output()
	if err == nil {
		emit(out, a.env.batchRows(), yield)
	}
	return err
}

// groups is the group table of one worker and the accumulators over it.
type groups struct {
	a     *Aggregate
	table *vec.Table
	accs  []agg.Accumulator
	keys  []*expr.Program
	args  [][]*expr.Program
	conds []*expr.Program
	cases []*zeroCase // nil where the argument is something else
	hold  holding

	scatter *scatter // set once there are too many groups for one table
	folded  bool     // rows are not scattered any more: that takes more memory
	disk    *spilledGroups
}

func (a *Aggregate) newGroups() (*groups, error) {
	g, err := a.newTable(true)
	if err != nil || a.mode == Final {
		return g, err
	}
	return g, g.compile()
}

// newTable is a table without groups and the accumulators; dense, if it may be
// and can.
func (a *Aggregate) newTable(dense bool) (*groups, error) {
	g := &groups{a: a, hold: holding{mem: a.env.Memory}}
	var types []data.Type
	for i := range a.keys {
		types = append(types, a.schema[i].Type)
	}
	g.table = vec.NewTable(types)
	if dense {
		a.setDense(g.table)
	}
	for i := range a.calls {
		acc, err := a.calls[i].Bind(a.types[i], a.result[i], a.env.Expr, a.mode == Final)
		if err != nil {
			return nil, err
		}
		g.accs = append(g.accs, acc)
	}
	return g, nil
}

// compile prepares keys, arguments and filters; what they have in common is
// computed once a batch.
func (g *groups) compile() error {
	var all []expr.Expr
	for _, k := range g.a.keys {
		all = append(all, k.Expr)
	}
	for i := range g.a.calls {
		c := &g.a.calls[i]
		all = append(all, c.Inputs()...)
		if c.Filter != nil {
			all = append(all, c.Filter)
		}
		if cond, value, ok := g.a.zeroCaseOf(i); ok {
			all = append(all, cond, value)
		}
	}
	progs, err := expr.CompileAll(all, g.a.input.Schema(), g.a.env.Expr)
	if err != nil {
		return err
	}
	g.keys, progs = progs[:len(g.a.keys)], progs[len(g.a.keys):]
	for i := range g.a.calls {
		c := &g.a.calls[i]
		n := len(c.Inputs())
		g.args, progs = append(g.args, progs[:n]), progs[n:]
		var cond *expr.Program
		if c.Filter != nil {
			cond, progs = progs[0], progs[1:]
		}
		g.conds = append(g.conds, cond)
		var z *zeroCase
		if _, _, ok := g.a.zeroCaseOf(i); ok {
			z, progs = &zeroCase{progs[0], progs[1]}, progs[2:]
		}
		g.cases = append(g.cases, z)
	}
	return nil
}

// keysOf computes the keys.
func (g *groups) keysOf(s *data.Scratch, b *data.Batch) ([]*data.Vec, error) {
	keys := make([]*data.Vec, len(g.keys))
	for i, p := range g.keys {
		v, err := eval1(p, s, b)
		if err != nil {
			return nil, err
		}
		keys[i] = v
	}
	return keys, nil
}

func (g *groups) consume(ctx context.Context, w *Worker) error {
	for b, err := range g.a.input.Run(ctx) {
		if err != nil {
			return err
		}
		if g.a.mode == Final {
			err = g.mergeStates(w.Scratch, b)
		} else {
			err = g.update(w.Scratch, b)
		}
		if err != nil {
			return err
		}
		if err := g.account(w.Scratch); err != nil {
			return err
		}
	}
	if g.scatter != nil {
		g.scatter.flush()
	}
	return nil
}

// perSlice says whether a function's state depends on where a slice begins.
func (a *Aggregate) perSlice() bool {
	for i := range a.calls {
		if a.calls[i].Func.PerSlice {
			return a.mode != Final
		}
	}
	return false
}

// consumeSlices aggregates every slice by itself and merges them in order.
func (g *groups) consumeSlices(ctx context.Context, w *Worker) error {
	var one *groups
	slice := 0
	for b, err := range g.a.input.Run(ctx) {
		if err != nil {
			return err
		}
		if one == nil || b.Slice != slice {
			if one != nil {
				if err := g.merge(one); err != nil {
					return err
				}
				one.close()
			}
			if one, err = g.a.newGroups(); err != nil {
				return err
			}
			slice = b.Slice
		}
		if err := one.update(w.Scratch, b); err != nil {
			return err
		}
		if err := one.hold.set(one.size()); err != nil {
			return err
		}
	}
	if one == nil {
		return nil
	}
	defer one.close()
	return g.merge(one)
}

// eval1 computes a key, argument or filter, as the type it has in the plan: of
// a number or condition for each value of a multi-value string, the only one,
// and null if there are several.
func eval1(p *expr.Program, s *data.Scratch, b *data.Batch) (*data.Vec, error) {
	v, err := p.Eval(s, b)
	if err == nil && v.Type != p.Type {
		v = expr.Convert(s, v, p.Type)
	}
	return v, err
}

// update aggregates a batch of rows.
func (g *groups) update(s *data.Scratch, b *data.Batch) error {
	keys, err := g.keysOf(s, b)
	if err == nil && b.Pass != nil && !g.takes(keys) {
		b = picked(s, b)
		keys, err = g.keysOf(s, b)
	}
	if err != nil {
		return err
	}
	if multi(keys) {
		var rows []uint32
		keys, rows = explode(s, keys, b.N)
		b = takeRows(s, b, rows)
	}
	if g.table.IsDense() {
		done, err := g.updateDense(s, keys, b)
		if done || err != nil {
			return err
		}
	}
	if g.scatter != nil {
		done, err := g.scatter.take(s, g, keys, b)
		if done || err != nil {
			return err
		}
	}
	all := g.table.Group(s, keys, b.N)
	all.Order = int64(b.Slice)<<40 | b.Row
	for i, acc := range g.accs {
		acc.Grow(all.N)
		if err := g.updateOne(s, b, i, acc, all); err != nil {
			return err
		}
	}
	if g.scatter == nil && !g.folded && all.N > scatterFrom && g.a.scatters() && !(all.Mapped && all.N < scatterMapped) {
		g.scatter = &scatter{span: g.a.span()}
	}
	return nil
}

// updateOne gives an accumulator its rows: those that pass its filter and have
// no null argument.
func (g *groups) updateOne(s *data.Scratch, b *data.Batch, i int, acc agg.Accumulator, all vec.Groups) error {
	if z := g.cases[i]; z != nil {
		if done, err := g.updateCase(s, b, z, acc, all); done || err != nil {
			return err
		}
	}
	sel := selection{s: s, lo: 0, hi: b.N, lazy: true, mask: b.Pass, marked: b.Passed}
	if c := g.conds[i]; c != nil {
		v, err := eval1(c, s, b)
		if err != nil {
			return err
		}
		sel.keepTrue(expr.Truth(s, v))
	}
	args := make([]*data.Vec, len(g.args[i]))
	for j, p := range g.args[i] {
		v, err := eval1(p, s, b)
		if err != nil {
			return err
		}
		args[j] = v
		if !g.a.calls[i].Func.KeepNulls && v.HasNulls() {
			sel.settle()
			sel.dropNulls(v)
		}
	}
	if sel.mask != nil {
		if m, ok := acc.(agg.Masked); ok && all.IDs == nil && !multi(args) {
			return m.UpdateMasked(s, all, sel.mask, sel.marked, args)
		}
		sel.settle()
	}
	if sel.rows != nil {
		all = pick(s, all, sel.rows)
		for j := range args {
			args[j] = args[j].Take(s, sel.rows)
		}
	}
	if all.Rows == 0 {
		return nil
	}
	return acc.Update(s, all, args)
}

func (x *selection) dropNulls(v *data.Vec) {
	if v.Const {
		if v.N > 0 && v.Null(0) {
			x.rows = []uint32{}
		}
		return
	}
	out := data.Make[uint32](x.s, v.N)
	n := 0
	if x.rows == nil {
		for i := range v.N {
			if !v.Null(i) {
				out[n] = uint32(i)
				n++
			}
		}
		if n == v.N {
			return
		}
	} else {
		for _, r := range x.rows {
			if !v.Null(int(r)) {
				out[n] = r
				n++
			}
		}
	}
	x.rows = out[:n:n]
	if x.rows == nil {
		x.rows = []uint32{}
	}
}

// pick is the groups of the given rows.
func pick(s *data.Scratch, g vec.Groups, rows []uint32) vec.Groups {
	g.All, g.Rows = false, len(rows)
	if len(rows) > 0 {
		g.Order += int64(rows[0])
	}
	if g.IDs != nil {
		ids := data.Make[uint32](s, len(rows))
		for i, r := range rows {
			ids[i] = g.IDs[r]
		}
		g.IDs = ids
	}
	return g
}

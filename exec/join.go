package exec

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// A JoinType says which rows without a partner are kept, and what comes out.
type JoinType string

// The join types. Semi and Anti give rows of the left side only: those with,
// and those without, a partner.
const (
	Inner JoinType = "inner"
	Left  JoinType = "left"
	Right JoinType = "right"
	Full  JoinType = "full"
	Semi  JoinType = "semi"
	Anti  JoinType = "anti"
)

// A JoinKey is an equality between the sides. Null equals nothing, unless
// NullSafe (IS NOT DISTINCT FROM).
type JoinKey struct {
	Left     expr.Box `json:"left"`
	Right    expr.Box `json:"right"`
	NullSafe bool     `json:"nullSafe,omitempty"`
}

// JoinOn is a join's condition: all keys are equal and the residual, over the
// columns of both sides, is true.
type JoinOn struct {
	Type     JoinType  `json:"joinType"`
	Keys     []JoinKey `json:"keys"`
	Residual expr.Box  `json:"residual"` // empty: true
	// Columns are those that come out, of those of both sides; nil: all. (Semi
	// and anti joins give columns of the left side only.)
	Columns []string `json:"columns"`
}

// String is the condition as EXPLAIN shows it.
func (on JoinOn) String() string {
	var parts []string
	for _, k := range on.Keys {
		op := " = "
		if k.NullSafe {
			op = " is "
		}
		parts = append(parts, k.Left.String()+op+k.Right.String())
	}
	if on.Residual.Expr != nil {
		parts = append(parts, on.Residual.String())
	}
	if len(parts) == 0 {
		parts = []string{"true"}
	}
	return string(on.Type) + " on " + strings.Join(parts, " and ")
}

// Join is a hash join: the right side is read whole into a table, the left one
// passes by. Columns are those of the left side, then those of the right.
type Join struct {
	left, right Operator
	on          JoinOn
	schema      data.Schema
	types       []data.Type // of the keys
	fromLeft    []int       // the columns that come out, by their place there
	fromRight   []int
	env         *Env
}

// NewJoin types the condition. Column names of both sides must differ.
func NewJoin(env *Env, left, right Operator, on JoinOn) (*Join, error) {
	j := &Join{left: left, right: right, on: on, env: env}
	var err error
	if j.schema, err = JoinSchema(on, left.Schema(), right.Schema()); err != nil {
		return nil, err
	}
	j.fromLeft = placesIn(left.Schema(), j.schema)
	j.fromRight = placesIn(right.Schema(), j.schema)
	for _, k := range on.Keys {
		l, err := expr.TypeOf(k.Left.Expr, left.Schema())
		if err != nil {
			return nil, err
		}
		r, err := expr.TypeOf(k.Right.Expr, right.Schema())
		if err != nil {
			return nil, err
		}
		j.types = append(j.types, keyType(l, r))
	}
	return j, nil
}

// keyType is the type in which keys are compared: numbers as numbers, else as
// strings.
func keyType(l, r data.Type) data.Type {
	switch {
	case l.Integral() && r.Integral():
		return data.LongType
	case l.Numeric() && r.Numeric():
		return data.DoubleType
	case l.Kind == data.Null:
		return r
	case r.Kind == data.Null || l == r:
		return l
	}
	return data.Merge(l, r)
}

// JoinSchema is the schema of a join of sides with these schemas.
func JoinSchema(on JoinOn, left, right data.Schema) (data.Schema, error) {
	both := append(append(data.Schema(nil), left...), right...)
	seen := map[string]bool{}
	for _, f := range both {
		if seen[f.Name] {
			return nil, fmt.Errorf("both sides of the join have a column %q", f.Name)
		}
		seen[f.Name] = true
	}
	if on.Residual.Expr != nil {
		if _, err := expr.TypeOf(on.Residual.Expr, both); err != nil {
			return nil, err
		}
	}
	if on.Type == Semi || on.Type == Anti {
		both = left
	}
	if on.Columns == nil {
		return both, nil
	}
	out := data.Schema{}
	for _, f := range both {
		if slices.Contains(on.Columns, f.Name) {
			out = append(out, f)
		}
	}
	return out, nil
}

// placesIn are the places in a side of those of its columns that come out.
func placesIn(side, out data.Schema) []int {
	var places []int
	for i, f := range side {
		if out.Index(f.Name) >= 0 {
			places = append(places, i)
		}
	}
	return places
}

func (j *Join) Schema() data.Schema { return j.schema }
func (j *Join) Inputs() []Operator  { return []Operator{j.left, j.right} }
func (j *Join) String() string      { return "join " + j.on.String() }

// sharable: the left side is passed by row by row, unless right rows without a
// partner are to be told in the end.
func (j *Join) sharable() bool { return j.on.Type != Right && j.on.Type != Full }

// shared is the right side that all workers of a pipeline use.
func (j *Join) shared(ctx context.Context) *buildSide {
	p := worker(ctx).pipeline
	p.mu.Lock()
	b := p.builds[j]
	if b == nil {
		b = new(buildSide)
		if p.builds == nil {
			p.builds = map[*Join]*buildSide{}
		}
		p.builds[j] = b
	}
	p.mu.Unlock()
	b.once.Do(func() { b.err = j.build(ctx, b) })
	return b
}

// forget gives back what the only worker of a pipeline used.
func (j *Join) forget(ctx context.Context, b *buildSide) {
	p := worker(ctx).pipeline
	p.mu.Lock()
	delete(p.builds, j)
	p.mu.Unlock()
	b.free()
}

// buildSide is the right side in memory.
type buildSide struct {
	once    sync.Once
	err     error
	rows    *data.Batch
	words   []*data.Dict // of the columns of strings: their values, one a row
	table   *rowTable    // nil: rows that come have a partner each
	met     []bool       // right rows that have a partner; for right and full joins only
	filters []*keyFilter
	disk    *dealt // what does not fit memory; the rest is not set
	hold    holding
}

func (j *Join) build(ctx context.Context, b *buildSide) error {
	p := worker(ctx).pipeline
	rctx, w := alone(ctx)
	if err := j.readRight(rctx, w.Scratch, b); err != nil || b.disk != nil {
		return err
	}
	keys, err := j.keysOf(w.Scratch, b)
	if err != nil {
		return err
	}
	filters := j.newFilters(keys, b.rows.N)
	if j.decides(filters, keys, b.rows.N) {
		filters[0].all = true
	} else {
		j.index(w.Scratch, b, keys)
	}
	p.mu.Lock()
	b.filters = filters
	p.mu.Unlock()
	return nil
}

// keysOf is the keys of b's rows.
func (j *Join) keysOf(s *data.Scratch, b *buildSide) ([]*data.Vec, error) {
	keys := make([]*data.Vec, len(j.on.Keys))
	for i, k := range j.on.Keys {
		p, err := expr.Compile(k.Right.Expr, j.right.Schema(), j.env.Expr)
		if err != nil {
			return nil, err
		}
		v, err := p.Eval(s, b.rows)
		if err != nil {
			return nil, err
		}
		keys[i] = asType(s, v, j.types[i])
	}
	return keys, nil
}

// index makes the table of b's rows.
func (j *Join) index(s *data.Scratch, b *buildSide, keys []*data.Vec) {
	b.table = j.newRowTable(s, keys, b.rows.N)
	b.words = make([]*data.Dict, len(b.rows.Cols))
	for i, c := range b.rows.Cols {
		if c.Type.Kind == data.String && !c.Const && c.Dict == nil && c.Elem == nil {
			b.words[i] = &data.Dict{Words: c}
		}
	}
	if !j.sharable() {
		b.met = make([]bool, b.rows.N)
	}
}

// nullKey says whether a key that must not be null is null.
func (j *Join) nullKey(keys []*data.Vec, row int) bool {
	for i, k := range keys {
		if !j.on.Keys[i].NullSafe && k.Null(row) {
			return true
		}
	}
	return false
}

// Run builds the table and passes the left side by.
func (j *Join) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		b := j.shared(ctx)
		if !worker(ctx).pipeline.shared {
			defer j.forget(ctx, b)
		}
		if b.err != nil {
			yield(nil, b.err)
			return
		}
		if b.disk != nil {
			if err := j.fromDisk(ctx, b, yield); err != nil {
				yield(nil, err)
			}
			return
		}
		if b.rows.N == 0 && (j.on.Type == Inner || j.on.Type == Semi || j.on.Type == Right) {
			return
		}
		if b.table == nil {
			j.passAll(ctx, yield)
			return
		}
		p, err := j.newProbe(ctx, b)
		if err != nil {
			yield(nil, err)
			return
		}
		if j.lone(b) {
			j.passLone(ctx, p, yield)
			return
		}
		for batch, err := range j.left.Run(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !p.probe(batch, yield) {
				return
			}
		}
		if j.on.Type == Right || j.on.Type == Full {
			p.unmatched(yield)
		}
	}
}

// passAll gives the left rows as they come.
func (j *Join) passAll(ctx context.Context, yield func(*data.Batch, error) bool) {
	for b, err := range j.left.Run(ctx) {
		if err != nil {
			yield(nil, err)
			return
		}
		out := &data.Batch{N: b.N, Slice: b.Slice, Row: b.Row}
		for _, c := range j.fromLeft {
			out.Cols = append(out.Cols, b.Cols[c])
		}
		if !yield(out, nil) {
			return
		}
	}
}

package ingest

import (
	"sort"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server/ingest/format"
)

// transforms compute fields, and drop rows, for one worker. What type a field
// has is seen block by block; programs are kept while the types stay.
type transforms struct {
	list    []transformed
	names   []string // fields that the transforms read, sorted
	filter  filter.Filter
	passes  []string // fields that the filter reads
	scratch *data.Scratch

	schema   data.Schema // of the last block
	programs []*expr.Program
	seen     data.Schema
	pass     *expr.Program
}

type transformed struct {
	name string
	e    expr.Expr
}

// prepare reads the transformSpec.
func (w *worker) prepare() error {
	t, spec := &w.moved, &w.b.spec.Data.Transform
	t.scratch = &data.Scratch{}
	set := map[string]bool{}
	for i, s := range spec.Transforms {
		e, err := s.parse()
		if err != nil {
			return fault.At(err, "dataSchema.transformSpec.transforms"+index(i))
		}
		expr.Columns(e, set)
		t.list = append(t.list, transformed{s.Name, e})
	}
	t.names = sorted(set)
	if t.filter = spec.Filter.V; t.filter != nil {
		e, err := t.filter.Expr(filter.Scope{})
		if err != nil {
			return fault.At(err, "dataSchema.transformSpec.filter")
		}
		set := map[string]bool{}
		expr.Columns(e, set)
		t.passes = sorted(set)
	}
	return nil
}

func (t *transform) parse() (expr.Expr, error) {
	switch {
	case t.Type != "expression":
		return nil, fault.At(fault.Invalidf("unknown transform type %q; known: expression", t.Type), "type")
	case t.Name == "":
		return nil, fault.At(fault.Invalidf("a transform must have a name"), "name")
	}
	e, err := expr.Parse(t.Expression)
	return e, fault.At(err, "expression")
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for n := range set {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// inputs are the fields that transforms and filter need.
func (w *worker) inputs() []string {
	return append(append([]string(nil), w.moved.names...), w.moved.passes...)
}

// batch is the fields of that name, with the types that their cells have.
func (w *worker) batch(fields []string, ms []int64) (data.Schema, *data.Batch) {
	r := &w.rows
	b := &data.Batch{N: r.N}
	var schema data.Schema
	for _, name := range fields {
		var v *data.Vec
		if name == segment.Time {
			v = &data.Vec{Type: data.LongType, N: r.N, I64: ms}
		} else if c := r.Find(name); c == nil {
			v = data.Nulls(nil, data.StringType, r.N)
		} else {
			v = cellVec(r.Text, c, cellType(c.Tags))
		}
		schema = append(schema, data.Field{Name: name, Type: v.Type, Multi: v.Multi()})
		b.Cols = append(b.Cols, v)
	}
	return schema, b
}

func sameSchema(a, b data.Schema) bool {
	if len(a) != len(b) || a == nil {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// transform computes the fields of the rows at hand. All transforms see the
// fields as they were read. One named __time sets the rows' instants.
func (w *worker) transform(ms []int64, ok []bool) error {
	t, r := &w.moved, &w.rows
	if len(t.list) == 0 || r.N == 0 {
		return nil
	}
	t.scratch.Reset()
	schema, batch := w.batch(t.names, ms)
	if !sameSchema(t.schema, schema) || t.programs == nil {
		es := make([]expr.Expr, len(t.list))
		for i, x := range t.list {
			es[i] = x.e
		}
		var err error
		if t.programs, err = expr.CompileAll(es, schema, w.b.cfg.Env); err != nil {
			return fault.At(err, "dataSchema.transformSpec.transforms")
		}
		t.schema = schema
	}
	results := make([]*data.Vec, len(t.list))
	for i, p := range t.programs {
		var err error
		if results[i], err = p.Eval(t.scratch, batch); err != nil {
			return fault.At(err, "dataSchema.transformSpec.transforms"+index(i))
		}
	}
	for i, v := range results {
		if t.list[i].name == segment.Time {
			for k := range ms {
				ms[k], ok[k] = v.Long(k), !v.Null(k)
			}
			continue
		}
		putVec(r, r.Replace(t.list[i].name), v)
	}
	return nil
}

// filter is those of the kept rows that pass the filter.
func (w *worker) filter(ms []int64, keep []uint32) ([]uint32, error) {
	t := &w.moved
	if t.filter == nil || len(keep) == 0 {
		return keep, nil
	}
	t.scratch.Reset()
	schema, batch := w.batch(t.passes, ms)
	if !sameSchema(t.seen, schema) || t.pass == nil {
		e, err := t.filter.Expr(filter.Scope{Schema: schema})
		if err == nil {
			t.pass, err = expr.Compile(e, schema, w.b.cfg.Env)
		}
		if err != nil {
			return nil, fault.At(err, "dataSchema.transformSpec.filter")
		}
		t.seen = schema
	}
	v, err := t.pass.Eval(t.scratch, batch)
	if err != nil {
		return nil, fault.At(err, "dataSchema.transformSpec.filter")
	}
	out := keep[:0]
	for _, i := range keep {
		if !v.Null(int(i)) && v.Long(int(i)) != 0 {
			out = append(out, i)
		}
	}
	w.counts.Thrown += int64(len(keep) - len(out))
	return out, nil
}

// discover adds the fields of the block that no one has named.
func (b *builder) discover(r *format.Rows, block int64) {
	if !b.spec.Data.Dimensions.discovers() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	fields := b.fields()
	for i := range r.Cols {
		name := r.Cols[i].Name
		at := block<<16 + int64(i)
		if first, ok := b.found[name]; ok {
			b.found[name] = min(first, at)
			continue
		}
		if b.known[name] {
			continue
		}
		b.found[name] = at
		dim := &dimension{Name: name, Type: "string", Multi: "sorted_array"}
		if b.spec.Data.Dimensions.Discovery {
			dim.Type = "auto"
		}
		fields = append(fields[:len(fields):len(fields)], field{name, dim, dimensionTypes[dim.Type](dim)})
	}
	b.all = fields
	b.snapshot.Store(&fields)
}

package ingest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// metricInputs adds the fields that the metrics read. They are kept as they
// were read, beside a dimension of the same name: what type they have is known
// when all is read.
func (b *builder) metricInputs() error {
	for i, m := range b.spec.Data.Metrics.list {
		call, err := m.Call(agg.Scope{})
		if err != nil {
			return fault.At(err, "dataSchema.metricsSpec"+index(i))
		}
		set := map[string]bool{}
		for _, a := range call.Args {
			expr.Columns(a, set)
		}
		if call.Filter != nil {
			expr.Columns(call.Filter, set)
		}
		for _, name := range sorted(set) {
			if b.input(name) < 0 && name != segment.Time {
				b.all = append(b.all, field{name: name, new: func(*worker, int) column { return &mixed{} }})
				b.known[name] = true
			}
		}
		b.known[m.OutputName()] = true
	}
	return nil
}

// input is the place of the field of that name that metrics read, or -1.
func (b *builder) input(name string) int {
	for k, f := range b.all {
		if f.dim == nil && f.name == name {
			return k
		}
	}
	return -1
}

// groups numbers the groups of equal rows among sorted ones, and gives the
// first row of each.
func (j *joined) groups(rows []uint32, dims []comparison) (first, groups []uint32) {
	groups = make([]uint32, len(rows))
	for i, r := range rows {
		if i == 0 || j.times[rows[i-1]] != j.times[r] || compareRows(dims, rows[i-1], r) != 0 {
			first = append(first, r)
		}
		groups[i] = uint32(len(first) - 1)
	}
	return first, groups
}

const aggregateRows = 8192

// aggregate computes the metrics of the groups; with nil groups each row is its
// own.
func (b *builder) aggregate(j *joined, rows, groups []uint32, n int) ([]file.Column, error) {
	list := b.spec.Data.Metrics.list
	if len(list) == 0 {
		return nil, nil
	}
	schema := data.Schema{{Name: segment.Time, Type: data.LongType}}
	inputs := []*data.Vec{{Type: data.LongType, N: j.n, I64: j.read}}
	for k, f := range b.all {
		if f.dim == nil {
			v := j.cols[k]
			schema = append(schema, data.Field{Name: f.name, Type: v.Type, Multi: v.Multi()})
			inputs = append(inputs, v)
		}
	}
	runs := make([]*metric, len(list))
	for i, m := range list {
		var err error
		if runs[i], err = newMetric(m, schema, b.cfg.Env); err != nil {
			return nil, fault.At(err, "dataSchema.metricsSpec"+index(i))
		}
		runs[i].acc.Grow(n)
	}
	s := &data.Scratch{}
	for lo := 0; lo < len(rows); lo += aggregateRows {
		hi := min(lo+aggregateRows, len(rows))
		s.Reset()
		batch := &data.Batch{N: hi - lo, Row: int64(lo)}
		for _, v := range inputs {
			batch.Cols = append(batch.Cols, v.Take(s, rows[lo:hi]))
		}
		ids := data.Make[uint32](s, hi-lo)
		for i := range ids {
			ids[i] = uint32(lo + i)
		}
		if groups != nil {
			copy(ids, groups[lo:hi])
		}
		for i, m := range runs {
			if err := m.update(s, batch, vec.Groups{N: n, Rows: hi - lo, IDs: ids, All: true, Order: int64(lo)}); err != nil {
				return nil, fault.At(err, "dataSchema.metricsSpec"+index(i))
			}
		}
	}
	return results(list, runs)
}

// results are the metrics, by name.
func results(list []agg.Native, runs []*metric) ([]file.Column, error) {
	var out []file.Column
	for i, m := range runs {
		v, err := m.acc.Result()
		if err != nil {
			return nil, fault.At(err, "dataSchema.metricsSpec"+index(i))
		}
		out = append(out, file.Column{Field: data.Field{Name: list[i].OutputName(), Type: v.Type}, Vec: v})
	}
	slices.SortFunc(out, func(a, b file.Column) int { return strings.Compare(a.Field.Name, b.Field.Name) })
	return out, nil
}

// A metric is an aggregate that is being computed.
type metric struct {
	acc    agg.Accumulator
	inputs []*expr.Program
	filter *expr.Program // nil: all rows
	nulls  bool          // rows with null arguments count
}

func newMetric(m agg.Native, schema data.Schema, env *expr.Env) (*metric, error) {
	call, err := m.Call(agg.Scope{Schema: schema})
	if err != nil {
		return nil, err
	}
	types, result, err := call.Types(schema)
	if err != nil {
		return nil, err
	}
	out := &metric{nulls: call.Func.KeepNulls}
	if out.acc, err = call.Bind(types, result, env, false); err != nil {
		return nil, err
	}
	if out.inputs, err = expr.CompileAll(call.Inputs(), schema, env); err != nil {
		return nil, err
	}
	if call.Filter != nil {
		out.filter, err = expr.Compile(call.Filter, schema, env)
	}
	return out, err
}

// update gives the rows of a batch to the accumulator: those that pass the
// filter and, mostly, have no null argument.
func (m *metric) update(s *data.Scratch, b *data.Batch, g vec.Groups) error {
	args := make([]*data.Vec, len(m.inputs))
	for i, p := range m.inputs {
		var err error
		if args[i], err = p.Eval(s, b); err != nil {
			return err
		}
	}
	var pass *data.Vec
	if m.filter != nil {
		var err error
		if pass, err = m.filter.Eval(s, b); err != nil {
			return err
		}
	}
	keep := data.Make[uint32](s, b.N)[:0]
	for i := range b.N {
		good := pass == nil || !pass.Null(i) && pass.Long(i) != 0
		for _, a := range args {
			good = good && (m.nulls || !a.Null(i))
		}
		if good {
			keep = append(keep, uint32(i))
		}
	}
	if len(keep) < b.N {
		ids := data.Make[uint32](s, len(keep))
		for k, i := range keep {
			ids[k] = g.IDs[i]
		}
		g.IDs, g.Rows, g.All = ids, len(keep), false
		for i, a := range args {
			args[i] = a.Take(s, keep)
		}
	}
	if g.Rows == 0 {
		return nil
	}
	return m.acc.Update(s, g, args)
}

// combined are the aggregators whose states another one merges.
var combined = map[string]string{
	"count": "longSum", "HLLSketchBuild": "HLLSketchMerge", "quantilesDoublesSketch": "quantilesDoublesSketchMerge",
	"cardinality": "hyperUnique", "KllFloatsSketch": "KllFloatsSketchMerge", "KllDoublesSketch": "KllDoublesSketchMerge",
}

// combining is the aggregators that merge the stored metrics.
func (m *metrics) combining() json.RawMessage {
	out := []json.RawMessage{}
	for i, raw := range m.raw {
		if c, err := combine(raw, m.list[i].OutputName()); err == nil {
			out = append(out, c)
		}
	}
	b, _ := json.Marshal(out) // what was JSON marshals
	return b
}

func combine(raw json.RawMessage, name string) (json.RawMessage, error) {
	var o map[string]json.RawMessage
	if err := json.Unmarshal(raw, &o); err != nil {
		return nil, err
	}
	var t string
	_ = json.Unmarshal(o["type"], &t) // it was read as an aggregator
	if t == "filtered" {
		return combine(o["aggregator"], name)
	}
	if c := combined[t]; c != "" {
		o["type"], _ = json.Marshal(c)
	}
	for _, gone := range []string{"expression", "fields", "fieldNames", "fieldExpression", "timeColumn"} {
		delete(o, gone)
	}
	o["name"], _ = json.Marshal(name)
	o["fieldName"] = o["name"]
	return json.Marshal(o)
}

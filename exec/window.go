package exec

import (
	"context"
	"sort"
	"strings"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// A WindowCall computes a column from the rows around each row: a window
// function by its name, or an aggregate over the frame.
type WindowCall struct {
	Name        string     `json:"name"`
	Func        string     `json:"func,omitempty"` // row_number, lag, ...; "" for an aggregate
	Args        []expr.Box `json:"args,omitempty"`
	Agg         *agg.Call  `json:"agg,omitempty"`
	Frame       Frame      `json:"frame"`
	IgnoreNulls bool       `json:"ignoreNulls,omitempty"`
}

// Reads are the expressions over input columns.
func (c *WindowCall) Reads() []expr.Expr {
	var out []expr.Expr
	for _, a := range c.Args {
		out = append(out, a.Expr)
	}
	if c.Agg != nil {
		out = append(out, c.Agg.Args...)
		if c.Agg.Filter != nil {
			out = append(out, c.Agg.Filter)
		}
	}
	return out
}

// String is the call as EXPLAIN shows it.
func (c *WindowCall) String() string {
	var out string
	if c.Agg != nil {
		out = c.Agg.String()
	} else {
		args := make([]string, len(c.Args))
		for i, a := range c.Args {
			args[i] = a.String()
		}
		out = c.Func + "(" + strings.Join(args, ", ") + ")"
	}
	if c.IgnoreNulls {
		out += " ignore nulls"
	}
	if c.framed() && c.Frame != DefaultFrame() {
		out += " " + c.Frame.String()
	}
	return out + " AS " + expr.Column(c.Name).String()
}

// framed says whether the frame matters to the call.
func (c *WindowCall) framed() bool { return c.Agg != nil || windowFuncs[c.Func].framed }

// types checks the call and types its arguments and result.
func (c *WindowCall) types(in data.Schema) (args []data.Type, result data.Type, err error) {
	if c.Agg != nil {
		args, result, err = c.Agg.Types(in)
		return args, result, err
	}
	f, ok := windowFuncs[c.Func]
	if !ok {
		return nil, result, fault.Invalidf("unknown window function %q%s", c.Func, fault.Suggest(c.Func, WindowFuncs()))
	}
	if len(c.Args) < f.min || len(c.Args) > f.max {
		return nil, result, fault.Invalidf("%s takes %d to %d arguments, got %d", c.Func, f.min, f.max, len(c.Args))
	}
	for _, a := range c.Args {
		t, err := expr.TypeOf(a.Expr, in)
		if err != nil {
			return nil, result, err
		}
		args = append(args, t)
	}
	result, err = f.typ(args)
	return args, result, err
}

// WindowFuncs are the names of the functions that only windows have, sorted.
func WindowFuncs() []string {
	out := make([]string, 0, len(windowFuncs))
	for n := range windowFuncs {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Window computes columns from the rows around each row: those of its
// partition, which have the same values of the partition columns, ordered by
// the keys. All rows are held at once; they come out ordered by partition and
// keys, with the calls' columns after their own.
type Window struct {
	WindowSpec
	input  Operator
	schema data.Schema
	env    *Env
}

// A WindowSpec is what a Window computes.
type WindowSpec struct {
	Partition []string     `json:"partition,omitempty"`
	Order     []SortKey    `json:"order,omitempty"`
	Calls     []WindowCall `json:"calls"`
	// Given says that the rows keep the order they come in: partitions and
	// peers are then runs of rows with equal values.
	Given bool `json:"given,omitempty"`
	// Within orders the rows inside partitions that are given.
	Within []SortKey `json:"within,omitempty"`
}

// NewWindow types the calls.
func NewWindow(env *Env, input Operator, spec WindowSpec) (*Window, error) {
	schema, err := spec.Schema(input.Schema())
	return &Window{spec, input, schema, env}, err
}

// Schema is the columns of the input and of the calls.
func (s *WindowSpec) Schema(in data.Schema) (data.Schema, error) {
	columns := append([]string(nil), s.Partition...)
	for _, k := range append(s.Order[:len(s.Order):len(s.Order)], s.Within...) {
		columns = append(columns, k.Column)
	}
	for _, c := range columns {
		if in.Index(c) < 0 {
			return nil, fault.Invalidf("the window names the column %q, which its rows do not have%s", c, fault.Suggest(c, in.Names()))
		}
	}
	out := append(data.Schema(nil), in...)
	for i := range s.Calls {
		c := &s.Calls[i]
		_, t, err := c.types(in)
		if err != nil {
			return nil, err
		}
		if c.framed() {
			if err := c.Frame.check(in, s.Order); err != nil {
				return nil, err
			}
		}
		f := data.Field{Name: c.Name, Type: t}
		if c.Agg == nil && len(c.Args) > 0 && t.Kind == data.String {
			f.Multi = expr.Multi(c.Args[0].Expr, in)
		}
		out = append(out, f)
	}
	return out, nil
}

func (o *Window) Schema() data.Schema { return o.schema }
func (o *Window) Inputs() []Operator  { return []Operator{o.input} }
func (o *Window) String() string      { return o.WindowSpec.String() }

// String lists partition, order and calls.
func (s *WindowSpec) String() string {
	out := "window "
	if s.Given {
		out += "as given "
	}
	if len(s.Partition) > 0 {
		names := make([]string, len(s.Partition))
		for i, p := range s.Partition {
			names[i] = expr.Column(p).String()
		}
		out += "by [" + strings.Join(names, ", ") + "] "
	}
	if len(s.Order) > 0 {
		out += "order [" + SortText(s.Order, -1, 0) + "] "
	}
	if len(s.Within) > 0 {
		out += "within order [" + SortText(s.Within, -1, 0) + "] "
	}
	texts := make([]string, len(s.Calls))
	for i := range s.Calls {
		texts[i] = s.Calls[i].String()
	}
	return out + "[" + strings.Join(texts, ", ") + "]"
}

// Run collects and orders the rows, and computes call by call.
func (o *Window) Run(ctx context.Context) Batches {
	return func(yield func(*data.Batch, error) bool) {
		all, err := Collect(ctx, o.input, o.env.Memory)
		if err != nil {
			yield(nil, err)
			return
		}
		rows := o.arrange(all)
		out := &data.Batch{N: rows.n, Cols: append([]*data.Vec(nil), rows.b.Cols...)}
		for i := range o.Calls {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			v, err := o.compute(ctx, rows, &o.Calls[i])
			if err != nil {
				yield(nil, err)
				return
			}
			if err := o.env.Memory.Use(v.MemSize()); err != nil {
				yield(nil, err)
				return
			}
			out.Cols = append(out.Cols, v)
		}
		emit(out, o.env.batchRows(), yield)
	}
}

// compute is the column of one call.
func (o *Window) compute(ctx context.Context, rows *windowRows, c *WindowCall) (*data.Vec, error) {
	in := o.input.Schema()
	types, result, err := c.types(in)
	if err != nil {
		return nil, err
	}
	if rows.n == 0 {
		return data.NewBuilder(result).Vec(), nil
	}
	w := &windowEval{ctx: ctx, rows: rows, call: c, types: types, result: result}
	if c.framed() {
		w.frames = newFrames(rows, &c.Frame, o.Order)
	}
	if c.Agg != nil {
		return w.aggregate(in, o.env)
	}
	for _, a := range c.Args {
		v, err := w.eval(a.Expr, in, o.env)
		if err != nil {
			return nil, err
		}
		w.args = append(w.args, v)
	}
	return windowFuncs[c.Func].eval(w)
}

// A windowEval is one call being computed over all rows.
type windowEval struct {
	ctx    context.Context
	rows   *windowRows
	call   *WindowCall
	types  []data.Type
	result data.Type
	args   []*data.Vec
	frames *frames
}

// eval is an expression over all rows.
func (w *windowEval) eval(e expr.Expr, in data.Schema, env *Env) (*data.Vec, error) {
	p, err := expr.Compile(e, in, env.Expr)
	if err != nil {
		return nil, err
	}
	v, err := p.Eval(nil, w.rows.b)
	if err != nil {
		return nil, err
	}
	if v.Type != p.Type && v.Elem == nil {
		v = expr.Convert(nil, v, p.Type)
	}
	return v, nil
}

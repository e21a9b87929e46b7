package planner

import (
	"context"
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	nodes.Add("scatter", new(Scatter))
	nodes.Add("receive", new(Receive))
	nodes.Add("kept", new(Kept))
}

// A plan whose rows must meet by their keys, and are too many for one server,
// runs in stages. The fragments of a stage end in a Scatter, which keeps their
// rows, dealt by the hash of the keys, on the server that made them. When all of
// a stage is done, those of the next one begin with a Receive, which fetches the
// rows of one part from every server that has some:
//
//	server 0   Scatter[ a ]  Scatter[ b ]   │   Join[ Receive a part 0, Receive b part 0 ]
//	server 1   Scatter[ a ]  Scatter[ b ]   │   Join[ Receive a part 1, Receive b part 1 ]
//
// An Exchanged is the broker's side of it.

// An Exchange says of a join or an aggregation that its rows are to meet by
// their keys: the number of parts, which is that of the servers, and when the
// query ends at the latest, in milliseconds. The zero Exchange is none.
type Exchange struct {
	Ways  int   `json:"ways,omitempty"`
	Until int64 `json:"until,omitempty"`
}

// exchange makes of a join or an aggregation over open fragments one whose
// inputs are stages, if it is to be; else open is nil.
func exchange(n Node, opens []*fragment) (out Node, open *fragment, err error) {
	var x Exchange
	var keys [][]exec.Named
	var types []data.Type
	inputs := n.Inputs()
	switch n := n.(type) {
	case *Join:
		if n.Exchange.Ways < 2 || opens[0] == nil || opens[1] == nil || len(n.On.Keys) == 0 {
			return nil, nil, nil
		}
		x = n.Exchange
		keys, types, err = n.sides()
	case *Aggregate:
		if n.Exchange.Ways < 2 || opens[0] == nil || opens[0].sole() || len(n.Keys) == 0 || n.Mode != exec.Single {
			return nil, nil, nil
		}
		x = n.Exchange
		below, above := n.Split()
		inputs, out = []Node{below}, above
		keys, types, err = n.groups()
	default:
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if out == nil {
		out = n
	}
	open = &fragment{ways: x.Ways}
	for i, in := range inputs {
		schema, err := in.Schema()
		if err != nil {
			return nil, nil, err
		}
		s := &Scatter{Input: Of{V: in}, Keys: keys[i], Types: types, Ways: x.Ways, Until: x.Until}
		open.stages = append(open.stages, opens[i].close(s))
		inputs[i] = &Receive{Columns: schema, Stage: i}
	}
	return out.With(inputs...), open, nil
}

// sides are the keys of both sides, and the types that they are compared in.
func (j *Join) sides() (keys [][]exec.Named, types []data.Type, err error) {
	keys = make([][]exec.Named, 2)
	for i, k := range j.On.Keys {
		var of [2]data.Type
		for side, e := range []expr.Expr{k.Left.Expr, k.Right.Expr} {
			schema, err := j.Inputs()[side].Schema()
			if err != nil {
				return nil, nil, err
			}
			if of[side], err = expr.TypeOf(e, schema); err != nil {
				return nil, nil, err
			}
			keys[side] = append(keys[side], exec.Named{Name: fmt.Sprint("key", i), Expr: e})
		}
		types = append(types, exec.JoinKeyType(of[0], of[1]))
	}
	return keys, types, nil
}

// groups are the keys as columns of the states, and their types.
func (a *Aggregate) groups() (keys [][]exec.Named, types []data.Type, err error) {
	schema, err := a.Schema()
	if err != nil {
		return nil, nil, err
	}
	keys = make([][]exec.Named, 1)
	for i, k := range a.Keys {
		keys[0] = append(keys[0], exec.Named{Name: k.Name, Expr: expr.Column(k.Name)})
		types = append(types, schema[i].Type)
	}
	return keys, types, nil
}

// Scatter keeps the rows of its input for the next stage, and gives one row that
// says where; see exec.Scatter.
type Scatter struct {
	Input Of           `json:"input"`
	Keys  []exec.Named `json:"keys"`
	Types []data.Type  `json:"types"` // that keys are hashed as: those of both sides of a join
	Ways  int          `json:"ways"`
	Until int64        `json:"until"` // when nobody will ask any more; milliseconds
}

// KeptSchema is the row of a Scatter.
var KeptSchema = data.Schema{{Name: "server", Type: data.StringType}, {Name: "host", Type: data.StringType},
	{Name: "token", Type: data.StringType}, {Name: "rows", Type: data.LongType}, {Name: "bytes", Type: data.LongType}}

func (s *Scatter) Inputs() []Node { return []Node{s.Input.V} }

// With is the same over another input.
func (s *Scatter) With(in ...Node) Node {
	out := *s
	out.Input.V = in[0]
	return &out
}

// String lists the keys.
func (s *Scatter) String() string {
	names := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		names[i] = k.Expr.String()
	}
	return fmt.Sprintf("scatter over %d by [%s]", s.Ways, strings.Join(names, ", "))
}

// Split puts all of it beside the segments.
func (s *Scatter) Split() (below, above Node) { return s, nil }

// Schema is KeptSchema, if the keys can be typed.
func (s *Scatter) Schema() (data.Schema, error) {
	in, err := s.Input.V.Schema()
	if err != nil {
		return nil, err
	}
	_, err = exec.ProjectSchema(s.Keys, in)
	return KeptSchema, err
}

// Build scatters.
func (s *Scatter) Build(env *Env, in []exec.Operator) (exec.Operator, error) {
	if env.Keep == nil || s.Ways < 1 || s.Ways > 1<<12 || len(s.Types) != len(s.Keys) {
		return nil, fault.New(fault.Internal, "rows cannot be scattered over %d parts here", s.Ways)
	}
	return exec.NewScatter(env.Exec, in[0], s.Keys, s.Types, s.Ways, KeptSchema, func() exec.Sink { return env.Keep(s) }), nil
}

// A KeptAt is rows that a server keeps.
type KeptAt struct {
	Server string `json:"server"`
	Host   string `json:"host"`
	Token  string `json:"token"`
}

// Receive is the rows of one part of a stage.
type Receive struct {
	Columns data.Schema `json:"columns"`
	Stage   int         `json:"stage"` // of the Exchanged
	Part    int         `json:"part"`
	From    []KeptAt    `json:"from"` // set when the stage is done
}

func (r *Receive) Inputs() []Node               { return nil }
func (r *Receive) With(...Node) Node            { return r }
func (r *Receive) Schema() (data.Schema, error) { return r.Columns, nil }
func (r *Receive) String() string               { return fmt.Sprintf("receive stage %d", r.Stage+1) }

// Build makes a client for each server.
func (r *Receive) Build(env *Env, _ []exec.Operator) (exec.Operator, error) {
	if env.Fetch == nil {
		return nil, fault.New(fault.Internal, "rows of another server cannot be fetched here")
	}
	out := &gather{schema: r.Columns}
	for _, at := range r.From {
		kept := &Kept{Columns: r.Columns, Token: at.Token, Part: r.Part}
		out.inputs = append(out.inputs, env.Fetch(at, &Fragment{Plan: kept}))
	}
	if len(out.inputs) == 0 {
		return exec.NewValues(env.Exec, r.Columns, Nothing(r.Columns)), nil
	}
	return out, nil
}

// Nothing is a batch without rows.
func Nothing(s data.Schema) *data.Batch {
	b := &data.Batch{}
	for _, f := range s {
		b.Cols = append(b.Cols, data.NewBuilder(f.Type).Vec())
	}
	return b
}

// Kept is the rows of a part that this server keeps; with Drop, it gives none
// and ends the keeping.
type Kept struct {
	Columns data.Schema `json:"columns"`
	Token   string      `json:"token"`
	Part    int         `json:"part"`
	Drop    bool        `json:"drop,omitempty"`
}

func (k *Kept) Inputs() []Node               { return nil }
func (k *Kept) With(...Node) Node            { return k }
func (k *Kept) Schema() (data.Schema, error) { return k.Columns, nil }
func (k *Kept) String() string               { return fmt.Sprintf("kept part %d", k.Part) }

// Build reads what is kept.
func (k *Kept) Build(env *Env, _ []exec.Operator) (exec.Operator, error) {
	if env.Kept == nil {
		return nil, fault.New(fault.Internal, "no rows are kept here")
	}
	return env.Kept(k)
}

// Exchanged is the rows of a fragment that servers run over the parts of its
// Stages, which are nodes that give the row of a Scatter for each server.
type Exchanged struct {
	Fragment Node
	Stages   []Node
	Ways     int
}

func (e *Exchanged) Inputs() []Node               { return nil }
func (e *Exchanged) With(...Node) Node            { return e }
func (e *Exchanged) Schema() (data.Schema, error) { return e.Fragment.Schema() }
func (e *Exchanged) Nested() []Node               { return append([]Node{e.Fragment}, e.Stages...) }

// String counts stages and parts.
func (e *Exchanged) String() string {
	return fmt.Sprintf("exchange %d stages over %d servers", len(e.Stages), e.Ways)
}

// Build builds the stages; what comes after is built when they are done.
func (e *Exchanged) Build(env *Env, _ []exec.Operator) (exec.Operator, error) {
	schema, err := e.Schema()
	if err != nil {
		return nil, err
	}
	if env.Stage == nil {
		return nil, fault.New(fault.Internal, "stages of a plan cannot be run here")
	}
	out := &exchanged{node: e, env: env, schema: schema}
	for _, s := range e.Stages {
		op, err := Build(env, s)
		if err != nil {
			return nil, err
		}
		out.stages = append(out.stages, op)
	}
	return out, nil
}

// exchanged is the operator.
type exchanged struct {
	node   *Exchanged
	env    *Env
	schema data.Schema
	stages []exec.Operator
}

func (e *exchanged) Schema() data.Schema     { return e.schema }
func (e *exchanged) Inputs() []exec.Operator { return e.stages }
func (e *exchanged) String() string          { return "exchange" }

// exchangeTries is how often the stages are run, if a server fails before the
// first row is given: what it kept is lost with it.
const exchangeTries = 2

// Run runs stage after stage, then the fragments over their parts.
func (e *exchanged) Run(ctx context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		for try := 1; ; try++ {
			begun, err := e.once(ctx, yield)
			if err == nil {
				return
			}
			if begun || try == exchangeTries || ctx.Err() != nil || fault.Of(err).Kind != fault.Unavailable {
				yield(nil, err)
				return
			}
		}
	}
}

// once does all once; begun says that rows were given.
func (e *exchanged) once(ctx context.Context, yield func(*data.Batch, error) bool) (begun bool, err error) {
	kept := make([][]KeptAt, len(e.stages))
	defer func() {
		for _, list := range kept {
			for _, at := range list {
				e.env.Drop(at)
			}
		}
	}()
	servers := []string{}
	seen := map[string]bool{}
	for i, op := range e.stages {
		rows, err := exec.Collect(exec.Elsewhere(ctx), op, nil)
		if err != nil {
			return false, err
		}
		for r := range rows.N {
			at := KeptAt{rows.Cols[0].Str(r), rows.Cols[1].Str(r), rows.Cols[2].Str(r)}
			kept[i] = append(kept[i], at)
			if !seen[at.Server] {
				seen[at.Server] = true
				servers = append(servers, at.Server)
			}
		}
	}
	if len(servers) == 0 {
		return false, nil // there is no segment that any stage reads
	}
	out := &gather{schema: e.schema}
	for p := range e.node.Ways {
		f, err := e.fragment(p, kept)
		if err != nil {
			return false, err
		}
		out.inputs = append(out.inputs, e.env.Stage(servers[p%len(servers)], f))
	}
	for b, err := range out.Run(ctx) {
		if err != nil {
			return begun, err
		}
		begun = true
		if !yield(b, nil) {
			return true, nil
		}
	}
	return begun, nil
}

// fragment is the fragment over part p.
func (e *exchanged) fragment(p int, kept [][]KeptAt) (*Fragment, error) {
	f := &Fragment{}
	var err error
	f.Plan, err = Rewrite(e.node.Fragment, func(n Node) (Node, error) {
		switch n := n.(type) {
		case *Receive:
			r := *n
			r.Part, r.From = p, kept[n.Stage]
			return &r, nil
		case *Values:
			v := *n
			v.Part = len(f.Rows)
			f.Rows = append(f.Rows, v.Rows)
			return &v, nil
		}
		return n, nil
	})
	return f, err
}

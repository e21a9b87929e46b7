package broker

import (
	"context"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/rule"
)

// An inliner puts rows in the place of the parts of a plan that must be known
// before the rest can be cut where the data is: right sides of joins whose left
// side reads segments, left sides that come first, and what is shared.
type inliner struct {
	run    *run
	ctx    context.Context
	dry    bool // only tell what would be put there
	shared map[int]*planner.Values
}

func (i *inliner) inline(n planner.Node) (planner.Node, error) {
	switch n := n.(type) {
	case *planner.Shared:
		return i.once(n)
	case *planner.Join:
		if n.Exchange.Ways == 0 && rule.Scans(n.Left.V) && rule.Scans(n.Right.V) && n.On.Type != exec.Right && n.On.Type != exec.Full {
			return i.join(n)
		}
	}
	inputs := n.Inputs()
	if len(inputs) == 0 {
		return n, nil
	}
	for at, in := range inputs {
		var err error
		if inputs[at], err = i.inline(in); err != nil {
			return nil, err
		}
	}
	return n.With(inputs...), nil
}

// once runs a shared plan at its first place.
func (i *inliner) once(n *planner.Shared) (planner.Node, error) {
	v := i.shared[n.ID]
	if v == nil {
		in, err := i.inline(n.Input.V)
		if err != nil {
			return nil, err
		}
		if v, err = i.rows(in, "shared"); err != nil {
			return nil, err
		}
		if i.shared == nil {
			i.shared = map[int]*planner.Values{}
		}
		i.shared[n.ID] = v
	}
	out := *v
	out.Columns = n.Named(v.Columns)
	return &out, nil
}

// reduceMost is the number of rows up to which the other side of a join is
// asked for their keys alone.
const reduceMost = 1 << 21

// join runs one side, lets of the other only those rows come that it has keys
// of, and runs that, too, where it is the right one.
func (i *inliner) join(j *planner.Join) (planner.Node, error) {
	if j.Reduce {
		left, err := i.side(j.Left.V, "first")
		if err != nil {
			return nil, err
		}
		right := j.Right.V
		if left.Rows.N <= reduceMost {
			right, _ = rule.Reduce(right, j.On.Keys, left, false)
		}
		rest, err := i.side(right, "broadcast")
		if err != nil {
			return nil, err
		}
		return j.With(left, rest), nil
	}
	right, err := i.side(j.Right.V, "broadcast")
	if err != nil {
		return nil, err
	}
	left := j.Left.V
	if right.Rows.N <= reduceMost && (j.On.Type == exec.Inner || j.On.Type == exec.Semi) {
		left, _ = rule.Reduce(left, rule.Turned(j.On.Keys), right, true)
	}
	if left, err = i.inline(left); err != nil {
		return nil, err
	}
	return j.With(left, right), nil
}

func (i *inliner) side(n planner.Node, name string) (*planner.Values, error) {
	in, err := i.inline(n)
	if err != nil {
		return nil, err
	}
	return i.rows(in, name)
}

// rows is what a plan gives.
func (i *inliner) rows(n planner.Node, name string) (*planner.Values, error) {
	if v, ok := n.(*planner.Values); ok {
		return v, nil
	}
	plan, err := planner.Distribute(&planner.Collect{Input: planner.Of{V: n}}, i.run.loc)
	if err != nil {
		return nil, err
	}
	schema, err := plan.Schema()
	if err != nil {
		return nil, err
	}
	if i.dry {
		return &planner.Values{Columns: schema, Rows: &data.Batch{}, Name: name, Plan: plan}, nil
	}
	op, err := planner.Build(i.run.env, plan)
	if err != nil {
		return nil, err
	}
	rows, err := exec.CollectWords(exec.Elsewhere(i.ctx), op, i.run.env.Exec.Memory)
	if err != nil {
		return nil, err
	}
	if err := i.run.subquery(rows); err != nil {
		return nil, err
	}
	return &planner.Values{Columns: schema, Rows: rows, Name: name}, nil
}

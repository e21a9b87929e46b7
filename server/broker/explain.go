package broker

import (
	"context"

	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/planner/rule"
	"github.com/ovatedb/ovate/sql"
	"github.com/ovatedb/ovate/sql/parse"
)

// explained is the statement whose rows tell of the plan of q.
func (b *Broker) explained(ctx context.Context, q *sql.Question, s Settings) (*sql.Question, error) {
	var out sql.Explanation
	plan, err := b.Explain(ctx, q.Plan, s)
	if err != nil {
		return nil, err
	}
	out.Text = planner.Explain(plan)
	if q.Explain == parse.ExplainPlan {
		if out.Queries, err = b.nativeQueries(q.Plan, s); err != nil {
			return nil, err
		}
	}
	return sql.Explain(q, out)
}

// nativeQueries are the native queries that give the rows of a plan: one, or
// one for each part of a union of all rows. Where there is none, it is the
// plan as a tree.
func (b *Broker) nativeQueries(plan planner.Node, s Settings) ([]sql.Explained, error) {
	env := b.newRun(s).env.Exec.Expr
	optimize := func(n planner.Node) (planner.Node, error) { return rule.Optimize(n, env) }
	plan, err := optimize(plan)
	if err != nil {
		return nil, err
	}
	parts := []planner.Node{plan}
	if u, ok := plan.(*planner.Union); ok {
		parts = u.Inputs()
	}
	var out []sql.Explained
	for _, p := range parts {
		m, ok := native.Match(b, p, optimize)
		if !ok {
			return whole(plan)
		}
		schema, err := p.Schema()
		if err != nil {
			return nil, err
		}
		out = append(out, sql.Explained{Query: m.JSON, Columns: m.Columns, Schema: schema})
	}
	return out, nil
}

// whole is a plan as a tree.
func whole(plan planner.Node) ([]sql.Explained, error) {
	raw, err := sql.PlanJSON(plan)
	if err != nil {
		return nil, err
	}
	schema, err := plan.Schema()
	return []sql.Explained{{Query: raw, Columns: schema.Names(), Schema: schema}}, err
}

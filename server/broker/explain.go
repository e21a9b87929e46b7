package broker

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/planner/rule"
	"github.com/ovatedb/ovate/sql"
	"github.com/ovatedb/ovate/sql/parse"
)

// explained is the statement whose rows tell of the plan of q.
func (b *Broker) explained(ctx context.Context, q *sql.Question, s Settings) (*sql.Question, error) {
	var out sql.Explanation
	var err error
	switch q.Explain {
	case parse.ExplainAnalyze:
		out.Text, err = b.analyzed(ctx, q.Plan, s)
	case parse.ExplainPlan:
		if out.Text, err = b.planText(ctx, q.Plan, s); err == nil {
			out.Queries, err = b.nativeQueries(q.Plan, s)
		}
	default:
		out.Text, err = b.planText(ctx, q.Plan, s)
	}
	if err != nil {
		return nil, err
	}
	return sql.Explain(q, out)
}

func (b *Broker) planText(ctx context.Context, plan planner.Node, s Settings) (string, error) {
	plan, err := b.Explain(ctx, plan, s)
	if err != nil {
		return "", err
	}
	return planner.Explain(plan), nil
}

// analyzed runs a plan, not from the cache, and tells what each step of it
// cost on all servers: rows and batches that it gave, the time of all workers
// with that of its inputs, and of scans the bytes of the values that they gave
// and the segments that they read.
func (b *Broker) analyzed(ctx context.Context, plan planner.Node, s Settings) (string, error) {
	s.Trace, s.UseCache, s.PopulateCache = new(planner.Trace), false, false
	var facts *planner.Facts
	rows := 0
	begun := time.Now()
	err := b.Execute(ctx, plan, s, func(a *native.Answer) error {
		facts = a.Facts
		for batch, err := range a.Rows {
			if err != nil {
				return err
			}
			rows += batch.N
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%d rows in %.3f ms, at most %d bytes of memory on a server\n", rows, float64(time.Since(begun))/1e6, facts.Peak())
	before := "run before, for rows that it needs:\n"
	for i, m := range s.Trace.Measures(facts) {
		switch {
		case i > 0 && m.Cost.Batches == 0: // what segments were asked of themselves
			continue
		case i > 0:
			out.WriteString(before)
			before = ""
		}
		out.WriteString(m.Text())
	}
	return out.String(), nil
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
			return asTree(plan)
		}
		schema, err := p.Schema()
		if err != nil {
			return nil, err
		}
		out = append(out, sql.Explained{Query: m.JSON, Columns: m.Columns, Schema: schema})
	}
	return out, nil
}

// asTree is a plan as a tree.
func asTree(plan planner.Node) ([]sql.Explained, error) {
	raw, err := sql.PlanJSON(plan)
	if err != nil {
		return nil, err
	}
	schema, err := plan.Schema()
	return []sql.Explained{{Query: raw, Columns: schema.Names(), Schema: schema}}, err
}

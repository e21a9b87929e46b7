package planner_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/rule"
)

// partialAnswers is what a broker merges: as many servers, each of which gives
// the same partial rows, in batches of the usual size.
type partialAnswers struct {
	here
	servers int
	rows    *data.Batch
	schema  data.Schema
}

func (p *partialAnswers) Locate(string, []chrono.Interval) (out []planner.Target, err error) {
	one, err := p.here.Locate("", nil)
	for i := range p.servers {
		ref := one[0].Slices[0]
		ref.Ordinal = i
		out = append(out, planner.Target{Server: fmt.Sprintf("server %d", i), Slices: []planner.SliceRef{ref}})
	}
	return out, err
}

// BenchmarkMerge merges what 100 servers give. The time of making the partial
// rows is not in it.
func BenchmarkMerge(b *testing.B) {
	const servers = 100
	f := orders(b, 1<<20)
	table := planner.Table{Name: "orders", Schema: f.Schema()}
	scan := func() planner.Node { return planner.NewScan(table, []chrono.Interval{chrono.Eternity}) }
	parse := func(text string) expr.Expr {
		e, err := expr.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	key := func(text string) []exec.Named { return []exec.Named{{Name: "k", Expr: parse(text)}} }
	calls := []agg.Call{agg.Of("count", "n"), agg.Of("sum", "qty", parse("qty")), agg.Of("max", "price", parse("price"))}
	for _, c := range []struct {
		name string
		plan planner.Node
	}{
		{"100000 numbers", planner.NewAggregate(scan(), key("key % 100000"), calls)},
		{"100000 words", planner.NewAggregate(scan(), key("concat('word ', cast(key % 100000, 'STRING'))"), calls)},
		{"top 100 of 100000", planner.NewSort(planner.NewAggregate(scan(), key("key % 100000"), calls), []exec.SortKey{{Column: "qty", Desc: true}}, 100, 0)},
		{"days", planner.NewAggregate(scan(), key("timestamp_floor(__time, 'P1D')"), calls)},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := &partialAnswers{here: here{f, &exec.Env{Expr: &expr.Env{}}}, servers: servers}
			n, err := rule.Optimize(c.plan, &expr.Env{})
			if err == nil {
				n, err = planner.Distribute(n, p)
			}
			if err != nil {
				b.Fatal(err)
			}
			groups := 0
			for b.Loop() {
				groups = p.merge(b, n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(servers*max(1, p.rows.N)), "ns/partial-row")
			b.ReportMetric(float64(groups), "groups")
		})
	}
}

// merge runs a plan whose servers give the rows that the first one gave.
func (p *partialAnswers) merge(b *testing.B, n planner.Node) int {
	env := p.planEnv()
	real := env.Remote
	env.Remote = func(t planner.Target, f *planner.Fragment) exec.Operator {
		if p.rows == nil {
			op := real(t, f)
			rows, err := exec.Collect(context.Background(), op, nil)
			if err != nil {
				b.Fatal(err)
			}
			p.rows, p.schema = rows, op.Schema()
		}
		return exec.NewValues(p.env, p.schema, p.rows)
	}
	op, err := planner.Build(env, n)
	if err != nil {
		b.Fatal(err)
	}
	out, err := exec.Collect(context.Background(), op, nil)
	if err != nil {
		b.Fatal(err)
	}
	return out.N
}

package native

import (
	"slices"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
)

// aggregating is the members that queries which aggregate share.
type aggregating struct {
	common
	Granularity  Granularity                       `json:"granularity"`
	Aggregations list[aggregator]                  `json:"aggregations"`
	Post         list[jsontype.Of[PostAggregator]] `json:"postAggregations"`

	// seen are the aggregates that are not what a client sees of them, and what
	// that is: what conditions and orders mean even where the answer is raw.
	seen map[string]expr.Expr
	// bucketName is the column of the bucket, which post-aggregators do not see.
	bucketName string
	later      map[string]filter.Extraction // of dimensions, for each group
}

// An aggregator is one of the family of aggregators, or grouping.
type aggregator struct {
	V        agg.Native
	Grouping *grouping
}

// UnmarshalJSON reads an aggregator.
func (a *aggregator) UnmarshalJSON(raw []byte) (err error) {
	if a.Grouping, err = readGrouping(raw); err != nil || a.Grouping != nil {
		return err
	}
	a.V, err = agg.ParseNative("", raw)
	return err
}

// name is the column of the answer.
func (a *aggregator) name() string {
	if a.Grouping != nil {
		return a.Grouping.Name
	}
	return a.V.OutputName()
}

// checkNames wants a name of its own for every column of the answer; seen are
// those that are taken, and by what.
func (q *aggregating) checkNames(seen map[string]string) error {
	claim := func(list string, i int, name, what string) error {
		step := index(list, i)
		switch {
		case name == "":
			return fault.At(missing("name", "the name of the result"), step)
		case seen[name] != "":
			return fault.At(fault.Invalidf("%q is the name of %s already", name, seen[name]), step+".name")
		}
		seen[name] = what
		return nil
	}
	for i := range q.Aggregations {
		a := &q.Aggregations[i]
		if a.V == nil && a.Grouping == nil {
			return fault.At(fault.Invalidf("expected an aggregator, got null"), index("aggregations", i))
		}
		if err := claim("aggregations", i, a.name(), "an aggregator"); err != nil {
			return err
		}
	}
	for i, p := range q.Post {
		if p.V == nil {
			return fault.At(fault.Invalidf("expected a post-aggregator, got null"), index("postAggregations", i))
		}
		if err := claim("postAggregations", i, p.V.OutputName(), "a post-aggregator"); err != nil {
			return err
		}
	}
	return nil
}

// calls are the aggregates over rows of the scope.
func (q *aggregating) calls(s agg.Scope) ([]agg.Call, error) {
	out := []agg.Call{}
	for i := range q.Aggregations {
		if q.Aggregations[i].V == nil {
			continue
		}
		c, err := q.Aggregations[i].V.Call(s)
		if err == nil {
			c.Name = q.Aggregations[i].name()
			_, _, err = c.Types(s.Schema)
		}
		if err != nil {
			return nil, fault.At(err, index("aggregations", i))
		}
		out = append(out, c)
	}
	return out, nil
}

// aggregate groups the rows of n and computes the post-aggregators. The answer
// has the keys, the aggregates and the post-aggregators, in this order; with
// finalize, states and sketches are shown as their estimates. inSet tells of grouping
// aggregators which dimensions the groups have; nil: all.
func (q *aggregating) aggregate(n planner.Node, keys []exec.Named, calls []agg.Call, finalize bool, inSet func(string) bool) (planner.Node, error) {
	raw := func(string) bool { return !q.Context.Flag("finalize", true) }
	out, r, err := q.computed(n, keys, calls, raw, finalize, inSet)
	if err != nil || !r.again {
		return out, err
	}
	out, _, err = q.computed(n, keys, calls, func(name string) bool { return r.asked[name] }, finalize, inSet)
	return out, err
}

// computed is aggregate with the states of some aggregates. Where again is set,
// post-aggregators want those of others too.
func (q *aggregating) computed(n planner.Node, keys []exec.Named, calls []agg.Call, raw func(name string) bool, finalize bool, inSet func(string) bool) (out planner.Node, r *results, err error) {
	r = &results{finals: map[string]expr.Expr{}, hidden: q.bucketName, asked: map[string]bool{}, stateful: map[string]bool{}}
	calls = slices.Clone(calls)
	for i, c := range calls {
		if r.stateful[c.Name] = agg.HasState(c); raw(c.Name) {
			calls[i] = agg.Unfinalized(c)
		}
	}
	n, err = q.changed(planner.NewAggregate(n, keys, calls))
	if err != nil {
		return nil, nil, err
	}
	r.node = n
	var shown []exec.Named
	for _, k := range keys {
		shown = append(shown, column(k.Name))
	}
	at := 0
	for i := range q.Aggregations {
		a := &q.Aggregations[i]
		if a.Grouping != nil {
			if err := r.add(a.name(), expr.Long(a.Grouping.mask(inSet))); err != nil {
				return nil, nil, err
			}
			shown = append(shown, column(a.name()))
			continue
		}
		final := agg.Shown(a.V, calls[at].Func, expr.Column(a.name()))
		at++
		r.finals[a.name()] = final
		if _, plain := final.(*expr.Col); !plain && !finalize {
			if q.seen == nil {
				q.seen = map[string]expr.Expr{}
			}
			q.seen[a.name()] = final
		}
		if finalize {
			shown = append(shown, exec.Named{Name: a.name(), Expr: final})
		} else {
			shown = append(shown, column(a.name()))
		}
	}
	for _, c := range calls[at:] { // those that the query itself did not ask for
		shown = append(shown, column(c.Name))
	}
	for i, p := range q.Post {
		e, err := p.V.Expr(r)
		if err == nil {
			err = r.add(p.V.OutputName(), e)
		}
		if err != nil {
			return nil, nil, fault.At(err, index("postAggregations", i))
		}
		shown = append(shown, column(p.V.OutputName()))
	}
	for name := range r.asked {
		r.again = r.again || r.stateful[name] && !raw(name)
	}
	out, err = projected(r.node, shown)
	return out, r, err
}

// projected is the columns of n that are shown; n itself if these are all.
func projected(n planner.Node, shown []exec.Named) (planner.Node, error) {
	in, err := n.Schema()
	if err != nil {
		return nil, err
	}
	same := len(in) == len(shown)
	for i := 0; same && i < len(in); i++ {
		c, ok := shown[i].Expr.(*expr.Col)
		same = ok && c.Name == in[i].Name && shown[i].Name == in[i].Name
	}
	if same {
		return n, nil
	}
	return planner.NewProject(n, shown...), nil
}

// value is a column of the answer as a client sees it.
func (q *aggregating) value(name string) expr.Expr {
	if e := q.seen[name]; e != nil {
		return e
	}
	return expr.Column(name)
}

// results are the columns that post-aggregators may name: keys, aggregates and
// earlier post-aggregators.
type results struct {
	node   planner.Node
	finals map[string]expr.Expr // of aggregates
	hidden string
	asked  map[string]bool // those that were asked for as they are
	// stateful are the aggregates that HasState.
	stateful map[string]bool
	again    bool
}

// add computes a column beside those that are there.
func (r *results) add(name string, e expr.Expr) error {
	in, err := r.node.Schema()
	if err != nil {
		return err
	}
	if _, err := expr.TypeOf(e, in); err != nil {
		return err
	}
	r.node = planner.NewProject(r.node, append(columns(in.Names()...), exec.Named{Name: name, Expr: e})...)
	return nil
}

// raw is a result as it is, sketches as such.
func (r *results) raw(name string) (expr.Expr, data.Type, error) {
	in, err := r.node.Schema()
	if err != nil {
		return nil, data.NullType, err
	}
	f, ok := in.Find(name)
	if !ok || name == r.hidden {
		return nil, data.NullType, fault.Invalidf("there is no aggregator, dimension or earlier post-aggregator %q%s", name, fault.Suggest(name, slices.DeleteFunc(in.Names(), func(n string) bool { return n == r.hidden })))
	}
	return expr.Column(name), f.Type, nil
}

// final is a result as a client sees it.
func (r *results) final(name string) (expr.Expr, error) {
	e, _, err := r.raw(name)
	if f := r.finals[name]; f != nil && err == nil {
		return f, nil
	}
	return e, err
}

// operand is a post-aggregator where a number is wanted: of the aggregates
// whose state is no sketch, the value.
func (r *results) operand(p PostAggregator) (expr.Expr, error) {
	if f, ok := p.(*postField); ok && r.stateful[f.FieldName] {
		return r.final(f.FieldName)
	}
	return p.Expr(r)
}

// typeOf is the type of an expression over the results.
func (r *results) typeOf(e expr.Expr) (data.Type, error) {
	in, err := r.node.Schema()
	if err != nil {
		return data.NullType, err
	}
	return expr.TypeOf(e, in)
}

// empty is no rows of that schema.
func empty(schema data.Schema) planner.Node {
	rows := &data.Batch{}
	for _, f := range schema {
		rows.Cols = append(rows.Cols, data.NewBuilder(f.Type).Vec())
	}
	return &planner.Values{Columns: schema, Rows: rows}
}

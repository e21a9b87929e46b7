package rule

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

// padBuckets has the buckets of a Pad listed by the segments that its grouping
// reads, and joins the groups to them:
//
//	Pad            Sort by bucket
//	  Groups   →     Project: the group's values, or those of no rows
//	  Rows             Join left
//	                     Aggregate by bucket
//	                       Buckets of Scan
//	                     Groups
//
// There are no groups without rows for a HAVING or a filter to keep, nor for an
// order by something else than the bucket, nor for an OFFSET; groups of what is
// not read from segments row by row are those that there are.
func padBuckets(n planner.Node, _ *Env) (planner.Node, error) { return pads(n, nil, false) }

// pads rewrites n, whose rows are ordered by some columns; bare says that only
// groups with rows are asked for.
func pads(n planner.Node, order []expr.Expr, bare bool) (planner.Node, error) {
	switch n := n.(type) {
	case *planner.Pad:
		for _, e := range order {
			c, ok := e.(*expr.Col)
			bare = bare || !ok || c.Name != n.Key
		}
		groups, err := pads(n.Groups.V, nil, false)
		if err != nil || bare {
			return groups, err
		}
		return padded(n, groups)
	case *planner.Filter:
		bare = true
	case *planner.Sort:
		bare = bare || n.Offset > 0
		for _, k := range n.Keys {
			order = append(order, expr.Column(k.Column))
		}
	case *planner.Project:
		order, put := append([]expr.Expr(nil), order...), replacer(n)
		for i := range order {
			order[i] = put(order[i])
		}
		return padInputs(n, order, bare)
	default:
		order, bare = nil, false
	}
	return padInputs(n, order, bare)
}

func padInputs(n planner.Node, order []expr.Expr, bare bool) (planner.Node, error) {
	inputs := n.Inputs()
	if len(inputs) == 0 {
		return n, nil
	}
	out := make([]planner.Node, len(inputs))
	for i, in := range inputs {
		var err error
		if out[i], err = pads(in, order, bare); err != nil {
			return nil, err
		}
	}
	return n.With(out...), nil
}

// Names of columns that only padding uses.
const (
	padBucket = "\x00bucket"
	padFound  = "\x00found"
)

// padded is the groups and the buckets without one.
func padded(p *planner.Pad, groups planner.Node) (planner.Node, error) {
	rows, err := p.Rows.V.Schema()
	if err != nil {
		return nil, err
	}
	buckets := bucketsOf(p.Rows.V, expr.Column(rows[0].Name))
	if buckets == nil {
		return groups, nil
	}
	schema, err := groups.Schema()
	if err != nil {
		return nil, err
	}
	key := expr.Column(padBucket)
	var found, out []exec.Named
	for i, f := range schema {
		if f.Name == p.Key {
			found = append(found, exec.Named{Name: padFound, Expr: expr.Column(f.Name)})
			out = append(out, exec.Named{Name: f.Name, Expr: key})
			continue
		}
		found = append(found, exec.Named{Name: f.Name, Expr: expr.Column(f.Name)})
		e := expr.Of("if", expr.Of("isnull", expr.Column(padFound)), p.Blank[i].Expr, expr.Column(f.Name))
		out = append(out, exec.Named{Name: f.Name, Expr: e})
	}
	on := exec.JoinOn{Type: exec.Left, Keys: []exec.JoinKey{{Left: expr.Box{Expr: key}, Right: expr.Box{Expr: expr.Column(padFound)}}}}
	joined := planner.NewJoin(
		planner.NewAggregate(buckets, []exec.Named{{Name: padBucket, Expr: key}}, nil),
		planner.NewProject(groups, found...), on)
	return planner.NewSort(planner.NewProject(joined, out...), []exec.SortKey{{Column: p.Key}}, -1, 0), nil
}

// bucketsOf lists the buckets of a column of n; nil where n is not rows of
// segments, or the column no bucket of their time.
func bucketsOf(n planner.Node, bucket expr.Expr) planner.Node {
	switch n := n.(type) {
	case *planner.Project:
		return bucketsOf(n.Input.V, replacer(n)(bucket))
	case *planner.Filter:
		if never(n.Cond.Expr) {
			return nil
		}
		return bucketsOf(n.Input.V, bucket)
	case *planner.Unnest:
		return bucketsOf(n.Input.V, bucket)
	case *planner.Union:
		return bucketsOfParts(n, bucket)
	case *planner.Scan:
		if bucket = timeBucket(bucket); bucket != nil && !never(n.Filter.Expr) {
			return planner.NewBuckets(n, padBucket, bucket)
		}
	}
	return nil
}

// never says whether cond is the literal false or null.
func never(cond expr.Expr) bool {
	for _, c := range expr.Conjuncts(cond) {
		if l, ok := c.(*expr.Lit); ok && (l.Value == nil || l.Value == false || l.Value == int64(0)) {
			return true
		}
	}
	return false
}

// bucketsOfParts lists the buckets of all parts, whose columns are matched by
// position.
func bucketsOfParts(u *planner.Union, bucket expr.Expr) planner.Node {
	names, err := u.Schema()
	if err != nil {
		return nil
	}
	var parts []planner.Node
	for _, p := range u.Inputs() {
		schema, err := p.Schema()
		if err != nil {
			return nil
		}
		of := bucketsOf(p, expr.Replace(bucket, func(c string) (expr.Expr, bool) {
			i := names.Index(c)
			if i < 0 {
				return expr.Null(), true
			}
			return expr.Column(schema[i].Name), true
		}))
		if of == nil {
			return nil
		}
		parts = append(parts, of)
	}
	return planner.NewUnion(parts...)
}

// timeBucket is e if it is a bucket of a scan's time; buckets of finer buckets
// are those of the time. Else it is nil.
func timeBucket(e expr.Expr) expr.Expr {
	time, g, ok := fn.Granularity(e)
	if !ok {
		return nil
	}
	if c, is := time.(*expr.Col); is && c.Name == segment.Time {
		return e
	}
	finer := timeBucket(time)
	if finer == nil {
		return nil
	}
	if _, h, _ := fn.Granularity(finer); !refines(h, g) {
		return nil
	}
	call := *e.(*expr.Call)
	call.Args = append([]expr.Expr{finer.(*expr.Call).Args[0]}, call.Args[1:]...)
	return &call
}

// refines says whether buckets of g begin where ones of h do, by a few years of
// them.
func refines(h, g chrono.Granularity) bool {
	const tried = 400
	t := g.Floor(0)
	for range tried {
		if h.Floor(t) != t {
			return false
		}
		t = g.Next(t)
	}
	return true
}

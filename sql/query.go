package sql

import (
	"reflect"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// A result is a bound query: a plan whose first columns are cols. Behind them
// come those that a query around needs.
type result struct {
	node     planner.Node
	cols     []column
	single   bool              // gives just one row
	limited  bool              // has LIMIT or OFFSET
	one      bool              // gives at most one row, by its LIMIT
	cut      bool              // has a LIMIT that counts rows for each row of the query around
	deferred map[int]expr.Expr // columns that the query around must compute
	defaults []expr.Expr       // what the columns are for no rows, of a grouping without keys; nil elements: null
	counted  bool              // all that have a default are null only where there are no rows
}

// queryBinders are the functions that bind queries.
var queryBinders = map[reflect.Type]func(*binder, parse.Query, parse.Tail, around) (*result, error){}

func bindsQuery[Q parse.Query](f func(*binder, Q, parse.Tail, around) (*result, error)) {
	queryBinders[reflect.TypeFor[Q]()] = func(b *binder, q parse.Query, t parse.Tail, in around) (*result, error) {
		return f(b, q.(Q), t, in)
	}
}

func init() {
	bindsQuery((*binder).selectQuery)
	bindsQuery((*binder).setOp)
	bindsQuery((*binder).values)
	bindsQuery((*binder).with)
	bindsQuery((*binder).nested)
}

// query binds any query with its own tail.
func (b *binder) query(q parse.Query, in around) (*result, error) {
	return b.queryWith(q, tailOf(q), in)
}

func (b *binder) queryWith(q parse.Query, t parse.Tail, in around) (*result, error) {
	f := queryBinders[reflect.TypeOf(q)]
	if f == nil {
		return nil, at(fault.Invalidf("this query cannot stand here"), q)
	}
	out, err := f(b, q, t, in)
	return out, at(err, q)
}

// tailOf is the ORDER BY and LIMIT of a query.
func tailOf(q parse.Query) parse.Tail {
	v := reflect.ValueOf(q).Elem().FieldByName("Tail")
	if !v.IsValid() {
		return parse.Tail{}
	}
	return v.Interface().(parse.Tail)
}

func (b *binder) with(q *parse.With, _ parse.Tail, in around) (*result, error) {
	for _, c := range q.CTEs {
		for x := in.ctes; x != nil; x = x.outer {
			if x.cte.Name == c.Name {
				return nil, at(fault.Invalidf("WITH names %s twice", c.Name.Text), c)
			}
		}
		next := &ctes{cte: c, outer: in.ctes, recursive: q.Recursive && namesTable(c.Query, c.Name.Text)}
		// A query that nothing uses must make sense too.
		mark := len(b.tables)
		if _, err := b.cteQuery(next); err != nil {
			return nil, err
		}
		b.tables = b.tables[:mark]
		in.ctes = next
	}
	return b.query(q.Body, in)
}

// namesTable says whether a query reads a table of that name.
func namesTable(q parse.Query, name string) bool {
	found := false
	parse.Walk(q, func(n parse.Node) bool {
		t, ok := n.(*parse.TableName)
		found = found || ok && len(t.Parts) == 1 && t.Parts[0].Text == name
		return !found
	})
	return found
}

// nested is a query in parentheses under an ORDER BY or LIMIT of its own.
func (b *binder) nested(q *parse.Nested, t parse.Tail, in around) (*result, error) {
	if in.corr != nil && (len(t.OrderBy) > 0 || t.Limit != nil || t.Offset != nil) {
		in.corr = nil
	}
	out, err := b.query(q.Body, in)
	if err != nil {
		return nil, err
	}
	return b.tailed(out, t)
}

// tailed orders and limits a bound query.
func (b *binder) tailed(out *result, t parse.Tail) (*result, error) {
	if t.OrderBy == nil && t.Limit == nil && t.Offset == nil {
		return out, nil
	}
	st := &stage{b: b, cols: out.cols, schema: fields(out.cols)}
	p := &projection{scope: scope{stage: st}, q: &parse.Select{}, tail: t}
	for _, c := range out.cols {
		p.items = append(p.items, item{name: c.name, value: c.value()})
		p.cols = append(p.cols, c)
	}
	p.exprs = kept(out.cols, nil)
	if err := p.orderBy(); err != nil {
		return nil, err
	}
	limit, offset, err := b.limits(t)
	if err != nil {
		return nil, err
	}
	node := project(st.build(out.node), p.exprs)
	node = planner.NewSort(node, p.keys, limit, offset)
	if p.extra > 0 {
		node = project(node, kept(p.cols, nil))
	}
	return &result{node: node, cols: p.cols, limited: true}, nil
}

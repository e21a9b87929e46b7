package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// A correlation is how a subquery hangs on the query around it. Names that the
// subquery does not know become references. Conditions of its WHERE that read
// references are pulled out and become conditions of the join with the query
// around. Where that does not do (references elsewhere, or no equalities under
// a grouping), the subquery is bound again over its rows joined with the
// domain: the distinct values that the references have around.
type correlation struct {
	outer   scope
	refs    []outerRef
	keys    []corrKey
	rest    []expr.Expr // conditions over carried columns and references
	columns map[string]string
	domain  *domain // nil in the first attempt
	stuck   bool    // the first attempt failed
}

// An outerRef is a value of the query around under a name of its own.
type outerRef struct {
	id    string
	value value
	text  string
}

// A corrKey equates an expression of the subquery, carried under id, with one
// of the query around.
type corrKey struct {
	inner, outer expr.Expr
	id           string
	nullSafe     bool
}

// A domain is the rows of distinct values of references.
type domain struct {
	node planner.Node
	cols []column
	refs []outerRef
}

// resolve finds a name in the query around.
func (c *correlation) resolve(e *parse.Ident) (value, bool, error) {
	if c == nil || !c.outer.knows(e) {
		return value{}, false, nil
	}
	v, err := c.outer.bind(e)
	if err != nil {
		return v, true, err
	}
	text := v.expr.String()
	if c.domain != nil {
		for i, r := range c.domain.refs {
			if r.text == text {
				return c.domain.cols[i].value().as(v.typ), true, nil
			}
		}
	}
	for _, r := range c.refs {
		if r.text == text {
			return value{expr.Column(r.id), v.native, v.typ}, true, nil
		}
	}
	r := outerRef{c.outer.b.unique("outer"), v, text}
	c.refs = append(c.refs, r)
	return value{expr.Column(r.id), v.native, v.typ}, true, nil
}

// knows says whether a scope or one around it has a column of that name.
func (s scope) knows(e *parse.Ident) bool {
	if len(s.find(e.Parts)) > 0 {
		return true
	}
	return s.corr != nil && s.corr.outer.stage != nil && s.corr.outer.knows(e)
}

// has says whether id is a reference.
func (c *correlation) has(id string) bool {
	if c == nil {
		return false
	}
	for _, r := range c.refs {
		if r.id == id {
			return true
		}
	}
	return false
}

// reads says whether e reads references, and whether it reads columns too.
func (c *correlation) reads(e expr.Expr) (refs, columns bool) {
	expr.Walk(e, func(id string) {
		if c.has(id) {
			refs = true
		} else {
			columns = true
		}
	})
	return refs, columns
}

// sees adds the references in e to the schema that types expressions.
func (s scope) sees(e expr.Expr) {
	if s.corr == nil {
		return
	}
	for _, r := range s.corr.refs {
		if s.schema.Index(r.id) >= 0 {
			continue
		}
		expr.Walk(e, func(id string) {
			if id == r.id && s.schema.Index(id) < 0 {
				s.schema = append(s.schema, data.Field{Name: r.id, Type: r.value.native})
			}
		})
	}
}

// pull takes a condition that reads references out of the subquery.
func (c *correlation) pull(e expr.Expr) {
	if k, ok := c.equality(e); ok {
		c.keys = append(c.keys, k)
		return
	}
	c.rest = append(c.rest, e)
}

// pulled says whether conditions were pulled out.
func (c *correlation) pulled() bool { return c != nil && len(c.keys)+len(c.rest) > 0 }

func (c *correlation) equality(e expr.Expr) (corrKey, bool) {
	call, ok := e.(*expr.Call)
	if !ok || call.Func.Name != "equals" && call.Func.Name != "notdistinctfrom" {
		return corrKey{}, false
	}
	for i := range 2 {
		in, out := call.Args[i], call.Args[1-i]
		inRefs, inCols := c.reads(in)
		outRefs, outCols := c.reads(out)
		if !inRefs && inCols && outRefs && !outCols {
			return corrKey{inner: in, outer: out, nullSafe: call.Func.Name != "equals"}, true
		}
	}
	return corrKey{}, false
}

// outside is e with the values of the query around for its references, and
// carried columns for those of the subquery.
func (c *correlation) outside(e expr.Expr) expr.Expr {
	return expr.Replace(e, func(id string) (expr.Expr, bool) {
		for _, r := range c.refs {
			if r.id == id {
				return r.value.expr, true
			}
		}
		if to, ok := c.columns[id]; ok {
			return expr.Column(to), true
		}
		return nil, false
	})
}

// carry adds to the projection what the query around needs of its rows.
func (p *projection) carry() []string {
	c := p.corr
	if c == nil {
		return nil
	}
	before := len(p.exprs)
	if c.domain != nil {
		for i, col := range c.domain.cols {
			c.keys = append(c.keys, corrKey{inner: expr.Column(col.id), outer: c.domain.refs[i].value.expr, nullSafe: true})
		}
	}
	for i := range c.keys {
		k := &c.keys[i]
		e := k.inner
		if p.group != nil {
			e = expr.Column(p.carriedKey(e))
		}
		p.window.within(p.b, e)
		k.id = p.hide("key", e)
	}
	if (p.group != nil || p.window.used()) && len(c.rest) > 0 {
		c.stuck = true
	}
	c.columns = map[string]string{}
	for _, e := range c.rest {
		p.carryColumns(e)
	}
	p.defer_()
	var ids []string
	for _, e := range p.exprs[before:] {
		ids = append(ids, e.Name)
	}
	return ids
}

// carryColumns carries the columns that e reads.
func (p *projection) carryColumns(e expr.Expr) {
	expr.Walk(e, func(id string) {
		if !p.corr.has(id) && p.corr.columns[id] == "" {
			p.corr.columns[id] = p.hide(id, expr.Column(id))
		}
	})
}

// carriedKey makes an expression of the rows a key of the grouping.
func (p *projection) carriedKey(e expr.Expr) string {
	if c, ok := e.(*expr.Col); ok && p.group.domain[c.Name] != "" {
		return p.group.domain[c.Name]
	}
	return p.group.hiddenKey(p.scope, e)
}

// defer_ leaves items that read references to the query around.
func (p *projection) defer_() {
	for i := range p.items {
		e := p.exprs[i].Expr
		if refs, _ := p.corr.reads(e); !refs {
			continue
		}
		p.carryColumns(e)
		if p.deferred == nil {
			p.deferred = map[int]expr.Expr{}
		}
		p.deferred[i] = e
		p.exprs[i].Expr = &expr.Lit{Type: p.cols[i].native}
	}
}

// defaults are the items for no rows, of a grouping without keys; nil: there is
// no such grouping, or HAVING drops its row. That HAVING does not, but may drop
// others, cannot be said to the query around: cut.
func (p *projection) defaults() (out []expr.Expr, cut bool) {
	if p.group == nil || len(p.group.sets) != 1 || len(p.group.sets[0]) > 0 {
		return nil, false
	}
	empty := map[string]expr.Expr{}
	for _, c := range p.group.calls {
		empty[c.call.Name] = emptyOf(c.call, p.group.rows.schema, p.b.env)
	}
	of := func(e expr.Expr) expr.Expr {
		return expr.Replace(e, func(id string) (expr.Expr, bool) { l, ok := empty[id]; return l, ok })
	}
	if p.having != nil {
		l, ok := expr.Fold(of(p.having), p.b.env).(*expr.Lit)
		return nil, !ok || l.Value == true
	}
	out = make([]expr.Expr, len(p.items))
	for i := range p.items {
		e := of(p.items[i].value.expr)
		if l, ok := expr.Fold(e, p.b.env).(*expr.Lit); !ok || l.Value != nil {
			out[i] = e
		}
	}
	return out, false
}

// counted says whether all items that are something for no rows are so by
// aggregates themselves, which are null for no rows of a group.
func (p *projection) counted(defaults []expr.Expr) bool {
	for i, e := range defaults {
		if _, ok := p.items[i].value.expr.(*expr.Col); e != nil && !ok {
			return false
		}
	}
	return true
}

// marked adds a column to the rows of a subquery. A left join leaves it null
// where it meets none of them.
func (b *binder) marked(n planner.Node) (planner.Node, data.Field, error) {
	schema, err := n.Schema()
	if err != nil {
		return nil, data.Field{}, err
	}
	exprs := make([]exec.Named, 0, len(schema)+1)
	for _, f := range schema {
		exprs = append(exprs, exec.Named{Name: f.Name, Expr: expr.Column(f.Name)})
	}
	mark := data.Field{Name: b.unique("met"), Type: data.LongType}
	return planner.NewProject(n, append(exprs, exec.Named{Name: mark.Name, Expr: expr.Long(1)})...), mark, nil
}

// orElse is v where a row was met, and else what it is for no rows.
func orElse(mark data.Field, v, none expr.Expr) expr.Expr {
	return expr.Of("case_searched", expr.Of("notnull", expr.Column(mark.Name)), v, none)
}

// emptyOf is what an aggregate gives for no rows.
func emptyOf(c agg.Call, schema data.Schema, env *expr.Env) expr.Expr {
	types, result, err := c.Types(schema)
	if err == nil {
		if acc, err := c.Bind(types, result, env, false); err == nil {
			acc.Grow(1)
			if v, err := acc.Result(); err == nil && v.N > 0 && !v.Null(0) {
				return &expr.Lit{Value: v.Value(0), Type: result}
			}
		}
	}
	return &expr.Lit{Type: result}
}

// subquery binds a query that may read this scope.
func (s scope) subquery(q parse.Query) (*result, *correlation, error) {
	corr := &correlation{outer: s}
	mark := len(s.b.tables)
	out, err := s.b.query(q, around{ctes: s.ctes, corr: corr})
	if err != nil {
		return nil, nil, err
	}
	if len(corr.refs) == 0 {
		return out, corr, nil
	}
	if !corr.stuck && !out.cut && !corr.leaks(out) {
		return out, corr, nil
	}
	d := s.domainOf(corr.refs)
	s.b.tables = s.b.tables[:mark]
	again := &correlation{outer: s, domain: d}
	if out, err = s.b.query(q, around{ctes: s.ctes, corr: again}); err != nil {
		return nil, nil, err
	}
	if out.cut || again.leaks(out) || len(again.keys) == 0 {
		return nil, nil, at(fault.New(fault.Unsupported, "this correlated subquery is not supported; join the tables instead"), q)
	}
	return out, again, nil
}

// leaks says whether references are left in the plan.
func (c *correlation) leaks(out *result) bool {
	found := false
	_, _ = planner.Rewrite(out.node, func(n planner.Node) (planner.Node, error) {
		if r, ok := n.(planner.Reader); ok {
			for _, e := range r.Reads() {
				refs, _ := c.reads(e)
				found = found || refs
			}
		}
		return n, nil
	})
	return found
}

// domainOf is the distinct values of references over the rows of the scope so
// far.
func (s scope) domainOf(refs []outerRef) *domain {
	d := &domain{}
	var keys []exec.Named
	for _, r := range refs {
		c := column{id: s.b.unique("domain"), typ: r.value.typ, native: r.value.native}
		d.cols = append(d.cols, c)
		keys = append(keys, exec.Named{Name: c.id, Expr: r.value.expr})
	}
	d.refs = refs
	d.node = planner.NewAggregate(s.soFar(), keys, nil)
	return d
}

// soFar is a plan whose rows are at least those of the scope.
func (s scope) soFar() planner.Node {
	if s.group == nil {
		return s.build(s.base)
	}
	n := s.group.rows.build(s.group.rows.base)
	if out, err := s.group.plan(n); err == nil {
		return s.build(out)
	}
	return n
}

// joinKeys are the equalities of the correlation.
func (c *correlation) joinKeys() []exec.JoinKey {
	var out []exec.JoinKey
	for _, k := range c.keys {
		out = append(out, exec.JoinKey{Left: expr.Box{Expr: c.outside(k.outer)}, Right: expr.Box{Expr: expr.Column(k.id)}, NullSafe: k.nullSafe})
	}
	return out
}

// residual is the conditions that are no equalities.
func (c *correlation) residual() expr.Expr {
	var out []expr.Expr
	for _, e := range c.rest {
		out = append(out, c.outside(e))
	}
	return expr.And(out...)
}

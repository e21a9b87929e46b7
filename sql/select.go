package sql

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/sql/parse"
)

// An item is one column of a select list, stars replaced by what they stand
// for.
type item struct {
	expr  parse.Expr
	name  string
	alias bool
	col   *column // of a star
	value value
}

// selectQuery binds SELECT.
func (b *binder) selectQuery(q *parse.Select, tail parse.Tail, in around) (*result, error) {
	rows, err := b.rowsOf(q, in)
	if err != nil {
		return nil, err
	}
	items, err := expand(rows, q.Items)
	if err != nil {
		return nil, err
	}
	s := rows
	if isGrouped(q, tail) {
		if s, err = newGrouping(rows, q, items); err != nil {
			return nil, err
		}
	}
	s.window = &windowing{defs: q.Windows}
	p := &projection{scope: s, rows: rows, q: q, tail: tail, items: items}
	return p.bind()
}

// isGrouped says whether the query computes groups.
func isGrouped(q *parse.Select, tail parse.Tail) bool {
	if q.GroupBy != nil || q.Having != nil {
		return true
	}
	for _, it := range q.Items {
		if hasAggregate(it.Expr) {
			return true
		}
	}
	for _, o := range tail.OrderBy {
		if hasAggregate(o.Expr) {
			return true
		}
	}
	return q.Qualify != nil && hasAggregate(q.Qualify)
}

// rowsOf is FROM and WHERE.
func (b *binder) rowsOf(q *parse.Select, in around) (scope, error) {
	rel := &relation{leaves: []leaf{{node: oneRow()}}}
	if q.From != nil {
		var err error
		if rel, err = b.table(q.From, in); err != nil {
			return scope{}, err
		}
	}
	st := &stage{b: b, cols: rel.cols, schema: fields(rel.cols), corr: in.corr, ctes: in.ctes}
	s := scope{stage: st}
	return s, s.where(rel, q.Where)
}

// oneRow is the row of a SELECT without FROM.
func oneRow() planner.Node {
	return &planner.Values{Rows: &data.Batch{N: 1}, Name: "one row"}
}

// expand gives the items, stars replaced.
func expand(rows scope, list []parse.SelectItem) ([]item, error) {
	var out []item
	for _, it := range list {
		star, ok := it.Expr.(*parse.Star)
		if !ok {
			x := item{expr: it.Expr, name: ordinal(len(out))}
			if id, ok := it.Expr.(*parse.Ident); ok {
				x.name = id.Parts[len(id.Parts)-1].Text
			}
			if c, ok := it.Expr.(*parse.Call); ok && c.Niladic {
				if _, ok := rows.niladicColumn(c); ok {
					x.name = c.Spelled
				}
			}
			if it.Alias != nil {
				x.name, x.alias = it.Alias.Text, true
			}
			out = append(out, x)
			continue
		}
		cols, err := starred(rows, star)
		if err != nil {
			return nil, at(err, star)
		}
		out = append(out, cols...)
	}
	return out, nil
}

// starred is the columns of * or t.*; names that repeat get a number.
func starred(rows scope, star *parse.Star) ([]item, error) {
	var out []item
	seen := map[string]bool{}
	for _, c := range rows.cols {
		if !c.of(star.Qualifier) || c.shadow && len(star.Qualifier) == 0 {
			continue
		}
		name := c.name
		for i := 0; seen[name]; i++ {
			name = c.name + itoa(i)
		}
		seen[name] = true
		id := &parse.Ident{At: star.At, Parts: []parse.Name{{Text: c.name}}}
		if c.table != "" {
			id.Parts = append([]parse.Name{{Text: c.table}}, id.Parts...)
		}
		out = append(out, item{expr: id, name: name, col: &c})
	}
	switch {
	case len(rows.cols) == 0:
		return nil, fault.Invalidf("* needs a FROM clause")
	case len(out) == 0:
		t := identText(&parse.Ident{Parts: star.Qualifier})
		var tables []string
		for _, c := range rows.cols {
			tables = append(tables, c.table)
		}
		return nil, fault.Invalidf("unknown table %q in %s.*%s", t, t, fault.Suggest(t, tables))
	}
	return out, nil
}

// A projection binds what comes after FROM, WHERE and grouping.
type projection struct {
	scope
	rows     scope
	q        *parse.Select
	tail     parse.Tail
	items    []item
	having   expr.Expr
	exprs    []exec.Named
	cols     []column
	keys     []exec.SortKey
	deferred map[int]expr.Expr
	extra    int // columns behind cols that only ORDER BY or a query around needs
}

func (p *projection) bind() (*result, error) {
	if err := p.bindItems(); err != nil {
		return nil, err
	}
	if err := p.bindHaving(); err != nil {
		return nil, err
	}
	p.output()
	if err := p.orderBy(); err != nil {
		return nil, err
	}
	out := &result{cols: p.cols, single: p.group != nil && len(p.group.sets) == 1 && len(p.group.sets[0]) == 0 && p.having == nil}
	limit, offset, err := p.b.limits(p.tail)
	if err != nil {
		return nil, err
	}
	out.limited, out.one = limit >= 0 || offset > 0, limit == 1
	p.ties(out.limited)
	out.defaults, out.cut = p.defaults()
	out.counted = p.counted(out.defaults)
	carried := p.carry()
	out.deferred = p.deferred
	node, err := p.input()
	if err != nil {
		return nil, err
	}
	node = project(node, p.exprs)
	if p.q.Distinct {
		node = p.b.padded(distinct(node, p.cols, carried), node, kept(p.cols, carried), nil)
	}
	if out.limited && p.corr.pulled() {
		var cut bool
		node, cut = p.limitEach(node, limit, offset)
		out.cut = out.cut || cut
	} else if len(p.keys) > 0 || out.limited {
		node = planner.NewSort(node, p.keys, limit, offset)
	}
	if p.extra > len(carried) {
		node = project(node, kept(p.cols, carried))
	}
	out.node = node
	return out, nil
}

// limitEach keeps the first rows for every row of the query around. cut says
// that this cannot be done here: there is an offset, or conditions that are
// checked only after the limit.
func (p *projection) limitEach(n planner.Node, limit, offset int64) (planner.Node, bool) {
	if offset > 0 || limit < 0 || len(p.corr.rest) > 0 {
		return n, true
	}
	var by []string
	var keys []exec.SortKey
	for _, k := range p.corr.keys {
		by = append(by, k.id)
		keys = append(keys, exec.SortKey{Column: k.id})
	}
	return planner.NewLimitBy(planner.NewSort(n, append(keys, p.keys...), -1, 0), by, limit), false
}

func (p *projection) bindItems() error {
	for i := range p.items {
		it := &p.items[i]
		s := p.scope
		s.clause = "the select list"
		s.hint = it.name
		var err error
		if it.col != nil && p.group == nil {
			it.value = it.col.value()
			continue
		}
		if it.value, err = s.bind(it.expr); err != nil {
			return err
		}
		if it.value.typ.interval() {
			return at(fault.Invalidf("an INTERVAL cannot be an output column; add it to a time, or cast it"), it.expr)
		}
	}
	p.aliases = map[string]value{}
	for _, it := range p.items {
		if _, ok := p.aliases[it.name]; !ok && (it.alias || it.col == nil) {
			p.aliases[it.name] = it.value
		}
	}
	return nil
}

func (p *projection) bindHaving() error {
	if p.q.Having != nil {
		cond, err := p.scope.condition(p.q.Having, "HAVING")
		if err != nil {
			return err
		}
		p.having = cond
		p.step(func(n planner.Node) planner.Node { return planner.NewFilter(n, cond) })
	}
	if p.q.Qualify == nil {
		return nil
	}
	cond, err := p.scope.condition(p.q.Qualify, "QUALIFY")
	if err != nil {
		return err
	}
	p.window.qualify = cond
	return nil
}

// input is the rows that the projection reads.
func (p *projection) input() (planner.Node, error) {
	node := p.rows.build(p.rows.base)
	if p.group != nil {
		var err error
		if node, err = p.group.plan(node); err != nil {
			return nil, err
		}
		node = p.build(node)
		if p.window.used() { // so that ties have an order that does not change
			var keys []exec.SortKey
			for _, k := range p.group.keys {
				keys = append(keys, exec.SortKey{Column: k.id})
			}
			if len(keys) > 0 {
				node = planner.NewSort(node, keys, -1, 0)
			}
		}
	}
	return p.window.plan(node)
}

// output names the columns of the plan.
func (p *projection) output() {
	used := map[string]bool{}
	for _, it := range p.items {
		v := it.value
		e, native := v.expr, v.native
		if v.typ.Kind == Boolean && native.Kind != data.Bool && native.Kind != data.Null {
			e, native = expr.Of("cast", e, expr.String("BOOL")), data.BoolType
		}
		if native.Kind == data.Null {
			native = v.typ.native()
			if native.Kind == data.Null {
				native = data.StringType
			}
			e = &expr.Lit{Type: native}
		}
		c := column{name: it.name, typ: v.typ, native: native, multi: expr.Multi(e, p.schema)}
		if col, ok := e.(*expr.Col); ok && !used[col.Name] {
			c.id = col.Name
		} else {
			c.id = p.b.unique(it.name)
		}
		used[c.id] = true
		p.cols = append(p.cols, c)
		p.exprs = append(p.exprs, exec.Named{Name: c.id, Expr: e})
	}
}

// orderBy finds the columns to sort by, or adds them.
func (p *projection) orderBy() error {
	s := p.scope.in("ORDER BY")
	s.aliasFirst = true
	for _, o := range p.tail.OrderBy {
		id, err := p.sortColumn(s, o)
		if err != nil {
			return at(err, o.Expr)
		}
		if id != "" {
			p.keys = append(p.keys, sortKey(id, o))
		}
	}
	return nil
}

// ties adds the groups' keys to what an answer of groups is sorted by, so that
// a limit keeps the same groups however they are computed.
func (p *projection) ties(limited bool) {
	if len(p.keys) == 0 && !limited || p.corr.pulled() {
		return
	}
	if p.q.Distinct {
		for _, c := range p.cols {
			p.tie(c.id)
		}
		return
	}
	if p.group == nil || p.window.used() {
		return
	}
	for _, k := range p.group.keys {
		if !k.hidden {
			p.tie(p.shownAs(k.id))
		}
	}
}

func (p *projection) tie(id string) {
	for _, k := range p.keys {
		if k.Column == id {
			return
		}
	}
	p.keys = append(p.keys, exec.SortKey{Column: id})
}

// shownAs is the column of the projection that is the column of that name.
func (p *projection) shownAs(id string) string {
	for _, e := range p.exprs {
		if c, ok := e.Expr.(*expr.Col); ok && c.Name == id {
			return e.Name
		}
	}
	return p.hide("tie", expr.Column(id))
}

// sortKey orders by a column; nulls come first ascending and last descending
// unless the item says otherwise.
func sortKey(id string, o parse.OrderItem) exec.SortKey {
	return exec.SortKey{Column: id, Desc: o.Desc,
		NullsFlip: o.Nulls == parse.NullsFirst && o.Desc || o.Nulls == parse.NullsLast && !o.Desc}
}

func (p *projection) sortColumn(s scope, o parse.OrderItem) (string, error) {
	if l, ok := o.Expr.(*parse.Literal); ok && l.Kind == parse.Integer && l.Int >= 0 {
		if l.Int < 1 || l.Int > int64(len(p.cols)) {
			return "", fault.Invalidf("ORDER BY %d names no item of the select list, which has %s", l.Int, counted(len(p.cols), "item"))
		}
		return p.cols[l.Int-1].id, nil
	}
	v, err := s.bind(o.Expr)
	if err != nil {
		return "", err
	}
	if v.typ.Kind == Other && v.native != data.JSONType {
		return "", fault.Invalidf("values of type %s have no order", v.typ)
	}
	if _, ok := v.literal(); ok {
		return "", nil // all rows are equal in it
	}
	text := v.expr.String()
	for i, e := range p.exprs {
		if e.Expr.String() == text || i < len(p.items) && p.items[i].value.expr.String() == text {
			return e.Name, nil
		}
	}
	if p.q.Distinct {
		return "", fault.Invalidf("ORDER BY %s: with SELECT DISTINCT only what is selected can be ordered by", parse.Format(o.Expr))
	}
	return p.hide("sort", v.expr), nil
}

// hide adds a column that is no column of the answer.
func (p *projection) hide(wish string, e expr.Expr) string {
	id := ""
	if c, ok := e.(*expr.Col); ok {
		id = c.Name
		for _, x := range p.exprs {
			if x.Name == id {
				id = ""
			}
		}
	}
	if id == "" {
		id = p.b.unique(wish)
	}
	p.exprs = append(p.exprs, exec.Named{Name: id, Expr: e})
	p.extra++
	return id
}

// project computes columns, unless they are just those of n.
func project(n planner.Node, exprs []exec.Named) planner.Node {
	if schema, err := n.Schema(); err == nil && len(schema) == len(exprs) {
		same := true
		for i, e := range exprs {
			c, ok := e.Expr.(*expr.Col)
			same = same && ok && c.Name == e.Name && schema[i].Name == e.Name
		}
		if same {
			return n
		}
	}
	return planner.NewProject(n, exprs...)
}

// kept is the columns and carried ids as they are.
func kept(cols []column, carried []string) []exec.Named {
	var out []exec.Named
	for _, c := range cols {
		out = append(out, exec.Named{Name: c.id, Expr: expr.Column(c.id)})
	}
	for _, id := range carried {
		out = append(out, exec.Named{Name: id, Expr: expr.Column(id)})
	}
	return out
}

// distinct keeps one of equal rows.
func distinct(n planner.Node, cols []column, carried []string) planner.Node {
	return planner.NewAggregate(n, kept(cols, carried), nil)
}

// limits reads LIMIT and OFFSET: whole numbers that are not negative.
func (b *binder) limits(t parse.Tail) (limit, offset int64, err error) {
	if limit, err = b.count(t.Limit, "LIMIT", -1); err != nil {
		return limit, offset, err
	}
	offset, err = b.count(t.Offset, "OFFSET", 0)
	return limit, offset, err
}

func (b *binder) count(e parse.Expr, clause string, none int64) (int64, error) {
	if e == nil {
		return none, nil
	}
	s := scope{stage: &stage{b: b}, clause: clause}
	v, err := s.bind(e)
	if err != nil {
		return 0, err
	}
	l, ok := expr.Fold(v.expr, b.env).(*expr.Lit)
	if !ok {
		return 0, at(fault.Invalidf("%s must be a number", clause), e)
	}
	n, ok := l.Value.(int64)
	if d, isDouble := l.Value.(float64); isDouble && d < 1<<62 {
		n, ok = int64(d), true
	}
	if !ok || n < 0 {
		return 0, at(fault.Invalidf("%s must be a number from 0 on, got %s", clause, l), e)
	}
	return n, nil
}

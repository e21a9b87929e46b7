package mysql

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// A converter makes the tree of package parse of the grammar's.
type converter struct {
	src    *source
	toks   []token
	seen   map[string]int // how often a word or literal has been met
	places map[string][]*token
	items  [][]span // the texts of the items of each SELECT, in order
	sel    int
	system bool // the tables of the SELECT at hand are those of information_schema
	params int
}

func newConverter(s *source, toks []token) *converter {
	c := &converter{src: s, toks: toks, seen: map[string]int{}, places: map[string][]*token{}, items: itemSpans(toks)}
	for i := range toks {
		key := strings.ToLower(toks[i].text)
		c.places[key] = append(c.places[key], &toks[i])
		c.params += btoi(toks[i].isOp("?"))
	}
	return c
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// place is where a word or literal stands: the grammar's tree has no places,
// but it is converted in the order of the text, so that the n-th of a word is
// the n-th in the text.
func (c *converter) place(text string) parse.At {
	key := strings.ToLower(text)
	at := c.places[key]
	if len(at) == 0 {
		return parse.At{}
	}
	n := min(c.seen[key], len(at)-1)
	c.seen[key]++
	return c.src.at(at[n])
}

func (c *converter) name(text string) parse.Name {
	return parse.Name{At: c.place(text), Text: text, Quoted: true}
}

// refuse is an error about what this dialect's grammar reads and Ovate does
// not do.
func refuse(at parse.At, format string, args ...any) error {
	return fault.AtLine(fault.Invalidf(format, args...), at.Where.Line, at.Where.Column)
}

// query converts a query.
func (c *converter) query(q sqlparser.SelectStatement) (parse.Query, error) {
	switch q := q.(type) {
	case *sqlparser.Select:
		return c.selectQuery(q)
	case *sqlparser.Union:
		return c.union(q)
	case *sqlparser.ParenSelect:
		return c.query(q.Select)
	}
	return nil, fault.Invalidf("this form of query is not supported in the MySQL dialect")
}

func (c *converter) union(q *sqlparser.Union) (parse.Query, error) {
	left, err := c.query(q.Left)
	if err != nil {
		return nil, err
	}
	right, err := c.query(q.Right)
	if err != nil {
		return nil, err
	}
	tail, err := c.tail(q.OrderBy, q.Limit)
	return &parse.SetOp{At: c.place("union"), Op: parse.Union, All: q.Type == sqlparser.UnionAllStr, Left: left, Right: right, Tail: tail}, err
}

func (c *converter) selectQuery(q *sqlparser.Select) (parse.Query, error) {
	out := &parse.Select{At: c.place("select"), Distinct: q.Distinct != ""}
	if strings.Contains(q.Lock, "update") {
		return nil, refuse(c.place("for"), "rows cannot be locked: FOR UPDATE is not supported")
	}
	var spans []span
	if c.sel < len(c.items) {
		spans = c.items[c.sel]
	}
	c.sel++
	defer func(outer bool) { c.system = outer }(c.system)
	c.system = systemOnly(q.From)
	for i, e := range q.SelectExprs {
		it, err := c.item(e)
		if err != nil {
			return nil, err
		}
		_, star := it.Expr.(*parse.Star)
		if _, plain := it.Expr.(*parse.Ident); it.Alias == nil && !star && !plain && len(spans) == len(q.SelectExprs) {
			it.Alias = &parse.Name{Text: c.src.text[spans[i].from:spans[i].to], Quoted: true}
		}
		out.Items = append(out.Items, it)
	}
	var err error
	if out.From, err = c.from(q.From); err != nil {
		return nil, err
	}
	if out.Where, err = c.where(q.Where); err != nil {
		return nil, err
	}
	if len(q.GroupBy) > 0 {
		out.GroupBy = &parse.GroupBy{At: c.place("group")}
		for _, e := range q.GroupBy {
			x, err := c.shown(e)
			if err != nil {
				return nil, err
			}
			item := parse.GroupItem{At: parse.At{Where: x.Pos()}, Exprs: []parse.Expr{x}}
			out.GroupBy.Items = append(out.GroupBy.Items, item)
		}
	}
	if out.Having, err = c.where(q.Having); err != nil {
		return nil, err
	}
	out.Tail, err = c.tail(q.OrderBy, q.Limit)
	return out, err
}

func (c *converter) item(e sqlparser.SelectExpr) (parse.SelectItem, error) {
	switch e := e.(type) {
	case *sqlparser.StarExpr:
		s := &parse.Star{At: c.place("*"), Qualifier: c.tableName(e.TableName)}
		return parse.SelectItem{At: s.At, Expr: s}, nil
	case *sqlparser.AliasedExpr:
		x, err := c.shown(e.Expr)
		if err != nil {
			return parse.SelectItem{}, err
		}
		out := parse.SelectItem{At: parse.At{Where: x.Pos()}, Expr: x}
		if !e.As.IsEmpty() {
			n := c.name(e.As.String())
			out.Alias = &n
		}
		return out, nil
	}
	return parse.SelectItem{}, refuse(c.place("next"), "sequences are not supported")
}

// shown is an expression as a value that is shown: conditions are 1 and 0.
func (c *converter) shown(e sqlparser.Expr) (parse.Expr, error) {
	x, err := c.expr(e)
	if err != nil {
		return nil, err
	}
	return number(x), nil
}

func (c *converter) where(w *sqlparser.Where) (parse.Expr, error) {
	if w == nil {
		return nil, nil
	}
	return c.cond(w.Expr)
}

// tail converts ORDER BY and LIMIT.
func (c *converter) tail(order sqlparser.OrderBy, limit *sqlparser.Limit) (parse.Tail, error) {
	var out parse.Tail
	for _, o := range order {
		if _, null := o.Expr.(*sqlparser.NullVal); null {
			continue // ORDER BY NULL: in no order
		}
		x, err := c.shown(o.Expr)
		if err != nil {
			return out, err
		}
		out.OrderBy = append(out.OrderBy, parse.OrderItem{At: parse.At{Where: x.Pos()}, Expr: x, Desc: o.Direction == sqlparser.DescScr})
	}
	if limit == nil {
		return out, nil
	}
	var err error
	if limit.Offset != nil {
		if out.Offset, err = c.expr(limit.Offset); err != nil {
			return out, err
		}
	}
	out.Limit, err = c.expr(limit.Rowcount)
	return out, err
}

// A span is a piece of the text.
type span struct{ from, to int }

// itemSpans are the items of every SELECT, in the order of their words: a
// column without an alias is named by its text.
func itemSpans(toks []token) [][]span {
	var out [][]span
	for i := range toks {
		if toks[i].isWord("select") && !(i > 0 && toks[i-1].isOp(".")) {
			out = append(out, spansAfter(toks[i+1:]))
		}
	}
	return out
}

func spansAfter(toks []token) []span {
	for len(toks) > 0 && (toks[0].isWord("distinct") || toks[0].isWord("all") || strings.HasPrefix(toks[0].word(), "sql_") || toks[0].isWord("straight_join")) {
		toks = toks[1:]
	}
	var out []span
	depth, start := 0, -1
	for i := range toks {
		t := &toks[i]
		ends := depth == 0 && (t.isOp(",") || t.isOp(")") || t.kind == tEnd || itemEnds[t.word()])
		if ends && start >= 0 {
			out = append(out, span{toks[start].offset, toks[i-1].end})
			start = -1
		}
		if ends && !t.isOp(",") {
			break
		}
		if !ends && start < 0 {
			start = i
		}
		depth += btoi(t.isOp("(")) - btoi(t.isOp(")"))
	}
	return out
}

var itemEnds = map[string]bool{"from": true, "where": true, "group": true, "having": true, "order": true, "limit": true, "union": true, "for": true, "lock": true}

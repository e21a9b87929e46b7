package mysql

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/ovatedb/ovate/sql/parse"
)

// from converts FROM; dual, a table that is none, is no FROM.
func (c *converter) from(tables sqlparser.TableExprs) (parse.TableExpr, error) {
	if len(tables) == 1 {
		if a, ok := tables[0].(*sqlparser.AliasedTableExpr); ok {
			if n, ok := a.Expr.(sqlparser.TableName); ok && n.Qualifier.IsEmpty() && strings.EqualFold(n.Name.String(), "dual") {
				return nil, nil
			}
		}
	}
	var out parse.TableExpr
	for _, t := range tables {
		x, err := c.table(t)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = x
			continue
		}
		out = &parse.Join{At: parse.At{Where: out.Pos()}, Kind: parse.CrossJoin, Comma: true, Left: out, Right: x}
	}
	return out, nil
}

func (c *converter) table(t sqlparser.TableExpr) (parse.TableExpr, error) {
	switch t := t.(type) {
	case *sqlparser.AliasedTableExpr:
		return c.aliased(t)
	case *sqlparser.ParenTableExpr:
		return c.from(t.Exprs)
	}
	return c.join(t.(*sqlparser.JoinTableExpr))
}

func (c *converter) aliased(t *sqlparser.AliasedTableExpr) (parse.TableExpr, error) {
	if len(t.Partitions) > 0 {
		return nil, refuse(c.place("partition"), "tables have no named partitions: PARTITION (…) is not supported")
	}
	alias := func() *parse.Alias {
		if t.As.IsEmpty() {
			return nil
		}
		n := c.name(t.As.String())
		return &parse.Alias{At: n.At, Name: n}
	}
	switch x := t.Expr.(type) {
	case *sqlparser.Subquery:
		q, err := c.query(x.Select)
		if err != nil {
			return nil, err
		}
		return &parse.SubQuery{At: parse.At{Where: q.Pos()}, Query: q, Alias: alias()}, nil
	case sqlparser.TableName:
		parts := c.tableName(x)
		return &parse.TableName{At: parts[len(parts)-1].At, Parts: parts, Alias: alias()}, nil
	}
	return nil, refuse(parse.At{}, "this kind of table is not supported in the MySQL dialect")
}

// tableName converts a name. The names of information_schema ignore case.
func (c *converter) tableName(n sqlparser.TableName) []parse.Name {
	var out []parse.Name
	if n.IsEmpty() {
		return nil
	}
	system := strings.EqualFold(n.Qualifier.String(), "information_schema")
	for _, part := range []sqlparser.TableIdent{n.Qualifier, n.Name} {
		if part.IsEmpty() {
			continue
		}
		name := c.name(part.String())
		if system {
			name.Text = strings.ToUpper(name.Text)
		}
		out = append(out, name)
	}
	return out
}

// systemOnly says whether all tables are of information_schema, the names of
// whose columns ignore case.
func systemOnly(tables sqlparser.TableExprs) bool {
	for _, t := range tables {
		a, ok := t.(*sqlparser.AliasedTableExpr)
		if !ok {
			return false
		}
		n, ok := a.Expr.(sqlparser.TableName)
		if !ok || !strings.EqualFold(n.Qualifier.String(), "information_schema") {
			return false
		}
	}
	return len(tables) > 0
}

// joins are the kinds of joins by the grammar's words.
var joins = map[string]struct {
	kind    parse.JoinKind
	natural bool
}{
	sqlparser.JoinStr:             {parse.InnerJoin, false},
	sqlparser.StraightJoinStr:     {parse.InnerJoin, false},
	sqlparser.LeftJoinStr:         {parse.LeftJoin, false},
	sqlparser.RightJoinStr:        {parse.RightJoin, false},
	sqlparser.NaturalJoinStr:      {parse.InnerJoin, true},
	sqlparser.NaturalLeftJoinStr:  {parse.LeftJoin, true},
	sqlparser.NaturalRightJoinStr: {parse.RightJoin, true},
}

// join converts a join. Without a condition it is a cross join, whatever it is
// called; CROSS JOIN with a condition is an inner join.
func (c *converter) join(t *sqlparser.JoinTableExpr) (parse.TableExpr, error) {
	left, err := c.table(t.LeftExpr)
	if err != nil {
		return nil, err
	}
	right, err := c.table(t.RightExpr)
	if err != nil {
		return nil, err
	}
	j := joins[t.Join]
	out := &parse.Join{At: c.place("join"), Kind: j.kind, Natural: j.natural, Left: left, Right: right}
	for _, col := range t.Condition.Using {
		out.Using = append(out.Using, c.name(col.String()))
	}
	if t.Condition.On != nil {
		if out.On, err = c.cond(t.Condition.On); err != nil {
			return nil, err
		}
	}
	if out.On == nil && len(out.Using) == 0 && !out.Natural {
		if out.Kind != parse.InnerJoin {
			return nil, refuse(out.At, "an outer join needs ON or USING")
		}
		out.Kind = parse.CrossJoin
	}
	return out, nil
}

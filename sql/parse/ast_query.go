package parse

// Query is what gives rows: *Select, *SetOp, *Values, *With or *Nested.
type Query interface {
	Node
	formatter
	query()
}

// Tail is what may follow any query.
type Tail struct {
	OrderBy []OrderItem
	Limit   Expr // LIMIT n or FETCH FIRST n ROWS ONLY; nil for no limit (also LIMIT ALL)
	Offset  Expr
}

func (t Tail) empty() bool { return t.OrderBy == nil && t.Limit == nil && t.Offset == nil }

// NullOrder is where nulls are sorted.
type NullOrder uint8

// The places of nulls.
const (
	NullsDefault NullOrder = iota
	NullsFirst
	NullsLast
)

// OrderItem is one key of an ORDER BY.
type OrderItem struct {
	At
	Expr  Expr
	Desc  bool
	Nulls NullOrder
}

// Select is SELECT … FROM ….
type Select struct {
	At
	Distinct bool
	Items    []SelectItem
	From     TableExpr // nil without FROM
	Where    Expr
	GroupBy  *GroupBy // nil without GROUP BY
	Having   Expr
	Windows  []WindowDef
	Qualify  Expr
	Tail
}

// SelectItem is an output column, or a *Star for several.
type SelectItem struct {
	At
	Expr  Expr
	Alias *Name
}

// GroupBy is a GROUP BY clause. All without items asks to group by all items
// of the select that are no aggregates.
type GroupBy struct {
	At
	All      bool // GROUP BY ALL …
	Distinct bool // GROUP BY DISTINCT …: equal grouping sets count once
	Items    []GroupItem
}

// GroupKind is the kind of a GroupItem.
type GroupKind uint8

// The kinds of grouping.
const (
	GroupExprs  GroupKind = iota // Exprs: one; several, (a, b); none, ()
	GroupSets                    // Items are the alternatives
	GroupRollup                  // Items, each of kind GroupExprs
	GroupCube                    // Items, each of kind GroupExprs
)

// GroupItem is one element of a GROUP BY.
type GroupItem struct {
	At
	Kind  GroupKind
	Exprs []Expr
	Items []GroupItem
}

// SetKind is the operator of a SetOp.
type SetKind uint8

// The set operators.
const (
	Union SetKind = iota
	Intersect
	Except
)

// SetOp is UNION, INTERSECT or EXCEPT of two queries.
type SetOp struct {
	At
	Op          SetKind
	All         bool
	Left, Right Query
	Tail
}

// Values is VALUES (1, 'a'), (2, 'b'). Rows have at least one value each, and
// may differ in length.
type Values struct {
	At
	Rows [][]Expr
	Tail
}

// With is a query with common table expressions.
type With struct {
	At
	Recursive bool
	CTEs      []CTE
	Body      Query
}

// CTE is one name (columns) AS (query) of a WITH.
type CTE struct {
	At
	Name    Name
	Columns []Name
	Query   Query
}

// Nested is a query in parentheses, with an ORDER BY or LIMIT of its own,
// under another: (SELECT a FROM t LIMIT 5) ORDER BY a.
type Nested struct {
	At
	Body Query
	Tail
}

func (*Select) query() {}
func (*SetOp) query()  {}
func (*Values) query() {}
func (*With) query()   {}
func (*Nested) query() {}

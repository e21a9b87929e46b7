package parse

// TableExpr is what may stand in FROM: *TableName, *SubQuery, *Join, *Unnest,
// *TableFunction, *Pivot or *Unpivot.
type TableExpr interface {
	Node
	formatter
	table()
}

// Name is one identifier, without its quotes.
type Name struct {
	At
	Text   string
	Quoted bool `equal:"-"`
}

// Alias is [AS] name [(columns)] after a table.
type Alias struct {
	At
	Name    Name
	Columns []Name
}

// ColumnDef is a column that EXTEND declares.
type ColumnDef struct {
	At
	Name    Name
	Type    *TypeName
	NotNull bool
}

// TableName is a table by name: t, druid.t, sys.segments.
type TableName struct {
	At
	Parts  []Name
	Extend []ColumnDef
	Alias  *Alias
}

// SubQuery is a query in parentheses; VALUES too.
type SubQuery struct {
	At
	Lateral bool
	Query   Query
	Alias   *Alias
}

// JoinKind is the kind of a Join.
type JoinKind uint8

// The kinds of joins.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	RightJoin
	FullJoin
	CrossJoin
)

// Join is two tables. On and Using are both empty for CROSS and NATURAL.
type Join struct {
	At
	Kind        JoinKind
	Natural     bool
	Comma       bool `equal:"-"` // written with a comma, of kind CrossJoin
	Left, Right TableExpr
	On          Expr
	Using       []Name
}

// Unnest is UNNEST(array, …).
type Unnest struct {
	At
	Lateral    bool `equal:"-"` // the word says nothing here: UNNEST is always lateral
	Args       []Expr
	Ordinality bool
	Alias      *Alias
}

// TableFunction is TABLE(name(args)). Arguments may be *Named.
type TableFunction struct {
	At
	Lateral bool
	Name    []Name // usually one part; EXTERN, APPEND and the like in any case
	Args    []Expr
	Extend  []ColumnDef
	Alias   *Alias
}

// Pivot is table PIVOT (aggregates FOR axes IN (values)).
type Pivot struct {
	At
	Source TableExpr
	Aggs   []SelectItem
	For    []Name
	In     []PivotValue
	Alias  *Alias
}

// PivotValue is one group of columns of a Pivot: a value for each of For.
type PivotValue struct {
	At
	Values []Expr
	Alias  *Name
}

// Unpivot is table UNPIVOT (measures FOR axes IN (columns)).
type Unpivot struct {
	At
	Source       TableExpr
	IncludeNulls bool
	Measures     []Name
	For          []Name
	In           []UnpivotColumns
	Alias        *Alias
}

// UnpivotColumns is one group of columns that become rows: a column for each
// measure, and the literals that the axes get, or none for the columns' names.
type UnpivotColumns struct {
	At
	Columns []Name
	Values  []Expr
}

func (*TableName) table()     {}
func (*SubQuery) table()      {}
func (*Join) table()          {}
func (*Unnest) table()        {}
func (*TableFunction) table() {}
func (*Pivot) table()         {}
func (*Unpivot) table()       {}

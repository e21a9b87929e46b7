package parse

// Expr is an expression. Its types are in the ast_expr files.
type Expr interface {
	Node
	formatter
	level() int // how tightly it binds, see parse_operator.go
}

// Ident is a column: c, t.c, druid.t.c.
type Ident struct {
	At
	Parts []Name
}

// Star is * or t.*, an item of a select.
type Star struct {
	At
	Qualifier []Name
}

// LiteralKind is the kind of a Literal.
type LiteralKind uint8

// The kinds of literals.
const (
	Null      LiteralKind = iota
	True                  // TRUE
	False                 // FALSE
	Unknown               // UNKNOWN: null of type BOOLEAN
	String                // 'text', U&'text', 'text'⏎'continued'
	Integer               // digits that fit an int64, in Int
	Decimal               // 1.5, and digits that fit no int64
	Double                // 1e5, in Float
	Timestamp             // TIMESTAMP 'text'
	Date                  // DATE 'text'
	Time                  // TIME 'text'
)

var literalKinds = [...]string{"NULL", "TRUE", "FALSE", "UNKNOWN", "string", "integer", "decimal", "double", "TIMESTAMP", "DATE", "TIME"}

// String names the kind.
func (k LiteralKind) String() string { return literalKinds[k] }

// Literal is a constant. A sign before a number is part of it.
type Literal struct {
	At
	Kind  LiteralKind
	Text  string  // what a string says, decoded; a number's digits, with E in upper case
	Int   int64   // of Integer
	Float float64 // of Integer, Decimal and Double
}

// Interval is INTERVAL 'text' From [TO To]; see Interval.Value.
type Interval struct {
	At
	Text     string
	Negative bool
	From, To *Unit // To is nil unless given
}

// Unit is a unit of time: YEAR, DAY, SQL_TSI_DAY as DAY. It is an expression
// as the first argument of TIMESTAMPADD and TIMESTAMPDIFF only.
type Unit struct {
	At
	Name string // upper case, singular
}

// Param is a ? of the text; Index counts from 0.
type Param struct {
	At
	Index int
}

// Unary is an operator before its operand: NOT, - or +.
type Unary struct {
	At
	Op  string
	Arg Expr
}

// Binary is an operator between its operands:
//
//   - - * / % || = <> < <= > >= AND OR
type Binary struct {
	At
	Op          string
	Left, Right Expr
	OpAt        At `equal:"-"`
}

// Quantified is left op ALL (…) or left op ANY (…), SOME being ANY.
type Quantified struct {
	At
	Op    string
	All   bool
	Left  Expr
	List  []Expr // when Query is nil
	Query Query
}

// Between is arg [NOT] BETWEEN [SYMMETRIC] low AND high.
type Between struct {
	At
	Not       bool
	Symmetric bool
	Arg       Expr
	Low, High Expr
}

// In is arg [NOT] IN (list or query). Arg and the list's members are *Row for
// several columns.
type In struct {
	At
	Not   bool
	Arg   Expr
	List  []Expr // when Query is nil
	Query Query
}

// LikeKind is the kind of pattern of a Like.
type LikeKind uint8

// The kinds of patterns.
const (
	LikeExact   LikeKind = iota // LIKE
	LikeAnyCase                 // ILIKE
	SimilarTo                   // SIMILAR TO
)

// Like is arg [NOT] LIKE pattern [ESCAPE escape].
type Like struct {
	At
	Not     bool
	Kind    LikeKind
	Arg     Expr
	Pattern Expr
	Escape  Expr // nil if not given
}

// Is is arg IS [NOT] NULL, TRUE, FALSE or UNKNOWN.
type Is struct {
	At
	Not  bool
	Arg  Expr
	What LiteralKind
}

// IsDistinct is left IS [NOT] DISTINCT FROM right.
type IsDistinct struct {
	At
	Not         bool
	Left, Right Expr
}

// Case is CASE [operand] WHEN … THEN … [ELSE …] END.
type Case struct {
	At
	Operand Expr // nil for conditions
	Whens   []When
	Else    Expr // nil for NULL
}

// When is one branch of a Case. Conds are several only for a Case with an
// operand, which any of them may equal: CASE x WHEN 1, 2 THEN y.
type When struct {
	At
	Conds []Expr
	Then  Expr
}

// Index is array[index].
type Index struct {
	At
	Array, Index Expr
}

// Array is ARRAY[…] or, with a query, ARRAY(SELECT …).
type Array struct {
	At
	Elems []Expr
	Query Query
}

// Row is (a, b) or ROW(a, b).
type Row struct {
	At
	Elems    []Expr
	Explicit bool `equal:"-"` // with the word ROW
}

// Exists is EXISTS (query).
type Exists struct {
	At
	Query Query
}

// ScalarSubquery is a query in parentheses as a value.
type ScalarSubquery struct {
	At
	Query Query
}

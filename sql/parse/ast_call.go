package parse

// NullTreatment is IGNORE NULLS or RESPECT NULLS.
type NullTreatment uint8

// The treatments of nulls.
const (
	NullsUnsaid NullTreatment = iota
	IgnoreNulls
	RespectNulls
)

// Call is a function or an aggregate. POSITION(a IN b FROM c), SUBSTRING(a
// FROM b FOR c) and OVERLAY(a PLACING b FROM c FOR d) are calls with these as
// Args in the order written; TIMESTAMPADD and TIMESTAMPDIFF have a *Unit
// first; JSON_OBJECT is a JSONObject.
type Call struct {
	At
	Name        string      // in upper case
	Spelled     string      `equal:"-"` // as written
	Niladic     bool        // CURRENT_DATE, USER: written without parentheses; USER may be meant as a column
	Star        bool        // COUNT(*)
	Distinct    bool        // COUNT(DISTINCT a)
	Args        []Expr      // may be *Named
	OrderBy     []OrderItem // inside the parentheses
	Separator   Expr        // LISTAGG(a SEPARATOR ','); nil if not given
	Returning   *TypeName   // JSON_VALUE(x, path RETURNING type)
	OnEmpty     *OnClause   // … ON EMPTY
	OnError     *OnClause   // … ON ERROR
	WithinGroup []OrderItem // WITHIN GROUP (ORDER BY …)
	Nulls       NullTreatment
	Filter      Expr        // FILTER (WHERE …)
	Over        *WindowSpec // nil if no window function
}

// OnKind says what a JSON function does instead.
type OnKind uint8

// The kinds of ON EMPTY and ON ERROR.
const (
	OnNull OnKind = iota
	OnError
	OnDefault
)

// OnClause is NULL, ERROR or DEFAULT value, of ON EMPTY or ON ERROR.
type OnClause struct {
	At
	Kind    OnKind
	Default Expr
}

// Named is an argument by name: name => value.
type Named struct {
	At
	Name  Name
	Value Expr
}

// JSONObject is JSON_OBJECT(KEY k VALUE v, k: v, k VALUE v).
type JSONObject struct {
	At
	Pairs  []JSONPair
	Absent bool // ABSENT ON NULL: pairs with a null value are left out
}

// JSONPair is one member of a JSONObject.
type JSONPair struct {
	At
	Key, Value Expr
}

// Cast is CAST(arg AS type), arg::type, or TRY_CAST(arg AS type).
type Cast struct {
	At
	Try  bool
	Arg  Expr
	Type *TypeName
}

// TypeName is a type. Names are canonical: INT is INTEGER, NUMERIC and DEC
// are DECIMAL, CHARACTER VARYING is VARCHAR, DOUBLE PRECISION is DOUBLE.
type TypeName struct {
	At
	Name     string
	Args     []int     // VARCHAR(10), DECIMAL(10, 2), TIMESTAMP(3)
	Zone     string    // TIMESTAMP WITH TIME ZONE, WITH LOCAL TIME ZONE: the words
	Elem     *TypeName // of ARRAY
	Text     string    // of TYPE('COMPLEX<json>')
	From, To *Unit     // of INTERVAL
}

// Extract is EXTRACT(unit FROM arg).
type Extract struct {
	At
	Unit *Unit
	Arg  Expr
}

// RoundTo is FLOOR(arg TO unit) or CEIL(arg TO unit).
type RoundTo struct {
	At
	Ceil bool
	Arg  Expr
	Unit *Unit
}

// TrimSide is the side of a Trim.
type TrimSide uint8

// The sides that TRIM cuts.
const (
	TrimBoth TrimSide = iota
	TrimLeading
	TrimTrailing
)

// Trim is TRIM([side] [chars FROM] arg).
type Trim struct {
	At
	Side  TrimSide
	Chars Expr // nil for spaces
	Arg   Expr
}

// WindowDef is name AS (spec) of a WINDOW clause.
type WindowDef struct {
	At
	Name Name
	Spec *WindowSpec
}

// WindowSpec is what follows OVER: a name alone (Ref), or in parentheses a
// window to refine (Base) and clauses.
type WindowSpec struct {
	At
	Ref         *Name
	Base        *Name
	PartitionBy []Expr
	OrderBy     []OrderItem
	Frame       *Frame
}

// FrameUnit is the unit of a Frame's bounds.
type FrameUnit uint8

// The units of frames.
const (
	FrameRows FrameUnit = iota
	FrameRange
	FrameGroups
)

// Frame is ROWS BETWEEN from AND to. With one bound, To is the current row.
type Frame struct {
	At
	Unit     FrameUnit
	From, To Bound
	Exclude  FrameExclude
}

// FrameExclude is what EXCLUDE takes out of a frame.
type FrameExclude uint8

// The exclusions.
const (
	ExcludeNothing FrameExclude = iota // EXCLUDE NO OTHERS, the default
	ExcludeCurrentRow
	ExcludeGroup
	ExcludeTies
)

// BoundKind is the kind of a Bound.
type BoundKind uint8

// The kinds of bounds, in the order of the rows they name.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Bound is one end of a Frame.
type Bound struct {
	At
	Kind  BoundKind
	Value Expr // of Preceding and Following
}

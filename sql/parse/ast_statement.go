package parse

// ExplainKind says what EXPLAIN asks for.
type ExplainKind uint8

// The kinds of EXPLAIN.
const (
	ExplainNone    ExplainKind = iota
	ExplainPlan                // EXPLAIN PLAN [detail] FOR statement: Druid's native query
	ExplainText                // EXPLAIN statement: the plan as text
	ExplainAnalyze             // EXPLAIN ANALYZE statement: the plan and what running it cost
)

// Statement is a whole text: settings, then a query or an insert of one.
type Statement struct {
	At
	Set     []Setting
	Explain ExplainKind
	Body    Query   // the query; nil if there are settings only
	Insert  *Insert // where the rows of Body go, if not to the client
	Params  int     // how many ? the text has
}

// Setting is SET name = literal; it overrides the context of the request.
type Setting struct {
	At
	Name  Name
	Value *Literal
}

// Insert is INSERT INTO or REPLACE INTO.
type Insert struct {
	At
	Replace     bool
	Target      []Name         // the table's name; nil for an export
	Export      *TableFunction // EXTERN(s3(…)); nil for a table
	Format      string         // AS format of an export, in upper case
	Columns     []Name         // nil if not listed
	All         bool           // OVERWRITE ALL
	Where       Expr           // OVERWRITE WHERE condition, or nil
	Partitioned *Partitioned   // nil if absent, which no engine accepts
	Clustered   []OrderItem
}

// Partitioned is PARTITIONED BY. Just one of the fields is set.
type Partitioned struct {
	At
	All  bool  // ALL or ALL TIME
	Unit *Unit // HOUR, DAY, …
	Expr Expr  // FLOOR(__time TO DAY), TIME_FLOOR(__time, 'PT1H'), 'P1D'
}

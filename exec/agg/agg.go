// Package agg is the aggregate functions, one a file: the names that SQL and
// native queries have for it, its types, and its accumulator, which keeps the
// state of all groups of a query. States travel between servers and merge, so
// every function works the same on one node or many. The package knows nothing
// of plans; exec runs it.
package agg

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// An Accumulator holds one aggregate for every group of a query. It belongs to
// one worker. Rows with a null in any argument are dropped before Update,
// together with those that FILTER drops, unless the Func says KeepNulls.
type Accumulator interface {
	// Grow makes room for groups 0 to n-1; new ones have seen nothing.
	Grow(n int)
	// Update takes the rows of a batch: each argument has g.Rows rows (or is
	// Const), literal parameters aside. The Vecs are valid until it returns.
	Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error
	// Merge takes states as State gives them, row i for group groups[i].
	Merge(s *data.Scratch, groups []uint32, states []*data.Vec) error
	// State gives the states of all groups, a Vec for each type that the
	// Func's States names, in memory of their own.
	State() []*data.Vec
	// Result gives the value of every group, in memory of its own. A group
	// that saw nothing is null, or what the function says of nothing.
	Result() (*data.Vec, error)
	// Size is the memory held, in bytes.
	Size() int64
}

// A Resetter is an Accumulator that can be used again, as if no group had seen
// anything. What Result and State gave is not valid any more then.
type Resetter interface {
	Accumulator
	Reset()
}

// An Absorber is an Accumulator that can take over what another of its function
// holds, without making states of it: group i of it becomes groups[i]. The other
// must not be used again.
type Absorber interface {
	Accumulator
	Absorb(groups []uint32, from Accumulator)
}

// A Masked is an Accumulator to which all rows of a batch can be given, together
// with those that count: the others add nothing, but their groups have seen a
// value.
type Masked interface {
	Accumulator
	// UpdateMasked takes a byte a row, 1 where it counts, and how many count.
	UpdateMasked(s *data.Scratch, g vec.Groups, pass []uint8, passed int, args []*data.Vec) error
}

// A Func is an aggregate function.
type Func struct {
	Name string // in plans; lower case
	SQL  []SQL
	Doc  string // one sentence for docs/functions.md
	Min  int    // number of arguments
	Max  int    // -1: any number from Min
	// Inputs is the number of leading arguments that are evaluated per row; the
	// rest are literals (sizes, fractions) and are bound. 0: all are inputs;
	// below 0: all but so many.
	Inputs int
	Type   func(args []data.Type) (data.Type, error)
	// TypeArgs replaces Type for functions whose type hangs on a literal.
	TypeArgs func(args []expr.Typed) (data.Type, error)
	States   func(args []data.Type) []data.Type
	New      func(b *Binding) (Accumulator, error)
	// KeepNulls: rows with null arguments are passed on.
	KeepNulls bool
	// Ordered: the result depends on the order of rows, which Groups.Order
	// gives.
	Ordered bool
	// PerSlice: each slice of a segment is aggregated by itself, because a state
	// begins with something that counts once per slice.
	PerSlice bool
	// Final names the scalar function that makes of the result what a client
	// sees, where that is something else: the estimate of a sketch.
	Final string
}

// A SQL is a name under which SQL knows an aggregate function; Build makes the
// arguments, where they are not simply the same list.
type SQL struct {
	Name  string
	Build func(args []expr.Typed) ([]expr.Expr, error)
	Doc   string
	// Finalize: SQL shows the Final of the result at once.
	Finalize bool
}

// A Call is an aggregate in a plan: a function over expressions, for rows that
// pass the filter, under a name.
type Call struct {
	Name     string
	Func     *Func
	Args     []expr.Expr
	Filter   expr.Expr // nil: all rows
	Distinct bool      // the planner rewrites this; accumulators never see it
}

// A Binding is what a function may ask when an accumulator is made.
type Binding struct {
	Types  []data.Type // of the arguments, parameters included
	Params []any       // values of the trailing literals; shorter where some were left out
	Type   data.Type   // of the result
	Env    *expr.Env
	Merge  bool // states come, not rows
}

// Param is literal parameter i, or fallback where it is absent or null.
func Param[T any](b *Binding, i int, fallback T) (T, error) {
	if i >= len(b.Params) || b.Params[i] == nil {
		return fallback, nil
	}
	switch v := b.Params[i].(type) {
	case T:
		return v, nil
	case int64:
		if f, ok := any(float64(v)).(T); ok {
			return f, nil
		}
	}
	return fallback, fault.Invalidf("parameter %d: expected a literal of type %T, got %v", i+1, fallback, b.Params[i])
}

// Inputs are the arguments that are evaluated per row.
func (c *Call) Inputs() []expr.Expr { return c.Args[:c.inputs()] }

func (c *Call) inputs() int {
	switch n := c.Func.Inputs; {
	case n == 0:
		return len(c.Args)
	case n < 0:
		return max(0, len(c.Args)+n)
	default:
		return min(n, len(c.Args))
	}
}

// String is the call as EXPLAIN shows it, without the name.
func (c *Call) String() string {
	var b strings.Builder
	b.WriteString(c.Func.Name)
	b.WriteByte('(')
	if c.Distinct {
		b.WriteString("distinct ")
	}
	for i, a := range c.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.String())
	}
	b.WriteByte(')')
	if c.Filter != nil {
		b.WriteString(" filter " + c.Filter.String())
	}
	return b.String()
}

type callWire struct {
	Name     string     `json:"name"`
	Func     string     `json:"func"`
	Args     []expr.Box `json:"args"`
	Filter   *expr.Box  `json:"filter,omitempty"`
	Distinct bool       `json:"distinct,omitempty"`
}

// MarshalJSON writes the call as fragments carry it.
func (c Call) MarshalJSON() ([]byte, error) {
	w := callWire{c.Name, c.Func.Name, expr.Boxes(c.Args), nil, c.Distinct}
	if c.Filter != nil {
		w.Filter = &expr.Box{Expr: c.Filter}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Call) UnmarshalJSON(b []byte) error {
	var w callWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	f, ok := byName[w.Func]
	if !ok {
		return fault.Invalidf("unknown aggregate function %q", w.Func)
	}
	*c = Call{Name: w.Name, Func: f, Args: []expr.Expr{}, Distinct: w.Distinct}
	for _, a := range w.Args {
		c.Args = append(c.Args, a.Expr)
	}
	if w.Filter != nil {
		c.Filter = w.Filter.Expr
	}
	return nil
}

var (
	byName = map[string]*Func{}
	bySQL  = map[string]sqlName{}
)

type sqlName struct {
	f   *Func
	sql SQL
}

// Register adds a function; it is called at init by the file that declares it.
func Register(f *Func) *Func {
	if byName[f.Name] != nil {
		panic("agg: two functions " + f.Name)
	}
	byName[f.Name] = f
	for _, s := range f.SQL {
		if _, taken := bySQL[s.Name]; taken {
			panic("agg: two SQL functions " + s.Name)
		}
		bySQL[s.Name] = sqlName{f, s}
	}
	return f
}

// Lookup finds a function by its name in plans.
func Lookup(name string) (*Func, bool) {
	f, ok := byName[name]
	return f, ok
}

// LookupSQL finds a function by a name that SQL has for it, in any case.
func LookupSQL(name string) (*Func, SQL, bool) {
	s, ok := bySQL[strings.ToUpper(name)]
	return s.f, s.sql, ok
}

// Funcs are all functions, by name.
func Funcs() []*Func {
	out := make([]*Func, 0, len(byName))
	for _, f := range byName {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// SQLNames are the names that SQL has, sorted.
func SQLNames() []string {
	out := make([]string, 0, len(bySQL))
	for n := range bySQL {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Of is a call of the function of that name, which must exist.
func Of(name, output string, args ...expr.Expr) Call {
	f, ok := byName[name]
	if !ok {
		panic("agg: no function " + name)
	}
	return Call{Name: output, Func: f, Args: args}
}

// Types are the types of the arguments over rows of that schema, and of the
// result.
func (c *Call) Types(schema data.Schema) (args []data.Type, result data.Type, err error) {
	if len(c.Args) < c.Func.Min || len(c.Args) > c.Func.Max && c.Func.Max >= 0 {
		return nil, result, fault.Invalidf("%s takes %s, got %d", c.Func.Name, c.Func.counts(), len(c.Args))
	}
	for _, a := range c.Args {
		t, err := expr.TypeOf(a, schema)
		if err != nil {
			return nil, result, err
		}
		args = append(args, t)
	}
	if c.Func.TypeArgs != nil {
		typed := make([]expr.Typed, len(args))
		for i := range args {
			typed[i] = expr.Typed{Expr: c.Args[i], Type: args[i]}
		}
		result, err = c.Func.TypeArgs(typed)
	} else {
		result, err = c.Func.Type(args)
	}
	if err != nil {
		return nil, result, fault.Invalidf("%s: %v", c.Func.Name, err)
	}
	return args, result, nil
}

// counts is the numbers of arguments that f takes, for messages.
func (f *Func) counts() string {
	switch {
	case f.Max < 0:
		return fmt.Sprintf("at least %d arguments", f.Min)
	case f.Min == f.Max && f.Min == 1:
		return "1 argument"
	case f.Min == f.Max:
		return fmt.Sprintf("%d arguments", f.Min)
	}
	return fmt.Sprintf("%d to %d arguments", f.Min, f.Max)
}

// Bind makes an accumulator for rows of that schema.
func (c *Call) Bind(types []data.Type, result data.Type, env *expr.Env, merge bool) (Accumulator, error) {
	b := &Binding{Types: types, Type: result, Env: env, Merge: merge}
	for _, a := range c.Args[c.inputs():] {
		l, ok := expr.Fold(a, env).(*expr.Lit)
		if !ok {
			return nil, fault.Invalidf("%s: parameter %s must be a literal", c.Func.Name, a)
		}
		b.Params = append(b.Params, l.Value)
	}
	a, err := c.Func.New(b)
	if err != nil {
		return nil, fault.Invalidf("%s: %v", c.Func.Name, err)
	}
	return a, nil
}

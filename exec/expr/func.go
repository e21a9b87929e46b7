package expr

import (
	"fmt"
	"sort"
	"strings"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// An Eval computes a function for n rows. Each argument has n rows, or is
// Const. The result has n rows and may share the arguments' buffers.
type Eval func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error)

// A Func is a scalar function.
type Func struct {
	Name    string   // canonical, as native expressions call it; lower case
	Aliases []string // other native names, in any case
	SQL     []SQL    // the functions and operators of SQL that become this one
	Doc     string   // one sentence for docs/functions.md
	Min     int      // number of arguments
	Max     int      // -1: any number from Min
	// Type gives the type of the result, or says why the arguments are wrong.
	Type func(args []data.Type) (data.Type, error)
	// TypeWith replaces Type for functions with lambdas: lambda types the body
	// of argument i for parameters of the given types.
	TypeWith func(args []data.Type, lambda func(i int, params ...data.Type) (data.Type, error)) (data.Type, error)
	// TypeArgs replaces Type for functions whose type hangs on a literal, as
	// that of a cast does: it sees the arguments themselves.
	TypeArgs func(args []Typed) (data.Type, error)
	// Eval computes it; or Bind does, once per pipeline, where the function
	// has work to do before rows come: patterns, zones, lookups, lambdas, or
	// a choice by type. One of the two is set.
	Eval Eval
	Bind func(b *Binding) (Eval, error)
	// Whole functions take multi-value strings as lists; others are mapped
	// over their values. WholeFor says so where it hangs on the arguments.
	Whole    bool
	WholeFor func(args []Expr) bool
	// Multi says that a Whole function of type STRING gives multi-value strings.
	Multi bool
	// Needs says for which of n rows argument i matters, when those before it
	// are known. Where a later argument fails for all rows together (a division
	// by zero, say, that a condition guards against) it is evaluated again for
	// these rows alone. Functions without it want all arguments of all rows.
	Needs func(s *data.Scratch, args []*data.Vec, i, n int) []uint32
	// Volatile functions may give other answers for the same arguments.
	Volatile bool
}

// A SQL is a name under which SQL knows a function. Names of operators are
// their symbols. Build makes the call from the bound arguments where that is
// not simply the same list, for instance because SQL counts from 1.
type SQL struct {
	Name  string
	Build func(args []Typed) (Expr, error)
	Doc   string
	// Returns names the SQL type of the result where the native type does not
	// say it: "TIMESTAMP", "BOOLEAN", "DATE"; "" = derived from the native type.
	Returns string
	// Zoned forms depend on the query's time zone. Unless that is UTC, the
	// binder appends ZoneArg(name) to the arguments, whether or not the user
	// wrote a zone too; Build tells the two apart with CutZone.
	Zoned bool
}

// ZoneArg is the argument that brings the query's time zone to a Zoned form.
// Its type is no other argument's, so that it is never taken for one.
func ZoneArg(name string) Typed { return Typed{String(name), zoneArg} }

var zoneArg = data.ComplexOf("zone")

// CutZone takes the ZoneArg off the arguments of a Zoned form; zone is nil
// where there is none, for UTC.
func CutZone(args []Typed) (rest []Typed, zone Expr) {
	if n := len(args) - 1; n >= 0 && args[n].Type == zoneArg {
		return args[:n], args[n].Expr
	}
	return args, nil
}

// Typed is an expression with its type.
type Typed struct {
	Expr
	Type data.Type
}

// A Binding is what a function may ask when it is bound to a query.
type Binding struct {
	Env   *Env
	Args  []Expr      // as written, for literals
	Types []data.Type // of the arguments
	Type  data.Type   // of the result
	scope data.Schema
}

// Env is what a query fixes for all its functions.
type Env struct {
	Now    int64        // the statement's time, ms
	Zone   *chrono.Zone // of the query; nil is UTC
	Lookup func(name string) (LookupTable, bool)

	shared *sharing // set while several expressions are compiled together
}

// A LookupTable maps strings to strings.
type LookupTable interface {
	Get(key string) (value string, ok bool)
	// Each calls visit with every pair, ordered by key.
	Each(visit func(key, value string))
	OneToOne() bool
}

// Literal is the value of argument i, if that is a literal (or folds to one).
func (b *Binding) Literal(i int) (value any, ok bool) {
	if i >= len(b.Args) {
		return nil, false
	}
	if l, ok := Fold(b.Args[i], b.Env).(*Lit); ok {
		return l.Value, true
	}
	return nil, false
}

// Text is the literal string that argument i must be; fallback where there is
// no such argument.
func (b *Binding) Text(i int, what, fallback string) (string, error) {
	if i >= len(b.Args) {
		return fallback, nil
	}
	v, ok := b.Literal(i)
	if s, is := v.(string); is {
		return s, nil
	}
	if ok && v == nil {
		return fallback, nil
	}
	return "", fault.Invalidf("%s must be a literal string", what)
}

// Lambda compiles argument i, a lambda whose parameters have the given types.
// The result is evaluated with one Vec per parameter, then the columns that
// the body reads from around the lambda, in the order of outer.
func (b *Binding) Lambda(i int, params ...data.Type) (body Eval, outer []string, t data.Type, err error) {
	l, ok := b.Args[i].(*Lambda)
	if !ok {
		return nil, nil, t, fault.Invalidf("argument %d must be a lambda such as x -> x + 1", i+1)
	}
	if len(l.Params) != len(params) {
		return nil, nil, t, fault.Invalidf("the lambda has %d parameters where %d are expected", len(l.Params), len(params))
	}
	schema := lambdaScope(l, params, nil)
	Walk(l, func(c string) {
		if schema.Index(c) < 0 {
			f, _ := b.scope.Find(c)
			schema = append(schema, f)
			outer = append(outer, c)
		}
	})
	if t, err = TypeOf(l.Body, schema); err != nil {
		return nil, nil, t, err
	}
	p, err := Compile(l.Body, schema, b.Env)
	if err != nil {
		return nil, nil, t, err
	}
	eval := func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		return p.Eval(s, &data.Batch{N: n, Cols: args})
	}
	return eval, outer, t, nil
}

var (
	byName = map[string]*Func{}
	bySQL  = map[string]sqlName{}
	all    []*Func
)

type sqlName struct {
	f   *Func
	sql SQL
}

// Register adds a function. It is called at init by the file that declares it;
// a name that is taken is a mistake in the program.
func Register(f *Func) *Func {
	for _, n := range append([]string{f.Name}, f.Aliases...) {
		n = strings.ToLower(n)
		if byName[n] != nil {
			panic("expr: two functions " + n)
		}
		byName[n] = f
	}
	for _, s := range f.SQL {
		n := strings.ToUpper(s.Name)
		if _, taken := bySQL[n]; taken {
			panic("expr: two SQL functions " + n)
		}
		bySQL[n] = sqlName{f, s}
	}
	all = append(all, f)
	return f
}

// Lookup finds a function by its native name, in any case.
func Lookup(name string) (*Func, bool) {
	f, ok := byName[strings.ToLower(name)]
	return f, ok
}

// LookupSQL finds a function by a name that SQL has for it, in any case.
func LookupSQL(name string) (*Func, SQL, bool) {
	s, ok := bySQL[strings.ToUpper(name)]
	return s.f, s.sql, ok
}

// Names are the native names, sorted; SQLNames those of SQL.
func Names() []string    { return keys(byName) }
func SQLNames() []string { return keys(bySQL) }

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for n := range m {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Funcs are all functions, by name.
func Funcs() []*Func {
	out := append([]*Func(nil), all...)
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// NewCall is a call of the function of that native name, with the number of
// arguments checked.
func NewCall(name string, args ...Expr) (*Call, error) {
	f, ok := Lookup(name)
	if !ok {
		return nil, fault.Invalidf("unknown function %q%s", name, fault.Suggest(name, Names()))
	}
	if err := f.checkCount(len(args)); err != nil {
		return nil, err
	}
	return &Call{f, args}, nil
}

func (f *Func) checkCount(n int) error {
	if n >= f.Min && (n <= f.Max || f.Max < 0) {
		return nil
	}
	want := fmt.Sprintf("%d arguments", f.Min)
	switch {
	case f.Max < 0:
		want = fmt.Sprintf("at least %d arguments", f.Min)
	case f.Max != f.Min:
		want = fmt.Sprintf("%d to %d arguments", f.Min, f.Max)
	case f.Min == 1:
		want = "1 argument"
	}
	return fault.Invalidf("%s takes %s, got %d", f.Name, want, n)
}

// TypeOf is the type of e over rows of that schema. A column that the schema
// does not have is null.
func TypeOf(e Expr, schema data.Schema) (data.Type, error) {
	switch e := e.(type) {
	case *Col:
		f, _ := schema.Find(e.Name)
		return f.Type, nil
	case *Lit:
		return e.Type, nil
	case *Lambda:
		return data.NullType, nil
	case *Call:
		types := make([]data.Type, len(e.Args))
		for i, a := range e.Args {
			t, err := TypeOf(a, schema)
			if err != nil {
				return t, err
			}
			types[i] = t
		}
		return e.typeOf(types, schema)
	}
	return data.Type{}, fault.New(fault.Internal, "unknown expression %T", e)
}

func (c *Call) typeOf(types []data.Type, schema data.Schema) (data.Type, error) {
	if err := c.Func.checkCount(len(types)); err != nil {
		return data.Type{}, err
	}
	var t data.Type
	var err error
	switch {
	case c.Func.TypeArgs != nil:
		args := make([]Typed, len(types))
		for i := range args {
			args[i] = Typed{c.Args[i], types[i]}
		}
		t, err = c.Func.TypeArgs(args)
	case c.Func.TypeWith != nil:
		t, err = c.Func.TypeWith(types, func(i int, params ...data.Type) (data.Type, error) {
			l, ok := c.Args[i].(*Lambda)
			if !ok || len(l.Params) != len(params) {
				return data.Type{}, fault.Invalidf("argument %d must be a lambda of %d parameters", i+1, len(params))
			}
			return TypeOf(l.Body, lambdaScope(l, params, schema))
		})
	default:
		t, err = c.Func.Type(types)
	}
	if err != nil {
		return t, fault.Invalidf("%s: %v", c.Func.Name, err)
	}
	return t, nil
}

// lambdaScope is what the body of a lambda sees: its parameters, then what is
// around it.
func lambdaScope(l *Lambda, params []data.Type, around data.Schema) data.Schema {
	var s data.Schema
	for i, p := range l.Params {
		s = append(s, data.Field{Name: p, Type: params[i]})
	}
	return append(s, around...)
}

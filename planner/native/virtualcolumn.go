package native

import (
	"errors"
	"slices"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A VirtualColumn is a column that a query computes.
type VirtualColumn interface {
	OutputName() string
	// Expr is the column over columns of the source and other virtual columns;
	// schema is the source's.
	Expr(schema data.Schema) (expr.Expr, error)
	// Declared is the type that the query gives the column; NULL if none.
	Declared() data.Type
}

var virtualColumns = jsontype.New[VirtualColumn]("virtual column", "type")

// resolveVirtual is the virtual columns over columns of the source alone. They
// may name each other in any order, but not in a circle.
func resolveVirtual(list []jsontype.Of[VirtualColumn], schema data.Schema) (map[string]expr.Expr, error) {
	r := &resolver{own: map[string]expr.Expr{}, at: map[string]int{}, done: map[string]expr.Expr{}, open: map[string]bool{}}
	for i, v := range list {
		name := v.V.OutputName()
		if _, twice := r.at[name]; twice {
			return nil, fault.At(fault.Invalidf("there are two virtual columns %q", name), index("virtualColumns", i))
		}
		e, err := v.V.Expr(schema)
		if err != nil {
			return nil, fault.At(err, index("virtualColumns", i))
		}
		r.own[name], r.at[name] = e, i
	}
	for i, v := range list {
		name := v.V.OutputName()
		e, err := r.resolve(name)
		if err == nil {
			r.done[name], err = asValues(v.V, e, schema)
			err = evaluated(err)
		}
		if err != nil {
			return nil, fault.At(err, index("virtualColumns", i))
		}
	}
	return r.done, nil
}

// asValues is e; where the query says that a list made of a multi-value string
// is a string, it is one again.
func asValues(v VirtualColumn, e expr.Expr, schema data.Schema) (expr.Expr, error) {
	t, err := expr.TypeOf(e, schema)
	if err != nil || t != data.StringArray || v.Declared().Kind != data.String {
		return e, err
	}
	multi := false
	expr.Walk(e, func(c string) {
		f, _ := schema.Find(c)
		multi = multi || f.Multi
	})
	if multi {
		return expr.Of("array_to_mv", e), nil
	}
	return e, nil
}

// evaluated is an error of types under the code that Druid gives errors which
// it finds when it evaluates.
func evaluated(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Code != "" {
		return err
	}
	out := *f
	out.Code = "general"
	return &out
}

type resolver struct {
	own  map[string]expr.Expr // as written
	at   map[string]int
	done map[string]expr.Expr
	open map[string]bool // being resolved
}

func (r *resolver) resolve(name string) (expr.Expr, error) {
	if e := r.done[name]; e != nil {
		return e, nil
	}
	if r.open[name] {
		return nil, fault.Invalidf("virtual column %q depends on itself", name)
	}
	r.open[name] = true
	var failed error
	e := expr.Replace(r.own[name], func(c string) (expr.Expr, bool) {
		if r.own[c] == nil || failed != nil {
			return nil, false
		}
		var x expr.Expr
		if x, failed = r.resolve(c); failed != nil {
			return nil, false
		}
		return x, true
	})
	r.open[name] = false
	if failed == nil {
		r.done[name] = e
	}
	return e, failed
}

// described is the type of a virtual column whose values are of type t, as a
// scan describes it: what is known of the expression and, failing that, what
// the query says, or else FLOAT. The values are of their own type all the same.
func (b *base) described(v VirtualColumn, t data.Type) data.Type {
	declared := v.Declared()
	if _, ok := v.(*virtualExpression); !ok {
		if declared.Kind != data.Null {
			return declared
		}
		return t
	}
	e := expr.Fold(b.scope.Virtual[v.OutputName()], &expr.Env{})
	if _, column := e.(*expr.Col); column {
		return t
	}
	_, constant := e.(*expr.Lit)
	switch {
	case t.Kind == data.Bool:
		t = data.LongType
	case t == data.ArrayOf(data.JSONType) && !constant:
		t = data.JSONType
	case t == data.JSONType:
		t = typeOfJSON(b.scope.Virtual[v.OutputName()], e)
	}
	switch {
	case t.Kind == data.Null || b.unknown(e):
		if declared.Kind == data.Null {
			return data.FloatType
		}
		return declared
	case t.Numeric() && declared.Kind == data.Float, !t.Numeric() && declared.Numeric():
		return declared
	}
	return t
}

// typeOfJSON is what can be said of an expression that gives JSON: where it
// takes what it finds, the type of that if it is folded to a constant, or else
// nothing.
func typeOfJSON(e, folded expr.Expr) data.Type {
	if c, ok := e.(*expr.Call); !ok || c.Func.Name != "json_value" {
		return data.JSONType
	}
	if l, ok := folded.(*expr.Lit); ok {
		if raw, ok := l.Value.([]byte); ok {
			if v, err := jsonValue(raw); err == nil {
				return typeOfValue(v)
			}
		}
	}
	return data.NullType
}

// unknown says that nothing can be known of an expression before its values
// are seen: it is null whatever the row, or its value hangs on strings of rows
// that are no segment's, which may be lists.
func (b *base) unknown(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.Lit:
		return e.Value == nil
	case *expr.Col:
		f, ok := b.Schema.Find(e.Name)
		return ok && f.Type.Kind == data.String && len(b.Tables) == 0
	case *expr.Lambda:
		return b.unknown(expr.Replace(e.Body, func(c string) (expr.Expr, bool) {
			return expr.Long(0), slices.Contains(e.Params, c)
		}))
	case *expr.Call:
		lists := listArgs[e.Func.Name]
		if e.Func.WholeFor != nil && e.Func.WholeFor(e.Args) {
			lists = 1
		}
		for i, a := range e.Args {
			_, lit := a.(*expr.Lit)
			if _, column := a.(*expr.Col); lit || column && lists>>i&1 != 0 {
				continue
			}
			if b.unknown(a) {
				return true
			}
		}
	}
	return false
}

// listArgs tells, with a bit each, which arguments of a function are taken for
// lists whatever they are: of these all is known.
var listArgs = map[string]uint{
	"array_append": 1, "array_concat": 3, "array_contains": 3, "array_length": 1, "array_offset": 1,
	"array_offset_of": 1, "array_ordinal": 1, "array_ordinal_of": 1, "array_overlap": 3, "array_prepend": 2,
	"array_quantile": 1, "array_set_add": 1, "array_set_add_all": 3, "array_slice": 1, "array_to_mv": 1,
	"array_to_string": 1, "mv_to_array": 1, "mv_harmonize_nulls": 1, "scalar_in_array": 2,
	"map": 2, "filter": 2, "any": 2, "all": 2, "fold": 2, "cartesian_map": 1<<32 - 2, "cartesian_fold": 1<<32 - 2,
}

// Package expr is the one expression language: columns, literals, lambdas and
// calls of functions. Native expressions, native filters, virtual columns,
// post-aggregators and SQL all become these trees; nothing else computes a
// value from values. The package owns the tree, its text and JSON forms, the
// registry of functions and the evaluation of a call over vectors, including
// what every function would otherwise have to know: constants, dictionary
// words and multi-value strings (call.go). The functions are in exec/fn.
package expr

import (
	"math"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
)

// An Expr is a *Col, *Lit, *Call or *Lambda. Trees are never changed once made.
type Expr interface {
	String() string // canonical text: equal texts are equal expressions
	append(b []byte) []byte
}

// A Col is a column of the input, or a parameter of a lambda around it.
type Col struct{ Name string }

// A Lit is a value: nil, bool, int64, float64, string, []byte or []any.
type Lit struct {
	Value any
	Type  data.Type
}

// A Call is a function applied to arguments.
type Call struct {
	Func *Func
	Args []Expr
}

// A Lambda is a function written in place: parameters and a body. It occurs
// only as an argument of functions that take one.
type Lambda struct {
	Params []string
	Body   Expr
}

// String gives the name, quoted unless it is a plain identifier.
func (e *Col) String() string    { return string(e.append(nil)) }
func (e *Lit) String() string    { return string(e.append(nil)) }
func (e *Call) String() string   { return string(e.append(nil)) }
func (e *Lambda) String() string { return string(e.append(nil)) }

func (e *Col) append(b []byte) []byte {
	if plain(e.Name) {
		return append(b, e.Name...)
	}
	return strconv.AppendQuote(b, e.Name)
}

func plain(s string) bool {
	for i, c := range s {
		letter := c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func (e *Lit) append(b []byte) []byte { return appendValue(b, e.Value) }

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		if math.IsInf(v, 0) {
			if v < 0 {
				b = append(b, '-')
			}
			return append(b, "Infinity"...)
		}
		n := len(b)
		b = strconv.AppendFloat(b, v, 'g', -1, 64)
		if !strings.ContainsAny(string(b[n:]), ".eINa") {
			b = append(b, ".0"...)
		}
		return b
	case string:
		b = append(b, '\'')
		b = append(b, strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(v)...)
		return append(b, '\'')
	case []byte:
		b = append(b, "binary "...)
		return strconv.AppendQuote(b, string(v))
	case []any:
		b = append(b, '[')
		for i, x := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendValue(b, x)
		}
		return append(b, ']')
	}
	panic("expr: a literal holds a value of a type that no one makes")
}

func (e *Call) append(b []byte) []byte {
	b = append(b, e.Func.Name...)
	b = append(b, '(')
	for i, a := range e.Args {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = a.append(b)
	}
	return append(b, ')')
}

func (e *Lambda) append(b []byte) []byte {
	b = append(b, '(')
	b = append(b, strings.Join(e.Params, ", ")...)
	b = append(b, ") -> "...)
	return e.Body.append(b)
}

// Null, Long, Double, String and Bool are literals.
func Null() *Lit              { return &Lit{Type: data.NullType} }
func Long(x int64) *Lit       { return &Lit{x, data.LongType} }
func Double(x float64) *Lit   { return &Lit{x, data.DoubleType} }
func String(x string) *Lit    { return &Lit{x, data.StringType} }
func Bool(x bool) *Lit        { return &Lit{x, data.BoolType} }
func Column(name string) *Col { return &Col{name} }

// Of is a call of the function of that name, which must exist: it is for code
// that knows what it calls. For names that a user wrote there is Lookup.
func Of(name string, args ...Expr) *Call {
	f, ok := Lookup(name)
	if !ok {
		panic("expr: no function " + name)
	}
	return &Call{f, args}
}

// And joins conditions; of none it is nil, which stands for true.
func And(conds ...Expr) Expr {
	var out Expr
	for _, c := range conds {
		switch {
		case c == nil:
		case out == nil:
			out = c
		default:
			out = Of("and", out, c)
		}
	}
	return out
}

// Conjuncts are the conditions that e joins by AND; nil has none.
func Conjuncts(e Expr) []Expr {
	if e == nil {
		return nil
	}
	if c, ok := e.(*Call); ok && c.Func.Name == "and" {
		var out []Expr
		for _, a := range c.Args {
			out = append(out, Conjuncts(a)...)
		}
		return out
	}
	return []Expr{e}
}

// Columns adds the names of the columns that e reads to set.
func Columns(e Expr, set map[string]bool) {
	Walk(e, func(name string) { set[name] = true })
}

// Walk calls visit with the name of every column read, parameters of lambdas
// aside.
func Walk(e Expr, visit func(column string)) { walk(e, nil, visit) }

func walk(e Expr, bound []string, visit func(string)) {
	switch e := e.(type) {
	case *Col:
		for _, p := range bound {
			if p == e.Name {
				return
			}
		}
		visit(e.Name)
	case *Call:
		for _, a := range e.Args {
			walk(a, bound, visit)
		}
	case *Lambda:
		walk(e.Body, append(bound[:len(bound):len(bound)], e.Params...), visit)
	}
}

// Replace is e with every column for which with gives an expression replaced
// by it. Parameters of lambdas hide columns.
func Replace(e Expr, with func(column string) (Expr, bool)) Expr {
	switch e := e.(type) {
	case *Col:
		if r, ok := with(e.Name); ok {
			return r
		}
	case *Call:
		args := make([]Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = Replace(a, with)
		}
		return &Call{e.Func, args}
	case *Lambda:
		return &Lambda{e.Params, Replace(e.Body, func(c string) (Expr, bool) {
			for _, p := range e.Params {
				if p == c {
					return nil, false
				}
			}
			return with(c)
		})}
	}
	return e
}

package native

import (
	"sort"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	postAggregators.Add("arithmetic", new(postArithmetic))
	postAggregators.Add("doubleGreatest", &postExtreme{of: "greatest", t: data.DoubleType})
	postAggregators.Add("doubleLeast", &postDoubleLeast{postExtreme{of: "least", t: data.DoubleType}})
	postAggregators.Add("longGreatest", &postLongGreatest{postExtreme{of: "greatest", t: data.LongType}})
	postAggregators.Add("longLeast", &postLongLeast{postExtreme{of: "least", t: data.LongType}})
}

// postArithmetic applies an operation from left to right, on doubles. What is
// divided by zero is 0; quotient gives infinities and NaN.
type postArithmetic struct {
	post
	Fn       string   `json:"fn"`
	Fields   postList `json:"fields"`
	Ordering string   `json:"ordering"`
}

var arithmetic = map[string]string{
	"+": "plus", "-": "minus", "*": "times", "/": "divide_or_zero", "quotient": "divide", "pow": "pow",
}

// Check wants an operation that is known and two fields.
func (p *postArithmetic) Check() error {
	if p.Fn == "" {
		return missing("fn", "an operation such as \"+\"")
	}
	if arithmetic[p.Fn] == "" {
		known := []string{}
		for n := range arithmetic {
			known = append(known, n)
		}
		sort.Strings(known)
		return fault.At(fault.Invalidf("unknown operation %q; known: %s", p.Fn, strings.Join(known, " ")), "fn")
	}
	if err := checkOrdering(p.Ordering); err != nil {
		return err
	}
	return p.Fields.check(2)
}

// Expr applies the operation.
func (p *postArithmetic) Expr(r *results) (expr.Expr, error) {
	args, err := p.Fields.numbers(r, data.DoubleType)
	if err != nil {
		return nil, err
	}
	out := args[0]
	for _, a := range args[1:] {
		if out, err = call(arithmetic[p.Fn], out, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *postArithmetic) ordering() string { return p.Ordering }

func checkOrdering(name string) error {
	if name != "" && name != "numericFirst" {
		return fault.At(fault.Invalidf("expected numericFirst or nothing, got %q", name), "ordering")
	}
	return nil
}

// postExtreme is the greatest or least of some numbers, nulls aside.
type postExtreme struct {
	post
	Fields postList `json:"fields"`

	of string
	t  data.Type
}

// Each name has a type of its own.
type (
	postDoubleLeast  struct{ postExtreme }
	postLongGreatest struct{ postExtreme }
	postLongLeast    struct{ postExtreme }
)

// Check wants a field.
func (p *postExtreme) Check() error { return p.Fields.check(1) }

// Expr is the greatest or least.
func (p *postExtreme) Expr(r *results) (expr.Expr, error) {
	args, err := p.Fields.numbers(r, p.t)
	if err != nil {
		return nil, err
	}
	return call(p.of, args...)
}

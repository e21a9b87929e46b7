package rule

import (
	"github.com/ovatedb/ovate/exec/expr"
)

// Shares of rows that pass conditions of which no more is known than their kind.
const (
	equalShare   = 0.005
	rangeShare   = 1.0 / 3
	patternShare = 0.1
	nullShare    = 0.02
	otherShare   = 0.25
)

// shares estimates conditions by the name of their function.
var shares map[string]func(in Estimate, c *expr.Call) float64

func init() {
	shares = map[string]func(in Estimate, c *expr.Call) float64{
		"and": func(in Estimate, c *expr.Call) float64 { return in.share(c.Args[0]) * in.share(c.Args[1]) },
		"or": func(in Estimate, c *expr.Call) float64 {
			a, b := in.share(c.Args[0]), in.share(c.Args[1])
			return a + b - a*b
		},
		"not":             func(in Estimate, c *expr.Call) float64 { return 1 - in.share(c.Args[0]) },
		"istrue":          func(in Estimate, c *expr.Call) float64 { return in.share(c.Args[0]) },
		"isnottrue":       func(in Estimate, c *expr.Call) float64 { return 1 - in.share(c.Args[0]) },
		"isnull":          func(Estimate, *expr.Call) float64 { return nullShare },
		"notnull":         func(Estimate, *expr.Call) float64 { return 1 - nullShare },
		"equals":          Estimate.equalShare,
		"notdistinctfrom": Estimate.equalShare,
		"notequals":       func(in Estimate, c *expr.Call) float64 { return 1 - in.equalShare(c) },
		"isdistinctfrom":  func(in Estimate, c *expr.Call) float64 { return 1 - in.equalShare(c) },
		"in":              Estimate.inShare,
		"like":            func(Estimate, *expr.Call) float64 { return patternShare },
		"regexp_like":     func(Estimate, *expr.Call) float64 { return patternShare },
		"less":            Estimate.rangeShare,
		"lessequal":       Estimate.rangeShare,
		"greater":         Estimate.rangeShare,
		"greaterequal":    Estimate.rangeShare,
	}
}

// share is about which share of the rows a condition is true for.
func (in Estimate) share(cond expr.Expr) float64 {
	switch c := cond.(type) {
	case *expr.Lit:
		if c.Value == true {
			return 1
		}
		return 0
	case *expr.Call:
		if f := shares[c.Func.Name]; f != nil {
			return max(0, min(1, f(in, c)))
		}
	}
	return otherShare
}

// equalShare is one in as many as there are values.
func (in Estimate) equalShare(c *expr.Call) float64 {
	if len(c.Args) != 2 {
		return otherShare
	}
	most := 0.0
	for _, a := range c.Args {
		if _, ok := a.(*expr.Lit); !ok {
			most = max(most, in.distinct(a))
		}
	}
	if most == 0 {
		return equalShare
	}
	return 1 / most
}

// inShare is that of as many values as are listed.
func (in Estimate) inShare(c *expr.Call) float64 {
	n := 3.0
	if l, ok := c.Args[1].(*expr.Lit); ok {
		if list, ok := l.Value.([]any); ok {
			n = float64(len(list))
		}
	}
	return n / in.distinct(c.Args[0])
}

// rangeShare is the part of the range of the column's values, which are taken
// to be spread evenly.
func (in Estimate) rangeShare(c *expr.Call) float64 {
	col, op, lit, ok := expr.Comparison(c)
	if !ok {
		return rangeShare
	}
	held := in.cols[col.Name]
	var at float64
	switch v := lit.Value.(type) {
	case int64:
		at = float64(v)
	case float64:
		at = v
	default:
		return rangeShare
	}
	if !held.Ranged || held.Most <= held.Least {
		return rangeShare
	}
	below := (at - held.Least) / (held.Most - held.Least)
	if op == "greater" || op == "greaterequal" {
		below = 1 - below
	}
	return max(0.001, min(1, below))
}

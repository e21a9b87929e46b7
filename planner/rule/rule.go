// Package rule is the rewrite rules of plans, one a file. A rule gives a plan
// with the same answer that costs less; the order of All is their order.
package rule

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/planner"
)

// A Rule rewrites a whole plan.
type Rule struct {
	Name  string
	Apply func(n planner.Node, env *Env) (planner.Node, error)
}

// Env is what rules know beside the plan.
type Env struct {
	Expr       *expr.Env
	Statistics planner.Statistics // nil: nothing is known of the sources
}

// All is the rules in the order they are applied.
var All = []Rule{
	{"fold constants", foldConstants},
	{"simplify conditions", simplify},
	{"inner for outer joins", innerJoins},
	{"conditions of a join on one side", sideConditions},
	{"push filters down", pushFilters},
	{"time to intervals", timeIntervals},
	{"merge projections", mergeProjections},
	{"cast groups, not rows", castGroups},
	{"group before joins", groupBeforeJoins},
	{"share groupings", shareGroups},
	{"order joins", orderJoins},
	{"left side first", markReduced},
	{"prune columns", pruneColumns},
	{"pad groups of time", padBuckets},
}

// Optimize applies all rules, of sources of which nothing is known.
func Optimize(n planner.Node, env *expr.Env) (planner.Node, error) {
	return (&Env{Expr: env}).Optimize(n)
}

// Optimize applies all rules.
func (e *Env) Optimize(n planner.Node) (planner.Node, error) {
	for _, r := range All {
		var err error
		if n, err = r.Apply(n, e); err != nil {
			return nil, err
		}
	}
	return n, nil
}

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
	Apply func(n planner.Node, env *expr.Env) (planner.Node, error)
}

// All is the rules in the order they are applied.
var All = []Rule{
	{"fold constants", foldConstants},
	{"simplify conditions", simplify},
	{"push filters down", pushFilters},
	{"time to intervals", timeIntervals},
	{"merge projections", mergeProjections},
	{"cast groups, not rows", castGroups},
	{"prune columns", pruneColumns},
}

// Optimize applies all rules.
func Optimize(n planner.Node, env *expr.Env) (planner.Node, error) {
	for _, r := range All {
		var err error
		if n, err = r.Apply(n, env); err != nil {
			return nil, err
		}
	}
	return n, nil
}

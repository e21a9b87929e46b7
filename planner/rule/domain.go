package rule

import (
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/planner"
)

// A pair is what the two sides of a join's key hold.
type pair struct{ left, right planner.ColumnHeld }

func pairsOf(l, r Estimate, keys []exec.JoinKey) []pair {
	out := make([]pair, len(keys))
	for i, k := range keys {
		out[i] = pair{l.held(k.Left.Expr), r.held(k.Right.Expr)}
	}
	return out
}

// sparse is how many times as many values a range may have as it has keys, if
// they are still taken to be the same keys as another table's.
const sparse = 8

// domain is about how many different keys both sides of a join draw theirs
// from, where no condition has dropped any: of each pair of rows, one in so many
// is joined. Sides are taken to hold the same keys, as far as they have as many.
func domain(pairs []pair, left, right float64) float64 {
	if len(pairs) == 0 {
		return 1
	}
	dl, dr := 1.0, 1.0
	for _, p := range pairs {
		l, r := p.left.Distinct, p.right.Distinct
		switch { // of numbers, only a range is known, which may have gaps
		case covers(p.left, p.right):
			r = min(l, r)
		case covers(p.right, p.left):
			l = min(l, r)
		}
		dl, dr = dl*l, dr*r
	}
	if len(pairs) > 1 && dl >= left && dr >= right {
		// Keys of several columns that belong together: the smaller side's are
		// those that there are.
		return max(1, min(left, right))
	}
	return max(1, min(dl, left), min(dr, right))
}

// covers says whether the keys that a has are likely to be all that b has: they
// lie in the same range, and not too far apart there.
func covers(a, b planner.ColumnHeld) bool {
	if !a.Ranged || !b.Ranged || a.Distinct >= b.Distinct || a.Distinct*sparse < b.Distinct {
		return false
	}
	slack := (a.Most - a.Least) / 64
	return a.Least <= b.Least+slack && a.Most >= b.Most-slack
}

package exec

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/segment"
)

// A zone is the values of a column for which a condition can be true: rows of a
// zone map outside of it need not be read.
type zone struct {
	column      string
	least, most float64
}

// zonesOf are the zones of conditions that compare a column of numbers with a
// number.
func zonesOf(conds []expr.Expr, numeric func(column string) bool) []zone {
	var out []zone
	for _, e := range conds {
		col, op, lit, ok := expr.Comparison(e)
		if !ok || !numeric(col.Name) {
			continue
		}
		if z, ok := zoneOf(op, lit.Value); ok {
			z.column = col.Name
			out = append(out, z)
		}
	}
	return out
}

func zoneOf(op string, value any) (zone, bool) {
	var low, high float64
	switch v := value.(type) {
	case int64: // a double near it, on the safe side
		low, high = float64(v), float64(v)
		if v > 1<<53 || v < -1<<53 {
			low, high = math.Nextafter(low, math.Inf(-1)), math.Nextafter(high, math.Inf(1))
		}
	case float64:
		if v != v {
			return zone{}, false
		}
		low, high = v, v
	default:
		return zone{}, false
	}
	switch op {
	case "equals":
		return zone{least: low, most: high}, true
	case "less", "lessequal":
		return zone{least: math.Inf(-1), most: high}, true
	case "greater", "greaterequal":
		return zone{least: low, most: math.Inf(1)}, true
	}
	return zone{}, false
}

// misses says whether no row lo to hi of a segment can be in every zone.
func misses(zones []zone, seg segment.Segment, lo, hi int) bool {
	for _, z := range zones {
		col, ok := seg.Column(z.column)
		if !ok {
			return true // null in all rows
		}
		r, ok := col.(segment.Ranged)
		if !ok || !col.Field().Type.Numeric() {
			continue
		}
		if least, most, _, ok := r.Range(lo, hi); ok && (most < z.least || least > z.most) {
			return true
		}
	}
	return false
}

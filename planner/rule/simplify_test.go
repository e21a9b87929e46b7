package rule

import (
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// TestSimplify writes conditions of filters in their one way.
func TestSimplify(t *testing.T) {
	schema := data.Schema{{Name: "a", Type: data.LongType}, {Name: "b", Type: data.LongType}, {Name: "s", Type: data.StringType}}
	scan := planner.NewScan(planner.Table{Name: "t", Schema: schema}, []chrono.Interval{chrono.Eternity})
	for _, c := range []struct{ in, out string }{
		{"istrue(a > 5)", "greater(a, 5)"},
		{"istrue(istrue(a > 5))", "greater(a, 5)"},
		{"istrue(a > 5 && b > 1) && s == 'x'", "and(and(greater(a, 5), greater(b, 1)), equals(s, 'x'))"},
		{"istrue(a > 5) || b > 1", "or(istrue(greater(a, 5)), greater(b, 1))"},
		{"!isnull(s)", "notnull(s)"},
		{"!(s == 'x')", "notequals(s, 'x')"},
		{"!!a == 1", "equals(not(not(a)), 1)"}, // a is a number: that is not a == 1
		{"!(a > 5)", "not(greater(a, 5))"},
		{"!istrue(a > 5)", "isnottrue(greater(a, 5))"},
	} {
		e, err := expr.Parse(c.in)
		if err != nil {
			t.Fatal(c.in, err)
		}
		n, err := simplify(planner.NewFilter(scan, e), nil)
		if err != nil {
			t.Fatal(c.in, err)
		}
		if got := n.(*planner.Filter).Cond.String(); got != c.out {
			t.Errorf("%s became %s, expected %s", c.in, got, c.out)
		}
	}
}

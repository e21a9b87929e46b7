package rule_test

import (
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/rule"
)

// Only what tells groups apart as well as its text does is grouped by.
func TestCastGroups(t *testing.T) {
	table := planner.Table{Name: "t", Schema: data.Schema{
		{Name: "l", Type: data.LongType}, {Name: "d", Type: data.DoubleType}, {Name: "s", Type: data.StringType}, {Name: "m", Type: data.StringType, Multi: true},
	}}
	for key, want := range map[string]string{
		"cast(l, 'STRING')":            "project cast(k, 'STRING') AS k, n\n  aggregate by [l AS k]: [count() AS n]\n    scan t l",
		"cast(l + 1, 'STRING')":        "project cast(k, 'STRING') AS k, n\n  aggregate by [plus(l, 1) AS k]: [count() AS n]\n    scan t l",
		"cast(d, 'STRING')":            "aggregate by [cast(d, 'STRING') AS k]: [count() AS n]\n  scan t d", // 0.0 and -0.0
		"cast(s, 'LONG')":              "aggregate by [cast(s, 'LONG') AS k]: [count() AS n]\n  scan t s",
		"cast(strlen(m), 'STRING')":    "aggregate by [cast(strlen(m), 'STRING') AS k]: [count() AS n]\n  scan t m",
		"concat(cast(l, 'STRING'), s)": "aggregate by [concat(cast(l, 'STRING'), s) AS k]: [count() AS n]\n  scan t l s",
	} {
		e, err := expr.Parse(key)
		if err != nil {
			t.Fatal(err)
		}
		scan := planner.NewScan(table, []chrono.Interval{chrono.Eternity})
		n, err := rule.Optimize(planner.NewAggregate(scan, []exec.Named{{Name: "k", Expr: e}}, []agg.Call{agg.Of("count", "n")}), &expr.Env{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimRight(planner.Explain(n), "\n"); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", key, got, want)
		}
	}
}

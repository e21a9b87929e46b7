package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
)

// table makes rows of columns p STRING, k LONG, v DOUBLE, of Go values.
func table(rows [][]any) exec.Operator {
	schema := data.Schema{{Name: "p", Type: data.StringType}, {Name: "k", Type: data.LongType}, {Name: "v", Type: data.DoubleType}}
	b := &data.Batch{N: len(rows)}
	for c, f := range schema {
		col := data.NewBuilder(f.Type)
		for _, r := range rows {
			col.Append(r[c])
		}
		b.Cols = append(b.Cols, col.Vec())
	}
	return exec.NewValues(&exec.Env{}, schema, b)
}

// windowed gives the last column, of rows in the order of the window.
func windowed(t *testing.T, in exec.Operator, spec exec.WindowSpec) []any {
	t.Helper()
	w, err := exec.NewWindow(&exec.Env{BatchRows: 3}, in, spec)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Collect(context.Background(), w, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]any, out.N)
	for i := range got {
		got[i] = out.Cols[len(out.Cols)-1].Value(i)
	}
	return got
}

var rows = [][]any{
	{"b", 1, 7.0}, {"a", 1, 10.0}, {"a", 2, nil}, {"a", 2, 5.0}, {"a", 4, 1.0}, {"b", 3, 2.0}, {"a", nil, 3.0},
}

func call(f string, args ...expr.Expr) exec.WindowCall {
	return exec.WindowCall{Name: "w", Func: f, Args: expr.Boxes(args), Frame: exec.DefaultFrame()}
}

func TestWindowFunctions(t *testing.T) {
	ignoring := func(c exec.WindowCall) exec.WindowCall { c.IgnoreNulls = true; return c }
	framed := func(c exec.WindowCall, f exec.Frame) exec.WindowCall { c.Frame = f; return c }
	v, k := expr.Column("v"), expr.Column("k")
	for _, c := range []struct {
		call exec.WindowCall
		want string // rows: a null, a 1, a 2 null, a 2, a 4 | b 1, b 3
	}{
		{call("row_number"), "[1 2 3 4 5 1 2]"},
		{call("rank"), "[1 2 3 3 5 1 2]"},
		{call("dense_rank"), "[1 2 3 3 4 1 2]"},
		{call("percent_rank"), "[0 0.25 0.5 0.5 1 0 1]"},
		{call("cume_dist"), "[0.2 0.4 0.8 0.8 1 0.5 1]"},
		{call("ntile", expr.Long(2)), "[1 1 1 2 2 1 2]"},
		{call("ntile", expr.Long(9)), "[1 2 3 4 5 1 2]"},
		{call("lag", v), "[<nil> 3 10 <nil> 5 <nil> 7]"},
		{ignoring(call("lag", v)), "[<nil> 3 10 10 5 <nil> 7]"},
		{call("lag", v, expr.Long(2), expr.Long(-1)), "[-1 -1 3 10 <nil> -1 -1]"},
		{call("lag", v, expr.Long(-1)), "[10 <nil> 5 1 <nil> 2 <nil>]"},
		{call("lead", v, expr.Long(0)), "[3 10 <nil> 5 1 7 2]"},
		{call("lead", v, k), "[<nil> <nil> 1 <nil> <nil> 2 <nil>]"},
		{ignoring(call("lead", v, expr.Long(2))), "[5 1 1 <nil> <nil> <nil> <nil>]"},
		{call("first_value", v), "[3 3 3 3 3 7 7]"},
		{call("last_value", v), "[3 10 5 5 1 7 2]"},
		{call("nth_value", v, expr.Long(3)), "[<nil> <nil> <nil> <nil> <nil> <nil> <nil>]"},
		{ignoring(call("nth_value", v, expr.Long(3))), "[<nil> <nil> 5 5 5 <nil> <nil>]"},
		{framed(call("last_value", v), exec.WholePartition()), "[1 1 1 1 1 2 2]"},
		{framed(call("first_value", v), exec.Frame{Unit: exec.Rows, From: bound(exec.Preceding, 1), To: bound(exec.Following, 1), Exclude: exec.ExcludeCurrentRow}), "[10 3 10 <nil> 5 2 7]"},
	} {
		spec := exec.WindowSpec{Partition: []string{"p"}, Order: []exec.SortKey{{Column: "k"}}, Calls: []exec.WindowCall{c.call}}
		if got := fmt.Sprint(windowed(t, table(rows), spec)); got != c.want {
			t.Errorf("%s: got %s, expected %s", c.call.String(), got, c.want)
		}
	}
}

func bound(kind exec.BoundKind, n int64) exec.Bound {
	return exec.Bound{Kind: kind, Offset: expr.Box{Expr: expr.Long(n)}}
}

// TestWindowFrames compares sums over random frames with sums done by hand.
func TestWindowFrames(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	kinds := []exec.BoundKind{exec.UnboundedPreceding, exec.Preceding, exec.CurrentRow, exec.Following, exec.UnboundedFollowing}
	pick := func(lo, hi int) exec.Bound {
		k := kinds[lo+r.IntN(hi-lo)]
		if k == exec.Preceding || k == exec.Following {
			return bound(k, int64(r.IntN(4)))
		}
		return exec.Bound{Kind: k}
	}
	for range 400 {
		f := exec.Frame{
			Unit:    []exec.FrameUnit{exec.Rows, exec.Range, exec.Groups}[r.IntN(3)],
			Exclude: []exec.Exclusion{exec.ExcludeNothing, exec.ExcludeNothing, exec.ExcludeCurrentRow, exec.ExcludeGroup, exec.ExcludeTies}[r.IntN(5)],
		}
		from := r.IntN(4)
		f.From = pick(from, from+1)
		f.To = pick(max(from, 1), 5)
		desc, flip := r.IntN(2) == 0, r.IntN(2) == 0
		var in []row
		var values [][]any
		for range r.IntN(40) {
			x := row{part: string(rune('a' + r.IntN(2))), key: int64(r.IntN(8)), v: int64(r.IntN(100)), keyNull: r.IntN(6) == 0, vNull: r.IntN(5) == 0}
			in = append(in, x)
			values = append(values, x.values())
		}
		sort.SliceStable(in, func(i, j int) bool { return in[i].before(in[j], desc, flip) })
		sum := agg.Of("sum", "w", expr.Column("v"))
		if r.IntN(2) == 0 {
			sum = agg.Of("sum", "w", expr.Of("cast", expr.Column("v"), expr.String("LONG")))
		}
		spec := exec.WindowSpec{Partition: []string{"p"}, Order: []exec.SortKey{{Column: "k", Desc: desc, NullsFlip: flip}},
			Calls: []exec.WindowCall{{Name: "w", Agg: &sum, Frame: f}}}
		got := fmt.Sprint(windowed(t, table(values), spec))
		if want := byHand(in, f, desc); got != want {
			t.Fatalf("%s\nrows %v\n got %s\nwant %s", spec.String(), in, got, want)
		}
	}
}

type row struct {
	part           string
	key, v         int64
	keyNull, vNull bool
}

func (x row) values() []any {
	out := []any{x.part, x.key, float64(x.v)}
	if x.keyNull {
		out[1] = nil
	}
	if x.vNull {
		out[2] = nil
	}
	return out
}

func (x row) same(y row) bool { return x.keyNull == y.keyNull && (x.keyNull || x.key == y.key) }

func (x row) before(y row, desc, flip bool) bool {
	switch {
	case x.part != y.part:
		return x.part < y.part
	case x.keyNull != y.keyNull:
		return x.keyNull != (desc != flip)
	case x.keyNull:
		return false
	}
	return x.key != y.key && (x.key < y.key) != desc
}

// byHand asks of every pair of rows whether one is in the frame of the other.
func byHand(in []row, f exec.Frame, desc bool) string {
	var out []string
	for i, x := range in {
		sum, seen := int64(0), false
		for j, y := range in {
			if y.part != x.part || y.vNull || !inFrame(in, i, j, f, desc) {
				continue
			}
			sum, seen = sum+y.v, true
		}
		if seen {
			out = append(out, fmt.Sprint(sum))
		} else {
			out = append(out, "<nil>")
		}
	}
	return "[" + strings.Join(out, " ") + "]"
}

func inFrame(in []row, i, j int, f exec.Frame, desc bool) bool {
	x, y := in[i], in[j]
	switch {
	case f.Exclude == exec.ExcludeCurrentRow && i == j,
		f.Exclude == exec.ExcludeGroup && x.same(y),
		f.Exclude == exec.ExcludeTies && x.same(y) && i != j:
		return false
	}
	// distance is how far y is after x, in the frame's unit.
	distance := int64(j - i)
	unit := f.Unit
	switch unit {
	case exec.Range:
		distance = y.key - x.key
		if desc {
			distance = -distance
		}
		if x.keyNull || y.keyNull {
			distance = int64(j-i) * 1000
			if x.keyNull && y.keyNull {
				distance = 0
			}
		}
	case exec.Groups:
		distance = 0
		for a, b := min(i, j), max(i, j); a < b; a++ {
			if !in[a].same(in[a+1]) {
				distance++
			}
		}
		if j < i {
			distance = -distance
		}
	}
	limit := func(b exec.Bound) int64 {
		switch b.Kind {
		case exec.UnboundedPreceding:
			return -1 << 30
		case exec.UnboundedFollowing:
			return 1 << 30
		case exec.CurrentRow:
			return 0
		}
		n := b.Offset.Expr.(*expr.Lit).Value.(int64)
		if unit == exec.Range && x.keyNull {
			n = 0 // null moved by anything is null
		}
		if b.Kind == exec.Preceding {
			return -n
		}
		return n
	}
	return limit(f.From) <= distance && distance <= limit(f.To)
}

func TestWindowFilterAndDistinct(t *testing.T) {
	sum := agg.Of("sum", "w", expr.Column("v"))
	sum.Filter = expr.Of("greater", expr.Column("v"), expr.Long(4))
	count := agg.Of("count", "w", expr.Column("k"))
	count.Distinct = true
	for _, c := range []struct {
		call agg.Call
		want string
	}{
		{sum, "[<nil> 10 15 15 15 7 7]"},
		{count, "[0 1 2 2 3 1 2]"},
	} {
		spec := exec.WindowSpec{Partition: []string{"p"}, Order: []exec.SortKey{{Column: "k"}},
			Calls: []exec.WindowCall{{Name: "w", Agg: &c.call, Frame: exec.DefaultFrame()}}}
		if got := fmt.Sprint(windowed(t, table(rows), spec)); got != c.want {
			t.Errorf("%s: got %s, expected %s", c.call.String(), got, c.want)
		}
	}
}

func TestWindowGiven(t *testing.T) {
	spec := exec.WindowSpec{Partition: []string{"p"}, Given: true, Calls: []exec.WindowCall{call("row_number")}}
	if got, want := fmt.Sprint(windowed(t, table(rows), spec)), "[1 1 2 3 4 1 1]"; got != want {
		t.Errorf("got %s, expected %s", got, want)
	}
}

func TestWindowRefuses(t *testing.T) {
	frame := func(f exec.Frame) exec.WindowCall {
		c := call("first_value", expr.Column("v"))
		c.Frame = f
		return c
	}
	for want, spec := range map[string]exec.WindowSpec{
		"names the column \"q\"":      {Partition: []string{"q"}},
		"unknown window function":     {Calls: []exec.WindowCall{call("rang")}},
		"takes 1 to 3 arguments":      {Calls: []exec.WindowCall{call("lag")}},
		"offset of LAG":               {Calls: []exec.WindowCall{call("lag", expr.Column("v"), expr.String("x"))}},
		"cannot begin at":             {Calls: []exec.WindowCall{frame(exec.Frame{Unit: exec.Rows, From: bound(exec.Following, 1), To: bound(exec.Preceding, 1)})}},
		"needs ORDER BY with one key": {Calls: []exec.WindowCall{frame(exec.Frame{Unit: exec.Range, From: bound(exec.Preceding, 1), To: bound(exec.Following, 1)})}},
		"a number or time to order":   {Order: []exec.SortKey{{Column: "p"}}, Calls: []exec.WindowCall{frame(exec.Frame{Unit: exec.Range, From: bound(exec.Preceding, 1), To: bound(exec.Following, 1)})}},
		"not negative":                {Calls: []exec.WindowCall{frame(exec.Frame{Unit: exec.Rows, From: bound(exec.Preceding, -1), To: bound(exec.Following, 1)})}},
	} {
		_, err := exec.NewWindow(&exec.Env{}, table(rows), spec)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("expected an error with %q, got %v", want, err)
		}
	}
}

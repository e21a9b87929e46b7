package compute

import (
	"context"
	"testing"
	"time"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/server/wire"
)

// numbers is a plan that keeps 0 to n-1 in parts until some time.
func numbers(n, ways int, until time.Time) *planner.Scatter {
	b := data.NewBuilder(data.LongType)
	for i := range n {
		b.Append(int64(i))
	}
	in := &planner.Values{Columns: data.Schema{{Name: "x", Type: data.LongType}}, Rows: &data.Batch{N: n, Cols: []*data.Vec{b.Vec()}}}
	keys := []exec.Named{{Name: "x", Expr: expr.Column("x")}}
	return &planner.Scatter{Input: planner.Of{V: in}, Keys: keys, Types: []data.Type{data.LongType}, Ways: ways, Until: until.UnixMilli()}
}

// ask runs a plan on a node, for the run "r".
func ask(t *testing.T, n *Node, plan planner.Node, memory int64) ([][]any, error) {
	t.Helper()
	f := &planner.Fragment{Plan: plan}
	if s, ok := plan.(*planner.Scatter); ok {
		f.Rows = []*data.Batch{s.Input.V.(*planner.Values).Rows}
	}
	tree, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]any
	r := &wire.Request{Version: wire.Version, Run: "r", Plan: tree, Rows: f.Rows, Memory: memory, BatchRows: 100}
	for b, err := range n.Fragment(context.Background(), r, new(planner.Facts)) {
		if err != nil {
			return nil, err
		}
		for i := range b.N {
			var row []any
			for _, c := range b.Cols {
				row = append(row, c.Value(i))
			}
			out = append(out, row)
		}
	}
	return out, nil
}

// What is kept is read once and again, all of it in one part or another, in
// memory and on disk; then it is gone, and so is the query's account.
func TestKeptRows(t *testing.T) {
	const rows, ways = 50_000, 3
	for _, memory := range []int64{0, 100_000} {
		n := New(Config{SpillDir: t.TempDir()})
		kept, err := ask(t, n, numbers(rows, ways, time.Now().Add(time.Minute)), memory)
		if err != nil || len(kept) != 1 || kept[0][3] != int64(rows) {
			t.Fatal(kept, err)
		}
		token := kept[0][2].(string)
		for range 2 {
			seen := map[any]int{}
			for p := range ways {
				got, err := ask(t, n, &planner.Kept{Columns: data.Schema{{Name: "x", Type: data.LongType}}, Token: token, Part: p}, memory)
				if err != nil || len(got) < rows/ways/2 {
					t.Fatalf("part %d: %d rows, %v", p, len(got), err)
				}
				for _, row := range got {
					seen[row[0]]++
				}
			}
			if len(seen) != rows {
				t.Fatalf("%d values of %d", len(seen), rows)
			}
		}
		acc := n.accounts.of["r"]
		if wrote := acc.disk.Written() > 0; wrote != (memory > 0) {
			t.Errorf("with %d bytes of memory, %d went to disk", memory, acc.disk.Written())
		}
		for range 2 {
			if _, err := ask(t, n, &planner.Kept{Token: token, Drop: true}, memory); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := ask(t, n, &planner.Kept{Token: token}, memory); fault.Of(err) == nil || fault.Of(err).Kind != fault.Unavailable {
			t.Errorf("after it was dropped: %v", err)
		}
		if len(n.outbox.kept) != 0 || len(n.accounts.of) != 0 || acc.memory.Held() != 0 {
			t.Errorf("left: %d outputs, %d accounts, %d bytes", len(n.outbox.kept), len(n.accounts.of), acc.memory.Held())
		}
	}
}

// What nobody asks for goes when the query's time is over.
func TestKeptRowsExpire(t *testing.T) {
	n := New(Config{SpillDir: t.TempDir()})
	kept, err := ask(t, n, numbers(100, 2, time.Now().Add(time.Second)), 0)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		_, err := ask(t, n, &planner.Kept{Columns: data.Schema{{Name: "x", Type: data.LongType}}, Token: kept[0][2].(string)}, 0)
		if err != nil && fault.Of(err).Kind == fault.Unavailable {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("still there")
		}
	}
	if _, err := ask(t, n, numbers(100, 2, time.Now().Add(-time.Second)), 0); fault.Of(err) == nil || fault.Of(err).Kind != fault.Timeout {
		t.Errorf("kept after the query's time: %v", err)
	}
}

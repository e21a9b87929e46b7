package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// mixed is n rows of prefixed columns: numbers with nulls and repetitions,
// texts, lists and the number of the row.
func mixed(prefix string, seed uint64, n int) (data.Schema, *data.Batch) {
	r := rand.New(rand.NewPCG(seed, 9))
	schema := data.Schema{{Name: prefix + "l", Type: data.LongType}, {Name: prefix + "d", Type: data.DoubleType},
		{Name: prefix + "s", Type: data.StringType}, {Name: prefix + "m", Type: data.StringType, Multi: true}, {Name: prefix + "row", Type: data.LongType}}
	cols := []*data.Builder{data.NewBuilder(data.LongType), data.NewBuilder(data.DoubleType), data.NewBuilder(data.StringType), data.NewMulti(), data.NewBuilder(data.LongType)}
	for i := range n {
		cols[0].Append([]any{nil, r.Int64N(int64(n)), r.Int64N(9)}[r.IntN(3)])
		cols[1].Append([]any{nil, float64(r.IntN(n)) / 4}[min(1, r.IntN(9))])
		cols[2].Append([]any{nil, "", fmt.Sprint("text ", r.IntN(n/2+1)), "same"}[r.IntN(4)])
		cols[3].Append([]any{nil, "x", []any{"x", fmt.Sprint(r.IntN(9))}}[r.IntN(3)])
		cols[4].Append(int64(i))
	}
	b := &data.Batch{N: n}
	for _, c := range cols {
		b.Cols = append(b.Cols, c.Vec())
	}
	return schema, b
}

// little is an Env with so many bytes of memory, and a disk.
func little(t testing.TB, batch int, limit int64) *exec.Env {
	return &exec.Env{Expr: &expr.Env{}, BatchRows: batch, Memory: &exec.Memory{Limit: limit}, Disk: &spill.Space{Dir: t.TempDir()}}
}

func texts(t testing.TB, op exec.Operator) []string {
	t.Helper()
	b, err := exec.Collect(context.Background(), op, nil)
	if err != nil {
		t.Fatal(op, err)
	}
	out := make([]string, b.N)
	for i := range out {
		var row []any
		for _, c := range b.Cols {
			row = append(row, c.Value(i))
		}
		out[i] = fmt.Sprintf("%q", row)
	}
	return out
}

// done fails if memory is still held, or if the disk was used otherwise than
// expected.
func done(t testing.TB, what string, env *exec.Env, wrote bool) {
	t.Helper()
	if got := env.Disk.Written() > 0; got != wrote {
		t.Errorf("%s: %d bytes went to disk", what, env.Disk.Written())
	}
	if left := env.Memory.Held(); left != 0 {
		t.Errorf("%s: %d bytes are still held", what, left)
	}
}

// A sort with little memory gives the same rows in the same order.
func TestSortFromDisk(t *testing.T) {
	schema, rows := mixed("", 1, 6_000)
	for _, keys := range [][]exec.SortKey{
		{{Column: "l"}}, {{Column: "s", Desc: true}, {Column: "d"}}, {{Column: "m"}, {Column: "l", Desc: true, NullsFlip: true}}, {{Column: "row"}},
	} {
		for _, c := range []struct {
			limit, offset int64
			batch         int
			memory        int64
		}{{-1, 0, 200, 1 << 18}, {-1, 7, 50, 1 << 14}, {4_000, 1500, 200, 1 << 17}, {3, 1, 200, 1 << 19}} {
			sorted := func(env *exec.Env) exec.Operator {
				op, err := exec.NewSort(env, exec.NewValues(env, schema, rows), keys, c.limit, c.offset)
				if err != nil {
					t.Fatal(err)
				}
				return op
			}
			want := texts(t, sorted(&exec.Env{}))
			env := little(t, c.batch, c.memory)
			what := fmt.Sprint(keys, c)
			if got := texts(t, sorted(env)); !slices.Equal(got, want) {
				t.Errorf("%s: %d rows, want %d, or others", what, len(got), len(want))
			}
			done(t, what, env, c.limit != 3)
		}
	}
}

// What memory and disk together cannot hold is an error of the client's.
func TestDiskLimit(t *testing.T) {
	schema, rows := mixed("", 1, 6_000)
	env := little(t, 200, 1<<17)
	env.Disk.Limit = 100_000
	op, err := exec.NewSort(env, exec.NewValues(env, schema, rows), []exec.SortKey{{Column: "l"}}, -1, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = exec.Collect(context.Background(), op, nil)
	if e := fault.Of(err); err == nil || e.Kind != fault.Limit || !strings.Contains(e.Message, "maxOnDiskStorage") {
		t.Errorf("got %v", err)
	}
	done(t, "over the limit", env, true)
	env = little(t, 200, 1<<17)
	env.Disk = nil
	if op, err = exec.NewSort(env, exec.NewValues(env, schema, rows), []exec.SortKey{{Column: "l"}}, -1, 0); err != nil {
		t.Fatal(err)
	}
	if _, err = exec.Collect(context.Background(), op, nil); err == nil || fault.Of(err).Kind != fault.Limit {
		t.Errorf("without a disk: %v", err)
	}
}

// A join of every type with little memory gives the same rows, in any order.
func TestJoinFromDisk(t *testing.T) {
	ls, left := mixed("", 1, 500)
	rs, right := mixed("r.", 2, 900)
	key := func(l, r string, nullSafe bool) exec.JoinKey {
		return exec.JoinKey{Left: expr.Box{Expr: expr.Column(l)}, Right: expr.Box{Expr: expr.Column(r)}, NullSafe: nullSafe}
	}
	residual := expr.Box{Expr: expr.Of("less", expr.Column("row"), expr.Column("r.row"))}
	for _, on := range []exec.JoinOn{
		{Keys: []exec.JoinKey{key("row", "r.row", false)}},
		{Keys: []exec.JoinKey{key("s", "r.s", false), key("l", "r.l", false)}},
		{Keys: []exec.JoinKey{key("d", "r.l", true), key("row", "r.row", false)}},
		{Keys: []exec.JoinKey{key("l", "r.l", false)}, Residual: residual},
	} {
		for _, on.Type = range []exec.JoinType{exec.Inner, exec.Left, exec.Right, exec.Full, exec.Semi, exec.Anti} {
			joined := func(env *exec.Env) exec.Operator {
				op, err := exec.NewJoin(env, exec.NewValues(env, ls, left), exec.NewValues(env, rs, right), on)
				if err != nil {
					t.Fatal(err)
				}
				return op
			}
			want := texts(t, joined(&exec.Env{Expr: &expr.Env{}}))
			env := little(t, 50, 1<<16)
			env.Workers = 1
			got := texts(t, joined(env))
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) || len(want) == 0 && on.Type != exec.Anti {
				t.Errorf("%s: %d rows, want %d, or others", on, len(got), len(want))
			}
			done(t, on.String(), env, true)
		}
	}
	env := little(t, 50, 1<<14) // nothing divides rows that have no key
	op, err := exec.NewJoin(env, exec.NewValues(env, ls, left), exec.NewValues(env, rs, right), exec.JoinOn{Type: exec.Inner})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.Collect(context.Background(), op, nil); err == nil || fault.Of(err).Kind != fault.Limit {
		t.Errorf("a join without keys: %v", err)
	}
	done(t, "without keys", env, false)
}

package exec_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
)

// Runs are counted across batches of any size, and nulls are a run too.
func TestLimitBy(t *testing.T) {
	schema := data.Schema{{Name: "k", Type: data.StringType}, {Name: "n", Type: data.LongType}}
	keys, numbers := data.NewBuilder(data.StringType), data.NewBuilder(data.LongType)
	for i, k := range []any{nil, nil, nil, "a", "b", "b", "b", "b", "a", "a"} {
		keys.Append(k)
		numbers.Long(int64(i))
	}
	rows := &data.Batch{N: 10, Cols: []*data.Vec{keys.Vec(), numbers.Vec()}}
	for _, size := range []int{1, 2, 3, 100} {
		env := &exec.Env{BatchRows: size}
		op, err := exec.NewLimitBy(exec.NewValues(env, schema, rows), []string{"k"}, 2)
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.Collect(context.Background(), op, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for i := range out.N {
			got = append(got, out.Cols[1].Long(i))
		}
		if want := "[0 1 3 4 5 8 9]"; fmt.Sprint(got) != want {
			t.Errorf("batches of %d: rows %v, want %s", size, got, want)
		}
	}
	if _, err := exec.NewLimitBy(exec.NewValues(&exec.Env{}, schema, rows), []string{"x"}, 2); err == nil {
		t.Error("a limit by a column that is not there")
	}
}

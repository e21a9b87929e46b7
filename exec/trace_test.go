package exec

import (
	"context"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
)

// A measured operator gives the same rows, and counts what was taken of it.
func TestMeasured(t *testing.T) {
	b := data.NewBuilder(data.LongType)
	for i := range 100 {
		b.Append(int64(i))
	}
	schema := data.Schema{{Name: "a", Type: data.LongType}}
	rows := &data.Batch{N: 100, Cols: []*data.Vec{b.Vec()}}
	env := &Env{Expr: &expr.Env{}, BatchRows: 30}
	var below, above Span
	f, err := NewFilter(env, Measured(NewValues(env, schema, rows), &below), expr.Of("less", expr.Column("a"), expr.Long(50)))
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for b, err := range Measured(f, &above).Run(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if got += b.N; got >= 30 {
			break
		}
	}
	if c := below.Cost(); c.Rows != 30 || c.Batches != 1 || c.Runs != 1 || c.Bytes < 30 {
		t.Errorf("the values gave %+v: expected one batch of 30 rows", c)
	}
	if c := above.Cost(); c.Rows != 30 || c.Time < below.Cost().Time {
		t.Errorf("the filter gave %+v over %+v", c, below.Cost())
	}
	if sum := above.Cost().Add(below.Cost()); sum.Rows != 60 || sum.Batches != 2 {
		t.Errorf("the sum is %+v", sum)
	}
}

package flight

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/flight"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/sql"
)

// A recycler is a Querier whose batches all lie in the same memory, as those of
// operators do: it is overwritten when the next is asked for.
type recycler struct {
	cols    []sql.Column
	batches int
	rows    int
}

var texts = [3]string{"a", "", "ccc"}

func (r *recycler) Describe(context.Context, []byte) ([]sql.Column, data.Schema, error) {
	return r.cols, nil, nil
}

func (r *recycler) Stream(_ context.Context, _ []byte, send func([]sql.Column, data.Schema, exec.Batches) error) error {
	plain := &data.Vec{Type: data.LongType, N: r.rows, I64: make([]int64, r.rows)}
	codes := &data.Vec{Type: data.LongType, N: r.rows, U8: make([]uint8, r.rows)}
	words := &data.Vec{Type: data.StringType, N: r.rows, U8: codes.U8, Dict: &data.Dict{Words: built(data.NewBuilder(data.StringType), texts[0], texts[1], texts[2])}}
	half := &data.Vec{Type: data.DoubleType, N: r.rows, F64: make([]float64, r.rows), Valid: make([]byte, (r.rows+7)/8)}
	return send(r.cols, nil, func(yield func(*data.Batch, error) bool) {
		for k := range r.batches {
			for i := range r.rows {
				plain.I64[i] = int64(k*r.rows + i)
				codes.U8[i] = uint8((k + i) % 3)
				half.F64[i] = float64(k) / 2
			}
			for i := range half.Valid {
				half.Valid[i] = byte(k)
			}
			if !yield(&data.Batch{N: r.rows, Cols: []*data.Vec{plain, codes, words, half}}, nil) {
				return
			}
		}
	})
}

// What was sent is not overwritten, however slowly it is read: neither by the
// next batch nor by the next message.
func TestBatchesInTheSameMemory(t *testing.T) {
	for _, rows := range []int{3, 500, 5000} {
		q := &recycler{batches: 64, rows: rows, cols: []sql.Column{
			{Name: "plain", Type: data.LongType, SQL: "BIGINT"}, {Name: "code", Type: data.LongType, SQL: "BIGINT"},
			{Name: "word", Type: data.StringType, SQL: "VARCHAR"}, {Name: "half", Type: data.DoubleType, SQL: "DOUBLE"},
		}}
		c, _ := start(t, q)
		stream, err := c.DoGet(context.Background(), &flight.Ticket{Ticket: []byte("q")})
		if err != nil {
			t.Fatal(err)
		}
		in, err := flight.NewRecordReader(stream)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for in.Next() {
			r := in.Record()
			plain, code := r.Column(0).(*array.Int64), r.Column(1).(*array.Int64)
			word, half := r.Column(2).(*array.String), r.Column(3).(*array.Float64)
			for i := range int(r.NumRows()) {
				k, n := at/rows, at%rows
				null := byte(k)&(1<<(n&7)) == 0
				want := (k + n) % 3
				if plain.Value(i) != int64(at) || code.Value(i) != int64(want) || word.Value(i) != texts[want] ||
					half.IsNull(i) != null || !null && half.Value(i) != float64(k)/2 {
					t.Fatalf("row %d of %d: %d %d %q %s", at, rows, plain.Value(i), code.Value(i), word.Value(i), half.ValueStr(i))
				}
				at++
			}
		}
		if in.Err() != nil || at != q.batches*rows {
			t.Errorf("%d rows of %d, %v", at, q.batches*rows, in.Err())
		}
		in.Release()
	}
}

// Batches that are small while they are codes may be too large for a message.
func TestLongWords(t *testing.T) {
	const n = 9000
	words := data.NewBuilder(data.StringType)
	for k := range 3 {
		words.String(strings.Repeat("xyz"[k:][:1], 2000*k))
	}
	v := &data.Vec{Type: data.StringType, N: n, U8: make([]uint8, n), Dict: &data.Dict{Words: words.Vec()}}
	for i := range v.U8 {
		v.U8[i] = uint8(i % 3)
	}
	a := &answers{batches: []*data.Batch{{N: n}}}
	a.add(sql.Column{Name: "s", Type: data.StringType, SQL: "VARCHAR"}, false, v)
	c, _ := start(t, a)
	got, err := rows(c, "q")
	if err != nil || len(got) != n+1 {
		t.Fatalf("got %d rows, %v", len(got)-1, err)
	}
	for i, s := range got[1:] {
		if len(s) != 2000*(i%3) {
			t.Fatalf("row %d has %d bytes", i, len(s))
		}
	}
}

package broker

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/sql"
)

// exportRows is batches of two whole numbers, a price in cents, a fraction and
// a word of a dictionary.
func exportRows(rows, batch int) (cols []sql.Column, batches exec.Batches) {
	types := []data.Type{data.LongType, data.LongType, data.DoubleType, data.DoubleType, data.StringType}
	for i, t := range types {
		cols = append(cols, sql.Column{Name: fmt.Sprintf("c%d", i), Type: t, SQL: []string{"BIGINT", "BIGINT", "DOUBLE", "DOUBLE", "VARCHAR"}[i]})
	}
	random := rand.New(rand.NewPCG(1, 2))
	words := data.NewBuilder(data.StringType)
	for i := range 50 {
		words.String(fmt.Sprintf("word %d of the dictionary", i))
	}
	b := &data.Batch{N: batch, Cols: []*data.Vec{
		{Type: types[0], N: batch, I64: make([]int64, batch)}, {Type: types[1], N: batch, I64: make([]int64, batch)},
		{Type: types[2], N: batch, F64: make([]float64, batch)}, {Type: types[3], N: batch, F64: make([]float64, batch)},
	}}
	codes := data.NewBuilder(data.StringType)
	list := words.Vec()
	for i := range batch {
		b.Cols[0].I64[i] = int64(i)
		b.Cols[1].I64[i] = random.Int64N(1 << 40)
		b.Cols[2].F64[i] = float64(random.IntN(10_000_000)) / 100
		b.Cols[3].F64[i] = random.Float64()
		codes.String(list.Str(random.IntN(50)))
	}
	b.Cols = append(b.Cols, codes.Vec())
	return cols, func(yield func(*data.Batch, error) bool) {
		for at := 0; at < rows; at += batch {
			c := *b
			if !yield(&c, nil) {
				return
			}
		}
	}
}

// counter counts bytes.
type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// BenchmarkExport is how fast rows become text, with as many processors as -cpu
// says.
func BenchmarkExport(b *testing.B) {
	for _, name := range []string{"array", "objectLines", "csv"} {
		b.Run(name, func(b *testing.B) {
			cols, rows := exportRows(400_000, 8192)
			var n counter
			for b.Loop() {
				n = 0
				r, err := newResult(name, &sql.Question{Columns: cols}, headers{}, true)
				if err == nil {
					err = r.write(io.MultiWriter(&n), &native.Answer{Rows: rows})
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(n))
		})
	}
}

package wire

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// BenchmarkBatches asks for 100,000 rows of four numbers over HTTP, in batches
// of several sizes.
func BenchmarkBatches(b *testing.B) {
	const all = 100_000
	for _, rows := range []int{400, 8192} {
		batch := &data.Batch{N: rows}
		for range 4 {
			batch.Cols = append(batch.Cols, &data.Vec{Type: data.LongType, N: rows, I64: make([]int64, rows)})
		}
		web := httptest.NewUnstartedServer(nil)
		web.Config.Handler = Handler(answering(func(context.Context, *Request, *planner.Facts) exec.Batches {
			return func(yield func(*data.Batch, error) bool) {
				for at := 0; at < all && yield(batch, nil); at += rows {
				}
			}
		}), "secret", web.Listener.Addr().String())
		web.Start()
		defer web.Close()
		server := Client(strings.TrimPrefix(web.URL, "http://"), "secret", web.Client())
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			for b.Loop() {
				for _, err := range server.Fragment(context.Background(), &Request{Version: Version}, new(planner.Facts)) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

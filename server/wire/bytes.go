package wire

import (
	"context"
	"io"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
)

// Bytes is s behind all that travel does to requests and answers, without a
// network: what a fragment gives so, it gives from another machine.
func Bytes(s Server) Server { return bytesServer{s} }

type bytesServer struct{ s Server }

// Fragment sends the request and the answer through pipes.
func (b bytesServer) Fragment(ctx context.Context, r *Request, facts *planner.Facts) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		asking, ask := io.Pipe()
		go func() { ask.CloseWithError(writeRequest(ask, r)) }()
		req, err := readRequest(asking)
		asking.Close()
		if err != nil {
			cancel()
			yield(nil, err)
			return
		}
		answer, out := io.Pipe()
		done := make(chan struct{})
		defer func() {
			cancel()
			answer.Close()
			<-done
		}()
		go func() {
			defer close(done)
			there := new(planner.Facts)
			flush := func() error { return nil }
			out.CloseWithError(writeAnswer(out, b.s.Fragment(ctx, req, there), there, flush))
		}()
		for got, err := range readAnswer(answer, facts) {
			if !yield(got, asked(ctx, err)) {
				return
			}
		}
	}
}

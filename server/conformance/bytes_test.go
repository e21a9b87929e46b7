package conformance

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"flag"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/server/single"
	"github.com/ovatedb/ovate/server/wire"
)

var asBytes = flag.Bool("bytes", false, "hand requests and rows between servers over as bytes")

// config is how the flags want the servers of the corpus.
func config() single.Config {
	cfg := single.Config{Compute: *compute}
	if *asBytes {
		cfg.Via = func(s wire.Server) wire.Server { return farServer{s} }
	}
	return cfg
}

// A farServer shares no memory with who asks it: requests and rows are copied
// as bytes, so that what lives only by sharing is found.
type farServer struct{ server wire.Server }

func (f farServer) Fragment(ctx context.Context, r *wire.Request, facts *planner.Facts) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		far, err := farRequest(r)
		if err != nil {
			yield(nil, err)
			return
		}
		for b, err := range f.server.Fragment(ctx, far, facts) {
			if err == nil {
				b, err = copied(b)
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

func farRequest(r *wire.Request) (*wire.Request, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	far := new(wire.Request)
	if err := json.Unmarshal(text, far); err != nil {
		return nil, err
	}
	for _, rows := range r.Rows {
		c, err := copied(rows)
		if err != nil {
			return nil, err
		}
		far.Rows = append(far.Rows, c)
	}
	return far, nil
}

func copied(b *data.Batch) (*data.Batch, error) {
	var buf bytes.Buffer
	out := new(data.Batch)
	err := gob.NewEncoder(&buf).Encode(b)
	if err == nil {
		err = gob.NewDecoder(&buf).Decode(out)
	}
	if err != nil {
		return nil, fault.New(fault.Internal, "rows as bytes: %v", err)
	}
	for i, v := range out.Cols {
		keepEmpty(v, b.Cols[i])
	}
	return out, nil
}

// keepEmpty makes the buffers that are empty, but there, in from, so in v, too:
// gob does not tell them from none.
func keepEmpty(v, from *data.Vec) {
	if from == nil || v == nil {
		return
	}
	keep(&v.I64, from.I64)
	keep(&v.F64, from.F64)
	keep(&v.F32, from.F32)
	keep(&v.U8, from.U8)
	keep(&v.U16, from.U16)
	keep(&v.U32, from.U32)
	keep(&v.Off, from.Off)
	if from.Elem != nil {
		if v.Elem == nil {
			v.Elem = new(data.Vec)
		}
		keepEmpty(v.Elem, from.Elem)
	}
	if from.Dict != nil {
		keepEmpty(v.Dict.Words, from.Dict.Words)
	}
}

func keep[T any](to *[]T, from []T) {
	if *to == nil && from != nil {
		*to = []T{}
	}
}

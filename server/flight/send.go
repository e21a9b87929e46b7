package flight

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow/flight"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	arrowutil "github.com/apache/arrow/go/v15/arrow/util"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
)

// send writes rows as they come. The schema goes out with the first of them,
// so that an error before it stands alone.
func send(stream flight.FlightService_DoGetServer, t *table, rows exec.Batches) error {
	out := newOutlet(stream, t)
	for b, err := range rows {
		if err == nil {
			err = out.batch(b)
		}
		if err != nil {
			return err
		}
	}
	return out.ipc.Close()
}

// An outlet sends batches. While gRPC writes a message, the next one's columns
// are decoded into other memory.
type outlet struct {
	stream  flight.FlightService_DoGetServer
	table   *table
	ipc     *ipc.Writer
	fit     int                // rows that a message has room for, as far as is known
	spare   chan *data.Scratch // of messages that were written
	scratch *data.Scratch      // of the next message
}

// inFlight is how many messages there are at once: one that is written, one
// that waits for it, one that is made. gRPC takes no more before the sender waits.
const inFlight = 3

// maxMessage is what clients take in one message, less what surrounds it, in
// bytes.
const maxMessage = 3 << 20

func newOutlet(stream flight.FlightService_DoGetServer, t *table) *outlet {
	o := &outlet{stream: stream, table: t, fit: math.MaxInt, spare: make(chan *data.Scratch, inFlight)}
	o.ipc = ipc.NewWriterWithPayloadWriter(o, ipc.WithSchema(t.schema))
	return o
}

// batch sends b in as many messages as it takes. How large rows are is known
// once they are decoded: if they are too large, fewer of them are decoded again.
func (o *outlet) batch(b *data.Batch) error {
	for lo := 0; lo < b.N; {
		hi := lo + min(b.N-lo, o.fit)
		rec, err := o.table.record(o.fresh(), between(b, lo, hi))
		if err != nil {
			return err
		}
		n, size := hi-lo, arrowutil.TotalRecordSize(rec)
		o.fit = int(max(1, min(int64(n)*maxMessage/max(1, size), math.MaxInt32)))
		if o.fit >= n {
			err, lo = o.ipc.Write(rec), hi
		}
		rec.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// between is rows lo to hi of b.
func between(b *data.Batch, lo, hi int) *data.Batch {
	if hi-lo == b.N {
		return b
	}
	out := &data.Batch{N: hi - lo}
	for _, c := range b.Cols {
		out.Cols = append(out.Cols, c.Slice(nil, lo, hi))
	}
	return out
}

// fresh is empty memory for the columns of the next message.
func (o *outlet) fresh() *data.Scratch {
	if o.scratch == nil {
		select {
		case o.scratch = <-o.spare:
		default:
			o.scratch = new(data.Scratch)
		}
	}
	o.scratch.Reset()
	return o.scratch
}

// Start, WritePayload and Close make an outlet what an ipc.Writer writes to.
func (o *outlet) Start() error { return nil }

// WritePayload sends an IPC message. Rows take along the memory that they are
// in; the schema has no body, and leaves it to them.
func (o *outlet) WritePayload(p ipc.Payload) error {
	m := newMessage(o.scratch, o.spare)
	if err := p.SerializeBody(m); err != nil {
		return err
	}
	if m.body > 0 {
		o.scratch = nil
		defer m.Put(nil)
	}
	meta := p.Meta()
	defer meta.Release()
	m.finish(meta.Bytes())
	return o.stream.SendMsg(m)
}

// Close does nothing: the call's end is the stream's.
func (o *outlet) Close() error { return nil }

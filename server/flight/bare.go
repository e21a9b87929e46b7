package flight

import (
	"context"
	"net"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/flight"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// biggestMessage is what this client takes in one message, in bytes.
const biggestMessage = 256 << 20

// A Beside is how long an answer took, of a server and of a bare one that has
// the same record batches ready and only sends them.
type Beside struct {
	Rows       int64
	Ours, Bare []time.Duration // in the order of the runs, which took turns
}

// BesideBare fetches the answer to a ticket from the server at an address, host
// and port, and so often again, in turns with a bare server in this process.
func BesideBare(ctx context.Context, at string, ticket []byte, runs int) (out Beside, err error) {
	ready := &bareFlight{}
	keep := func(r arrow.Record) {
		r.Retain()
		ready.records = append(ready.records, r)
	}
	if _, _, err := fetch(ctx, at, ticket, keep); err != nil {
		return out, err
	}
	bare, stop, err := ready.serve()
	if err != nil {
		return out, err
	}
	defer stop()
	for range runs {
		rows, took, err := fetch(ctx, at, ticket, nil)
		if err != nil {
			return out, err
		}
		out.Rows, out.Ours = rows, append(out.Ours, took)
		if _, took, err = fetch(ctx, bare, nil, nil); err != nil {
			return out, err
		}
		out.Bare = append(out.Bare, took)
	}
	return out, nil
}

// fetch reads a whole answer; each, if not nil, sees its batches.
func fetch(ctx context.Context, at string, ticket []byte, each func(arrow.Record)) (rows int64, took time.Duration, err error) {
	client, err := flight.NewClientWithMiddleware(at, nil, nil, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(biggestMessage)))
	if err != nil {
		return 0, 0, err
	}
	defer client.Close()
	begun := time.Now()
	stream, err := client.DoGet(ctx, &flight.Ticket{Ticket: ticket})
	if err != nil {
		return 0, 0, err
	}
	in, err := flight.NewRecordReader(stream)
	if err != nil {
		return 0, 0, err
	}
	defer in.Release()
	for in.Next() {
		rows += in.Record().NumRows()
		if each != nil {
			each(in.Record())
		}
	}
	return rows, time.Since(begun), in.Err()
}

// A bareFlight gives the same batches to everybody.
type bareFlight struct {
	flight.BaseFlightServer
	records []arrow.Record
}

// DoGet sends them.
func (f *bareFlight) DoGet(_ *flight.Ticket, stream flight.FlightService_DoGetServer) error {
	if len(f.records) == 0 {
		return nil
	}
	w := flight.NewRecordWriter(stream, ipc.WithSchema(f.records[0].Schema()))
	for _, r := range f.records {
		if err := w.Write(r); err != nil {
			return err
		}
	}
	return w.Close()
}

// serve serves them on a free port.
func (f *bareFlight) serve() (at string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := grpc.NewServer(grpc.MaxSendMsgSize(biggestMessage))
	flight.RegisterFlightServiceServer(s, f)
	go func() { _ = s.Serve(l) }() // it ends with Stop
	return l.Addr().String(), s.Stop, nil
}

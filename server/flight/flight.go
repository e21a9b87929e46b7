// Package flight serves queries over Arrow Flight: a client sends the query as
// the ticket of DoGet, as the body that HTTP takes, and gets the rows as record
// batches while they come. It owns the protocol and what SQL types are in
// Arrow; what a query means and how it runs is the broker's.
//
//	TIMESTAMP timestamp[ms, UTC]   BOOLEAN bool      ARRAY     list
//	DATE      date32               VARCHAR utf8      json      utf8
//	BIGINT    int64                DOUBLE  float64   sketches  binary
//	FLOAT     float32              VARCHAR of several values: list of utf8
//
// VARCHAR is never a dictionary: the schema is told before a segment is read,
// and not all segments, nor all expressions, have one.
package flight

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/apache/arrow/go/v15/arrow/flight"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql"
)

// A Querier answers queries by rows. body is what POST /druid/v2/sql takes, or
// /druid/v2 (then it has a queryType).
type Querier interface {
	// Stream gives send the columns, their fields in the plan and the rows,
	// whose batches are valid until the next is asked for.
	Stream(ctx context.Context, body []byte, send func(cols []sql.Column, fields data.Schema, rows exec.Batches) error) error
	// Describe gives the columns and fields, without running the query.
	Describe(ctx context.Context, body []byte) ([]sql.Column, data.Schema, error)
}

// writeBuffer is what is written to a connection at once, in bytes. gRPC's own
// 32 kB make seven times as many system calls for an answer of many rows. While
// nothing is written, a connection has none.
const writeBuffer = 256 << 10

// drain is how long queries under way may go on once the server is to end.
const drain = 30 * time.Second

// Serve serves q on l until ctx ends.
func Serve(ctx context.Context, l net.Listener, q Querier, log *slog.Logger) error {
	if log == nil {
		log = slog.Default()
	}
	s := grpc.NewServer(grpc.ChainStreamInterceptor(recoverStream(log)), grpc.ForceServerCodecV2(newCodec()), grpc.WriteBufferSize(writeBuffer))
	flight.RegisterFlightServiceServer(s, &service{querier: q})
	alive := health.NewServer()
	grpc_health_v1.RegisterHealthServer(s, alive)
	done := make(chan struct{})
	defer func() { <-done }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(done)
		<-ctx.Done()
		alive.Shutdown()
		late := time.AfterFunc(drain, s.Stop)
		defer late.Stop()
		s.GracefulStop()
	}()
	return s.Serve(l)
}

// recoverStream keeps a mistake of ours from ending the process.
func recoverStream(log *slog.Logger) grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
		defer func() {
			if r := recover(); r != nil {
				log.Error("flight call failed in us", "method", info.FullMethod, "panic", r)
				err = status.Errorf(codes.Internal, "internal error: %v", r)
			}
		}()
		return next(srv, stream)
	}
}

type service struct {
	flight.BaseFlightServer
	querier Querier
}

// DoGet runs the query that the ticket is.
func (s *service) DoGet(t *flight.Ticket, stream flight.FlightService_DoGetServer) error {
	return statusOf(s.querier.Stream(stream.Context(), t.GetTicket(), func(cols []sql.Column, fields data.Schema, rows exec.Batches) error {
		return send(stream, newTable(cols, fields), rows)
	}))
}

// GetFlightInfo says what a query's answer looks like and that it is to be
// fetched here, by the query as ticket.
func (s *service) GetFlightInfo(ctx context.Context, d *flight.FlightDescriptor) (*flight.FlightInfo, error) {
	schema, err := s.describe(ctx, d)
	if err != nil {
		return nil, err
	}
	return &flight.FlightInfo{
		Schema: schema, FlightDescriptor: d, TotalRecords: -1, TotalBytes: -1, Ordered: true,
		Endpoint: []*flight.FlightEndpoint{{Ticket: &flight.Ticket{Ticket: d.GetCmd()}}},
	}, nil
}

// GetSchema is the schema of a query's answer.
func (s *service) GetSchema(ctx context.Context, d *flight.FlightDescriptor) (*flight.SchemaResult, error) {
	schema, err := s.describe(ctx, d)
	if err != nil {
		return nil, err
	}
	return &flight.SchemaResult{Schema: schema}, nil
}

func (s *service) describe(ctx context.Context, d *flight.FlightDescriptor) (schema []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = status.Errorf(codes.Internal, "internal error: %v", r)
		}
	}()
	if d.GetType() != flight.DescriptorCMD {
		return nil, status.Error(codes.InvalidArgument, "expected a descriptor of type CMD whose command is a query as JSON")
	}
	cols, fields, err := s.querier.Describe(ctx, d.GetCmd())
	if err != nil {
		return nil, statusOf(err)
	}
	return flight.SerializeSchema(newTable(cols, fields).schema, memory.DefaultAllocator), nil
}

// statuses are the codes of errors by who is at fault.
var statuses = map[fault.Kind]codes.Code{
	fault.Internal:     codes.Internal,
	fault.Invalid:      codes.InvalidArgument,
	fault.Unsupported:  codes.Unimplemented,
	fault.NotFound:     codes.NotFound,
	fault.Unauthorized: codes.Unauthenticated,
	fault.Forbidden:    codes.PermissionDenied,
	fault.Conflict:     codes.Aborted,
	fault.Limit:        codes.ResourceExhausted,
	fault.Capacity:     codes.ResourceExhausted,
	fault.Timeout:      codes.DeadlineExceeded,
	fault.Canceled:     codes.Canceled,
	fault.Unavailable:  codes.Unavailable,
}

// statusOf is err with its code and our message.
func statusOf(err error) error {
	if err == nil {
		return nil
	}
	var e *fault.Error
	if s, ok := status.FromError(err); ok && !errors.As(err, &e) {
		return s.Err() // of the connection
	}
	e = fault.Of(err)
	return status.Error(statuses[e.Kind], e.Error())
}

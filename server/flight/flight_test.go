package flight

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow/flight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql"
)

// answers is a Querier with one answer: its batches, then err.
type answers struct {
	cols    []sql.Column
	fields  data.Schema
	batches []*data.Batch
	err     error
	asked   string
	ended   chan struct{}
}

func (a *answers) Describe(_ context.Context, body []byte) ([]sql.Column, data.Schema, error) {
	a.asked = string(body)
	return a.cols, a.fields, a.err
}

func (a *answers) Stream(ctx context.Context, body []byte, send func([]sql.Column, data.Schema, exec.Batches) error) error {
	a.asked = string(body)
	return send(a.cols, a.fields, func(yield func(*data.Batch, error) bool) {
		if a.ended != nil {
			defer close(a.ended)
		}
		for i := 0; i < len(a.batches) || a.ended != nil; i++ {
			if !yield(a.batches[i%len(a.batches)], nil) {
				return
			}
		}
		if a.err != nil {
			yield(nil, a.err)
		}
	})
}

func (a *answers) add(c sql.Column, multi bool, v *data.Vec) {
	a.cols = append(a.cols, c)
	a.fields = append(a.fields, data.Field{Name: c.Name, Type: c.Type, Multi: multi})
	a.batches[0].Cols = append(a.batches[0].Cols, v)
}

func start(t *testing.T, q Querier) (flight.Client, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, q, nil) }()
	c, err := flight.NewClientWithMiddleware(l.Addr().String(), nil, nil, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return c, l.Addr().String()
}

// rows reads all of an answer as text, the schema first.
func rows(c flight.Client, ticket string) (out []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream, err := c.DoGet(ctx, &flight.Ticket{Ticket: []byte(ticket)})
	if err != nil {
		return nil, err
	}
	r, err := flight.NewRecordReader(stream)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	var types []string
	for _, f := range r.Schema().Fields() {
		types = append(types, f.Name+":"+f.Type.String())
	}
	out = append(out, strings.Join(types, " "))
	for r.Next() {
		for i := range int(r.Record().NumRows()) {
			var row []string
			for _, col := range r.Record().Columns() {
				row = append(row, col.ValueStr(i))
			}
			out = append(out, strings.Join(row, " "))
		}
	}
	return out, r.Err()
}

func built(b *data.Builder, values ...any) *data.Vec {
	for _, x := range values {
		b.Append(x)
	}
	return b.Vec()
}

func sample() *answers {
	a := &answers{batches: []*data.Batch{{N: 2}}}
	long, text := data.NewBuilder, func() *data.Builder { return data.NewBuilder(data.StringType) }
	a.add(sql.Column{Name: "t", Type: data.LongType, SQL: "TIMESTAMP"}, false, built(long(data.LongType), 1442016000123, nil))
	a.add(sql.Column{Name: "d", Type: data.LongType, SQL: "DATE"}, false, built(long(data.LongType), -1, 86400000))
	a.add(sql.Column{Name: "b", Type: data.BoolType, SQL: "BOOLEAN"}, false, built(long(data.LongType), 0, 1))
	a.add(sql.Column{Name: "n", Type: data.LongType, SQL: "BIGINT"}, false, &data.Vec{Type: data.LongType, N: 2, U8: []uint8{3, 4}, Base: 1})
	a.add(sql.Column{Name: "x", Type: data.DoubleType, SQL: "DOUBLE"}, false, data.Literal(data.DoubleType, 0.5, 2))
	a.add(sql.Column{Name: "s", Type: data.StringType, SQL: "VARCHAR"}, false, built(text(), "ö", nil))
	a.add(sql.Column{Name: "m", Type: data.StringType, SQL: "VARCHAR"}, true, built(data.NewMulti(), []any{"a", "b"}, "c"))
	a.add(sql.Column{Name: "u", Type: data.StringType, SQL: "VARCHAR"}, false, built(data.NewMulti(), []any{"a", "b"}, "c"))
	a.add(sql.Column{Name: "l", Type: data.LongArray, SQL: "ARRAY"}, false, built(long(data.LongArray), []any{1, 2}, nil))
	a.add(sql.Column{Name: "j", Type: data.JSONType, SQL: "OTHER"}, false, built(long(data.JSONType), `{"k":1}`, nil))
	a.add(sql.Column{Name: "0", Type: data.NullType, SQL: "NULL"}, false, data.Nulls(nil, data.NullType, 2))
	return a
}

func TestRowsAndTypes(t *testing.T) {
	a := sample()
	c, _ := start(t, a)
	got, err := rows(c, `{"query":"SELECT"}`)
	if err != nil || a.asked != `{"query":"SELECT"}` {
		t.Fatal(err, a.asked)
	}
	want := []string{
		"t:timestamp[ms, tz=UTC] d:date32 b:bool n:int64 x:float64 s:utf8 m:list<item: utf8, nullable> u:utf8 l:list<item: int64, nullable> j:utf8 0:utf8",
		`2015-09-12 00:00:00.123Z 1969-12-31 false 4 0.5 ö ["a","b"] ["a","b"] [1,2] {"k":1} (null)`,
		`(null) 1970-01-02 true 5 0.5 (null) ["c"] c (null) (null) (null)`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	info, err := c.GetFlightInfo(context.Background(), &flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: []byte("q")})
	if err != nil {
		t.Fatal(err)
	}
	if schema, err := flight.DeserializeSchema(info.Schema, nil); err != nil || len(schema.Fields()) != len(a.cols) || string(info.Endpoint[0].Ticket.Ticket) != "q" {
		t.Errorf("info %v of %v, %v", info, schema, err)
	}
}

func TestNoRowsHaveASchema(t *testing.T) {
	a := sample()
	a.batches = nil
	c, _ := start(t, a)
	if got, err := rows(c, "q"); err != nil || len(got) != 1 || !strings.HasPrefix(got[0], "t:timestamp") {
		t.Errorf("got %v, %v", got, err)
	}
}

// Batches that are too large for a message come in pieces.
func TestLargeBatch(t *testing.T) {
	const n, wide = 3000, 4000
	b := data.NewBuilder(data.StringType)
	for range n {
		b.String(strings.Repeat("x", wide))
	}
	a := &answers{batches: []*data.Batch{{N: n}}}
	a.add(sql.Column{Name: "s", Type: data.StringType, SQL: "VARCHAR"}, false, b.Vec())
	c, _ := start(t, a)
	got, err := rows(c, "q")
	if err != nil || len(got) != n+1 || len(got[n]) != wide {
		t.Errorf("got %d rows, %v", len(got)-1, err)
	}
}

func TestErrors(t *testing.T) {
	for want, err := range map[codes.Code]error{
		codes.InvalidArgument:   fault.At(fault.Invalidf("no such column"), "columns[0]"),
		codes.ResourceExhausted: fault.New(fault.Limit, "too much"),
		codes.DeadlineExceeded:  context.DeadlineExceeded,
		codes.Internal:          fmt.Errorf("oh"),
	} {
		for _, batches := range [][]*data.Batch{nil, sample().batches} {
			a := sample()
			a.batches, a.err = batches, err
			c, _ := start(t, a)
			_, got := rows(c, "q")
			if status.Code(got) != want || !strings.Contains(got.Error(), fault.Of(err).Error()) {
				t.Errorf("after %d batches: got %v, want %v: %v", len(batches), got, want, err)
			}
		}
	}
	c, _ := start(t, sample())
	if _, err := c.GetSchema(context.Background(), &flight.FlightDescriptor{Type: flight.DescriptorPATH}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a path as descriptor: %v", err)
	}
}

// A client that goes away ends the query.
func TestClientGone(t *testing.T) {
	a := sample()
	a.ended = make(chan struct{})
	c, _ := start(t, a)
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := c.DoGet(ctx, &flight.Ticket{Ticket: []byte("q")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case <-a.ended:
	case <-time.After(10 * time.Second):
		t.Error("the query goes on")
	}
}

func TestHealth(t *testing.T) {
	_, address := start(t, sample())
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got, err := grpc_health_v1.NewHealthClient(conn).Check(context.Background(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil || got.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("got %v, %v", got, err)
	}
}

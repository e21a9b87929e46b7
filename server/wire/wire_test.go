package wire

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server"
)

// answering is a server that says what it is told to.
type answering func(ctx context.Context, r *Request, facts *planner.Facts) exec.Batches

func (a answering) Fragment(ctx context.Context, r *Request, facts *planner.Facts) exec.Batches {
	return a(ctx, r, facts)
}

// planned builds and runs the plan, as servers do.
func planned(ctx context.Context, r *Request, facts *planner.Facts) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		f, err := planner.Unmarshal(r.Plan, r.Rows)
		if err != nil {
			yield(nil, err)
			return
		}
		env := &planner.Env{Facts: facts, Exec: &exec.Env{Expr: &expr.Env{Now: r.Now}, BatchRows: r.BatchRows}}
		op, err := planner.Build(env, f.Plan)
		if err != nil {
			yield(nil, err)
			return
		}
		facts.Add(planner.SliceFact{SliceRef: planner.SliceRef{ID: segment.ID{Source: "s", Version: "v"}, Ordinal: 3}, MaxTime: 9, Rows: 4})
		op.Run(ctx)(yield)
	}
}

func sampleRows() (data.Schema, *data.Batch) {
	texts, multi := data.NewBuilder(data.StringType), data.NewMulti()
	for _, x := range []any{"a", nil, "", "ö"} {
		texts.Append(x)
	}
	for _, x := range []any{[]any{"x", "y"}, nil, "z", []any{}} {
		multi.Append(x)
	}
	schema := data.Schema{{Name: "n", Type: data.LongType}, {Name: "s", Type: data.StringType},
		{Name: "m", Type: data.StringType, Multi: true}, {Name: "c", Type: data.DoubleType}, {Name: "nothing", Type: data.NullType}}
	return schema, &data.Batch{N: 4, Slice: 2, Row: 1 << 40, Cols: []*data.Vec{
		{Type: data.LongType, N: 4, U16: []uint16{0, 1, 2, 65535}, Base: -1}, texts.Vec(), multi.Vec(),
		data.Literal(data.DoubleType, 0.5, 4), data.Nulls(nil, data.NullType, 4),
	}}
}

func request(t *testing.T, batchRows int) *Request {
	t.Helper()
	schema, rows := sampleRows()
	f := &planner.Fragment{Plan: &planner.Values{Columns: schema, Rows: rows}}
	tree, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return &Request{Version: Version, Plan: tree, BatchRows: batchRows, Rows: []*data.Batch{rows}}
}

func collect(b exec.Batches) (rows [][]any, places [][2]int64, err error) {
	for batch, err := range b {
		if err != nil {
			return rows, places, err
		}
		places = append(places, [2]int64{int64(batch.Slice), batch.Row})
		for i := range batch.N {
			var row []any
			for _, c := range batch.Cols {
				row = append(row, c.Value(i))
			}
			rows = append(rows, row)
		}
	}
	return rows, places, nil
}

// ways are the ways to reach a server.
func ways(t *testing.T, s Server) map[string]Server {
	web := httptest.NewUnstartedServer(nil)
	web.Config.Handler = Handler(s, "secret", web.Listener.Addr().String())
	web.Start()
	t.Cleanup(web.Close)
	return map[string]Server{
		"bytes": Bytes(s),
		"http":  Client(strings.TrimPrefix(web.URL, "http://"), "secret", web.Client()),
	}
}

func TestSameAnswerOnEveryWay(t *testing.T) {
	for _, batchRows := range []int{0, 1, 3} {
		facts := new(planner.Facts)
		want, wantPlaces, err := collect(planned(context.Background(), request(t, batchRows), facts))
		if err != nil || len(want) != 4 {
			t.Fatal(want, err)
		}
		for name, s := range ways(t, answering(planned)) {
			got, early := new(planner.Facts), new(planner.Facts)
			rows, places, err := collect(s.Fragment(context.Background(), request(t, batchRows), got))
			if err != nil || !reflect.DeepEqual(rows, want) || !reflect.DeepEqual(places, wantPlaces) {
				t.Errorf("%s, %d rows a batch: got %v at %v, %v; want %v at %v", name, batchRows, rows, places, err, want, wantPlaces)
			}
			for range s.Fragment(context.Background(), request(t, batchRows), early) {
				break
			}
			if len(early.Slices()) != 1 {
				t.Errorf("%s: facts %v at the first row", name, early.Slices())
			}
			if !reflect.DeepEqual(got.Slices(), facts.Slices()) {
				t.Errorf("%s: facts %v, want %v", name, got.Slices(), facts.Slices())
			}
		}
	}
}

// The columns of a stream may change their layout from batch to batch, and
// there may be none.
func TestBatchesOfOneStream(t *testing.T) {
	batches := []*data.Batch{
		{N: 1, Cols: []*data.Vec{data.Literal(data.StringType, "a", 1)}},
		{N: 2, Row: 1, Cols: []*data.Vec{data.Literal(data.StringType, []any{"b", "c"}, 2)}},
		{N: 1, Row: 3, Cols: []*data.Vec{data.Nulls(nil, data.NullType, 1)}},
		{N: 5, Row: 4},
	}
	s := answering(func(context.Context, *Request, *planner.Facts) exec.Batches {
		return func(yield func(*data.Batch, error) bool) {
			for _, b := range batches {
				if !yield(b, nil) {
					return
				}
			}
		}
	})
	want, _, _ := collect(s.Fragment(nil, nil, nil))
	for name, s := range ways(t, s) {
		if got, _, err := collect(s.Fragment(context.Background(), &Request{Version: Version}, new(planner.Facts))); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
		}
	}
}

func TestErrorsTravel(t *testing.T) {
	ref := planner.SliceRef{ID: segment.ID{Source: "s", Version: "v"}, Ordinal: 1}
	for name, want := range map[string]error{
		"limit":    fault.New(fault.Limit, "too much"),
		"position": &fault.Error{Kind: fault.Invalid, Message: "m", Code: "c", Word: "w", Line: 3, Column: 4},
		"missing":  &Missing{[]planner.SliceRef{ref}, true},
	} {
		s := answering(func(context.Context, *Request, *planner.Facts) exec.Batches {
			return func(yield func(*data.Batch, error) bool) {
				_, rows := sampleRows()
				if yield(rows, nil) {
					yield(nil, want)
				}
			}
		})
		for way, s := range ways(t, s) {
			rows, _, err := collect(s.Fragment(context.Background(), &Request{Version: Version}, new(planner.Facts)))
			if len(rows) != 4 || !reflect.DeepEqual(err, want) {
				t.Errorf("%s by %s: got %d rows and %#v", name, way, len(rows), err)
			}
		}
	}
	panics := answering(func(context.Context, *Request, *planner.Facts) exec.Batches {
		return func(func(*data.Batch, error) bool) { panic("oh") }
	})
	for way, s := range ways(t, panics) {
		if _, _, err := collect(s.Fragment(context.Background(), &Request{Version: Version}, new(planner.Facts))); fault.Of(err) == nil || fault.Of(err).Kind != fault.Internal {
			t.Errorf("a panic by %s: %v", way, err)
		}
	}
}

// An answer that is cut anywhere is an error, never fewer rows.
func TestCutAnswer(t *testing.T) {
	var whole bytes.Buffer
	facts := new(planner.Facts)
	if err := writeAnswer(&whole, planned(context.Background(), request(t, 2), facts), facts, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, _, err := collect(readAnswer(bytes.NewReader(whole.Bytes()), facts)); err != nil {
		t.Fatal(err)
	}
	for n := range whole.Len() {
		if _, _, err := collect(readAnswer(bytes.NewReader(whole.Bytes()[:n]), new(planner.Facts))); fault.Of(err) == nil || fault.Of(err).Kind != fault.Unavailable {
			t.Fatalf("cut after %d of %d bytes: %v", n, whole.Len(), err)
		}
	}
}

// Who stops early, or whose context ends, ends the work on the server.
func TestStopEnds(t *testing.T) {
	for _, how := range []string{"stop", "cancel"} {
		ended := make(chan struct{}, 1)
		s := answering(func(ctx context.Context, _ *Request, _ *planner.Facts) exec.Batches {
			return func(yield func(*data.Batch, error) bool) {
				defer func() { ended <- struct{}{} }()
				for ctx.Err() == nil {
					_, rows := sampleRows()
					if !yield(rows, nil) {
						return
					}
				}
				yield(nil, ctx.Err())
			}
		})
		for name, s := range ways(t, s) {
			ctx, cancel := context.WithCancelCause(context.Background())
			why := errors.New("enough")
			for _, err := range s.Fragment(ctx, &Request{Version: Version}, new(planner.Facts)) {
				if how == "stop" {
					break
				}
				cancel(why)
				if err != nil && !errors.Is(err, why) && !errors.Is(err, context.Canceled) {
					t.Errorf("%s %s: %v", how, name, err)
				}
			}
			cancel(nil)
			select {
			case <-ended:
			case <-time.After(10 * time.Second):
				t.Fatalf("%s %s: the server works on", how, name)
			}
		}
	}
}

func TestHandlerRefuses(t *testing.T) {
	h := Handler(answering(planned), "secret", "here:1")
	for _, c := range []struct {
		method, secret, body string
		status               int
	}{
		{"POST", "", "", http.StatusForbidden},
		{"POST", "guess", "", http.StatusForbidden},
		{"GET", "secret", "", http.StatusMethodNotAllowed},
		{"POST", "secret", "nonsense", http.StatusBadRequest},
		{"POST", "secret", "J\x0d\x00\x00\x00{\"version\":9}", http.StatusNotImplemented},
	} {
		r := httptest.NewRequest(c.method, Path, strings.NewReader(c.body))
		r.Header.Set(signatureHeader, server.Secret(c.secret).Sign("fragment", "here:1"))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s with %q: status %d, want %d: %s", c.method, c.body, w.Code, c.status, w.Body)
		}
	}
	gone := Client("127.0.0.1:1", "", http.DefaultClient)
	if _, _, err := collect(gone.Fragment(context.Background(), request(t, 0), new(planner.Facts))); fault.Of(err).Kind != fault.Unavailable {
		t.Errorf("a server that is not there: %v", err)
	}
}

func FuzzReadAnswer(f *testing.F) {
	var b bytes.Buffer
	_, rows := sampleRows()
	_ = (&batchWriter{w: &b}).write(rows)
	_ = writeJSON(&b, trailerPart, trailer{Rows: 4})
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, in []byte) {
		for b, err := range readAnswer(bytes.NewReader(in), new(planner.Facts)) {
			if err == nil {
				readAll(b)
			}
		}
	})
}

func FuzzReadRequest(f *testing.F) {
	var b bytes.Buffer
	_, rows := sampleRows()
	_ = writeRequest(&b, &Request{Version: Version, Rows: []*data.Batch{rows}})
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := readRequest(bytes.NewReader(in))
		if err != nil {
			return
		}
		for _, b := range r.Rows {
			readAll(b)
		}
	})
}

// readAll touches every value, of a batch that may claim any number of rows.
func readAll(b *data.Batch) {
	for _, c := range b.Cols {
		for i := range min(c.N, 1000) {
			c.Value(i)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/flight"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// biggestMessage is what this client takes in one message, in bytes.
const biggestMessage = 256 << 20

// export times an answer of many rows: over Flight, in turns with a bare Flight
// server that has the same record batches ready and only sends them, and as text
// in the formats of SQL over HTTP.
func (b *benching) export(c *cobra.Command) error {
	ctx, out := c.Context(), c.OutOrStdout()
	ticket, err := json.Marshal(map[string]any{"query": b.exports, "context": map[string]any{"useCache": false, "useResultLevelCache": false}})
	if err != nil {
		return err
	}
	ready := &bareFlight{}
	if _, _, err = fetch(ctx, b.flight, ticket, func(r arrow.Record) {
		r.Retain()
		ready.records = append(ready.records, r)
	}); err != nil {
		return err
	}
	at, stop, err := ready.serve()
	if err != nil {
		return err
	}
	defer stop()
	var ours, bare []time.Duration
	var rows int64
	for range b.runs {
		var took time.Duration
		if rows, took, err = fetch(ctx, b.flight, ticket, nil); err != nil {
			return err
		}
		ours = append(ours, took)
		if _, took, err = fetch(ctx, at, nil, nil); err != nil {
			return err
		}
		bare = append(bare, took)
	}
	ready.records = nil // the memory may be needed below
	slices.Sort(ours)
	slices.Sort(bare)
	fmt.Fprintf(out, "flight: %d rows in %.0f ms (least %.0f); a bare server %.0f ms (least %.0f); ratio %.2f (of the least %.2f)\n", rows,
		ms(ours[len(ours)/2]), ms(ours[0]), ms(bare[len(bare)/2]), ms(bare[0]),
		ours[len(ours)/2].Seconds()/bare[len(bare)/2].Seconds(), ours[0].Seconds()/bare[0].Seconds())
	for _, format := range []string{"array", "objectLines", "csv"} {
		if err := b.exportText(ctx, out, format); err != nil {
			return err
		}
	}
	return nil
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

// exportText times the answer in one format.
func (b *benching) exportText(ctx context.Context, out io.Writer, format string) error {
	body, err := json.Marshal(map[string]any{"query": b.exports, "resultFormat": format, "context": map[string]any{"useCache": false, "useResultLevelCache": false}})
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	best := 0.0
	size := int64(0)
	for range b.runs {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+"/druid/v2/sql", bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		begun := time.Now()
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		size, err = io.Copy(io.Discard, res.Body)
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", format, res.Status)
		}
		res.Body.Close()
		if err != nil {
			return err
		}
		best = max(best, float64(size)/1e6/time.Since(begun).Seconds())
	}
	fmt.Fprintf(out, "%-12s %8.1f MB, at best %.0f MB/s\n", format+":", float64(size)/1e6, best)
	return nil
}

package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/benchmarks"
)

// benching is what the flags of bench say.
type benching struct {
	url, only string
	runs      int
	record    bool
	clients   []int
	long      time.Duration
	bandwidth bool
	segments  string
	exports   string
	flight    string
}

func benchCommand() *cobra.Command {
	var b benching
	cmd := &cobra.Command{
		Use:   "bench SUITE...",
		Short: "Time the queries of benchmark suites against a running server, and check their answers",
		Long: `Times the queries of benchmark suites against any server that takes Druid's SQL or
native queries over HTTP, and checks their answers.

With --clients, so many clients ask the queries of all suites in turn, and what
is told is throughput and latency. With --bandwidth, the memory's bandwidth is
measured; given the list of segments that the server has (--segments), each query
that reads one table is told beside the least time in which the columns that it
reads can pass through memory.

With --export, a statement of many rows is timed over Flight (--flight), in turns
with a bare Flight server that sends the same record batches, and as text.`,
		RunE: func(c *cobra.Command, args []string) error {
			if b.exports != "" {
				return b.export(c)
			}
			if len(args) == 0 && !b.bandwidth {
				return fmt.Errorf("expected a suite")
			}
			var queries []benchmarks.Query
			for _, path := range args {
				suite, err := benchmarks.Read(path)
				if err != nil {
					return err
				}
				for _, q := range suite {
					if strings.Contains(q.Name, b.only) {
						queries = append(queries, q)
					}
				}
			}
			if len(b.clients) > 0 {
				return b.drive(c, queries)
			}
			return b.time(c, queries)
		},
	}
	f := cmd.Flags()
	f.StringVar(&b.url, "url", "http://127.0.0.1:8888", "the server")
	f.IntVar(&b.runs, "runs", 7, "timed runs of each query")
	f.StringVar(&b.only, "only", "", "only queries whose name contains this")
	f.BoolVar(&b.record, "record", false, "print the answers too")
	f.IntSliceVar(&b.clients, "clients", nil, "clients that ask at once, such as 1,8,64: measures throughput")
	f.DurationVar(&b.long, "for", 10*time.Second, "how long they ask")
	f.BoolVar(&b.bandwidth, "bandwidth", false, "measure the memory's bandwidth")
	f.StringVar(&b.segments, "segments", "", "list of segments on this machine, for the bytes that queries read")
	f.StringVar(&b.exports, "export", "", "time the export of this SQL statement's rows")
	f.StringVar(&b.flight, "flight", "127.0.0.1:8889", "the server's Flight address, for --export")
	return cmd
}

// time asks the queries one after the other.
func (b *benching) time(c *cobra.Command, queries []benchmarks.Query) error {
	out := c.OutOrStdout()
	var reads *reading
	if b.bandwidth {
		var err error
		if reads, err = newReading(out, b.segments); err != nil {
			return err
		}
	}
	wrong := 0
	for _, q := range queries {
		r, err := benchmarks.Run(c.Context(), b.url, q, b.runs)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%-24s %9.2f ms  (%.2f to %.2f)%s\n", q.Name, ms(r.Median), ms(r.Least), ms(r.Most), reads.note(c.Context(), b.url, q, r.Median))
		if b.record {
			fmt.Fprintf(out, "answer %s\n", r.Answer)
		}
		if r.Wrong != "" {
			wrong++
			fmt.Fprintf(out, "  wrong answer: %s\n", r.Wrong)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d queries gave a wrong answer", wrong)
	}
	return nil
}

// drive asks the queries with several clients at once.
func (b *benching) drive(c *cobra.Command, queries []benchmarks.Query) error {
	out := c.OutOrStdout()
	fmt.Fprintf(out, "%s, %d queries in turn, %v each, on %d processors\n", b.url, len(queries), b.long, runtime.NumCPU())
	fmt.Fprintf(out, "%8s %12s %10s %10s %8s %14s\n", "clients", "requests/s", "p50 ms", "p99 ms", "failed", "clients' CPU")
	for _, n := range b.clients {
		l, err := benchmarks.Drive(c.Context(), b.url, queries, n, b.long)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%8d %12.1f %10.2f %10.2f %8d %13.1f%%\n", n, l.PerSecond(), ms(l.P50), ms(l.P99), l.Failed, 100*l.Share)
		sayFirst(out, l)
	}
	return nil
}

func sayFirst(out io.Writer, l benchmarks.Load) {
	if l.FirstError != nil {
		fmt.Fprintf(out, "  the first that failed: %v\n", l.FirstError)
	}
}

func ms(d interface{ Seconds() float64 }) float64 { return d.Seconds() * 1000 }

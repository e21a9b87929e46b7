package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/server"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/server/compute"
	"github.com/ovatedb/ovate/server/single"
	"github.com/ovatedb/ovate/sql/parse"
)

type quickstart struct {
	dir      string
	port     int
	noSample bool
	cache    int64 // megabytes
	partials int64 // megabytes
	imports  string
	lookups  string
	pprof    bool
	flight   int
}

func quickstartCommand() *cobra.Command {
	q := &quickstart{}
	cmd := &cobra.Command{
		Use:   "quickstart",
		Short: "Run all roles in this process, with the Wikipedia sample",
		Long: `Runs master, compute and broker in one process. Metadata is in SQLite, deep
storage and segment cache are directories, all below --dir. Started again on
the same directory, it serves what it served.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return q.run(c.Context(), c) },
	}
	cmd.Flags().StringVar(&q.dir, "dir", "ovate-data", "directory for everything that is kept")
	cmd.Flags().IntVar(&q.port, "port", 8888, "port for HTTP, on 127.0.0.1")
	cmd.Flags().IntVar(&q.flight, "flight-port", 0, "port for Arrow Flight, on 127.0.0.1; 0: any that is free")
	cmd.Flags().BoolVar(&q.noSample, "no-sample", false, "do not build the Wikipedia sample")
	cmd.Flags().StringVar(&q.imports, "import", "", "publish the segments that this file lists, a descriptor a line")
	cmd.Flags().StringVar(&q.lookups, "lookups", "", "file of lookups, as POST /druid/coordinator/v1/lookups/config takes them")
	cmd.Flags().Int64Var(&q.cache, "result-cache", 0, "megabytes of results that are kept and given again; 0: none")
	cmd.Flags().Int64Var(&q.partials, "segment-cache", 0, "megabytes of what fragments gave that are kept and given again; 0: none")
	cmd.Flags().BoolVar(&q.pprof, "pprof", false, "serve profiles below /debug/pprof/")
	return cmd
}

func (q *quickstart) run(ctx context.Context, cmd *cobra.Command) (err error) {
	begun := time.Now()
	server.LeaveGarbage()
	address := fmt.Sprintf("127.0.0.1:%d", q.port)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("port %d cannot be used: %w; choose another with --port", q.port, err)
	}
	defer listener.Close()
	address = listener.Addr().String()
	cfg := single.Config{Dir: q.dir, Address: address,
		Cache:    broker.CacheConfig{Bytes: q.cache << 20, Use: true, Populate: true},
		Partials: compute.CacheConfig{Bytes: q.partials << 20, Use: true, Populate: true},
		Log:      slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))}
	if q.lookups != "" {
		if cfg.Lookups, err = os.ReadFile(q.lookups); err != nil {
			return fmt.Errorf("lookups: %w", err)
		}
	}
	node, err := single.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, node.Stop()) }()
	stopTasks, err := runTasks(ctx, node, q.dir, address)
	if err != nil {
		return err
	}
	defer stopTasks()
	if q.pprof {
		node.Mux.HandleFunc("/debug/pprof/", pprof.Index)
		node.Mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	}
	serve := &http.Server{Handler: node.Mux, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- serve.Serve(listener) }() // what an earlier start left can be asked meanwhile
	if q.imports != "" {
		if err := node.Import(ctx, q.imports); err != nil {
			return err
		}
	}
	if !q.noSample {
		if err := buildSample(ctx, node, q.dir, cmd.ErrOrStderr()); err != nil {
			return fmt.Errorf("the sample cannot be built: %w", err)
		}
	}
	if err := node.Wait(ctx); err != nil {
		return err
	}
	stopFlight, at, err := serveFlight("127.0.0.1", q.flight, node.Broker, cfg.Log)
	if err != nil {
		return fmt.Errorf("%w; choose another with --flight-port", err)
	}
	defer stopFlight()
	fmt.Fprintf(cmd.OutOrStdout(), "ready in %.1f s: http://%s\n", time.Since(begun).Seconds(), address)
	fmt.Fprintf(cmd.OutOrStdout(), "flight: grpc://%s\n", at)
	fmt.Fprintln(cmd.OutOrStdout(), try(address, node.Broker.Tables()))
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return serve.Shutdown(drain)
}

// try is a command that asks the first question: of the sample if it is there,
// else of the first data source.
func try(address string, sources []string) string {
	query := "SELECT 1"
	for i, name := range sources {
		if i == 0 || name == "wikipedia" {
			query = "SELECT COUNT(*) FROM " + parse.QuoteName(name)
		}
	}
	body, _ := json.Marshal(map[string]string{"query": query})
	return fmt.Sprintf("try: curl -s http://%s/druid/v2/sql -H 'Content-Type: application/json' -d '%s'", address, body)
}

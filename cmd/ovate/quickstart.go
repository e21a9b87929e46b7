package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/server/compute"
	"github.com/ovatedb/ovate/server/master"
	"github.com/ovatedb/ovate/server/wire"
)

type quickstart struct {
	dir      string
	port     int
	noSample bool
	imports  string
	lookups  string
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
	cmd.Flags().BoolVar(&q.noSample, "no-sample", false, "do not build the Wikipedia sample")
	cmd.Flags().StringVar(&q.imports, "import", "", "publish the segments that this file lists, a descriptor a line")
	cmd.Flags().StringVar(&q.lookups, "lookups", "", "file of lookups, as POST /druid/coordinator/v1/lookups/config takes them")
	return cmd
}

func (q *quickstart) run(ctx context.Context, cmd *cobra.Command) (err error) {
	begun := time.Now()
	address := fmt.Sprintf("127.0.0.1:%d", q.port)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("port %d cannot be used: %w; choose another with --port", q.port, err)
	}
	defer listener.Close()
	address = listener.Addr().String()
	emb, err := embedded.Open(q.dir)
	if err != nil {
		return fmt.Errorf("directory %s cannot be used: %w", q.dir, err)
	}
	defer func() { err = errors.Join(err, emb.Close()) }()
	node, err := q.start(ctx, emb, address)
	if err != nil {
		return err
	}
	defer node.stop()
	if q.imports != "" {
		if err := importSegments(ctx, emb, q.dir, q.imports); err != nil {
			return err
		}
	}
	serve := &http.Server{Handler: node.mux, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- serve.Serve(listener) }()
	if err := node.wait(ctx, emb); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "ready in %.1f s: http://%s\n", time.Since(begun).Seconds(), address)
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return serve.Shutdown(drain)
}

// roles are master, compute and broker in one process.
type roles struct {
	mux     *http.ServeMux
	view    *cluster.View
	compute *compute.Node
	broker  *broker.Broker
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func (q *quickstart) start(ctx context.Context, emb *embedded.Cluster, address string) (*roles, error) {
	// Roles outlive the signal until the queries under way have ended.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &roles{mux: http.NewServeMux(), view: cluster.NewView(), cancel: cancel}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
	lookups := broker.NewLookups()
	if q.lookups != "" {
		text, err := os.ReadFile(q.lookups)
		if err == nil {
			err = lookups.Set(text)
		}
		if err != nil {
			cancel()
			return nil, fmt.Errorf("lookups %s: %w", q.lookups, err)
		}
	}
	r.compute = compute.New(compute.Config{
		Server: cluster.Server{Name: address, Host: address, Type: cluster.Historical, Tier: cluster.DefaultTier,
			MaxSize: 1 << 50, Started: time.Now().UnixMilli()},
		CacheDir: filepath.Join(q.dir, "segment-cache"), Coordinator: emb.Coordinator, Storage: emb.Storage,
		Lookup: lookups.Get, Log: log,
	})
	r.broker = broker.New(broker.Config{
		Name: address, View: r.view, Lookups: lookups, Log: log, Memory: 4 << 30,
		Dial: func(cluster.Server) wire.Server { return r.compute },
	})
	m := master.New(master.Config{Name: address, Metadata: emb.Metadata, Coordinator: emb.Coordinator, View: r.view, Log: log})
	r.broker.Routes(r.mux)
	r.mux.HandleFunc("GET /status/health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "true") })
	r.run(ctx, log, "view", func(ctx context.Context) error { return r.view.Run(ctx, emb.Coordinator, nil) })
	r.run(ctx, log, "compute", r.compute.Run)
	r.run(ctx, log, "master", m.Run)
	return r, nil
}

func (r *roles) run(ctx context.Context, log *slog.Logger, name string, f func(context.Context) error) {
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		if err := f(ctx); err != nil {
			log.Error("a role ended", "role", name, "error", err)
		}
	}()
}

func (r *roles) stop() {
	r.cancel()
	r.running.Wait()
	_ = r.compute.Close()
}

// wait returns when every used segment is served or was refused.
func (r *roles) wait(ctx context.Context, emb *embedded.Cluster) error {
	want := map[string]bool{}
	for d, err := range emb.Metadata.Find(ctx, cluster.SegmentQuery{}) {
		if err != nil {
			return err
		}
		want[d.ID().String()] = true
	}
	for {
		changed := r.view.Changed()
		have := 0
		for _, source := range r.view.Sources() {
			if t := r.view.Timeline(source); t != nil {
				have += t.Len()
			}
		}
		if have+r.compute.Refused() >= len(want) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-time.After(100 * time.Millisecond): // a refusal changes no view
		}
	}
}

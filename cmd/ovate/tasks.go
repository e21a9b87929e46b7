package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/ovatedb/ovate/server/ingest"
	"github.com/ovatedb/ovate/server/master"
	"github.com/ovatedb/ovate/server/single"
)

// otherTasks are the types of tasks that build no segments.
func otherTasks(m *master.Master) map[string]func(context.Context, []byte) error {
	return map[string]func(context.Context, []byte) error{"kill": m.KillTask}
}

// runTasks serves the endpoints of ingestion tasks and runs what is submitted,
// until stop is called; tasks that run then are run again on the next start.
func runTasks(ctx context.Context, node *single.Node, dir, address string) (stop func(), err error) {
	p, err := publisher(node, dir)
	if err != nil {
		return nil, err
	}
	files := filepath.Join(dir, "tasks")
	if err := os.RemoveAll(files); err != nil { // of tasks that were broken off
		return nil, err
	}
	if err := os.MkdirAll(files, 0o755); err != nil {
		return nil, err
	}
	tasks := ingest.NewTasks(ingest.TasksConfig{Publisher: p, Documents: node.Cluster.Metadata, Dir: files, Host: address,
		Other: otherTasks(node.Master), Lookup: node.Lookups.Get, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	tasks.Routes(node.Mux)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := tasks.Run(ctx); err != nil {
			slog.Error("ingestion tasks ended", "error", err)
		}
	}()
	return func() { cancel(); <-done }, nil
}

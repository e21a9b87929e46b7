package main

import (
	"context"
	"io"
	"path/filepath"

	"github.com/schollz/progressbar/v3"

	"github.com/ovatedb/ovate/cluster"
	_ "github.com/ovatedb/ovate/exec/fn" // functions that specs may name
	"github.com/ovatedb/ovate/server/ingest"
	"github.com/ovatedb/ovate/server/ingest/sample"
	"github.com/ovatedb/ovate/server/single"
)

// buildSample makes the data source wikipedia on the first start, and shows how
// far it is.
func buildSample(ctx context.Context, node *single.Node, dir string, stderr io.Writer) error {
	p, err := publisher(node, dir)
	if err != nil {
		return err
	}
	var bar *progressbar.ProgressBar
	built, err := sample.Publish(ctx, p, func(p ingest.Progress) {
		if bar == nil {
			bar = progressbar.NewOptions64(2*sample.Rows, progressbar.OptionSetWriter(stderr), progressbar.OptionSetWidth(30),
				progressbar.OptionSetDescription("building the sample"), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set64(min(p.Rows, sample.Rows) + min(p.Written, sample.Rows)) // a bar that cannot be drawn harms nothing
	})
	if built && bar != nil {
		_ = bar.Finish()
	}
	return err
}

// publisher publishes into the deep storage of a single process.
func publisher(node *single.Node, dir string) (*ingest.Publisher, error) {
	root, err := filepath.Abs(filepath.Join(dir, "deep-storage"))
	return &ingest.Publisher{Metadata: node.Cluster.Metadata, Storage: node.Cluster.Storage, Location: func(key string) cluster.Location {
		return cluster.Location{Type: "local", Key: key, Path: filepath.Join(root, filepath.FromSlash(key))}
	}}, err
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server/ingest"
)

type segmentBuild struct {
	spec, out, base string
	workers         int
}

func segmentBuildCommand() *cobra.Command {
	b := &segmentBuild{}
	cmd := &cobra.Command{
		Use:   "build --spec FILE --out DIR",
		Short: "Build segments from an ingestion spec, without a server",
		Long: `Reads what an ingestion spec of type index or index_parallel says, writes its
segments below --out, and lists them in segments.jsonl there, a descriptor a
line, which quickstart --import takes.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return b.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr()) },
	}
	cmd.Flags().StringVar(&b.spec, "spec", "", "file of the spec")
	cmd.Flags().StringVar(&b.out, "out", "", "directory for the segments")
	cmd.Flags().StringVar(&b.base, "base", "", "directory where relative paths in the spec start; default: the working directory")
	cmd.Flags().IntVar(&b.workers, "workers", 0, "goroutines; default: one a processor")
	_ = cmd.MarkFlagRequired("spec")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

func (b *segmentBuild) run(ctx context.Context, stdout, stderr io.Writer) error {
	text, err := os.ReadFile(b.spec)
	if err != nil {
		return err
	}
	spec, err := ingest.ParseSpec(text)
	if err != nil {
		return fmt.Errorf("%s: %w", b.spec, err)
	}
	debug.SetGCPercent(40) // rows stay until they are written: less waste, at little cost
	begun, last := time.Now(), time.Now()
	res, err := ingest.Build(ctx, spec, ingest.Config{Dir: b.out, Base: b.base, Workers: b.workers, Progress: func(p ingest.Progress) {
		if time.Since(last) > time.Second {
			last = time.Now()
			fmt.Fprintf(stderr, "%4.0f s  %d rows read, %d written\n", time.Since(begun).Seconds(), p.Rows, p.Written)
		}
	}})
	if err != nil {
		return fmt.Errorf("%s: %w", b.spec, err)
	}
	if err := b.list(res.Segments); err != nil {
		return err
	}
	for _, bad := range res.Bad {
		fmt.Fprintf(stderr, "not read: %s: %s\n", bad.Cause, bad.Line)
	}
	rows := int64(0)
	for _, s := range res.Segments {
		rows += s.Rows
	}
	fmt.Fprintf(stdout, "%s: %d segments, %d rows of %d, in %.1f s (%d unparseable, %d thrown away)\n", spec.Data.Source, len(res.Segments),
		rows, res.Counts.Processed, time.Since(begun).Seconds(), res.Counts.Unparseable, res.Counts.Thrown)
	return nil
}

// list writes segments.jsonl, with paths relative to it.
func (b *segmentBuild) list(segments []ingest.Built) error {
	root, err := filepath.Abs(b.out)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(root, "segments.jsonl"))
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for _, s := range segments {
		rel, err := filepath.Rel(root, s.Path)
		if err != nil {
			return err
		}
		d := s.Descriptor
		if d.LoadSpec, err = json.Marshal(cluster.Location{Type: "local", Path: filepath.ToSlash(rel)}); err != nil {
			return fault.Of(err)
		}
		line, err := json.Marshal(d)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\n", line)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

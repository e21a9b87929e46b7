package main

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/druidv9"
	"github.com/ovatedb/ovate/segment/file"
)

func segmentCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "segment", Short: "Look at and make segment files",
		Long: "Works on Ovate's own segment files, and on the zip files of Apache Druid's format v9."}
	cmd.AddCommand(segmentBuildCommand(), segmentExportCommand(), segmentGenerateCommand(), &cobra.Command{
		Use: "verify FILE...", Short: "Check every byte of segment files", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return eachSegment(args, c.OutOrStdout(), verifySegment) },
	}, &cobra.Command{
		Use: "dump FILE...", Short: "Say what is in segment files: columns, encodings, sizes", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return eachSegment(args, c.OutOrStdout(), func(w io.Writer, _ string, f *file.File) error { return file.Dump(w, f) })
		},
	})
	return cmd
}

func verifySegment(w io.Writer, path string, f *file.File) error {
	if err := f.Verify(); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: %d rows, sound\n", path, f.Rows())
	return nil
}

// eachSegment opens the files one after the other.
func eachSegment(paths []string, w io.Writer, do func(w io.Writer, path string, f *file.File) error) error {
	for _, path := range paths {
		if err := withSegment(path, func(f *file.File) error { return do(w, path, f) }); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// withSegment opens a segment file; one of Druid's is converted for the time.
func withSegment(path string, do func(*file.File) error) error {
	if z, err := zip.OpenReader(path); err == nil {
		z.Close()
		dir, err := os.MkdirTemp("", "ovate-segment-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if path, err = convertZip(path, filepath.Join(dir, "segment")); err != nil {
			return err
		}
	}
	f, err := file.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return do(f)
}

func convertZip(path, to string) (string, error) {
	t, err := druidv9.ReadZip(path)
	if err != nil {
		return "", err
	}
	var cols []file.Column
	for _, c := range t.Columns {
		cols = append(cols, file.Column(c))
	}
	return to, file.Write(to, segment.ID{Source: filepath.Base(path), Interval: t.Interval, Version: "v9"}, t.Info, cols)
}

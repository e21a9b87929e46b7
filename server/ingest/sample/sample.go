// Package sample is the data that a first start shows: edits of Wikipedia on
// 2015-09-12, with the ingestion spec that makes them the data source
// wikipedia. It goes through the builder like any other data.
package sample

import (
	"bytes"
	"context"
	_ "embed"
	"io"
	"os"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/unpack"
	"github.com/ovatedb/ovate/server/ingest"
	"github.com/ovatedb/ovate/server/ingest/source"
)

//go:embed wikiticker-2015-09-12.json.gz
var rows []byte

//go:embed spec.json
var spec []byte

// Rows is the number of rows of the sample.
const Rows = 39244

type bundled struct{}

// Objects is the embedded file.
func (bundled) Objects(context.Context, source.Env) ([]source.Object, error) {
	const name = "wikiticker-2015-09-12.json.gz"
	return []source.Object{{Name: name, Size: int64(len(rows)), Open: func(context.Context) (io.ReadCloser, error) {
		return unpack.Reader(io.NopCloser(bytes.NewReader(rows)), name)
	}}}, nil
}

// Publish builds and publishes the sample, unless its data source is or was
// there. It says whether it did; progress may be nil.
func Publish(ctx context.Context, p *ingest.Publisher, progress func(ingest.Progress)) (bool, error) {
	s, err := ingest.ParseSpec(spec)
	if err != nil {
		return false, err
	}
	if known, err := p.Known(ctx, s.Data.Source); known || err != nil {
		return false, err
	}
	dir, err := os.MkdirTemp("", "ovate-sample-*")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	s.IO.Source.V = bundled{}
	res, err := ingest.Build(ctx, s, ingest.Config{Dir: dir, Progress: progress})
	if err != nil {
		return false, err
	}
	_, err = p.Publish(ctx, res.Segments, cluster.Commit{})
	return err == nil, err
}

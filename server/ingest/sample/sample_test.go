package sample

import (
	"context"
	"testing"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server/ingest"
)

// TestPublishOnce builds the sample on the first start only, also if it was
// dropped since.
func TestPublishOnce(t *testing.T) {
	emb, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer emb.Close()
	ctx := context.Background()
	p := &ingest.Publisher{Metadata: emb.Metadata, Storage: emb.Storage}
	steps := 0
	if built, err := Publish(ctx, p, func(ingest.Progress) { steps++ }); err != nil || !built || steps == 0 {
		t.Fatal(built, err, steps)
	}
	for d, err := range emb.Metadata.Find(ctx, cluster.SegmentQuery{Source: "wikipedia"}) {
		if err != nil || d.Rows != Rows {
			t.Fatal(d.Rows, err)
		}
		loc, err := d.Location()
		if err != nil {
			t.Fatal(err)
		}
		r, err := emb.Storage.Open(ctx, loc.Key)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		id := d.ID()
		if err := emb.Metadata.Commit(ctx, cluster.Commit{Unuse: []segment.ID{id}}); err != nil {
			t.Fatal(err)
		}
	}
	if built, err := Publish(ctx, p, nil); err != nil || built {
		t.Error(built, err)
	}
}

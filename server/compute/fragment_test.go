package compute

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server/wire"
)

// scanOf asks for two columns of segments.
func scanOf(t *testing.T, ids ...segment.ID) *wire.Request {
	t.Helper()
	schema := data.Schema{{Name: segment.Time, Type: data.LongType}, {Name: "page", Type: data.StringType}, {Name: "added", Type: data.DoubleType}}
	scan := &planner.Scan{Source: "wikipedia", Columns: schema, Types: schema}
	for i, id := range ids {
		scan.Slices = append(scan.Slices, planner.SliceRef{ID: id, Intervals: []chrono.Interval{chrono.Eternity}, Ordinal: i})
	}
	plan, err := (&planner.Fragment{Plan: scan}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return &wire.Request{Version: wire.Version, Plan: plan, BatchRows: 1000}
}

// rowsOf counts rows; during is called after the first batch.
func rowsOf(in exec.Batches, during func()) (rows int, err error) {
	for b, err := range in {
		if err != nil {
			return rows, err
		}
		if rows == 0 && during != nil {
			during()
		}
		rows += b.N
	}
	return rows, nil
}

// What is not here is named whole, before any row.
func TestMissing(t *testing.T) {
	n, _ := running(t, 1<<30)
	d := descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment})
	ordered(t, n, cluster.Order{Action: cluster.Load, Segment: *d})
	b, c := d.ID(), d.ID()
	b.Source, c.Source = "b", "c"
	rows, err := rowsOf(n.Fragment(t.Context(), scanOf(t, b, d.ID(), c), new(planner.Facts)), nil)
	var missing *wire.Missing
	if rows != 0 || !errors.As(err, &missing) || missing.Doubt || len(missing.Slices) != 2 || missing.Slices[0].ID != b || missing.Slices[1].ID != c {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// A cached file that is changed or cut short under a query, or between two, is
// no answer and no end of the process: it is loaded again.
func TestDamageUnderQueries(t *testing.T) {
	const all = 39145
	n, _ := running(t, 1<<30)
	d := descriptorAt(t, 3074905, map[string]string{"type": "local", "path": packedSegment})
	ordered(t, n, cluster.Order{Action: cluster.Load, Segment: *d})
	path := n.path(0, d.ID())
	cut := func() error { return os.Truncate(path, 64) }
	write := func() error {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteAt([]byte("other bytes"), 4096)
		return errors.Join(err, f.Close())
	}
	for _, c := range []struct {
		name   string
		server wire.Server
		damage func() error
		within bool // an answer, not between two
	}{
		{"cut short within an answer", n, cut, true},
		{"cut short within an answer as bytes", wire.Bytes(n), cut, true},
		{"cut short before", n, func() error { return os.Truncate(path, 0) }, false},
		{"overwritten within an answer", wire.Bytes(n), write, true},
		{"overwritten before", n, write, false},
		{"gone", n, func() error { return os.Remove(path) }, true},
	} {
		hurt := func() {
			time.Sleep(10 * time.Millisecond) // longer than the file system's clock is coarse
			if err := c.damage(); err != nil {
				t.Error(err)
			}
		}
		during := hurt
		if !c.within {
			hurt()
			during = nil
		}
		rows, err := rowsOf(c.server.Fragment(t.Context(), scanOf(t, d.ID()), new(planner.Facts)), during)
		var missing *wire.Missing
		if !errors.As(err, &missing) || !missing.Doubt || len(missing.Slices) != 1 {
			t.Errorf("%s: %d rows, %v", c.name, rows, err)
		}
		well(t, c.server, scanOf(t, d.ID()), all)
	}
	n.mending.Wait() // a segment is read before its room is counted
	if n.space.taken[0] != 3074905 {
		t.Errorf("%d bytes are taken of what one segment of 3074905 needs", n.space.taken[0])
	}
}

// well waits until a request gives that many rows.
func well(t *testing.T, s wire.Server, r *wire.Request, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	facts := new(planner.Facts)
	for {
		rows, err := rowsOf(s.Fragment(ctx, r, facts), nil)
		if err == nil && rows == want {
			return
		}
		if !pause(ctx, 20*time.Millisecond) {
			t.Fatalf("it does not get well: %d rows, %v", rows, err)
		}
	}
}

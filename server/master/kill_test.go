package master

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

// TestKill wants unused segments deleted when their time has come, used ones
// never, and no file left behind by a kill that was broken off.
func TestKill(t *testing.T) {
	emb, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer emb.Close()
	ctx := context.Background()
	old := chrono.Interval{Start: 0, End: 1000}
	young := chrono.Interval{Start: time.Now().UnixMilli(), End: time.Now().UnixMilli() + 1000}
	var list []cluster.Descriptor
	for i, in := range []chrono.Interval{old, old, young} {
		list = append(list, cluster.Descriptor{Source: "s", Interval: in, Version: "v", Shard: &cluster.Numbered{Partition: i},
			LoadSpec: json.RawMessage(fmt.Sprintf(`{"type":"local","key":"%d"}`, i))})
	}
	away, erased := true, map[string]int{}
	m := New(Config{Metadata: emb.Metadata, Coordinator: emb.Coordinator, View: cluster.NewView(), Erase: func(_ context.Context, spec json.RawMessage) error {
		if away {
			return errors.New("storage is away")
		}
		erased[string(spec)]++
		return nil
	}})
	left := func() int {
		all, err := m.find(ctx, cluster.SegmentQuery{State: cluster.UsedOrNot})
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	commit := func(c cluster.Commit) {
		if err := emb.Metadata.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	commit(cluster.Commit{Publish: list})
	commit(cluster.Commit{Unuse: []segment.ID{list[0].ID(), list[2].ID()}})
	time.Sleep(5 * time.Millisecond) // they became unused before now

	set := func(text string) {
		commit(cluster.Commit{Put: []cluster.Document{{Key: configKey, Value: []byte(text)}}})
	}
	for _, c := range []struct {
		config string
		fails  bool
		left   int
		erased int
	}{
		{`{}`, false, 3, 0},
		{`{"kill":{"on":true}}`, false, 3, 0}, // unused for less than a month
		{`{"kill":{"on":true,"bufferPeriod":"PT0S"},"killDataSourceWhitelist":["t"]}`, false, 3, 0},
		{`{"kill":{"on":true,"bufferPeriod":"PT0S"},"pauseCoordination":true}`, false, 3, 0},
		{`{"kill":{"on":true,"bufferPeriod":"PT0S"}}`, true, 2, 0}, // forgotten; its file comes next
		{`{}`, false, 2, 1},
		{`{"kill":{"on":true,"bufferPeriod":"PT0S","durationToRetain":"PT0S"}}`, false, 2, 1}, // not over yet
	} {
		set(c.config)
		err := m.cleanUp(ctx)
		if (err != nil) != c.fails || left() != c.left || len(erased) != c.erased {
			t.Errorf("%s: %v, %d segments, erased %v", c.config, err, left(), erased)
		}
		away = false
		if c.config == `{"kill":{"on":true,"bufferPeriod":"PT0S"},"pauseCoordination":true}` {
			away = true
		}
	}
	if n, err := m.Kill(ctx, "s", chrono.Eternity, []string{"w"}, 0); n != 0 || err != nil {
		t.Errorf("version w: %d, %v", n, err)
	}
	if n, err := m.Kill(ctx, "s", chrono.Eternity, []string{"v"}, 0); n != 1 || err != nil || left() != 1 || len(erased) != 2 {
		t.Errorf("version v: %d, %v, %d segments, erased %v", n, err, left(), erased)
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/server/compute"
	"github.com/ovatedb/ovate/server/wire"
)

// runCompute runs a compute server until ctx ends.
func runCompute(ctx context.Context, p *process) error {
	lookups := broker.NewLookups()
	cfg, err := computeConfig(p)
	if err != nil {
		return err
	}
	cfg.Lookup = lookups.Get
	node := compute.New(cfg)
	p.mux.Handle(wire.Path, wire.Handler(node, p.secret))
	p.metrics.Gauge("ovate_segments", "Segments that this server holds.", func() float64 { return float64(node.Segments()) })
	p.metrics.Gauge("ovate_segments_refused", "Segments that could not be loaded.", func() float64 { return float64(node.Refused()) })

	work, leave := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { p.keep(work, "view", p.follow) })
	running.Go(func() {
		p.keep(work, "lookups", func(ctx context.Context) error { return p.fetchLookups(ctx, lookups) })
	})
	running.Go(func() { p.keep(work, "segments", node.Run) })
	err = p.serve(ctx, leave)
	leave()
	running.Wait()
	return errors.Join(err, node.Close())
}

// computeConfig reads what a compute server is to be.
func computeConfig(p *process) (compute.Config, error) {
	c := p.config
	dir, room, err := cacheLocation(p)
	if err != nil {
		return compute.Config{}, err
	}
	cfg := compute.Config{
		CacheDir: dir,
		InfoDir:  c.text(dir, "druid.paths.segmentInfoCache", "druid.segmentCache.infoDir"),
		Workers:  int(c.number(0, "druid.processing.numThreads")),
		Loaders:  int(c.number(2, "druid.segmentCache.numLoadingThreads")),
		Verify:   true, Coordinator: p.zk, Log: p.log,
	}
	// Buffers grow with what queries need; the property is read to be checked.
	c.size(0, "druid.processing.buffer.sizeBytes")
	p.server.Tier = c.text(cluster.DefaultTier, "druid.server.tier")
	p.server.Priority = c.whole(0, "druid.server.priority")
	p.server.MaxSize = c.size(room, "druid.server.maxSize")
	cfg.Server = p.server
	if cfg.Sources, err = deepStorage(p); err != nil {
		return cfg, err
	}
	return cfg, c.check(p.log, meaningless)
}

// usualRoom is how many bytes of segments a server takes that was not told.
const usualRoom = 100 << 30

// cacheLocation is where cached segments go, and how many bytes.
func cacheLocation(p *process) (dir string, room int64, err error) {
	c := p.config
	type location struct {
		Path string          `json:"path"`
		Max  json.RawMessage `json:"maxSize"`
	}
	list := parsed(c, nil, func(text string) (out []location, err error) {
		if err := json.Unmarshal([]byte(text), &out); err != nil || len(out) == 0 || out[0].Path == "" {
			return nil, fmt.Errorf(`expected [{"path": "…", "maxSize": …}], got %s`, text)
		}
		return out, nil
	}, "druid.segmentCache.locations")
	dir, room = filepath.Join(os.TempDir(), "druid", "indexCache"), usualRoom
	if len(list) > 0 {
		dir = list[0].Path
		if len(list) > 1 {
			p.log.Warn("only the first location of segments is used", "path", dir)
		}
		if len(list[0].Max) > 0 {
			text := string(list[0].Max)
			var quoted string
			if json.Unmarshal(list[0].Max, &quoted) == nil {
				text = quoted
			}
			if room, err = parseSize(text); err != nil {
				return "", 0, fmt.Errorf("druid.segmentCache.locations: maxSize: %w", err)
			}
		}
	}
	return c.text(dir, "druid.paths.indexCache"), room, nil
}

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec/spill"
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
	p.mux.Handle(wire.Path, wire.Handler(node, p.secret, p.server.Host))
	p.metrics.Gauge("ovate_segments", "Segments that this server holds.", func() float64 { return float64(node.Segments()) })
	p.metrics.Gauge("ovate_segments_refused", "Segments that could not be loaded.", func() float64 { return float64(node.Refused()) })

	work, leave := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { p.keep(work, "view", p.follow) })
	follow := p.followLookups(lookups, filepath.Join(cmp.Or(cfg.InfoDir, cfg.Cache[0].Dir), "lookups.json"))
	running.Go(func() { p.keep(work, "lookups", follow.run) })
	running.Go(func() {
		wait(work, lookupsPatience, follow.there) // what is announced is asked, with lookups
		p.keep(work, "segments", node.Run)
	})
	err = p.serve(ctx, leave)
	leave()
	running.Wait()
	return errors.Join(err, node.Close())
}

// computeConfig reads what a compute server is to be.
func computeConfig(p *process) (compute.Config, error) {
	c := p.config
	cache := cacheLocations(c)
	cfg := compute.Config{
		Cache:   cache,
		InfoDir: c.text("", "druid.paths.segmentInfoCache", "druid.segmentCache.infoDir"),
		Workers: int(c.number(0, "druid.processing.numThreads")),
		Loaders: int(c.number(2, "druid.segmentCache.numLoadingThreads")),
		Verify:  true, Coordinator: p.zk, Secret: p.secret, Log: p.log, Metrics: p.metrics,
		Partials: compute.CacheConfig{
			Bytes:    c.size(0, "druid.cache.sizeInBytes"),
			Use:      c.flag(false, "druid.historical.cache.useCache"),
			Populate: c.flag(false, "druid.historical.cache.populateCache"),
		},
	}
	room := int64(0)
	for _, l := range cache {
		room += l.Max
	}
	cfg.SpillDir = spillDir(p)
	client := clusterClient(20)
	cfg.Peer = func(_, host string) wire.Server { return wire.Client(host, p.secret, client) }
	// Buffers grow with what queries need; the property is read to be checked.
	c.size(0, "druid.processing.buffer.sizeBytes")
	p.server.Tier = c.text(cluster.DefaultTier, "druid.server.tier")
	p.server.Priority = c.whole(0, "druid.server.priority")
	p.server.MaxSize = c.size(room, "druid.server.maxSize")
	cfg.Server = p.server
	var err error
	if cfg.Sources, err = deepStorage(p); err != nil {
		return cfg, err
	}
	return cfg, c.check(p.log, meaningless)
}

// spillDir is where queries write what memory does not hold. What an earlier
// process left there goes.
func spillDir(p *process) string {
	dir := p.config.text(filepath.Join(os.TempDir(), "ovate-spill"), "druid.processing.tmpDir")
	if err := spill.Sweep(dir); err != nil {
		p.log.Warn("what an earlier process spilled cannot be removed", "error", err)
	}
	return dir
}

// usualRoom is how many bytes of segments a location takes that was not told.
const usualRoom = 100 << 30

// cacheLocations are where cached segments go. The directory of 2013 has no
// size of its own: the server's is meant.
func cacheLocations(c *configuration) []compute.Location {
	usual := []compute.Location{{Dir: filepath.Join(os.TempDir(), "druid", "indexCache"), Max: usualRoom}}
	list := parsed(c, usual, parseLocations, "druid.segmentCache.locations")
	if dir := c.text("", "druid.paths.indexCache"); dir != "" {
		return []compute.Location{{Dir: dir, Max: c.size(usualRoom, "druid.server.maxSize")}}
	}
	return list
}

func parseLocations(text string) (out []compute.Location, err error) {
	var list []struct {
		Path string          `json:"path"`
		Max  json.RawMessage `json:"maxSize"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) == 0 {
		return nil, fmt.Errorf(`expected [{"path": "…", "maxSize": …}, …], got %s`, text)
	}
	seen := map[string]bool{}
	for i, l := range list {
		room := int64(usualRoom)
		if l.Path == "" || seen[filepath.Clean(l.Path)] {
			return nil, fmt.Errorf("location %d: expected a path of its own, got %q", i+1, l.Path)
		}
		seen[filepath.Clean(l.Path)] = true
		if len(l.Max) > 0 {
			size := string(l.Max)
			var quoted string
			if json.Unmarshal(l.Max, &quoted) == nil {
				size = quoted
			}
			if room, err = parseSize(size); err != nil {
				return nil, fmt.Errorf("location %d: maxSize: %w", i+1, err)
			}
		}
		out = append(out, compute.Location{Dir: l.Path, Max: room})
	}
	return out, nil
}

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/mysql"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/server/wire"
)

// runBroker runs a broker until ctx ends.
func runBroker(ctx context.Context, p *process) error {
	c := p.config
	lookups := broker.NewLookups()
	connections := int(c.number(20, "druid.client.http.connections", "druid.broker.http.numConnections"))
	client := clusterClient(connections)
	cfg := broker.Config{
		Name: p.server.Name, View: p.view, Lookups: lookups, Coordinator: p.zk, Metrics: p.metrics, Log: p.log, Hold: 64 << 20,
		Dial:     func(s cluster.Server) wire.Server { return wire.Client(s.Host, p.secret, client) },
		Memory:   c.size(4<<30, "druid.query.default.context.maxQueryMemoryBytes", "ovate.query.maxMemoryBytes"),
		SpillDir: spillDir(p),
		Disk:     c.size(0, "druid.query.groupBy.maxOnDiskStorage", "druid.query.default.context.maxOnDiskStorage"),
		Timeout:  c.period(5*time.Minute, "druid.server.http.defaultQueryTimeout", "druid.query.default.context.timeout"),
		Cache: broker.CacheConfig{
			Bytes:    c.size(0, "druid.cache.sizeInBytes"),
			MaxEntry: c.size(0, "druid.broker.cache.resultLevelCacheLimit"),
			Use:      c.flag(false, "druid.broker.cache.useResultLevelCache"),
			Populate: c.flag(false, "druid.broker.cache.populateResultLevelCache"),
		},
	}
	cfg.Queries = scheduling(c)
	flightPort := c.whole(0, "ovate.flight.port")
	_, _, hasDB := c.find(metadataKeys)
	db := metadataConfig(p)
	if err := c.check(p.log, meaningless); err != nil {
		return err
	}
	if hasDB {
		meta, err := mysql.New(ctx, db)
		if err != nil {
			return err
		}
		defer meta.Close()
		cfg.Metadata = meta
	}
	b := broker.New(cfg)
	b.Routes(p.mux)
	if flightPort > 0 {
		stop, at, err := serveFlight(p.bind(), flightPort, b, p.log)
		if err != nil {
			return fmt.Errorf("ovate.flight.port: %w", err)
		}
		defer stop()
		p.log.Info("flight", "at", "grpc://"+at)
	}
	p.front = func(h http.Handler) http.Handler { return knowing(p.view, h) }

	work, leave := context.WithCancel(context.WithoutCancel(ctx)) // the view is needed to the end
	away, sayGoodBye := context.WithCancel(work)
	var running sync.WaitGroup
	defer running.Wait()
	defer leave()
	p.view.KeepLost(lostGrace)
	running.Go(func() { p.keep(work, "view", p.follow) })
	running.Go(func() { p.keep(work, "lost segments", p.forgetUnused) })
	follow := p.followLookups(lookups, "")
	running.Go(func() { p.keep(work, "lookups", follow.run) })
	wait(ctx, lookupsPatience, p.view.Ready(), follow.there) // who asks meanwhile waits, too
	running.Go(func() { p.keep(away, "announcement", p.stay) })
	err := p.serve(ctx, sayGoodBye)
	sayGoodBye()
	return err
}

// knowing refuses queries for as long as nothing is known of the cluster: to
// say that there is no such table would be wrong.
func knowing(view *cluster.View, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-view.Ready():
		default:
			if strings.HasPrefix(r.URL.Path, "/druid/v2") {
				server.WriteError(w, fault.New(fault.Unavailable, "this broker has not heard of the cluster yet; is ZooKeeper there?"))
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}

// clusterClient is how servers of the cluster ask each other.
func clusterClient(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		MaxIdleConnsPerHost: connections, IdleConnTimeout: time.Minute, DisableCompression: true,
	}}
}

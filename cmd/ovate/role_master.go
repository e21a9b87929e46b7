package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/mysql"
	"github.com/ovatedb/ovate/server/broker"
	"github.com/ovatedb/ovate/server/ingest"
	"github.com/ovatedb/ovate/server/master"
)

// runMaster runs a master until ctx ends.
func runMaster(ctx context.Context, p *process) error {
	c := p.config
	cfg := master.Config{
		Name: p.server.Name, Coordinator: p.zk, View: p.view, Secret: p.secret, Log: p.log, Path: p.loadQueuePath,
		StartDelay: c.period(30*time.Second, "druid.master.startDelay", "druid.coordinator.startDelay"),
		Period:     c.period(time.Minute, "druid.master.period", "druid.coordinator.period"),
	}
	cfg.KillPeriod = c.period(30*time.Minute, "druid.coordinator.kill.period")
	cfg.Kill = killConfig(c)
	slots := c.whole(1, "druid.worker.capacity", "ovate.tasks.slots")
	files := c.text(filepath.Join(os.TempDir(), "ovate-tasks"), "druid.indexer.task.baseTaskDir", "druid.indexer.task.baseDir")
	db := metadataConfig(p)
	store, err := objects(p)
	if err != nil {
		return err
	}
	if err := c.check(p.log, meaningless); err != nil {
		return err
	}
	meta, err := mysql.New(ctx, db)
	if err != nil {
		return err
	}
	defer meta.Close()
	cfg.Metadata = meta
	lookups := broker.NewLookups()
	if err := lookups.Keep(ctx, meta); err != nil {
		return err
	}
	lookups.Routes(p.mux)
	if store.bucket != "" {
		cfg.Erase = store.erase
	}
	tasks := &leadingTasks{cfg: ingest.TasksConfig{
		Publisher: &ingest.Publisher{Metadata: meta, Storage: store, Location: store.location}, Documents: meta,
		Dir: files, Host: p.server.Host, Slots: slots, Lookup: lookups.Get, Log: p.log,
	}}
	cfg.Leading = tasks.run
	m := master.New(cfg)
	tasks.master = m
	tasks.cfg.Other = otherTasks(m)
	m.Routes(p.mux)
	tasks.routes(p.mux)

	work, leave := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	defer running.Wait()
	defer leave()
	running.Go(func() { p.keep(work, "view", p.follow) })
	running.Go(func() {
		p.keep(work, "lookups", func(ctx context.Context) error { return lookups.Follow(ctx, p.badLookups) })
	})
	running.Go(func() { p.keep(work, "announcement", p.stay) })
	running.Go(func() { p.keep(work, "master", m.Run) })
	return p.serve(ctx, leave)
}

// stay announces this process until ctx ends.
func (p *process) stay(ctx context.Context) error {
	if err := p.announce(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func (p *process) badLookups(err error) {
	p.log.Error("lookups make no sense; the old ones stay", "error", err)
}

// loadQueuePath is where an order is to be seen in ZooKeeper.
func (p *process) loadQueuePath(key string) string {
	return p.paths.LoadQueue + "/" + strings.Join(cluster.SplitKey(cluster.LoadPrefix, key), "/")
}

// metadataKeys are the names of where the metadata is.
var metadataKeys = []string{"druid.database.connectURI", "druid.metadata.storage.connector.connectURI"}

// metadataConfig says where the metadata is.
func metadataConfig(p *process) mysql.Config {
	c := p.config
	c.oneOf([]string{"mysql", "mariadb"}, "mysql", "druid.metadata.storage.type")
	base := c.text("", "druid.metadata.storage.tables.base")
	table := func(usual string, keys ...string) string {
		if base != "" {
			usual = base + "_" + usual
		}
		return c.text(usual, keys...)
	}
	usual := "jdbc:mysql://" + c.text("localhost", "druid.metadata.storage.connector.host") + ":" +
		c.text("3306", "druid.metadata.storage.connector.port") + "/druid"
	return mysql.Config{
		URI:           c.text(usual, metadataKeys...),
		User:          c.text("", "druid.database.user", "druid.metadata.storage.connector.user"),
		Password:      c.text("", "druid.database.password", "druid.metadata.storage.connector.password"),
		SegmentTable:  table("segments", "druid.database.segmentTable", "druid.metadata.storage.tables.segments", "druid.metadata.storage.tables.segmentTable"),
		RuleTable:     table("rules", "druid.database.ruleTable", "druid.metadata.storage.tables.rules", "druid.metadata.storage.tables.ruleTable"),
		ConfigTable:   table("config", "druid.database.configTable", "druid.metadata.storage.tables.config", "druid.metadata.storage.tables.configTable"),
		DocumentTable: table("documents", "ovate.metadata.tables.documents"),
		Poll:          c.period(10*time.Second, "druid.database.poll.duration", "druid.manager.segments.pollDuration"),
		Log:           p.log,
	}
}

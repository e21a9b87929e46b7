package main

import (
	"context"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
	"github.com/ovatedb/ovate/server/ingest"
	"github.com/ovatedb/ovate/server/master"
)

// leadingTasks are the ingestion tasks of a cluster: they run in the master that
// leads. What was running when the lead was lost is run again by the next.
type leadingTasks struct {
	cfg    ingest.TasksConfig
	master *master.Master
	now    atomic.Pointer[http.ServeMux] // of the tasks, while they run here
}

// run runs the tasks until ctx ends.
func (t *leadingTasks) run(ctx context.Context) error {
	if err := os.RemoveAll(t.cfg.Dir); err != nil { // of tasks that were broken off
		return err
	}
	if err := os.MkdirAll(t.cfg.Dir, 0o755); err != nil {
		return err
	}
	tasks := ingest.NewTasks(t.cfg)
	mux := http.NewServeMux()
	tasks.Routes(mux)
	t.now.Store(mux)
	defer t.now.Store(nil)
	return tasks.Run(ctx)
}

// routes adds the tasks' endpoints. A master that does not lead sends who asks
// to the one that does.
func (t *leadingTasks) routes(mux *http.ServeMux) {
	mux.HandleFunc("/druid/indexer/v1/", func(w http.ResponseWriter, r *http.Request) {
		if here := t.now.Load(); here != nil {
			here.ServeHTTP(w, r)
			return
		}
		leader, err := t.master.Leader(r.Context())
		if err == nil && (leader == "" || leader == "http://"+t.cfg.Host) {
			err = fault.New(fault.Unavailable, "no master leads yet; try again")
		}
		if err != nil {
			server.WriteError(w, err)
			return
		}
		http.Redirect(w, r, leader+r.URL.RequestURI(), http.StatusTemporaryRedirect)
	})
	isLeader := func(w http.ResponseWriter, _ *http.Request) {
		status, leads := http.StatusNotFound, t.now.Load() != nil
		if leads {
			status = http.StatusOK
		}
		server.WriteJSON(w, status, map[string]bool{"leader": leads})
	}
	mux.HandleFunc("GET /druid/indexer/v1/isLeader", isLeader)
	mux.HandleFunc("GET /druid/indexer/v1/leader", func(w http.ResponseWriter, r *http.Request) {
		leader, err := t.master.Leader(r.Context())
		if err != nil {
			server.WriteError(w, err)
			return
		}
		_, _ = w.Write([]byte(leader)) // an error here is the client's going away
	})
}

// killConfig says which unused segments a master deletes by itself.
func killConfig(c *configuration) master.Kill {
	k := master.UsualKill()
	k.On = c.flag(false, "druid.coordinator.kill.on")
	k.Retain = parsed(c, k.Retain, chrono.ParsePeriod, "druid.coordinator.kill.durationToRetain")
	k.Buffer = parsed(c, k.Buffer, chrono.ParsePeriod, "druid.coordinator.kill.bufferPeriod")
	k.Most = c.whole(k.Most, "druid.coordinator.kill.maxSegments")
	return k
}

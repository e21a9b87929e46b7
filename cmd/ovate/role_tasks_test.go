package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/server/ingest"
	"github.com/ovatedb/ovate/server/master"
)

// TestLeadingTasks wants tasks answered where the lead is, and clients sent there
// from elsewhere.
func TestLeadingTasks(t *testing.T) {
	emb, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	view, done := cluster.NewView(), make(chan struct{})
	go func() { defer close(done); _ = view.Run(ctx, emb.Coordinator, nil) }()
	defer emb.Close()
	defer func() { cancel(); <-done }()
	<-view.Ready()
	tasks := &leadingTasks{cfg: ingest.TasksConfig{
		Publisher: &ingest.Publisher{Metadata: emb.Metadata, Storage: emb.Storage}, Documents: emb.Metadata, Dir: t.TempDir(), Host: "h:1",
	}}
	tasks.master = master.New(master.Config{Name: "h:1", Metadata: emb.Metadata, Coordinator: emb.Coordinator, View: view, Leading: tasks.run})
	mux := http.NewServeMux()
	tasks.routes(mux)
	ask := func(path string) (status int, body, to string) {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", "/druid/indexer/v1/"+path, nil))
		return w.Code, strings.TrimSpace(w.Body.String()), w.Header().Get("Location")
	}
	within := func(what string, f func() bool) {
		for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("not in time: ", what)
			}
		}
	}
	if status, body, _ := ask("tasks"); status != 503 || !strings.Contains(body, "no master leads") {
		t.Errorf("nobody leads: %d %s", status, body)
	}
	other, resign := context.WithCancel(ctx)
	if err := emb.Coordinator.Announce(other, cluster.ServerKey("h:2"), []byte(`{"name":"h:2","host":"h:2","type":"coordinator"}`)); err != nil {
		t.Fatal(err)
	}
	if err := emb.Coordinator.Announce(other, cluster.LeaderPrefix+"master", []byte("h:2")); err != nil {
		t.Fatal(err)
	}
	within("the other is known", func() bool { _, ok := view.Server("h:2"); return ok })
	if status, _, to := ask("tasks?state=running"); status != 307 || to != "http://h:2/druid/indexer/v1/tasks?state=running" {
		t.Errorf("another leads: %d to %s", status, to)
	}
	if status, body, _ := ask("isLeader"); status != 404 || body != `{"leader":false}` {
		t.Errorf("another leads: %d %s", status, body)
	}
	resign()
	ended := make(chan error, 1)
	lead, stop := context.WithCancel(ctx)
	go func() { ended <- tasks.master.Run(lead) }()
	within("it leads", func() bool { status, _, _ := ask("isLeader"); return status == 200 })
	if status, body, _ := ask("tasks"); status != 200 || body != `[]` {
		t.Errorf("it leads: %d %s", status, body)
	}
	if status, body, _ := ask("task/unknown/status"); status != 404 {
		t.Errorf("unknown task: %d %s", status, body)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if status, _, _ := ask("isLeader"); status != 404 {
		t.Errorf("it led: %d", status)
	}
}

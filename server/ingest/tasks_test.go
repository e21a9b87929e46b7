package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
)

// A rig is tasks over a cluster in a directory.
type rig struct {
	t      *testing.T
	emb    *embedded.Cluster
	server *httptest.Server
	stop   func()
}

func startRig(t *testing.T, dir string) *rig {
	emb, err := embedded.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	tasks := NewTasks(TasksConfig{Publisher: &Publisher{Metadata: emb.Metadata, Storage: emb.Storage}, Documents: emb.Metadata,
		Dir: t.TempDir(), Host: "h:1", Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = tasks.Run(ctx) }()
	mux := http.NewServeMux()
	tasks.Routes(mux)
	r := &rig{t: t, emb: emb, server: httptest.NewServer(mux)}
	r.stop = func() { r.server.Close(); cancel(); <-done; emb.Close() }
	return r
}

func (r *rig) ask(method, path, body string) (int, string) {
	r.t.Helper()
	req, _ := http.NewRequest(method, r.server.URL+"/druid/indexer/v1"+path, strings.NewReader(body))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// run submits a task and waits for its end, which it returns.
func (r *rig) run(body string) (id string, end shownTask) {
	r.t.Helper()
	code, answer := r.ask("POST", "/task", body)
	var got struct{ Task string }
	if err := json.Unmarshal([]byte(answer), &got); err != nil || code != 200 {
		r.t.Fatalf("%d %s", code, answer)
	}
	return got.Task, r.wait(got.Task)
}

func (r *rig) wait(id string) shownTask {
	r.t.Helper()
	for range 500 {
		_, answer := r.ask("GET", "/task/"+id+"/status", "")
		var s struct{ Status shownTask }
		if err := json.Unmarshal([]byte(answer), &s); err != nil {
			r.t.Fatal(answer)
		}
		if s.Status.Code != Running {
			return s.Status
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatal("the task does not end")
	return shownTask{}
}

// segments shows the used segments that are visible: interval, partition, rows.
func (r *rig) segments() string {
	line := cluster.NewTimeline()
	for d, err := range r.emb.Metadata.Find(context.Background(), cluster.SegmentQuery{Source: "x"}) {
		if err != nil {
			r.t.Fatal(err)
		}
		line.Add(&d, nil)
	}
	over := map[string]bool{}
	for _, id := range line.Overshadowed() {
		over[id.String()] = true
	}
	var out []string
	for s := range line.All() {
		if d := s.Descriptor; !over[d.ID().String()] {
			out = append(out, fmt.Sprintf("%s#%d:%d", day(d.Interval.Start), d.ID().Partition, d.Rows))
		}
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

func taskText(rows, io string) string {
	text := specText(`{"dimensions":["a"]}`, csvHeader, "t,a\n"+rows, "")
	return strings.Replace(text, `"ioConfig":{`, `"ioConfig":{`+io, 1)
}

func TestTasks(t *testing.T) {
	dir := t.TempDir()
	r := startRig(t, dir)
	id, end := r.run(taskText("2024-01-01,x\n2024-01-02,y\n2024-01-02,z\n", ""))
	if end.Code != Succeeded || end.Source != "x" || end.Error != nil || r.segments() != "2024-01-01#0:1 2024-01-02#0:2" {
		t.Fatalf("%+v %s", end, r.segments())
	}
	if _, end = r.run(taskText("2024-01-02,w\n", "")); end.Code != Succeeded || r.segments() != "2024-01-01#0:1 2024-01-02#0:1" {
		t.Errorf("replaced one day: %s", r.segments())
	}
	if _, end = r.run(taskText("2024-01-02,v\n2024-01-03,v\n", `"appendToExisting":true,`)); end.Code != Succeeded ||
		r.segments() != "2024-01-01#0:1 2024-01-02#0:1 2024-01-02#1:1 2024-01-03#0:1" {
		t.Errorf("appended: %v %s", end.Error, r.segments())
	}
	drop := strings.Replace(taskText("2024-01-03,u\n", `"dropExisting":true,`), `{"rollup":false}`, `{"rollup":false,"intervals":["2024-01-02/2024-01-04"]}`, 1)
	if _, end = r.run(drop); end.Code != Succeeded || r.segments() != "2024-01-01#0:1 2024-01-03#0:1" {
		t.Errorf("dropped: %s", r.segments())
	}
	_, end = r.run(strings.Replace(taskText("no time,x\n", ""), `"type":"index"`, `"type":"index","id":"bad"`, 1))
	if end.Code != Failed || end.Error == nil || !strings.Contains(*end.Error, "none of 1 rows") {
		t.Errorf("%+v", end)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/task", `{"type":"indexx","spec":{}}`, 400, "unknown task type"},
		{"POST", "/task", `{"type":"index","id":"bad","spec":` + strings.TrimSuffix(strings.TrimPrefix(taskText("", ""), `{"type":"index","spec":`), "}") + `}`, 400, "exists already"},
		{"GET", "/task/none/status", "", 404, "there is no task"},
		{"GET", "/task/" + id, "", 200, `"payload":{"type":"index"`},
		{"GET", "/task/" + id + "/reports", "", 200, `"ingestionState":"COMPLETED"`},
		{"GET", "/task/" + id + "/log", "", 200, "published"},
		{"GET", "/tasks?state=complete&max=1", "", 200, `[{"id":"bad"`},
		{"GET", "/runningTasks", "", 200, "[]"},
		{"POST", "/taskStatus", `["bad"]`, 200, `{"bad":{"id":"bad"`},
		{"POST", "/task/none/shutdown", "", 404, "there is no task"},
	} {
		if code, answer := r.ask(c.method, c.path, c.body); code != c.status || !strings.Contains(answer, c.want) {
			t.Errorf("%s %s: %d %s, expected %d with %s", c.method, c.path, code, answer, c.status, c.want)
		}
	}
	r.stop()
	r = startRig(t, dir) // what was done is known, and not done again
	defer r.stop()
	for range 100 {
		if _, answer := r.ask("GET", "/completeTasks", ""); strings.Count(answer, `"id"`) == 5 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("tasks were forgotten")
}

// TestTaskIsRunAfterRestart records a task while nothing runs it.
func TestTaskIsRunAfterRestart(t *testing.T) {
	dir := t.TempDir()
	emb, err := embedded.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	idle := NewTasks(TasksConfig{Publisher: &Publisher{Metadata: emb.Metadata, Storage: emb.Storage}, Documents: emb.Metadata})
	id, err := idle.Submit(context.Background(), []byte(taskText("2024-01-01,x\n", "")))
	if err != nil {
		t.Fatal(err)
	}
	emb.Close()
	r := startRig(t, dir)
	defer r.stop()
	for range 100 {
		if code, _ := r.ask("GET", "/task/"+id+"/status", ""); code == 200 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if end := r.wait(id); end.Code != Succeeded || r.segments() != "2024-01-01#0:1" {
		t.Errorf("%+v %s", end, r.segments())
	}
}

package ingest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
)

const indexer = "/druid/indexer/v1"

// Routes adds the endpoints of tasks.
func (t *Tasks) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST "+indexer+"/task", t.submit)
	mux.HandleFunc("GET "+indexer+"/task/{id}", t.about(t.payload))
	mux.HandleFunc("GET "+indexer+"/task/{id}/status", t.about(t.status))
	mux.HandleFunc("GET "+indexer+"/task/{id}/reports", t.about(t.reports))
	mux.HandleFunc("GET "+indexer+"/task/{id}/log", t.log)
	mux.HandleFunc("POST "+indexer+"/task/{id}/shutdown", t.shutdown)
	mux.HandleFunc("POST "+indexer+"/datasources/{source}/shutdownAllTasks", t.shutdownAll)
	mux.HandleFunc("POST "+indexer+"/taskStatus", t.statuses)
	mux.HandleFunc("GET "+indexer+"/tasks", t.list(""))
	for path, state := range map[string]string{"completeTasks": "complete", "runningTasks": "running", "waitingTasks": "waiting", "pendingTasks": "pending"} {
		mux.HandleFunc("GET "+indexer+"/"+path, t.list(state))
	}
}

func (t *Tasks) submit(w http.ResponseWriter, r *http.Request) {
	body, err := server.ReadBody(r)
	if err == nil {
		var id string
		if id, err = t.Submit(r.Context(), body); err == nil {
			server.WriteJSON(w, http.StatusOK, map[string]string{"task": id})
			return
		}
	}
	server.WriteError(w, err)
}

// about answers with what show says of the task that the path names.
func (t *Tasks) about(show func(one *task) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t.mu.Lock()
		one := t.all[r.PathValue("id")]
		var answer any
		if one != nil {
			answer = show(one)
		}
		t.mu.Unlock()
		if one == nil {
			server.WriteError(w, fault.New(fault.NotFound, "there is no task %q", r.PathValue("id")))
			return
		}
		server.WriteJSON(w, http.StatusOK, answer)
	}
}

func (t *Tasks) payload(one *task) any {
	return map[string]any{"task": one.ID, "payload": one.Payload}
}

func (t *Tasks) status(one *task) any {
	return map[string]any{"task": one.ID, "status": t.shown(&one.record)}
}

// A shownTask is a task's status on the wire.
type shownTask struct {
	ID       string   `json:"id"`
	Group    string   `json:"groupId"`
	Type     string   `json:"type"`
	Created  string   `json:"createdTime"`
	Queued   string   `json:"queueInsertionTime"`
	Code     State    `json:"statusCode"`
	Status   State    `json:"status"`
	Runner   string   `json:"runnerStatusCode"`
	Millis   int64    `json:"duration"`
	Location location `json:"location"`
	Source   string   `json:"dataSource"`
	Error    *string  `json:"errorMsg"`
}

type location struct {
	Host *string `json:"host"`
	Port int     `json:"port"`
	TLS  int     `json:"tlsPort"`
}

// shown is the status of a task; one that waits counts as running to clients,
// and its runner tells the difference.
func (t *Tasks) shown(one *record) shownTask {
	s := shownTask{ID: one.ID, Group: one.Group, Type: one.Type, Created: chrono.FormatTime(one.Created.UnixMilli(), chrono.UTC),
		Queued: chrono.FormatTime(0, chrono.UTC), Code: one.State, Runner: "NONE", Millis: one.Millis, Source: one.Source, Location: t.location()}
	switch one.State {
	case Waiting:
		s.Code, s.Runner, s.Location = Running, "PENDING", location{nil, -1, -1}
	case Running:
		s.Runner = "RUNNING"
	case Failed:
		s.Error = &one.Error
	}
	s.Status = s.Code
	return s
}

func (t *Tasks) location() location {
	host, port, ok := strings.Cut(t.cfg.Host, ":")
	if !ok {
		return location{nil, -1, -1}
	}
	n, _ := strconv.Atoi(port)
	return location{&host, n, -1}
}

func (t *Tasks) reports(one *task) any {
	stage := "NOT_STARTED"
	switch one.State {
	case Running, Failed:
		stage = "BUILD_SEGMENTS"
	case Succeeded:
		stage = "COMPLETED"
	}
	counts := Counts{Processed: one.progress.Rows}
	if one.Counts != nil {
		counts = *one.Counts
	}
	bad := map[string]any{}
	if len(one.Bad) > 0 {
		bad["buildSegments"] = one.Bad
	}
	var failure *string
	if one.Error != "" {
		failure = &one.Error
	}
	return map[string]any{"ingestionStatsAndErrors": map[string]any{"type": "ingestionStatsAndErrors", "taskId": one.ID, "payload": map[string]any{
		"ingestionState": stage, "unparseableEvents": bad, "rowStats": map[string]any{"buildSegments": counts}, "errorMsg": failure,
		"segmentAvailabilityConfirmed": false, "segmentAvailabilityWaitTimeMs": 0, "recordsProcessed": map[string]int64{},
		"segmentsRead": nil, "segmentsPublished": one.Segments,
	}}}
}

func (t *Tasks) log(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	one := t.all[r.PathValue("id")]
	text := ""
	if one != nil {
		text = strings.Join(one.Log, "\n") + "\n"
	}
	t.mu.Unlock()
	if one == nil {
		server.WriteError(w, fault.New(fault.NotFound, "there is no task %q", r.PathValue("id")))
		return
	}
	if offset, err := strconv.Atoi(r.URL.Query().Get("offset")); err == nil {
		if offset < 0 {
			offset += len(text)
		}
		text = text[min(max(offset, 0), len(text)):]
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte(text)) // an error here is the client's going away
}

func (t *Tasks) shutdown(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if err := t.Shutdown(r.Context(), id); err != nil {
		server.WriteError(w, err)
		return
	}
	server.WriteJSON(w, http.StatusOK, map[string]string{"task": id})
}

func (t *Tasks) shutdownAll(w http.ResponseWriter, r *http.Request) {
	source := r.PathValue("source")
	t.mu.Lock()
	var ids []string
	for id, one := range t.all {
		if one.Source == source && !one.State.done() {
			ids = append(ids, id)
		}
	}
	t.mu.Unlock()
	for _, id := range ids {
		if err := t.Shutdown(r.Context(), id); err != nil {
			server.WriteError(w, err)
			return
		}
	}
	server.WriteJSON(w, http.StatusOK, map[string]string{"dataSource": source})
}

func (t *Tasks) statuses(w http.ResponseWriter, r *http.Request) {
	body, err := server.ReadBody(r)
	var ids []string
	if err == nil {
		if err = json.Unmarshal(body, &ids); err != nil {
			err = fault.Invalidf("expected a list of task ids: %v", err)
		}
	}
	if err != nil {
		server.WriteError(w, err)
		return
	}
	out := map[string]shownTask{}
	t.mu.Lock()
	for _, id := range ids {
		if one := t.all[id]; one != nil {
			out[id] = t.shown(&one.record)
		}
	}
	t.mu.Unlock()
	server.WriteJSON(w, http.StatusOK, out)
}

// taskStates are the states that lists of tasks know.
var taskStates = map[string]func(State) bool{
	"":         func(State) bool { return true },
	"complete": State.done,
	"running":  func(s State) bool { return s == Running },
	"pending":  func(s State) bool { return s == Waiting },
	"waiting":  func(State) bool { return false }, // for a lock; here that is pending
}

// list answers with the tasks in a state, which the request names if the path
// does not; the newest first.
func (t *Tasks) list(state string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		want := state
		if want == "" {
			want = strings.ToLower(q.Get("state"))
		}
		most, err := number(q.Get("max"))
		var in *chrono.Interval
		if err == nil && q.Get("createdTimeInterval") != "" {
			var x chrono.Interval
			if x, err = chrono.ParseInterval(strings.Replace(q.Get("createdTimeInterval"), "_", "/", 1)); err == nil {
				in = &x
			}
		}
		if taskStates[want] == nil {
			err = fault.At(fault.Invalidf("unknown state %q; known: complete, running, pending, waiting", want), "state")
		}
		if err != nil {
			server.WriteError(w, err)
			return
		}
		t.mu.Lock()
		out := []shownTask{}
		all := t.sorted()
		for i := len(all) - 1; i >= 0; i-- {
			one := all[i]
			source, kind := q.Get("datasource"), q.Get("type")
			if taskStates[want](one.State) && (source == "" || source == one.Source) && (kind == "" || kind == one.Type) &&
				(in == nil || in.Contains(one.Created.UnixMilli())) && (most == 0 || len(out) < most || !one.State.done()) {
				out = append(out, t.shown(&one.record))
			}
		}
		t.mu.Unlock()
		server.WriteJSON(w, http.StatusOK, out)
	}
}

func number(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault.At(fault.Invalidf("expected a number, got %q", text), "max")
	}
	return n, nil
}

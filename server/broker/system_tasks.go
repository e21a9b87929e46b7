package broker

import (
	"context"
	"encoding/json"
	"net"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/cluster"
)

func init() {
	systemTables["tasks"] = systemTable{
		schema: columns("task_id", "group_id", "type", "datasource", "created_time", "queue_insertion_time", "status", "runner_status",
			"duration#", "location", "host", "plaintext_port#", "tls_port#", "error_msg"),
		rows: taskRows,
	}
	systemTables["supervisors"] = systemTable{
		schema: columns("supervisor_id", "state", "detailed_state", "healthy#", "type", "source", "suspended#", "spec", "datasource"),
		rows:   supervisorRows,
	}
}

// The documents of tasks and supervisors: their status as GET of
// /druid/indexer/v1/tasks and /druid/indexer/v1/supervisor?full gives it.
const (
	taskPrefix       = "tasks/"
	supervisorPrefix = "supervisors/"
)

// taskStatus is what a task's document says of it. Absent is null.
type taskStatus struct {
	ID       *string `json:"id"`
	Group    *string `json:"groupId"`
	Type     *string `json:"type"`
	Source   *string `json:"dataSource"`
	Created  *string `json:"createdTime"`
	Queued   *string `json:"queueInsertionTime"`
	Status   *string `json:"statusCode"`
	Runner   *string `json:"runnerStatusCode"`
	Duration *int64  `json:"duration"`
	Location struct {
		Host    *string `json:"host"`
		Port    *int64  `json:"port"`
		TLSPort *int64  `json:"tlsPort"`
	} `json:"location"`
	Error *string `json:"errorMsg"`
}

func taskRows(ctx context.Context, b *Broker, _ only, yield func(row) bool) error {
	return b.documents(ctx, taskPrefix, func(d cluster.Document) bool {
		var t taskStatus
		if err := json.Unmarshal(d.Value, &t); err != nil {
			b.cfg.Log.Warn("a task's document makes no sense", "key", d.Key, "error", err)
			return true
		}
		if t.ID == nil {
			id := strings.TrimPrefix(d.Key, taskPrefix)
			t.ID = &id
		}
		var location any
		if t.Location.Host != nil && t.Location.Port != nil {
			location = net.JoinHostPort(*t.Location.Host, strconv.FormatInt(*t.Location.Port, 10))
		}
		runner := t.Runner
		if t.Status != nil && *t.Status != "RUNNING" {
			none := "NONE"
			runner = &none
		}
		return yield(cells{or(t.ID), or(t.Group), or(t.Type), or(t.Source), or(t.Created), or(t.Queued), or(t.Status), or(runner), or(t.Duration),
			location, or(t.Location.Host), or(t.Location.Port), or(t.Location.TLSPort), or(t.Error)})
	})
}

// supervisorStatus is what a supervisor's document says of it.
type supervisorStatus struct {
	ID        *string         `json:"id"`
	State     *string         `json:"state"`
	Detailed  *string         `json:"detailedState"`
	Healthy   *bool           `json:"healthy"`
	Type      *string         `json:"type"`
	Source    *string         `json:"source"`
	Suspended bool            `json:"suspended"`
	Spec      json.RawMessage `json:"spec"`
	Data      *string         `json:"dataSource"`
}

func supervisorRows(ctx context.Context, b *Broker, _ only, yield func(row) bool) error {
	return b.documents(ctx, supervisorPrefix, func(d cluster.Document) bool {
		var s supervisorStatus
		if err := json.Unmarshal(d.Value, &s); err != nil {
			b.cfg.Log.Warn("a supervisor's document makes no sense", "key", d.Key, "error", err)
			return true
		}
		if s.ID == nil {
			id := strings.TrimPrefix(d.Key, supervisorPrefix)
			s.ID = &id
		}
		var spec any
		if len(s.Spec) > 0 {
			spec = string(s.Spec)
		}
		return yield(cells{or(s.ID), or(s.State), or(s.Detailed), flag(s.Healthy != nil && *s.Healthy), or(s.Type), or(s.Source),
			flag(s.Suspended), spec, or(s.Data)})
	})
}

// or is what p points to, or null.
func or[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

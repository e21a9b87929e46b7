package master

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
)

// auditPrefix is what the documents begin with that say who changed what:
// audit/TYPE/KEY/TIME.
const auditPrefix = "audit/"

// The types of what is audited; of the configuration, its key as well.
const (
	configAudit = "coordinator.config"
	ruleAudit   = "rules"
)

// usualHistory is how far back a history goes if nobody says.
const usualHistory = 7 * 24 * time.Hour

// An audit says who changed what to what.
type audit struct {
	Key     string          `json:"key"`
	Type    string          `json:"type"`
	Info    auditInfo       `json:"auditInfo"`
	Request json.RawMessage `json:"request"`
	Payload string          `json:"payload"`
	Time    string          `json:"auditTime"`
}

type auditInfo struct {
	Author   string `json:"author"`
	Identity string `json:"identity"`
	Comment  string `json:"comment"`
	IP       string `json:"ip"`
}

// audited is the document that records a change, to be written with it.
func audited(r *http.Request, kind, key string, payload []byte) cluster.Document {
	now := time.Now()
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	a := audit{
		Key: key, Type: kind, Payload: string(payload), Time: chrono.FormatTime(now.UnixMilli(), chrono.UTC),
		Info: auditInfo{Author: r.Header.Get("X-Druid-Author"), Identity: "allowAll", Comment: r.Header.Get("X-Druid-Comment"), IP: ip},
	}
	value, _ := json.Marshal(a) // strings marshal
	return cluster.Document{Key: auditOf(kind, key) + fmt.Sprintf("%020d", now.UnixNano()), Value: value}
}

// auditOf is what the documents of a type begin with, or of one key of it.
func auditOf(kind, key string) string {
	out := auditPrefix + url.PathEscape(kind) + "/"
	if key != "" {
		out += url.PathEscape(key) + "/"
	}
	return out
}

// history gives the changes of a type and, if not "", a key: with count the
// last ones, the newest first; else those in interval, or of the last week, in
// their order.
func (m *Master) history(r *http.Request, kind, key string) (any, error) {
	docs, err := m.documents()
	if err != nil {
		return nil, err
	}
	last := 0
	if text := r.URL.Query().Get("count"); text != "" {
		if last, err = strconv.Atoi(text); err != nil || last < 1 {
			return nil, fault.At(fault.Invalidf("%q; expected a number greater than 0", text), "count")
		}
	}
	now := time.Now()
	in := chrono.Interval{Start: now.Add(-usualHistory).UnixMilli(), End: now.UnixMilli() + 1}
	if text := r.URL.Query().Get("interval"); text != "" {
		if in, err = chrono.ParseInterval(text); err != nil {
			return nil, fault.At(err, "interval")
		}
	}
	type change struct {
		audit
		at int64
	}
	var list []change
	for d, err := range docs.List(r.Context(), auditOf(kind, key)) {
		if err != nil {
			return nil, err
		}
		var a audit
		if err := json.Unmarshal(d.Value, &a); err != nil {
			return nil, fault.New(fault.Internal, "document %s: %v", d.Key, err)
		}
		if at, err := chrono.ParseTime(a.Time); err == nil && (last > 0 || in.Contains(at)) {
			list = append(list, change{a, at})
		}
	}
	slices.SortStableFunc(list, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	if last > 0 {
		slices.Reverse(list)
		list = list[:min(last, len(list))]
	}
	out := []audit{}
	for _, c := range list {
		out = append(out, c.audit)
	}
	return out, nil
}

func (m *Master) historyRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET config/history": func(r *http.Request) (any, error) { return m.history(r, configAudit, "") },
		"GET rules/history":  func(r *http.Request) (any, error) { return m.history(r, ruleAudit, "") },
		"GET rules/{source}/history": func(r *http.Request) (any, error) {
			return m.history(r, ruleAudit, r.PathValue("source"))
		},
	}
}

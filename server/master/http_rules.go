package master

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/assign"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
)

// rulesPrefix is what the documents with the rules of a source begin with.
const rulesPrefix = "rules/"

func (m *Master) ruleRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET rules":           m.getAllRules,
		"GET rules/{source}":  m.getRules,
		"POST rules/{source}": m.postRules,
	}
}

func (m *Master) documents() (cluster.Documents, error) {
	docs, ok := m.cfg.Metadata.(cluster.Documents)
	if !ok {
		return nil, fault.New(fault.Unsupported, "this metadata store keeps no rules")
	}
	return docs, nil
}

// getAllRules gives the rules of every source that has some, and the default.
func (m *Master) getAllRules(r *http.Request) (any, error) {
	docs, err := m.documents()
	if err != nil {
		return nil, err
	}
	defaults, err := assign.MarshalRules(assign.Forever())
	if err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{assign.DefaultRules: defaults}
	for d, err := range docs.List(r.Context(), rulesPrefix) {
		if err != nil {
			return nil, err
		}
		out[strings.TrimPrefix(d.Key, rulesPrefix)] = d.Value
	}
	return out, nil
}

// getRules gives the rules of a source; full, those that apply after them too.
func (m *Master) getRules(r *http.Request) (any, error) {
	all, err := m.getAllRules(r)
	if err != nil {
		return nil, err
	}
	bySource := all.(map[string]json.RawMessage)
	source := r.PathValue("source")
	out := []json.RawMessage{}
	if own := bySource[source]; own != nil {
		if err := json.Unmarshal(own, &out); err != nil {
			return nil, err
		}
	}
	if asks(r, "full") && source != assign.DefaultRules {
		var more []json.RawMessage
		if err := json.Unmarshal(bySource[assign.DefaultRules], &more); err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// postRules replaces the rules of a source. They are kept as they were
// understood, with what they left out.
func (m *Master) postRules(r *http.Request) (any, error) {
	if _, err := m.documents(); err != nil {
		return nil, err
	}
	body, err := server.ReadBody(r)
	if err != nil {
		return nil, err
	}
	list, err := assign.ParseRules(body)
	if err != nil {
		return nil, err
	}
	value, err := assign.MarshalRules(list)
	if err != nil {
		return nil, err
	}
	source := r.PathValue("source")
	doc := cluster.Document{Key: rulesPrefix + source, Value: value}
	err = m.cfg.Metadata.Commit(r.Context(), cluster.Commit{Put: []cluster.Document{doc, audited(r, ruleAudit, source, value)}})
	m.wake()
	return struct{}{}, err
}

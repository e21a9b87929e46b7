package master

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/assign"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
)

// configKey is the document with what can be changed while masters run.
const configKey = "config/coordinator"

// A dynamicConfig is what can be changed while masters run. Members of Druid's
// that mean nothing here are kept as they are.
type dynamicConfig struct {
	Moves    int      `json:"maxSegmentsToMove"`
	Replicas int      `json:"replicationThrottleLimit"`
	Queue    int      `json:"maxSegmentsInNodeLoadingQueue"`
	Draining []string `json:"decommissioningNodes"`
	Pause    bool     `json:"pauseCoordination"`
}

func usualConfig() dynamicConfig {
	return dynamicConfig{Moves: 100, Replicas: 500, Queue: 100, Draining: []string{}}
}

func (c dynamicConfig) limits() assign.Limits {
	return assign.Limits{Queue: c.Queue, Replicas: c.Replicas, Moves: c.Moves}
}

func (c dynamicConfig) drains(server string) bool { return slices.Contains(c.Draining, server) }

func (c dynamicConfig) check() error {
	for _, n := range []struct {
		name  string
		value int
	}{{"maxSegmentsToMove", c.Moves}, {"replicationThrottleLimit", c.Replicas}, {"maxSegmentsInNodeLoadingQueue", c.Queue}} {
		if n.value < 1 {
			return fault.At(fault.Invalidf("%d; expected 1 or more", n.value), n.name)
		}
	}
	return nil
}

// parseConfig reads a configuration; what it leaves out has usual values.
func parseConfig(text []byte) (dynamicConfig, error) {
	c := usualConfig()
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fault.Invalidf("expected an object with the configuration: %v", err)
	}
	return c, c.check()
}

// dynamic is the configuration as it is kept now.
func (m *Master) dynamic(ctx context.Context) (dynamicConfig, error) {
	d, err := m.configDocument(ctx)
	if err != nil || d.Value == nil {
		return usualConfig(), err
	}
	c, err := parseConfig(d.Value)
	if err != nil { // written by another hand; rounds go on
		m.cfg.Log.Error("the dynamic configuration makes no sense", "error", err)
		c = usualConfig()
	}
	return c, nil
}

func (m *Master) configDocument(ctx context.Context) (cluster.Document, error) {
	docs, ok := m.cfg.Metadata.(cluster.Documents)
	if !ok {
		return cluster.Document{}, nil
	}
	return docs.Get(ctx, configKey)
}

func (m *Master) configRoutes() map[string]endpoint {
	return map[string]endpoint{"GET config": m.getConfig, "POST config": m.postConfig}
}

// getConfig gives all that is kept, and usual values for the rest.
func (m *Master) getConfig(r *http.Request) (any, error) {
	d, err := m.configDocument(r.Context())
	if err != nil {
		return nil, err
	}
	return merged(usualConfig(), d.Value)
}

func merged(c dynamicConfig, over json.RawMessage) (map[string]json.RawMessage, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	for _, part := range []json.RawMessage{text, over} {
		if len(part) == 0 {
			continue
		}
		if err := json.Unmarshal(part, &out); err != nil {
			return nil, fault.Invalidf("expected an object with the configuration: %v", err)
		}
	}
	return out, nil
}

// postConfig changes the members that are given.
func (m *Master) postConfig(r *http.Request) (any, error) {
	body, err := server.ReadBody(r)
	if err != nil {
		return nil, err
	}
	d, err := m.configDocument(r.Context())
	if err != nil {
		return nil, err
	}
	all := map[string]json.RawMessage{}
	for _, part := range [][]byte{d.Value, body} {
		if len(part) == 0 {
			continue
		}
		if err := json.Unmarshal(part, &all); err != nil {
			return nil, fault.Invalidf("expected an object with the configuration: %v", err)
		}
	}
	value, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	if _, err := parseConfig(value); err != nil {
		return nil, err
	}
	err = m.cfg.Metadata.Commit(r.Context(), cluster.Commit{
		Need: []cluster.Version{{Key: configKey, Version: d.Version}},
		Put:  []cluster.Document{{Key: configKey, Value: value}},
	})
	m.wake()
	return map[string]string{}, err
}

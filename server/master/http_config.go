package master

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/assign"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
)

// configKey is the document with what can be changed while masters run.
const configKey = "config/coordinator"

// A dynamicConfig is what can be changed while masters run. Members of Druid's
// that mean nothing here are shown with their usual values, and kept as given.
type dynamicConfig struct {
	Wait         int64           `json:"millisToWaitBeforeDeleting"` // after an election, before segments that newer ones cover become unused
	Moves        int             `json:"maxSegmentsToMove"`          // a round; 0: none
	Lifetime     int             `json:"replicantLifetime"`
	Replicas     int             `json:"replicationThrottleLimit"` // a round; 0: none
	Threads      int             `json:"balancerComputeThreads"`
	KillOnly     nameList        `json:"killDataSourceWhitelist"` // sources whose unused segments are deleted; none: of all
	KillRatio    float64         `json:"killTaskSlotRatio"`
	KillSlots    int             `json:"maxKillTaskSlots"`
	KillSkip     nameList        `json:"killPendingSegmentsSkipList"`
	Queue        int             `json:"maxSegmentsInNodeLoadingQueue"` // 0: any number
	Draining     nameList        `json:"decommissioningNodes"`
	Pause        bool            `json:"pauseCoordination"`
	AfterTimeout bool            `json:"replicateAfterLoadTimeout"`
	RoundRobin   bool            `json:"useRoundRobinSegmentAssignment"`
	Smart        bool            `json:"smartSegmentLoading"` // Moves and Replicas follow from how many segments there are
	Dimensions   json.RawMessage `json:"debugDimensions"`
	Turbo        nameList        `json:"turboLoadingNodes"`
	Kill         *Kill           `json:"kill,omitempty"` // in place of what the master was started with
}

func usualConfig() dynamicConfig {
	return dynamicConfig{
		Wait: 900_000, Moves: 100, Lifetime: 15, Replicas: 500, Threads: 1, KillOnly: nameList{}, KillRatio: 0.1, KillSlots: math.MaxInt32,
		KillSkip: nameList{}, Queue: 500, Draining: nameList{}, RoundRobin: true, Smart: true, Dimensions: json.RawMessage("null"), Turbo: nameList{},
	}
}

// A nameList is a list of names, in JSON also one text with commas.
type nameList []string

// UnmarshalJSON reads either form; null is none.
func (l *nameList) UnmarshalJSON(b []byte) error {
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		var text string
		if json.Unmarshal(b, &text) != nil {
			return fault.Invalidf("expected a list of names, got %s", b)
		}
		list = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	}
	*l = append(nameList{}, list...)
	return nil
}

// limits are those of a round over so many segments. Smart ones are a
// twentieth of the segments for replicas, a fiftieth but at most 1000 for
// moves, and at least 100 of each. And a twentieth of them may be on its way to
// a server: a round costs time by the number of segments, and there would be
// many rounds.
func (c dynamicConfig) limits(segments int) assign.Limits {
	if c.Smart {
		c.Replicas, c.Moves = max(100, segments/20), min(max(100, segments/50), 1000)
		if c.Queue > 0 {
			c.Queue = max(c.Queue, segments/20)
		}
	}
	orElse := func(n, none int) int {
		if n == 0 {
			return none
		}
		return n
	}
	return assign.Limits{Queue: orElse(c.Queue, math.MaxInt), Replicas: orElse(c.Replicas, -1), Moves: orElse(c.Moves, -1)}
}

func (c dynamicConfig) drains(server string) bool { return slices.Contains(c.Draining, server) }

func (c dynamicConfig) check() error {
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"millisToWaitBeforeDeleting", c.Wait}, {"maxSegmentsToMove", int64(c.Moves)}, {"replicationThrottleLimit", int64(c.Replicas)},
		{"maxSegmentsInNodeLoadingQueue", int64(c.Queue)}, {"maxKillTaskSlots", int64(c.KillSlots)},
	} {
		if n.value < 0 {
			return fault.At(fault.Invalidf("%d; expected 0 or more", n.value), n.name)
		}
	}
	if c.KillRatio < 0 || c.KillRatio > 1 {
		return fault.At(fault.Invalidf("%g; expected a number from 0 to 1", c.KillRatio), "killTaskSlotRatio")
	}
	if c.Kill != nil {
		return fault.At(c.Kill.check(), "kill")
	}
	return nil
}

// parseConfig reads a configuration; what it leaves out has usual values.
func parseConfig(text []byte) (dynamicConfig, error) {
	c := usualConfig()
	if err := json.Unmarshal(text, &c); err != nil {
		if f := fault.Of(err); f.Kind == fault.Invalid {
			return c, err
		}
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
	if err != nil || d.Value == nil {
		return usualConfig(), err
	}
	return parseConfig(d.Value)
}

// postConfig changes the members that are given.
func (m *Master) postConfig(r *http.Request) (any, error) {
	if _, err := m.documents(); err != nil {
		return nil, err
	}
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
	next, err := parseConfig(value)
	if err != nil {
		return nil, err
	}
	whole, err := json.Marshal(next)
	if err != nil {
		return nil, err
	}
	err = m.cfg.Metadata.Commit(r.Context(), cluster.Commit{
		Need: []cluster.Version{{Key: configKey, Version: d.Version}},
		Put:  []cluster.Document{{Key: configKey, Value: value}, audited(r, configAudit, configAudit, whole)},
	})
	m.wake()
	return struct{}{}, err
}

package master

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/internal/chrono"
)

const day = 24 * 60 * 60 * 1000

// endpoints are those of a master that does not run, over a cluster where the
// server "one" serves the first day of source s, of the two that are used, and
// the third day is unused.
func endpoints(t *testing.T) http.Handler {
	t.Helper()
	emb, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done; emb.Close() })
	var list []cluster.Descriptor
	for i := range int64(3) {
		list = append(list, cluster.Descriptor{Source: "s", Interval: chrono.Interval{Start: i * day, End: (i + 1) * day}, Version: "v", Size: 5})
	}
	commits := []cluster.Commit{{Publish: list}, {Unuse: segmentIDs([]*cluster.Descriptor{&list[2]})}}
	for _, c := range commits {
		if err := emb.Metadata.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	for key, v := range map[string]any{
		cluster.ServerKey("one"):               cluster.Server{Name: "one", Host: "h:1", Type: cluster.Historical, Tier: "hot", MaxSize: 9},
		cluster.ServerKey("m"):                 cluster.Server{Name: "m", Host: "h:2", Type: cluster.Master},
		cluster.ServedKey("one", list[0].ID()): list[0],
		cluster.LoadKey("one", list[1].ID()):   cluster.Order{Action: cluster.Load, Segment: list[1]},
	} {
		value, err := json.Marshal(v)
		if err == nil {
			err = emb.Coordinator.Set(ctx, key, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	view := cluster.NewView()
	go func() { defer close(done); _ = view.Run(ctx, emb.Coordinator, nil) }()
	<-view.Ready()
	mux := http.NewServeMux()
	New(Config{Name: "m", Metadata: emb.Metadata, Coordinator: emb.Coordinator, View: view,
		Erase: func(context.Context, json.RawMessage) error { return nil }}).Routes(mux)
	return mux
}

func TestEndpoints(t *testing.T) {
	h := endpoints(t)
	const first, second, third = "s_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_v", "s_1970-01-02T00:00:00.000Z_1970-01-03T00:00:00.000Z_v", "s_1970-01-03T00:00:00.000Z_1970-01-04T00:00:00.000Z_v"
	for i, c := range []struct {
		ask, body string
		status    int
		want      string // the answer, or with "..." a part of it
	}{
		{"GET isLeader", "", 404, `{"leader":false}`},
		{"GET metadata/datasources", "", 200, `["s"]`},
		{"GET metadata/datasources?full", "", 200, `...{"name":"s","properties":{},"segments":[{"dataSource":"s"`},
		{"GET metadata/datasources/s/segments", "", 200, `["` + first + `","` + second + `"]`},
		{"GET metadata/datasources/s/segments/" + first, "", 200, `..."identifier":"` + first + `"`},
		{"GET metadata/datasources/s/segments/" + third, "", 404, `...no segment`},
		{"GET metadata/datasources/t", "", 404, `...no used segment of`},
		{"GET metadata/segments?datasources=t", "", 200, `[]`},
		{"GET metadata/segments?includeOvershadowedStatus", "", 200, `...[{"overshadowed":false,"replicationFactor":2,"numRows":null,"realtime":false,"dataSource":"s"`},
		{"GET datasources", "", 200, `["s"]`},
		{"GET datasources?simple", "", 200, `[{"name":"s","properties":{"tiers":{"hot":{"size":5,"replicatedSize":5,"segmentCount":1}},"segments":{"count":1,"minTime":"1970-01-01T00:00:00.000Z","maxTime":"1970-01-02T00:00:00.000Z","size":5,"replicatedSize":5}}}]`},
		{"GET datasources/s/intervals", "", 200, `["1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z"]`},
		{"GET datasources/s/intervals?simple", "", 200, `{"1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z":{"size":5,"count":1}}`},
		{"GET datasources/s/intervals/1970-01-01_1970-01-03", "", 200, `["` + first + `"]`},
		{"GET datasources/s/intervals/1970-01-02_1970-01-03", "", 200, `[]`},
		{"GET datasources/s/intervals/nonsense", "", 400, `...interval`},
		{"GET datasources/s/segments/" + first, "", 200, `..."servers":["one"]`},
		{"GET datasources/s/tiers", "", 200, `["hot"]`},
		{"GET datasources/t", "", 404, `...no segment of`},
		{"GET servers", "", 200, `["one"]`},
		{"GET servers?simple", "", 200, `[{"host":"one","tier":"hot","type":"historical","priority":0,"currSize":5,"maxSize":9}]`},
		{"GET servers/one/segments", "", 200, `["` + first + `"]`},
		{"GET servers/two", "", 404, `...no server`},
		{"GET tiers", "", 200, `["hot"]`},
		{"GET tiers?simple", "", 200, `{"hot":{"currSize":5,"maxSize":9}}`},
		{"GET tiers/hot", "", 200, `["s"]`},
		{"GET tiers/hot?simple", "", 200, `{"s":{"1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z":{"size":5,"count":1}}}`},
		{"GET tiers/cold", "", 404, `...no server of tier`},
		{"GET servers/one", "", 200, `..."segments":{"` + first + `":{"dataSource":"s"`},
		{"GET servers/one/segments/" + first, "", 200, `..."identifier":"` + first + `"`},
		{"GET servers/one/segments/" + second, "", 404, `...no segment`},
		{"GET cluster", "", 200, `{"coordinator":[{"host":"h","service":"druid/coordinator","plaintextPort":2}],"historical":[{"host":"h","service":"druid/historical","plaintextPort":1}],"overlord":[{"host":"h","service":"druid/coordinator","plaintextPort":2}]}`},
		{"GET cluster/router", "", 404, `...no server of role`},
		{"GET intervals", "", 200, `{"1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z":{"s":{"size":5,"count":1}}}`},
		{"GET intervals/1970_1971", "", 200, `{"size":5,"count":1}`},
		{"GET intervals/1970_1971?simple", "", 200, `{"1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z":{"size":5,"count":1}}`},
		{"GET intervals/x", "", 400, `...interval`},
		{"GET datasources/s/intervals/1970_1971/serverview", "", 200, `..."servers":[{"host":"one","tier":"hot"`},
		{"GET datasources/s/handoffComplete?interval=1970-01-01/1970-01-02&partitionNumber=0&version=v", "", 200, `true`},
		{"GET datasources/s/handoffComplete?interval=1970-01-02/1970-01-03&partitionNumber=0&version=v", "", 200, `false`},
		{"GET datasources/s/handoffComplete?interval=1970-01-01/1970-01-02&partitionNumber=0&version=u", "", 200, `true`},
		{"GET datasources/s/handoffComplete?interval=1970-01-01/1970-01-02&partitionNumber=a&version=v", "", 400, `...partitionNumber`},
		{"POST metadata/datasources/s/segments", `["1970-01-02/1970-01-03"]`, 200, `["` + second + `"]`},
		{"POST metadata/datasources/s/segments", `{}`, 400, `...a list of intervals`},
		{"GET loadqueue", "", 200, `{"one":{"segmentsToDrop":[],"segmentsToLoad":[]}}`}, // it does not lead
		{"GET loadqueue?simple", "", 200, `{"one":{"segmentsToLoad":0,"segmentsToDrop":0,"segmentsToLoadSize":0,"segmentsToDropSize":0,"expectedLoadTimeMillis":0}}`},
		{"GET loadstatus?full", "", 200, `{"_default_tier":{"s":4}}`},
		{"GET loadstatus?full&computeUsingClusterView", "", 200, `{"_default_tier":{"s":0}}`},
		{"GET datasources/s/loadstatus?forceMetadataRefresh=true&interval=1970-01-01_1970-01-02", "", 200, `{"s":100}`},
		{"GET datasources/s/loadstatus?interval=1980_1981", "", 404, `...no used segment`},
		{"GET datasources/s/loadstatus?interval=x", "", 400, `...interval`},
		{"GET compaction/status", "", 200, `{"latestStatus":[]}`},
		{"GET compaction/status?dataSource=s", "", 404, `...is not compacted`},
		{"GET config", "", 200, `..."maxSegmentsInNodeLoadingQueue":500,"decommissioningNodes":[],"pauseCoordination":false`},
		{"POST config", `{"decommissioningNodes":"a, b","smartSegmentLoading":false,"maxSegmentsToMove":7}`, 200, `{}`},
		{"GET config", "", 200, `..."decommissioningNodes":["a","b"]`},
		{"POST config", `{"maxSegmentsToMove":-1}`, 400, `...maxSegmentsToMove`},
		{"POST config", `{"maxSegmentsToMove":"a"}`, 400, `...maxSegmentsToMove`},
		{"POST config", `{"kill":{"maxSegments":0}}`, 400, `...kill.maxSegments`},
		{"POST config", `[]`, 400, `...an object`},
		{"GET config/history?count=1", "", 200, `...[{"key":"coordinator.config","type":"coordinator.config","auditInfo":{"author":"me","identity":"allowAll","comment":"why","ip":"192.0.2.1"},"request":null,"payload":"{`},
		{"GET config/history?count=0", "", 400, `...count`},
		{"GET config/history?interval=x", "", 400, `...interval`},
		{"GET config/history?interval=1970/1971", "", 200, `[]`},
		{"GET rules/history", "", 200, `[]`},
		{"GET loadstatus", "", 200, `{"s":50}`},
		{"GET loadstatus?simple", "", 200, `{"s":1}`},
		{"GET datasources/s/loadstatus", "", 200, `{"s":50}`},
		{"GET rules", "", 200, `...{"_default":[{`},
		{"GET rules/s", "", 200, `[]`},
		{"POST rules/s", `[{"type":"dropForever"}]`, 200, `{}`},
		{"GET rules/s", "", 200, `[{"type":"dropForever"}]`},
		{"GET rules/s?full", "", 200, `...{"type":"dropForever"},{`},
		{"GET rules/s/history", "", 200, `..."payload":"[{\"type\":\"dropForever\"}]"`},
		{"GET rules/t/history", "", 200, `[]`},
		{"POST rules/t", `[{"type":"loadByPeriod","period":"P1M"}]`, 200, `{}`},
		{"GET rules/t", "", 200, `..."tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true`},
		{"POST rules/s", `[{"type":"loadForever","tieredReplicants":{"hot":-1}}]`, 400, `...[0].tieredReplicants.hot`},
		{"POST rules/s", `[{"type":"nonsense"}]`, 400, `...nonsense`},
		{"POST rules/s", `{`, 400, `...rules`},
		{"GET loadstatus?simple", "", 200, `{"s":0}`},
		{"POST datasources/s/segments/" + third, "", 200, `{"segmentStateChanged":true}`},
		{"POST datasources/s/segments/" + third, "", 200, `{"segmentStateChanged":false}`},
		{"DELETE datasources/s/segments/" + first, "", 200, `{"segmentStateChanged":true}`},
		{"GET metadata/datasources/s/segments", "", 200, `["` + second + `","` + third + `"]`},
		{"POST datasources/s/markUnused", `{"interval":"1970-01-02/1970-01-03"}`, 200, `{"numChangedSegments":1,"segmentStateChanged":true}`},
		{"POST datasources/s/markUsed", `{"segmentIds":["` + first + `","unknown"]}`, 200, `{"numChangedSegments":1,"segmentStateChanged":true}`},
		{"POST datasources/s/markUsed", `{}`, 400, `...either`},
		{"POST datasources/s/markUnused", `{"interval":"x"}`, 400, `...interval`},
		{"POST datasources/s/markUnused", `{"segmentIds":["x"],"versions":["v"]}`, 400, `...versions only with interval`},
		{"POST datasources/s/markUnused", `{"interval":"1970/1971","versions":["w"]}`, 200, `{"numChangedSegments":0,"segmentStateChanged":false}`},
		{"POST datasources/s/markUnused", `no`, 400, `...an object`},
		{"DELETE datasources/s", "", 200, `{"numChangedSegments":2,"segmentStateChanged":true}`},
		{"GET metadata/datasources", "", 200, `[]`},
		{"GET metadata/datasources?includeUnused", "", 200, `["s"]`},
		{"POST datasources/s", "", 200, `{"numChangedSegments":3,"segmentStateChanged":true}`},
		{"DELETE datasources/s/intervals/1970_1971", "", 200, `{"numKilledSegments":0}`}, // all are used
		{"DELETE datasources/s/segments/" + first, "", 200, `{"segmentStateChanged":true}`},
		{"DELETE datasources/s/segments/" + second, "", 200, `{"segmentStateChanged":true}`},
		{"DELETE datasources/s/intervals/1970-01-01_1970-01-02", "", 200, `{"numKilledSegments":1}`},
		{"DELETE datasources/s?kill=true&interval=1970-01-01/1970-01-03", "", 200, `{"numKilledSegments":1}`},
		{"DELETE datasources/s?kill=true", "", 400, `...interval`},
		{"DELETE datasources/s/intervals/x", "", 400, `...interval`},
		{"POST datasources/s", "", 200, `{"numChangedSegments":0,"segmentStateChanged":false}`},
	} {
		method, path, _ := strings.Cut(c.ask, " ")
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, prefix+path, strings.NewReader(c.body))
		r.Header.Set("X-Druid-Author", "me")
		r.Header.Set("X-Druid-Comment", "why")
		h.ServeHTTP(w, r)
		got := strings.TrimSpace(w.Body.String())
		part, loose := strings.CutPrefix(c.want, "...")
		if w.Code != c.status || got != c.want && !(loose && strings.Contains(got, part)) {
			t.Errorf("step %d: %s: got %d %s\nwant %d %s", i, c.ask, w.Code, got, c.status, c.want)
		}
	}
}

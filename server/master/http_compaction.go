package master

import (
	"net/http"

	"github.com/ovatedb/ovate/internal/fault"
)

// compactionRoutes say that no source is compacted by itself: there are tasks
// for that, and no schedule.
func (m *Master) compactionRoutes() map[string]endpoint {
	unknown := func(r *http.Request) (any, error) {
		return nil, fault.New(fault.NotFound, "data source %q is not compacted by itself", r.URL.Query().Get("dataSource"))
	}
	refused := func(*http.Request) (any, error) {
		return nil, fault.New(fault.Unsupported, "compaction is not scheduled")
	}
	return map[string]endpoint{
		"GET compaction/status": func(r *http.Request) (any, error) {
			if asks(r, "dataSource") {
				return unknown(r)
			}
			return map[string]any{"latestStatus": []any{}}, nil
		},
		"GET compaction/progress": unknown,
		"GET config/compaction": func(*http.Request) (any, error) {
			return map[string]any{
				"compactionConfigs": []any{}, "compactionTaskSlotRatio": 0.1, "maxCompactionTaskSlots": 0,
				"compactionPolicy": map[string]any{"type": "newestSegmentFirst", "priorityDatasource": nil}, "useSupervisors": false, "engine": "native",
			}, nil
		},
		"POST config/compaction":  refused,
		"POST compaction/compact": refused,
		"GET config/compaction/{name}": func(r *http.Request) (any, error) {
			return nil, fault.New(fault.NotFound, "data source %q is not compacted by itself", r.PathValue("name"))
		},
	}
}

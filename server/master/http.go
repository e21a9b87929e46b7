package master

import (
	"context"
	"net/http"
	"slices"
	"sort"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server"
)

// prefix is what the paths of the coordinator's endpoints begin with.
const prefix = "/druid/coordinator/v1/"

// An endpoint answers a request with a value as JSON.
type endpoint func(r *http.Request) (any, error)

// Routes adds the endpoints that show and manage what is published and served.
func (m *Master) Routes(mux *http.ServeMux) {
	for _, routes := range []map[string]endpoint{
		m.statusRoutes(), m.publishedRoutes(), m.markRoutes(), m.servedRoutes(), m.serverRoutes(), m.intervalRoutes(),
		m.ruleRoutes(), m.configRoutes(), m.historyRoutes(), m.killRoutes(), m.compactionRoutes(),
	} {
		for pattern, answer := range routes {
			method, path, _ := strings.Cut(pattern, " ")
			mux.HandleFunc(method+" "+prefix+path, func(w http.ResponseWriter, r *http.Request) {
				v, err := answer(r)
				if err != nil {
					server.WriteError(w, err)
					return
				}
				server.WriteJSON(w, http.StatusOK, v)
			})
		}
	}
	mux.HandleFunc("GET "+prefix+"isLeader", func(w http.ResponseWriter, _ *http.Request) {
		status := http.StatusOK
		if !m.leads.Load() {
			status = http.StatusNotFound
		}
		server.WriteJSON(w, status, map[string]bool{"leader": m.leads.Load()})
	})
	mux.HandleFunc("GET "+prefix+"leader", func(w http.ResponseWriter, r *http.Request) {
		name, err := m.Leader(r.Context())
		if err != nil {
			server.WriteError(w, err)
			return
		}
		_, _ = w.Write([]byte(name)) // an error here is the client's going away
	})
}

// Leader is the address of who leads, as a URL; "" if nobody does.
func (m *Master) Leader(ctx context.Context) (name string, err error) {
	for e, err := range m.cfg.Coordinator.Watch(ctx, cluster.LeaderPrefix+"master") {
		if err != nil {
			return "", err
		}
		if e.Key == "" { // all was given
			break
		}
		name = string(e.Value)
	}
	if s, ok := m.cfg.View.Server(name); ok {
		return "http://" + s.Host, nil
	}
	return name, nil
}

// asks says whether a parameter without value, such as ?full, was given.
func asks(r *http.Request, name string) bool { return r.URL.Query().Has(name) }

// used gives the used segments of a source, "" for all, by source and time.
func (m *Master) used(ctx context.Context, source string) ([]*cluster.Descriptor, error) {
	return m.find(ctx, cluster.SegmentQuery{Source: source})
}

// find gives all segments of a query.
func (m *Master) find(ctx context.Context, q cluster.SegmentQuery) ([]*cluster.Descriptor, error) {
	out := []*cluster.Descriptor{}
	for d, err := range m.cfg.Metadata.Find(ctx, q) {
		if err != nil {
			return nil, err
		}
		out = append(out, &d)
	}
	return out, nil
}

// usedOf is used for the source in the path, which must have some.
func (m *Master) usedOf(r *http.Request) ([]*cluster.Descriptor, error) {
	source := r.PathValue("source")
	list, err := m.used(r.Context(), source)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "no used segment of %q", source)
	}
	return list, err
}

func bySource(list []*cluster.Descriptor) map[string][]*cluster.Descriptor {
	out := map[string][]*cluster.Descriptor{}
	for _, d := range list {
		out[d.Source] = append(out[d.Source], d)
	}
	return out
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func idsOf(list []*cluster.Descriptor) []string {
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = d.ID().String()
	}
	return out
}

func idIn(list []*cluster.Descriptor, id string) (*cluster.Descriptor, error) {
	if i := slices.IndexFunc(list, func(d *cluster.Descriptor) bool { return d.ID().String() == id }); i >= 0 {
		return list[i], nil
	}
	return nil, fault.New(fault.NotFound, "no segment %q", id)
}

// pathInterval reads an interval in a path, with "_" in place of "/".
func pathInterval(r *http.Request) (chrono.Interval, error) {
	in, err := parseInterval(r.PathValue("interval"))
	return in, fault.At(err, "interval")
}

func parseInterval(text string) (chrono.Interval, error) {
	return chrono.ParseInterval(strings.Replace(text, "_", "/", 1))
}

// segmentIDs are the known segments that identifiers name.
func segmentIDs(list []*cluster.Descriptor) []segment.ID {
	out := make([]segment.ID, len(list))
	for i, d := range list {
		out[i] = d.ID()
	}
	return out
}

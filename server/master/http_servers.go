package master

import (
	"net"
	"net/http"
	"strconv"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// serverRoutes show which servers there are and what each has.
func (m *Master) serverRoutes() map[string]endpoint {
	return map[string]endpoint{
		"GET servers":                        m.getServers,
		"GET servers/{server}":               m.getServer,
		"GET servers/{server}/segments":      m.getServerSegments,
		"GET servers/{server}/segments/{id}": m.getServerSegment,
		"GET tiers":                          m.getTiers,
		"GET tiers/{tier}":                   m.getTier,
		"GET cluster":                        m.getCluster,
		"GET cluster/{role}":                 m.getRole,
	}
}

// servedServer is a server as the endpoints show it.
type servedServer struct {
	Host     string                         `json:"host"`
	Tier     string                         `json:"tier"`
	Type     string                         `json:"type"`
	Priority int                            `json:"priority"`
	Size     int64                          `json:"currSize"`
	MaxSize  int64                          `json:"maxSize"`
	Segments map[string]*cluster.Descriptor `json:"segments,omitempty"` // of the full form
}

func shown(s cluster.Server) servedServer {
	return servedServer{Host: s.Name, Tier: s.Tier, Type: s.Type, Priority: s.Priority, MaxSize: s.MaxSize}
}

// measured is a server with how much it serves; full, with what.
func (m *Master) measured(s cluster.Server, full bool) servedServer {
	out := shown(s)
	if full {
		out.Segments = map[string]*cluster.Descriptor{}
	}
	for _, d := range m.cfg.View.Served(s.Name) {
		out.Size += d.Size
		if full {
			out.Segments[d.ID().String()] = d
		}
	}
	return out
}

// holders are the servers that hold segments.
func (m *Master) holders() []cluster.Server {
	var out []cluster.Server
	for _, s := range m.cfg.View.Servers() {
		if s.Type == cluster.Historical || s.Type == cluster.Realtime {
			out = append(out, s)
		}
	}
	return out
}

func (m *Master) getServers(r *http.Request) (any, error) {
	names, list := []string{}, []servedServer{}
	detailed := asks(r, "simple") || asks(r, "full")
	for _, s := range m.holders() {
		names = append(names, s.Name)
		if detailed {
			list = append(list, m.measured(s, asks(r, "full")))
		}
	}
	if detailed {
		return list, nil
	}
	return names, nil
}

func (m *Master) server(r *http.Request) (cluster.Server, error) {
	s, ok := m.cfg.View.Server(r.PathValue("server"))
	if !ok {
		return s, fault.New(fault.NotFound, "no server %q", r.PathValue("server"))
	}
	return s, nil
}

func (m *Master) getServer(r *http.Request) (any, error) {
	s, err := m.server(r)
	if err != nil {
		return nil, err
	}
	return m.measured(s, !asks(r, "simple")), nil
}

func (m *Master) getServerSegments(r *http.Request) (any, error) {
	s, err := m.server(r)
	if err != nil {
		return nil, err
	}
	list := append([]*cluster.Descriptor{}, m.cfg.View.Served(s.Name)...)
	if asks(r, "full") {
		return list, nil
	}
	return idsOf(list), nil
}

func (m *Master) getServerSegment(r *http.Request) (any, error) {
	s, err := m.server(r)
	if err != nil {
		return nil, err
	}
	return idIn(m.cfg.View.Served(s.Name), r.PathValue("id"))
}

func (m *Master) getTiers(r *http.Request) (any, error) {
	type tier struct {
		Size    int64 `json:"currSize"`
		MaxSize int64 `json:"maxSize"`
	}
	out := map[string]tier{}
	for _, s := range m.holders() {
		t := out[s.Tier]
		if asks(r, "simple") {
			t.Size += m.measured(s, false).Size
		}
		out[s.Tier] = tier{t.Size, t.MaxSize + s.MaxSize}
	}
	if asks(r, "simple") {
		return out, nil
	}
	return sorted(out), nil
}

// getTier gives the sources that a tier serves; simple, counts by source and
// interval.
func (m *Master) getTier(r *http.Request) (any, error) {
	out, found := map[string]map[string]countOf{}, false
	for _, s := range m.holders() {
		if s.Tier != r.PathValue("tier") {
			continue
		}
		found = true
		for _, d := range m.cfg.View.Served(s.Name) {
			if out[d.Source] == nil {
				out[d.Source] = map[string]countOf{}
			}
			if asks(r, "simple") {
				name := d.Interval.String()
				out[d.Source][name] = out[d.Source][name].with(d)
			}
		}
	}
	switch {
	case !found:
		return nil, fault.New(fault.NotFound, "no server of tier %q", r.PathValue("tier"))
	case asks(r, "simple"):
		return out, nil
	}
	return sorted(out), nil
}

// A member is a server as the cluster's list shows it.
type member struct {
	Host    string `json:"host"`
	Service string `json:"service"`
	Port    int    `json:"plaintextPort"`
}

// members are the servers by role.
func (m *Master) members() map[string][]member {
	out := map[string][]member{}
	for _, s := range m.cfg.View.Servers() {
		host, digits, err := net.SplitHostPort(s.Host)
		if err != nil {
			host = s.Host
		}
		port, _ := strconv.Atoi(digits) // what is no number is not known: 0
		out[s.Type] = append(out[s.Type], member{host, "druid/" + s.Type, port})
	}
	if masters := out[cluster.Master]; masters != nil {
		out["overlord"] = masters
	}
	return out
}

func (m *Master) getCluster(*http.Request) (any, error) { return m.members(), nil }

func (m *Master) getRole(r *http.Request) (any, error) {
	list, ok := m.members()[r.PathValue("role")]
	if !ok {
		return nil, fault.New(fault.NotFound, "no server of role %q; there are: %v", r.PathValue("role"), sorted(m.members()))
	}
	return list, nil
}

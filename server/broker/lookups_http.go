package broker

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server"
)

// Routes adds the endpoints that configure and show lookups.
func (l *Lookups) Routes(mux *http.ServeMux) {
	const config = "/druid/coordinator/v1/lookups/config"
	for pattern, handle := range map[string]func(*http.Request) (status int, answer any, err error){
		"GET " + config:                       l.getTiers,
		"POST " + config:                      l.postTiers,
		"GET " + config + "/{tier}":           l.getTier,
		"POST " + config + "/{tier}":          l.postTier,
		"DELETE " + config + "/{tier}":        l.deleteTier,
		"GET " + config + "/{tier}/{name}":    l.getLookup,
		"POST " + config + "/{tier}/{name}":   l.postLookup,
		"DELETE " + config + "/{tier}/{name}": l.deleteLookup,

		"GET /druid/coordinator/v1/lookups/status":               l.getStatus,
		"GET /druid/coordinator/v1/lookups/status/{tier}":        l.getTierStatus,
		"GET /druid/coordinator/v1/lookups/status/{tier}/{name}": l.getLookupStatus,

		"GET /druid/v1/lookups/introspect/{name}":        l.introspect(func(m *mapLookup) any { return m.m }),
		"GET /druid/v1/lookups/introspect/{name}/keys":   l.introspect(func(m *mapLookup) any { return append([]string{}, m.keys...) }),
		"GET /druid/v1/lookups/introspect/{name}/values": l.introspect(values),
		"GET /druid/v1/lookups/introspect/{name}/version": l.introspect(func(m *mapLookup) any {
			return map[string]string{"version": m.version}
		}),
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			status, answer, err := handle(r)
			if err != nil {
				server.WriteError(w, err)
				return
			}
			server.WriteJSON(w, status, answer)
		})
	}
}

func values(m *mapLookup) any {
	out := make([]string, 0, len(m.keys))
	m.Each(func(_, v string) { out = append(out, v) })
	return out
}

func (l *Lookups) config() lookupTiers {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.tiers
}

func (l *Lookups) getTiers(*http.Request) (int, any, error) {
	return http.StatusOK, append([]string{}, slices.Sorted(maps.Keys(l.config()))...), nil
}

// postTiers adds or replaces lookups of any tiers.
func (l *Lookups) postTiers(r *http.Request) (int, any, error) {
	body, err := server.ReadBody(r)
	if err != nil {
		return 0, nil, err
	}
	more, err := parseTiers(body)
	if err == nil {
		err = l.change(r.Context(), func(t lookupTiers) error { return t.add(more, true) })
	}
	return http.StatusAccepted, more, err
}

// all is the name that stands for all tiers in a GET.
const all = "all"

func (l *Lookups) getTier(r *http.Request) (int, any, error) {
	t := l.config()
	if r.PathValue("tier") == all {
		return http.StatusOK, t, nil
	}
	byName, err := t.tier(r)
	if err != nil || r.FormValue("detailed") == "true" {
		return http.StatusOK, byName, err
	}
	return http.StatusOK, append([]string{}, slices.Sorted(maps.Keys(byName))...), nil
}

func (t lookupTiers) tier(r *http.Request) (map[string]lookupSpec, error) {
	byName, ok := t[r.PathValue("tier")]
	if !ok {
		return nil, fault.New(fault.NotFound, "no lookups of tier %q", r.PathValue("tier"))
	}
	return byName, nil
}

func (t lookupTiers) lookup(r *http.Request) (lookupSpec, error) {
	byName, err := t.tier(r)
	spec, ok := byName[r.PathValue("name")]
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "no lookup %q in tier %q", r.PathValue("name"), r.PathValue("tier"))
	}
	return spec, err
}

// postTier adds or replaces lookups of one tier.
func (l *Lookups) postTier(r *http.Request) (int, any, error) {
	var byName map[string]lookupSpec
	if err := readJSON(r, &byName); err != nil {
		return 0, nil, err
	}
	more := lookupTiers{r.PathValue("tier"): byName}
	return http.StatusAccepted, byName, l.change(r.Context(), func(t lookupTiers) error { return t.add(more, true) })
}

func (l *Lookups) deleteTier(r *http.Request) (int, any, error) {
	return http.StatusAccepted, struct{}{}, l.change(r.Context(), func(t lookupTiers) error {
		_, err := t.tier(r)
		delete(t, r.PathValue("tier"))
		return err
	})
}

func (l *Lookups) getLookup(r *http.Request) (int, any, error) {
	spec, err := l.config().lookup(r)
	return http.StatusOK, spec, err
}

func (l *Lookups) postLookup(r *http.Request) (int, any, error) {
	var spec lookupSpec
	if err := readJSON(r, &spec); err != nil {
		return 0, nil, err
	}
	more := lookupTiers{r.PathValue("tier"): {r.PathValue("name"): spec}}
	return http.StatusAccepted, spec, l.change(r.Context(), func(t lookupTiers) error { return t.add(more, true) })
}

func (l *Lookups) deleteLookup(r *http.Request) (int, any, error) {
	return http.StatusAccepted, struct{}{}, l.change(r.Context(), func(t lookupTiers) error {
		byName, err := t.tier(r)
		if err == nil {
			_, err = t.lookup(r)
		}
		if err == nil {
			delete(byName, r.PathValue("name"))
		}
		return err
	})
}

// loaded is the status of lookups: what is configured is loaded here before
// its configuration is answered.
type loaded struct {
	Loaded  bool     `json:"loaded"`
	Pending []string `json:"pendingNodes"`
}

func statusOfTier(byName map[string]lookupSpec) map[string]loaded {
	out := map[string]loaded{}
	for name := range byName {
		out[name] = loaded{true, []string{}}
	}
	return out
}

func (l *Lookups) getStatus(*http.Request) (int, any, error) {
	out := map[string]map[string]loaded{}
	for tier, byName := range l.config() {
		out[tier] = statusOfTier(byName)
	}
	return http.StatusOK, out, nil
}

func (l *Lookups) getTierStatus(r *http.Request) (int, any, error) {
	byName, err := l.config().tier(r)
	return http.StatusOK, statusOfTier(byName), err
}

func (l *Lookups) getLookupStatus(r *http.Request) (int, any, error) {
	_, err := l.config().lookup(r)
	return http.StatusOK, loaded{true, []string{}}, err
}

// introspect shows a loaded lookup.
func (l *Lookups) introspect(show func(*mapLookup) any) func(*http.Request) (int, any, error) {
	return func(r *http.Request) (int, any, error) {
		m, ok := l.Get(r.PathValue("name"))
		if !ok {
			return 0, nil, fault.New(fault.NotFound, "no lookup %q is loaded%s", r.PathValue("name"), fault.Suggest(r.PathValue("name"), l.Names()))
		}
		return http.StatusOK, show(m.(*mapLookup)), nil
	}
}

// readJSON reads a body.
func readJSON(r *http.Request, to any) error {
	body, err := server.ReadBody(r)
	if err != nil {
		return err
	}
	if err := wellFormed(body); err != nil {
		return err
	}
	if err := json.Unmarshal(body, to); err != nil {
		return fault.Invalidf("the body is not what is expected: %v", err)
	}
	return nil
}

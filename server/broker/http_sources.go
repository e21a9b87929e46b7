package broker

import (
	"net/http"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/server"
)

// sourceRoutes show what sources there are and what columns they have.
func (b *Broker) sourceRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /druid/v2/datasources", b.getSources)
	mux.HandleFunc("GET /druid/v2/datasources/{name}", b.getSource)
	mux.HandleFunc("GET /druid/v2/datasources/{name}/dimensions", b.getNames(func(n names) []string { return n.Dimensions }))
	mux.HandleFunc("GET /druid/v2/datasources/{name}/metrics", b.getNames(func(n names) []string { return n.Metrics }))
	mux.HandleFunc("GET /druid/v2/datasources/{name}/candidates", b.getCandidates)
	for _, path := range []string{"/druid/v2/candidates", "/druid/v2/candidates/{$}"} {
		mux.HandleFunc("POST "+path, b.postCandidates)
	}
}

func (b *Broker) getSources(w http.ResponseWriter, _ *http.Request) {
	server.WriteJSON(w, http.StatusOK, b.Tables())
}

// names are the columns of a source.
type names struct {
	Dimensions []string `json:"dimensions"`
	Metrics    []string `json:"metrics"`
}

func (n names) with(d *cluster.Descriptor) names {
	if n.Dimensions == nil {
		n = names{[]string{}, []string{}}
	}
	return names{merge(n.Dimensions, d.Dimensions.List()), merge(n.Metrics, d.Metrics.List())}
}

// columnsOf gives the columns of a source, in all and by interval of what is
// read; of the whole of time, or of the interval that the request names.
func (b *Broker) columnsOf(r *http.Request) (all names, byTime map[string]names, err error) {
	in, err := intervals(r.URL.Query().Get("interval"))
	all, byTime = names{[]string{}, []string{}}, map[string]names{}
	t := b.cfg.View.Timeline(r.PathValue("name"))
	if err != nil || t == nil {
		return all, byTime, err
	}
	last := struct{ dimensions, metrics cluster.Names }{"\x00", ""}
	var open chrono.Interval // of consecutive segments with the same columns
	for _, s := range t.Lookup(in) {
		d := s.Descriptor
		columns := struct{ dimensions, metrics cluster.Names }{d.Dimensions, d.Metrics}
		if columns != last {
			all = all.with(d)
		}
		if columns == last && s.Interval.Start <= open.End {
			delete(byTime, open.String())
			open.End = max(open.End, s.Interval.End)
		} else {
			open = s.Interval
		}
		byTime[open.String()] = byTime[open.String()].with(d)
		last = columns
	}
	return all, byTime, nil
}

// Metrics are the columns of a source that its segments call metrics.
func (b *Broker) Metrics(source string) (out []string) {
	t := b.cfg.View.Timeline(source)
	if t == nil {
		return nil
	}
	var last cluster.Names
	for _, s := range t.Lookup([]chrono.Interval{chrono.Eternity}) {
		if s.Descriptor.Metrics != last {
			last = s.Descriptor.Metrics
			out = merge(out, last.List())
		}
	}
	return out
}

// getSource gives the columns of a source; full, by interval.
func (b *Broker) getSource(w http.ResponseWriter, r *http.Request) {
	all, byTime, err := b.columnsOf(r)
	switch {
	case err != nil:
		server.WriteError(w, err)
	case r.URL.Query().Has("full"):
		server.WriteJSON(w, http.StatusOK, byTime)
	default:
		server.WriteJSON(w, http.StatusOK, all)
	}
}

func (b *Broker) getNames(of func(names) []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		all, _, err := b.columnsOf(r)
		if err != nil {
			server.WriteError(w, err)
			return
		}
		server.WriteJSON(w, http.StatusOK, of(all))
	}
}

// merge adds the names that list does not have.
func merge(list, more []string) []string {
	have := map[string]bool{}
	for _, n := range list {
		have[n] = true
	}
	for _, n := range more {
		if !have[n] {
			list = append(list, n)
		}
	}
	return list
}

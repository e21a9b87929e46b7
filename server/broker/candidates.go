package broker

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/server"
)

// A candidate is a part of a segment that a query would read, and who has it.
type candidate struct {
	Interval  chrono.Interval `json:"interval"`
	Version   string          `json:"version"`
	Partition int             `json:"partitionNumber"`
	Size      int64           `json:"size"`
	Locations []location      `json:"locations"`
}

type location struct {
	Name     string  `json:"name"`
	Host     string  `json:"host"`
	TLS      *string `json:"hostAndTlsPort"`
	MaxSize  int64   `json:"maxSize"`
	Type     string  `json:"type"`
	Tier     string  `json:"tier"`
	Priority int     `json:"priority"`
}

// candidates gives what is read of a source in these intervals, each with at
// most so many servers, who is to be asked first in front; below 1 is all.
func (b *Broker) candidates(source string, in []chrono.Interval, most int) []candidate {
	out := []candidate{}
	t := b.cfg.View.Timeline(source)
	if t == nil || len(in) == 0 {
		return out
	}
	for _, s := range t.Lookup(in) {
		servers := s.Servers
		if most > 0 {
			servers = servers[:min(most, len(servers))]
		}
		d := s.Descriptor
		for _, part := range clip(in, s.Interval) {
			out = append(out, candidate{part, d.Version, d.ID().Partition, d.Size, locations(servers)})
		}
	}
	return out
}

func locations(servers []*cluster.Server) []location {
	out := []location{}
	for _, s := range servers {
		out = append(out, location{Name: s.Name, Host: s.Host, MaxSize: s.MaxSize, Type: s.Type, Tier: s.Tier, Priority: s.Priority})
	}
	return out
}

// most reads how many servers are asked for.
func most(r *http.Request) (int, error) {
	text := r.URL.Query().Get("numCandidates")
	if text == "" {
		return -1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fault.At(fault.Invalidf("%q; expected a number", text), "numCandidates")
	}
	return n, nil
}

// postCandidates gives what the query in the body would read.
func (b *Broker) postCandidates(w http.ResponseWriter, r *http.Request) {
	out, err := func() ([]candidate, error) {
		n, err := most(r)
		if err != nil {
			return nil, err
		}
		body, err := jsonBody(r)
		if err != nil {
			return nil, err
		}
		if err := wellFormed(body); err != nil {
			return nil, err
		}
		q, err := native.Parse(body)
		if err != nil {
			return nil, err
		}
		plan, err := q.Plan(b)
		if err != nil {
			return nil, err
		}
		list := scans(plan)
		if len(list) == 0 {
			return nil, fault.At(fault.Invalidf("expected one that has segments: a table, or something made of tables"), "dataSource")
		}
		out := []candidate{}
		for _, s := range list {
			out = append(out, b.candidates(s.Source, s.Intervals, n)...)
		}
		return out, nil
	}()
	if err != nil {
		writeError(w, err)
		return
	}
	server.WriteJSON(w, http.StatusOK, out)
}

// getCandidates gives what is read of a source in intervals.
func (b *Broker) getCandidates(w http.ResponseWriter, r *http.Request) {
	n, err := most(r)
	var in []chrono.Interval
	if err == nil {
		in, err = intervals(r.URL.Query().Get("intervals"))
	}
	if err == nil && in == nil {
		err = fault.At(fault.Invalidf("is missing; expected start/end, or several with commas between"), "intervals")
	}
	if err != nil {
		server.WriteError(w, err)
		return
	}
	server.WriteJSON(w, http.StatusOK, b.candidates(r.PathValue("name"), in, n))
}

// intervals reads some intervals with commas between; none are nil.
func intervals(text string) ([]chrono.Interval, error) {
	if text == "" {
		return nil, nil
	}
	var out []chrono.Interval
	for _, one := range strings.Split(text, ",") {
		in, err := chrono.ParseInterval(one)
		if err != nil {
			return nil, fault.At(err, "intervals")
		}
		out = append(out, in)
	}
	return out, nil
}

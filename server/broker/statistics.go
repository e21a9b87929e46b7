package broker

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

// described is what segments say that their columns hold. Segments never
// change, so it is asked once.
type described struct {
	mu sync.Mutex
	by map[segment.ID]*exec.Description
}

const (
	describedMost = 20000 // segments that are remembered
	sampleMost    = 32    // segments of a source that are asked for one query
)

// statistics is what one query's plan may know of the sources.
type statistics struct {
	ctx context.Context
	run *run
}

// Held counts rows by the descriptors of the segments, and takes what their
// columns hold from some of them.
func (s *statistics) Held(source string, in []chrono.Interval) (planner.Held, bool) {
	t := s.run.b.cfg.View.Timeline(source)
	if t == nil {
		return planner.Held{}, false
	}
	list := t.Lookup(in)
	out := planner.Held{}
	for _, sl := range list {
		out.Rows += rowsIn(sl, in)
	}
	known, err := s.describe(sampled(list))
	if err != nil {
		s.run.b.cfg.Log.Debug("no statistics of a source", "source", source, "error", err)
		return out, true
	}
	out.Columns = columnsHeld(known, out.Rows)
	return out, true
}

// unknownWidth is the bytes that a row is taken to have, of segments that do
// not say how many rows they have.
const unknownWidth = 100

// rowsIn is about how many rows a slice has in some intervals.
func rowsIn(sl cluster.Slice, in []chrono.Interval) float64 {
	rows := float64(sl.Descriptor.Rows)
	if rows == 0 {
		rows = float64(sl.Descriptor.Size) / unknownWidth
	}
	whole := sl.Descriptor.Interval
	if whole == chrono.Eternity {
		return rows
	}
	part := 0.0
	for _, iv := range clip(in, sl.Interval) {
		part += float64(iv.End) - float64(iv.Start)
	}
	return rows * min(1, part/(float64(whole.End)-float64(whole.Start)))
}

// sampled is some of the slices, evenly.
func sampled(list []cluster.Slice) []cluster.Slice {
	if len(list) <= sampleMost {
		return list
	}
	out := make([]cluster.Slice, sampleMost)
	for i := range out {
		out[i] = list[i*len(list)/sampleMost]
	}
	return out
}

// describe gives what the segments say, and asks those that did not yet.
func (s *statistics) describe(list []cluster.Slice) ([]*exec.Description, error) {
	d := &s.run.b.described
	d.mu.Lock()
	defer d.mu.Unlock()
	pick := &picker{b: s.run.b, by: map[string]*planner.Target{}}
	source := ""
	for i, sl := range list {
		id := sl.Descriptor.ID()
		if d.by[id] == nil {
			source = id.Source
			pick.add(planner.SliceRef{ID: id, Ordinal: i, Intervals: []chrono.Interval{sl.Interval}}, sl.Servers)
		}
	}
	if targets := pick.targets(); len(targets) > 0 {
		if d.by == nil || len(d.by) > describedMost {
			d.by = map[segment.ID]*exec.Description{}
		}
		if err := s.ask(source, targets, d.by); err != nil {
			return nil, err
		}
	}
	var out []*exec.Description
	for _, sl := range list {
		if known := d.by[sl.Descriptor.ID()]; known != nil {
			out = append(out, known)
		}
	}
	return out, nil
}

func (s *statistics) ask(source string, targets []planner.Target, to map[segment.ID]*exec.Description) error {
	scan := &planner.Scan{Source: source, Columns: data.Schema{}, Types: data.Schema{}}
	plan := &planner.Gather{Fragment: planner.NewDescribe(scan, exec.DescribeSpec{All: true, Statistics: true}), Targets: targets}
	op, err := planner.Build(s.run.b.newRun(s.run.s).env, plan)
	if err != nil {
		return err
	}
	for b, err := range op.Run(exec.Elsewhere(s.ctx)) {
		if err != nil {
			return err
		}
		for i := range b.N {
			var one exec.Description
			if err := json.Unmarshal([]byte(b.Cols[0].Str(i)), &one); err != nil {
				return err
			}
			to[one.ID] = &one
		}
	}
	return nil
}

// columnSum is what segments say of a column, added up.
type columnSum struct {
	most, words, rows float64 // the largest dictionary, all of them, and their rows
	held              planner.ColumnHeld
	whole             bool // numbers without fractions
}

// columnsHeld puts together what some segments of a source say, for rows in
// all.
func columnsHeld(known []*exec.Description, rows float64) map[string]planner.ColumnHeld {
	by := map[string]*columnSum{}
	for _, d := range known {
		for _, c := range d.Columns {
			x := by[c.Name]
			if x == nil {
				x = &columnSum{}
				by[c.Name] = x
			}
			x.rows += float64(d.Rows)
			x.whole = c.Type == data.LongType
			if c.Distinct != nil {
				x.most, x.words = max(x.most, float64(*c.Distinct)), x.words+float64(*c.Distinct)
			}
			if c.Low != nil {
				if !x.held.Ranged {
					x.held.Ranged, x.held.Least, x.held.Most = true, *c.Low, *c.High
				}
				x.held.Least, x.held.Most = min(x.held.Least, *c.Low), max(x.held.Most, *c.High)
			}
		}
	}
	out := map[string]planner.ColumnHeld{}
	for name, x := range by {
		x.held.Distinct = max(1, min(rows, x.distinct(rows)))
		out[name] = x.held
	}
	return out
}

// distinct is about how many values there are among rows: of words, as many as
// the largest dictionary has, unless most rows have a word of their own; of
// whole numbers, as many as lie within their bounds.
func (x *columnSum) distinct(rows float64) float64 {
	switch {
	case x.most > 0 && x.words > 0.3*x.rows:
		return x.words * max(1, rows/x.rows)
	case x.most > 0:
		return x.most
	case !x.held.Ranged:
		return rows
	case x.whole:
		return x.held.Most - x.held.Least + 1
	}
	const cents = 100
	return (x.held.Most-x.held.Least)*cents + 1
}

package planner

import (
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { nodes.Add("scan", new(Scan)) }

// Scan reads columns of a data source, of the rows in some intervals that pass
// a filter. Rules narrow its columns and move filters into it; Distribute gives
// it its slices.
type Scan struct {
	Source    string            `json:"source"`
	Columns   data.Schema       `json:"columns"` // what is read
	Types     data.Schema       `json:"types"`   // of the columns that the filter names
	Intervals []chrono.Interval `json:"intervals"`
	Filter    expr.Box          `json:"filter"`
	Slices    SliceList         `json:"slices"`
	// Whole asks all slices in the intervals, also those where the filter can
	// be true for no row: for answers that depend on when the data begins.
	Whole bool `json:"whole,omitempty"`
}

// NewScan reads all columns of a table.
func NewScan(t Table, in []chrono.Interval) *Scan {
	return &Scan{Source: t.Name, Columns: t.Schema, Types: t.Schema, Intervals: in}
}

func (s *Scan) Inputs() []Node               { return nil }
func (s *Scan) With(...Node) Node            { return s }
func (s *Scan) Schema() (data.Schema, error) { return s.Columns, nil }
func (s *Scan) Split() (below, above Node)   { return s, nil }

// String names source, columns, intervals and filter.
func (s *Scan) String() string {
	out := "scan " + expr.Column(s.Source).String()
	for _, f := range s.Columns {
		out += " " + expr.Column(f.Name).String()
	}
	if len(s.Intervals) != 1 || s.Intervals[0] != chrono.Eternity {
		parts := make([]string, len(s.Intervals))
		for i, iv := range s.Intervals {
			parts[i] = iv.String()
		}
		out += " in [" + strings.Join(parts, " ") + "]"
	}
	for _, c := range expr.Conjuncts(s.Filter.Expr) {
		out += " where " + c.String()
	}
	return out
}

// Build opens the slices.
func (s *Scan) Build(env *Env, _ []exec.Operator) (exec.Operator, error) {
	if env.Open == nil {
		return nil, fault.New(fault.Internal, "scan of %s is not beside its segments", s.Source)
	}
	slices := make([]exec.Slice, 0, len(s.Slices))
	facts := make([]SliceFact, 0, len(s.Slices))
	for _, ref := range s.Slices {
		seg, err := env.Open(ref)
		if err != nil {
			return nil, err
		}
		info := seg.Info()
		facts = append(facts, SliceFact{ref, info.MinTime, info.MaxTime, seg.Rows()})
		slices = append(slices, exec.Slice{Segment: seg, Intervals: ref.Intervals, Ordinal: ref.Ordinal})
	}
	env.Facts.Add(facts...)
	return exec.NewScan(env.Exec, slices, s.Columns, s.Types, s.Filter.Expr)
}

package native

import (
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() {
	windowSteps.Add("naivePartition", new(partitionStep))
	windowSteps.Add("glueingPartition", new(glueStep))
	windowSteps.Add("naiveSort", new(sortStep))
	windowSteps.Add("partitionSort", new(sortWithinStep))
	windowSteps.Add("window", new(processStep))
	windowSteps.Add("scan", new(scanStep))
}

// partitionStep makes partitions of runs of rows with equal values.
type partitionStep struct {
	Columns []string `json:"partitionColumns"`
}

func (s *partitionStep) apply(w *windowRows) error {
	var err error
	w.partition, err = existing(w.node, s.Columns)
	return err
}

// glueStep is partitionStep for rows that come in pieces. How many rows a
// piece may have must be said, but does not matter here.
type glueStep struct {
	partitionStep
	Max *int64 `json:"maxRowsMaterialized"`
}

// Check wants a number above 0.
func (s *glueStep) Check() error {
	if s.Max == nil {
		return missing("maxRowsMaterialized", "a number of rows")
	}
	if *s.Max <= 0 {
		return fault.At(fault.Invalidf("expected a number of rows above 0, got %d", *s.Max), "maxRowsMaterialized")
	}
	return nil
}

// A stepKey is a column to sort by.
type stepKey struct {
	Column    string `json:"column"`
	Direction string `json:"direction"`
}

// sortStep orders all rows, which makes them one partition.
type sortStep struct {
	Columns []stepKey `json:"columns"`
}

func (s *sortStep) keys(n planner.Node) ([]exec.SortKey, error) {
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	var out []exec.SortKey
	for i, c := range s.Columns {
		dir := strings.ToUpper(c.Direction)
		if dir != "" && dir != "ASC" && dir != "DESC" {
			return nil, fault.At(fault.Invalidf("unknown direction %q: expected ASC or DESC", c.Direction), index("columns", i)+".direction")
		}
		if schema.Index(c.Column) >= 0 {
			out = append(out, exec.SortKey{Column: c.Column, Desc: dir == "DESC"})
		}
	}
	return out, nil
}

func (s *sortStep) apply(w *windowRows) error {
	keys, err := s.keys(w.node)
	if err == nil && len(keys) > 0 {
		w.node = planner.NewSort(w.node, keys, -1, 0)
	}
	w.partition = nil
	return err
}

// sortWithinStep orders the rows of each partition.
type sortWithinStep struct{ sortStep }

func (s *sortWithinStep) apply(w *windowRows) error {
	keys, err := s.keys(w.node)
	if err == nil {
		w.node = planner.NewWindow(w.node, exec.WindowSpec{Partition: w.partition, Given: true, Within: keys, Calls: []exec.WindowCall{}})
	}
	return err
}

// existing are the names of columns that the rows have: others are null in
// every row, by which nothing is told apart.
func existing(n planner.Node, names []string) (out []string, err error) {
	schema, err := n.Schema()
	if err != nil {
		return nil, err
	}
	for _, c := range names {
		if schema.Index(c) >= 0 {
			out = append(out, c)
		}
	}
	return out, nil
}

// known wants columns that the rows have.
func known(n planner.Node, names []string, member string) error {
	schema, err := n.Schema()
	if err != nil {
		return err
	}
	for i, c := range names {
		if schema.Index(c) < 0 {
			return fault.At(fault.Invalidf("there is no column %q%s", c, fault.Suggest(c, schema.Names())), index(member, i))
		}
	}
	return nil
}

// processStep computes columns over the partitions.
type processStep struct {
	Processor jsontype.Of[processor] `json:"processor"`
}

// Check wants a processor.
func (s *processStep) Check() error {
	if s.Processor.V == nil {
		return missing("processor", "what to compute")
	}
	return nil
}

func (s *processStep) apply(w *windowRows) error {
	return fault.At(s.Processor.V.apply(w), "processor")
}

// scanStep filters, projects, orders and limits rows. An offsetLimit without
// a limit keeps no row.
type scanStep struct {
	Filter  jsontype.Of[filter.Filter]   `json:"filter"`
	Virtual []jsontype.Of[VirtualColumn] `json:"virtualColumns"`
	Columns []string                     `json:"projectedColumns"`
	Order   []scanKey                    `json:"ordering"`
	Range   Intervals                    `json:"timeRange"`
	Limit   *struct {
		Offset int64 `json:"offset"`
		Limit  int64 `json:"limit"`
	} `json:"offsetLimit"`
}

// Check wants numbers of rows that are not negative.
func (s *scanStep) Check() error {
	for i, v := range s.Virtual {
		if v.V == nil {
			return fault.At(fault.Invalidf("a virtual column must be an object, got null"), index("virtualColumns", i))
		}
	}
	if s.Limit != nil && s.Limit.Offset < 0 {
		return fault.At(fault.Invalidf("expected a number of rows that is not negative, got %d", s.Limit.Offset), "offsetLimit.offset")
	}
	return nil
}

func (s *scanStep) apply(w *windowRows) error {
	schema, err := w.node.Schema()
	if err != nil {
		return err
	}
	virtual, err := resolveVirtual(s.Virtual, schema)
	if err != nil {
		return err
	}
	scope := filter.Scope{Schema: schema, Virtual: virtual}
	if s.Range.Given {
		w.node = planner.NewFilter(w.node, during(scope.Column(segment.Time), s.Range.List))
	}
	if s.Filter.V != nil {
		cond, err := s.Filter.V.Expr(scope)
		if err != nil {
			return fault.At(err, "filter")
		}
		w.node = planner.NewFilter(w.node, cond)
	}
	names := s.Columns
	if names == nil {
		names = schema.Names()
		for _, v := range s.Virtual {
			if schema.Index(v.V.OutputName()) < 0 {
				names = append(names, v.V.OutputName())
			}
		}
	}
	var out []exec.Named
	for _, n := range names {
		out = append(out, exec.Named{Name: n, Expr: scope.Column(n)})
	}
	w.node = planner.NewProject(w.node, out...)
	return s.cut(w)
}

// during is whether a time is in one of the intervals.
func during(t expr.Expr, list []chrono.Interval) expr.Expr {
	out := expr.Expr(expr.Of("less", expr.Long(0), expr.Long(0))) // in none
	for _, in := range list {
		out = expr.Of("or", out, expr.And(expr.Of("greaterequal", t, expr.Long(in.Start)), expr.Of("less", t, expr.Long(in.End))))
	}
	return out
}

// cut orders and limits.
func (s *scanStep) cut(w *windowRows) error {
	var keys []exec.SortKey
	var names []string
	for i, k := range s.Order {
		desc, none, ok := direction(k.Order)
		if !ok || none && k.Order != "" {
			return fault.At(fault.Invalidf("unknown order %q: expected ascending or descending", k.Order), index("ordering", i)+".order")
		}
		keys, names = append(keys, exec.SortKey{Column: k.Column, Desc: desc}), append(names, k.Column)
	}
	if err := known(w.node, names, "ordering"); err != nil {
		return err
	}
	limit, offset := int64(-1), int64(0)
	if s.Limit != nil {
		limit, offset = max(s.Limit.Limit, -1), s.Limit.Offset
	}
	if len(keys) > 0 || limit >= 0 || offset > 0 {
		w.node = planner.NewSort(w.node, keys, limit, offset)
	}
	return nil
}

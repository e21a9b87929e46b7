package native

import (
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
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
	if err := known(w.node, s.Columns, "partitionColumns"); err != nil {
		return err
	}
	w.partition = s.Columns
	return nil
}

// glueStep is partitionStep for rows that come in pieces. How many rows a
// piece may have does not matter here.
type glueStep struct {
	partitionStep
	Max *int64 `json:"maxRowsMaterialized"`
}

// Check wants a number above 0, if one is given.
func (s *glueStep) Check() error {
	if s.Max != nil && *s.Max <= 0 {
		return fault.At(fault.Invalidf("expected a number of rows above 0, got %d", *s.Max), "maxRowsMaterialized")
	}
	return nil
}

// A stepKey is a column to sort by.
type stepKey struct {
	Column    string `json:"column"`
	Direction string `json:"direction"`
}

// sortStep orders all rows.
type sortStep struct {
	Columns []stepKey `json:"columns"`
}

func (s *sortStep) keys(n planner.Node) ([]exec.SortKey, error) {
	var out []exec.SortKey
	var names []string
	for i, c := range s.Columns {
		dir := strings.ToUpper(c.Direction)
		if dir != "" && dir != "ASC" && dir != "DESC" {
			return nil, fault.At(fault.Invalidf("unknown direction %q: expected ASC or DESC", c.Direction), index("columns", i)+".direction")
		}
		out = append(out, exec.SortKey{Column: c.Column, Desc: dir == "DESC"})
		names = append(names, c.Column)
	}
	return out, known(n, names, "columns")
}

func (s *sortStep) apply(w *windowRows) error {
	keys, err := s.keys(w.node)
	if err == nil && len(keys) > 0 {
		w.node = planner.NewSort(w.node, keys, -1, 0)
	}
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

// scanStep filters, projects, orders and limits rows.
type scanStep struct {
	Filter  jsontype.Of[filter.Filter]   `json:"filter"`
	Virtual []jsontype.Of[VirtualColumn] `json:"virtualColumns"`
	Columns []string                     `json:"projectedColumns"`
	Order   []scanKey                    `json:"ordering"`
	Limit   struct {
		Offset int64  `json:"offset"`
		Limit  *int64 `json:"limit"`
	} `json:"offsetLimit"`
}

// Check wants numbers of rows that are not negative.
func (s *scanStep) Check() error {
	for i, v := range s.Virtual {
		if v.V == nil {
			return fault.At(fault.Invalidf("a virtual column must be an object, got null"), index("virtualColumns", i))
		}
	}
	if s.Limit.Offset < 0 {
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
	limit := int64(-1)
	if s.Limit.Limit != nil && *s.Limit.Limit >= 0 {
		limit = *s.Limit.Limit
	}
	if len(keys) > 0 || limit >= 0 || s.Limit.Offset > 0 {
		w.node = planner.NewSort(w.node, keys, limit, s.Limit.Offset)
	}
	return nil
}

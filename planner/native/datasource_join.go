package native

import (
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() { dataSources.Add("join", new(join)) }

// join is the rows of two sources by a condition. The columns of the right
// side have a prefix. The intervals of the query are those of the left side.
type join struct {
	Left       jsontype.Of[DataSource]    `json:"left"`
	Right      jsontype.Of[DataSource]    `json:"right"`
	Prefix     string                     `json:"rightPrefix"`
	Condition  string                     `json:"condition"`
	Type       string                     `json:"joinType"`
	LeftFilter jsontype.Of[filter.Filter] `json:"leftFilter"`
}

var joinTypes = map[string]exec.JoinType{"INNER": exec.Inner, "LEFT": exec.Left, "RIGHT": exec.Right, "FULL": exec.Full}

// Check wants two sources, a prefix, a condition and a type.
func (j *join) Check() error {
	switch {
	case j.Left.V == nil:
		return missing("left", "a data source")
	case j.Right.V == nil:
		return missing("right", "a data source")
	case j.Prefix == "":
		return missing("rightPrefix", "a prefix for the columns of the right side, such as \"j.\"")
	case strings.HasPrefix(segment.Time, j.Prefix):
		return fault.At(fault.Invalidf("%q is a prefix of %s", j.Prefix, segment.Time), "rightPrefix")
	case j.Condition == "":
		return missing("condition", "an expression such as a == \"j.a\"")
	}
	if joinTypes[j.Type] == "" {
		return fault.At(fault.Invalidf("expected INNER, LEFT, RIGHT or FULL, got %q", j.Type), "joinType")
	}
	return nil
}

// Source joins.
func (j *join) Source(cat planner.Catalog, in []chrono.Interval) (*Source, error) {
	left, err := j.Left.V.Source(cat, in)
	if err != nil {
		return nil, fault.At(err, "left")
	}
	if left, err = left.filtered(j.LeftFilter.V); err != nil {
		return nil, fault.At(err, "leftFilter")
	}
	right, err := j.Right.V.Source(cat, always)
	if err != nil {
		return nil, fault.At(err, "right")
	}
	var named []exec.Named
	for _, f := range right.Schema {
		if f.Name == segment.Time && right.Timeless {
			continue
		}
		name := j.Prefix + f.Name
		if left.Schema.Index(name) >= 0 {
			return nil, fault.At(fault.Invalidf("%q makes a column %q of the right side that the left side has too", j.Prefix, name), "rightPrefix")
		}
		named = append(named, exec.Named{Name: name, Expr: expr.Column(f.Name)})
	}
	rows := planner.NewProject(right.Node, named...)
	schema, err := rows.Schema()
	if err != nil {
		return nil, fault.At(err, "right")
	}
	on, err := j.on(left.Schema, schema)
	if err != nil {
		return nil, fault.At(err, "condition")
	}
	return left.over(planner.NewJoin(left.Node, rows, on))
}

// on splits the condition into equalities between the sides and the rest.
func (j *join) on(left, right data.Schema) (exec.JoinOn, error) {
	on := exec.JoinOn{Type: joinTypes[j.Type]}
	cond, err := expr.Parse(j.Condition)
	if err != nil {
		return on, err
	}
	var rest []expr.Expr
	for _, c := range expr.Conjuncts(cond) {
		if k, ok := j.key(c, left, right); ok {
			on.Keys = append(on.Keys, k)
		} else {
			rest = append(rest, c)
		}
	}
	on.Residual.Expr = expr.And(rest...)
	return on, nil
}

// key is an equality of an expression over the left side and one over the
// right side, whichever comes first.
func (j *join) key(cond expr.Expr, left, right data.Schema) (exec.JoinKey, bool) {
	c, ok := cond.(*expr.Call)
	if !ok || c.Func.Name != "equals" && c.Func.Name != "notdistinctfrom" {
		return exec.JoinKey{}, false
	}
	k := exec.JoinKey{NullSafe: c.Func.Name == "notdistinctfrom"}
	a, b := j.side(c.Args[0], right), j.side(c.Args[1], right)
	switch {
	case a == leftSide && b == rightSide:
		k.Left.Expr, k.Right.Expr = c.Args[0], c.Args[1]
	case a == rightSide && b == leftSide:
		k.Left.Expr, k.Right.Expr = c.Args[1], c.Args[0]
	default:
		return k, false
	}
	return k, true
}

type side uint8

const (
	noSide side = iota
	leftSide
	rightSide
	bothSides
)

// side is the side whose columns e reads. What has the prefix is the right's.
func (j *join) side(e expr.Expr, right data.Schema) side {
	out := noSide
	expr.Walk(e, func(c string) {
		if strings.HasPrefix(c, j.Prefix) && right.Index(c) >= 0 {
			out |= rightSide
		} else {
			out |= leftSide
		}
	})
	return out
}

package native

import (
	"sort"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	postAggregators.Add("HLLSketchUnion", new(postHLLUnion))
	theta := map[string]string{"UNION": "theta_sketch_union", "INTERSECT": "theta_sketch_intersect", "NOT": "theta_sketch_not"}
	postAggregators.Add("thetaSketchSetOp", &postSet{of: theta})
	postAggregators.Add("sketchSetOper", &postSet{of: theta})
	postAggregators.Add("arrayOfDoublesSketchSetOp", &postSet{of: map[string]string{
		"UNION": "ds_tuple_doubles_union", "INTERSECT": "ds_tuple_doubles_intersect", "NOT": "ds_tuple_doubles_not",
	}, tuple: true})
	postAggregators.Add("arrayOfDoublesSketchTTest", new(postTTest))
	postAggregators.Add("thetaSketchConstant", &postImage{of: "thetaSketch"})
	postAggregators.Add("arrayOfDoublesSketchConstant", &postImage{of: "arrayOfDoublesSketch"})
}

// postHLLUnion is the union of HLL sketches.
type postHLLUnion struct {
	post
	Fields postList `json:"fields"`
	LgK    *int64   `json:"lgK"`
	Type   *string  `json:"tgtHllType"`
}

// Check wants two sketches.
func (p *postHLLUnion) Check() error { return p.Fields.check(2) }

// Expr is the call.
func (p *postHLLUnion) Expr(r *results) (expr.Expr, error) {
	of, err := p.Fields.exprs(r)
	if err != nil {
		return nil, err
	}
	lgK, typ := int64(12), "HLL_4"
	if p.LgK != nil {
		lgK = *p.LgK
	}
	if p.Type != nil {
		typ = *p.Type
	}
	return call("hll_sketch_union", append([]expr.Expr{expr.Long(lgK), expr.String(typ)}, of...)...)
}

// postSet is a set operation on theta or tuple sketches.
type postSet struct {
	post
	Func      string   `json:"func"`
	Operation string   `json:"operation"`
	Fields    postList `json:"fields"`
	Size      *int64   `json:"size"`
	Entries   *int64   `json:"nominalEntries"`

	of    map[string]string // functions by operation
	tuple bool
}

func (p *postSet) op() (name, member string) {
	if p.tuple {
		return strings.ToUpper(p.Operation), "operation"
	}
	return strings.ToUpper(p.Func), "func"
}

// Check wants an operation that is known and two sketches.
func (p *postSet) Check() error {
	op, member := p.op()
	if p.of[op] == "" {
		var known []string
		for n := range p.of {
			known = append(known, n)
		}
		sort.Strings(known)
		return fault.At(fault.Invalidf("expected one of %s, got %q", strings.Join(known, ", "), op), member)
	}
	return p.Fields.check(2)
}

// Expr is the call.
func (p *postSet) Expr(r *results) (expr.Expr, error) {
	of, err := p.Fields.exprs(r)
	if err != nil {
		return nil, err
	}
	size := p.Size
	if p.tuple {
		size = p.Entries
	}
	if size != nil {
		of = append([]expr.Expr{expr.Long(*size)}, of...)
	}
	op, _ := p.op()
	return call(p.of[op], of...)
}

// postTTest compares the numbers of two tuple sketches.
type postTTest struct {
	post
	Fields postList `json:"fields"`
}

// Check wants two sketches.
func (p *postTTest) Check() error {
	if len(p.Fields) != 2 {
		return fault.At(fault.Invalidf("expected 2 fields, got %d", len(p.Fields)), "fields")
	}
	return p.Fields.check(2)
}

// Expr is the call.
func (p *postTTest) Expr(r *results) (expr.Expr, error) {
	of, err := p.Fields.exprs(r)
	if err != nil {
		return nil, err
	}
	return call("ds_tuple_doubles_ttest", of...)
}

// postImage is a sketch that stands in the query, in base64.
type postImage struct {
	post
	Value string `json:"value"`

	of string
}

// Check wants an image.
func (p *postImage) Check() error {
	if p.Value == "" {
		return missing("value", "a sketch in base64")
	}
	return nil
}

// Expr is the sketch.
func (p *postImage) Expr(*results) (expr.Expr, error) {
	return call("complex_decode_base64", expr.String(p.of), expr.String(p.Value))
}

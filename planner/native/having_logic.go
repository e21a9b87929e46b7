package native

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() {
	havings.Add("and", &havingAll{op: "and"})
	havings.Add("or", &havingAny{havingAll{op: "or"}})
	havings.Add("not", new(havingNot))
}

// havingAll joins conditions; of none, "and" is true and "or" false.
type havingAll struct {
	Specs []jsontype.Of[Having] `json:"havingSpecs"`

	op string
}

type havingAny struct{ havingAll }

// Check wants conditions.
func (h *havingAll) Check() error {
	if h.Specs == nil {
		return missing("havingSpecs", "a list of having specs")
	}
	for i, s := range h.Specs {
		if s.V == nil {
			return missing(index("havingSpecs", i), "a having spec")
		}
	}
	return nil
}

// Expr joins the conditions.
func (h *havingAll) Expr(s filter.Scope) (expr.Expr, error) {
	if len(h.Specs) == 0 {
		return expr.Bool(h.op == "and"), nil
	}
	args := make([]expr.Expr, len(h.Specs))
	for i, x := range h.Specs {
		var err error
		if args[i], err = x.V.Expr(s); err != nil {
			return nil, fault.At(err, index("havingSpecs", i))
		}
	}
	return expr.Of(h.op, args...), nil
}

// havingNot turns a condition round.
type havingNot struct {
	Spec jsontype.Of[Having] `json:"havingSpec"`
}

// Check wants a condition.
func (h *havingNot) Check() error {
	if h.Spec.V == nil {
		return missing("havingSpec", "a having spec")
	}
	return nil
}

// Expr is not.
func (h *havingNot) Expr(s filter.Scope) (expr.Expr, error) {
	e, err := h.Spec.V.Expr(s)
	if err != nil {
		return nil, fault.At(err, "havingSpec")
	}
	return expr.Of("not", e), nil
}

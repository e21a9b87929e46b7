package filter

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	filters.Add("javascript", &refused{why: "JavaScript is disabled; use an expression filter"})
	extractions.Add("javascript", &refusedExtraction{refused{why: "JavaScript is disabled; use an expression virtual column"}})
}

// refused is what is known, but not done here.
type refused struct{ why string }

type refusedExtraction struct{ refused }

// Check refuses.
func (f *refused) Check() error { return fault.New(fault.Unsupported, "%s", f.why) }

// Expr is never reached.
func (f *refused) Expr(Scope) (expr.Expr, error) { return nil, f.Check() }

// Expr is never reached.
func (f *refusedExtraction) Expr(Scope, expr.Expr) (expr.Expr, error) { return nil, f.Check() }

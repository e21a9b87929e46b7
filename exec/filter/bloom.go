package filter

import (
	"encoding/base64"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/internal/fault"
)

func init() { filters.Add("bloom", new(bloom)) }

// bloom matches what may be in a bloom filter; null if that is in it.
type bloom struct {
	dimension
	Filter string `json:"bloomKFilter"`
}

// Check reads the filter.
func (f *bloom) Check() error {
	if f.Filter == "" {
		return fault.At(fault.Invalidf("missing: a bloom filter in base64 is required"), "bloomKFilter")
	}
	image, err := base64.StdEncoding.DecodeString(f.Filter)
	if err == nil {
		_, err = sketch.ReadBloom(image)
	}
	if err != nil {
		return fault.At(fault.Invalidf("%v", err), "bloomKFilter")
	}
	return f.check()
}

// Expr is bloom_filter_test.
func (f *bloom) Expr(s Scope) (expr.Expr, error) {
	e, err := f.input(s)
	if err != nil {
		return nil, err
	}
	return f.known(s, s.Some(expr.Of("bloom_filter_test", e, expr.String(f.Filter)))), nil
}

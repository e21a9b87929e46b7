package filter

import (
	"encoding/json"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// An Order is a way to sort the values of a dimension. The empty Order is
// none: who reads one decides on the default.
type Order string

// The orders of native queries.
const (
	Lexicographic Order = "lexicographic" // by bytes of the text
	Alphanumeric  Order = "alphanumeric"  // numbers in the text by size
	Numeric       Order = "numeric"       // as numbers; other text first
	Strlen        Order = "strlen"        // by length, then bytes
	Version       Order = "version"       // as versions of software
	Natural       Order = "natural"       // as the type has it
)

var knownOrders = []string{"lexicographic", "alphanumeric", "numeric", "strlen", "version", "natural"}

// UnmarshalJSON reads a name, in any case, or an object whose type is one.
func (o *Order) UnmarshalJSON(b []byte) error {
	var name string
	if b[0] == '{' {
		var form struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(b, &form); err != nil {
			return err
		}
		name = form.Type
	} else if err := json.Unmarshal(b, &name); err != nil {
		return fault.Invalidf("expected the name of an order, got %s", b)
	}
	for _, k := range knownOrders {
		if strings.EqualFold(k, name) {
			*o = Order(k)
			return nil
		}
	}
	return fault.Invalidf("unknown order %q%s; known: %s", name, fault.Suggest(name, knownOrders), strings.Join(knownOrders, ", "))
}

// Key is what to sort or compare by in place of e: e itself where its own
// order is meant.
func (o Order) Key(s Scope, e expr.Expr) (expr.Expr, error) {
	t, err := s.Type(e)
	if err != nil {
		return nil, err
	}
	switch {
	case o == "" || o == Natural || t.Kind == data.Null,
		o == Numeric && t.Numeric(), o == Lexicographic && t.Kind == data.String:
		return e, nil
	case t.Kind == data.Array || t.Kind == data.Complex:
		return nil, fault.Invalidf("%s is of type %s, which cannot be put in %s order", e, t, o)
	}
	if e, err = s.Cast(e, data.StringType); err != nil || o == Lexicographic {
		return e, err
	}
	return expr.Of("order_key", expr.String(string(o)), e), nil
}

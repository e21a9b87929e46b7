package sql

import "github.com/ovatedb/ovate/exec/expr"

// A JSON true reads as '1' where a text is wanted, and yet who asks for
// JSON_VALUE(x, path) = 'true' means it: the comparison with 'true' and 'false'
// takes in the booleans so written.

// flagText is the JSON text of what x reads, if x is a JSON_VALUE read as a text
// and y one of the literals.
func flagText(x, y value) (value, bool) {
	c, ok := x.expr.(*expr.Call)
	if !ok || c.Func.Name != "json_value" || !x.typ.text() {
		return x, false
	}
	if l, ok := y.literal(); !ok || l != "true" && l != "false" {
		return x, false
	}
	e := expr.Of("to_json_string", expr.Of("json_query", c.Args[:2]...))
	return value{e, x.native, x.typ}, true
}

// compareFlag is x = y or x <> y where flagText gives a text for one of them.
func (s scope) compareFlag(op string, x, y value) (out value, ok bool, err error) {
	raw, ok := flagText(x, y)
	if !ok {
		if raw, ok = flagText(y, x); !ok {
			return x, false, nil
		}
		x, y = y, x
	}
	join, found := map[string]string{"=": "OR", "<>": "AND", "!=": "AND"}[op]
	if !found {
		return x, false, nil
	}
	a, err := s.call(op, x, y)
	if err != nil {
		return a, true, err
	}
	b, err := s.call(op, raw, y)
	if err != nil {
		return b, true, err
	}
	out, err = s.call(join, a, b)
	return out.as(Type{Kind: Boolean}), true, err
}

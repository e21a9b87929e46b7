package sql

import (
	"encoding/json"
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

func init() {
	binds(func(s scope, e *parse.Literal) (value, error) { return literals[e.Kind](s.b, e) })
	binds(func(s scope, e *parse.Param) (value, error) { return s.b.param(e) })
	binds(func(_ scope, e *parse.Unit) (value, error) { return text(e.Name), nil })
	binds(func(_ scope, e *parse.Interval) (value, error) {
		months, millis, err := e.Value()
		if months != 0 {
			return literal(months, Type{Kind: Months}), err
		}
		return literal(millis, Type{Kind: Millis}), err
	})
}

// literals read literals by their kind.
var literals = map[parse.LiteralKind]func(*binder, *parse.Literal) (value, error){
	parse.Null:    func(*binder, *parse.Literal) (value, error) { return null(), nil },
	parse.True:    func(*binder, *parse.Literal) (value, error) { return boolean(true), nil },
	parse.False:   func(*binder, *parse.Literal) (value, error) { return boolean(false), nil },
	parse.Unknown: func(*binder, *parse.Literal) (value, error) { return literal(nil, Type{Kind: Boolean}), nil },
	parse.String:  func(_ *binder, l *parse.Literal) (value, error) { return text(l.Text), nil },
	parse.Integer: func(_ *binder, l *parse.Literal) (value, error) {
		if l.Int < math.MinInt32 || l.Int > math.MaxInt32 {
			return long(l.Int), nil
		}
		return literal(l.Int, Type{Kind: Integer}), nil
	},
	parse.Decimal: func(_ *binder, l *parse.Literal) (value, error) { return decimal(l, Decimal) },
	parse.Double:  func(_ *binder, l *parse.Literal) (value, error) { return decimal(l, Double) },
	parse.Timestamp: func(b *binder, l *parse.Literal) (value, error) {
		ms, err := b.time(l.Text)
		if err != nil {
			return value{}, fault.Invalidf("'%s' is not a TIMESTAMP; expected a text such as '2024-02-29 13:45:56'", l.Text)
		}
		return literal(ms, Type{Kind: Timestamp}), nil
	},
	parse.Date: func(b *binder, l *parse.Literal) (value, error) {
		ms, err := b.time(l.Text)
		if err != nil || len(l.Text) > len("2024-02-29") {
			return value{}, fault.Invalidf("'%s' is not a DATE; expected a text such as '2024-02-29'", l.Text)
		}
		return literal(ms, Type{Kind: Date}), nil
	},
	parse.Time: func(_ *binder, l *parse.Literal) (value, error) {
		return value{}, fault.Invalidf("the type TIME is not supported; use TIMESTAMP or a text")
	},
}

func decimal(l *parse.Literal, k Kind) (value, error) {
	if math.IsInf(l.Float, 0) {
		return value{}, fault.Invalidf("the number %s is out of range", l.Text)
	}
	return literal(l.Float, Type{Kind: k}), nil
}

// param is the value that the request gives for a ?.
func (b *binder) param(e *parse.Param) (value, error) {
	if e.Index >= len(b.params) {
		return value{}, fault.Invalidf("this is ? number %d, but the request gives %s", e.Index+1, counted(len(b.params), "parameter"))
	}
	p := b.params[e.Index]
	t, err := kindNamed(p.Type)
	if err != nil {
		return value{}, fault.Invalidf("parameter %d: %v", e.Index+1, err)
	}
	v, err := b.paramValue(p, t)
	if err != nil {
		return value{}, fault.Invalidf("parameter %d: %v", e.Index+1, err)
	}
	return v, nil
}

func (b *binder) paramValue(p Parameter, t Type) (value, error) {
	var x any
	if len(p.Value) > 0 {
		var err error
		if x, err = number(p.Value); err != nil {
			return value{}, err
		}
	}
	if x == nil {
		return literal(nil, t), nil
	}
	if t.Kind == Array {
		return arrayParam(x)
	}
	wrong := fault.Invalidf("expected a value of type %s, got %s", t, p.Value)
	switch x := x.(type) {
	case string:
		switch {
		case t.text():
			return literal(x, t), nil
		case t.time():
			ms, err := chrono.ParseTimeIn(x, b.zone)
			if err != nil {
				ms, err = chrono.ParseSQLTime(x, b.zone)
			}
			return literal(ms, t), err
		case t.integral():
			if l, ok := expr.ParseLong(x); ok {
				return literal(l, t), nil
			}
		case t.numeric():
			if d, ok := expr.ParseDouble(x); ok {
				return literal(d, t), nil
			}
		}
		return value{}, wrong
	case bool:
		if t.Kind != Boolean {
			return value{}, wrong
		}
		return literal(x, t), nil
	case int64, float64:
		if !t.numeric() && !t.time() {
			return value{}, wrong
		}
		return literal(expr.ConvertValue(x, data.DoubleType, t.native()), t), nil
	}
	return value{}, wrong
}

// time reads a local time. One that clocks skipped is as much later as they were
// put forward.
func (b *binder) time(text string) (int64, error) {
	ms, err := chrono.ParseSQLTime(text, b.zone)
	if err == nil {
		return ms, nil
	}
	local, plain := chrono.ParseSQLTime(text, chrono.UTC)
	if plain != nil {
		return 0, err
	}
	return b.zone.LocalToUTC(local), nil
}

// number decodes JSON with whole numbers as int64.
func number(raw json.RawMessage) (any, error) {
	var l int64
	if json.Unmarshal(raw, &l) == nil && string(raw) != "null" {
		return l, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil && list != nil {
		out := make([]any, len(list))
		for i, r := range list {
			var err error
			if out[i], err = number(r); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	var x any
	err := json.Unmarshal(raw, &x)
	return x, err
}

// arrayParam is an array whose type is what its elements have in common.
func arrayParam(x any) (value, error) {
	list, ok := x.([]any)
	if !ok && x != nil {
		return value{}, fault.Invalidf("expected an array, got %v", x)
	}
	elem := data.NullType
	for _, e := range list {
		switch e.(type) {
		case nil:
		case int64:
			elem = data.Merge(elem, data.LongType)
		case float64:
			elem = data.Merge(elem, data.DoubleType)
		case string:
			elem = data.Merge(elem, data.StringType)
		default:
			return value{}, fault.Invalidf("arrays hold strings or numbers, not %v", e)
		}
	}
	if elem.Kind == data.Null {
		elem = data.StringType
	}
	out := make([]any, len(list))
	for i, e := range list {
		out[i] = expr.ConvertValue(e, data.StringType, elem)
	}
	t := data.ArrayOf(elem)
	if x == nil {
		return value{&expr.Lit{Type: t}, t, typeOf(t)}, nil
	}
	return value{&expr.Lit{Value: out, Type: t}, t, typeOf(t)}, nil
}

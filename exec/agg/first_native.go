package agg

import (
	"math"
	"strconv"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontext"
)

func init() {
	for name, t := range map[string]data.Type{"long": data.LongType, "double": data.DoubleType, "float": data.FloatType, "string": data.StringType} {
		natives.Add(name+"First", &firstNative{TimeColumn: timeColumn, Bytes: defaultBytes, t: t, f: First})
		natives.Add(name+"Last", &lastNative{firstNative{TimeColumn: timeColumn, Bytes: defaultBytes, t: t, f: Last}})
		natives.Add(name+"Any", &anyNative{firstNative{Bytes: defaultBytes, t: t, f: AnyValue}})
	}
	unfinalized[First] = pair("first_pair", false)
	unfinalized[Last] = pair("last_pair", true)
}

// firstNative is the aggregators of one value of a field.
type firstNative struct {
	Name       string `json:"name"`
	FieldName  string `json:"fieldName"`
	TimeColumn string `json:"timeColumn"`
	Bytes      int64  `json:"maxStringBytes"`

	t data.Type
	f *Func
}

type lastNative struct{ firstNative }

type anyNative struct{ firstNative }

// Check wants a name and a field.
func (n *firstNative) Check() error {
	if err := needName(n.Name); err != nil {
		return err
	}
	if n.Bytes <= 0 || n.Bytes > math.MaxInt32 {
		return fault.At(fault.Invalidf("expected a number of bytes above 0, got %d", n.Bytes), "maxStringBytes")
	}
	return needInput(n.FieldName, "")
}

// OneRow says whether an aggregator gives a value of one row as it is.
func OneRow(n Native) bool {
	switch n.(type) {
	case *firstNative, *lastNative, *anyNative:
		return true
	}
	return false
}

// OutputName is the name.
func (n *firstNative) OutputName() string { return n.Name }

// Call is first, last or any_value.
func (n *firstNative) Call(s Scope) (Call, error) {
	e, err := n.value(s)
	if err != nil {
		return Call{}, err
	}
	args := []expr.Expr{e}
	if n.TimeColumn != "" {
		t, err := s.Cast(s.Column(n.TimeColumn), data.LongType)
		if err != nil {
			return Call{}, err
		}
		args = append(args, t)
	}
	if n.t.Kind == data.String && n.Bytes != defaultBytes {
		args = append(args, expr.Long(n.Bytes))
	}
	return Call{Name: n.Name, Func: n.f, Args: args}, nil
}

// value is the field as a value of the type: a text that is no number is null,
// and so are several.
func (n *firstNative) value(s Scope) (expr.Expr, error) {
	e := s.Column(n.FieldName)
	t, err := s.Type(e)
	switch {
	case err != nil || n.t.Kind == data.String || t.Kind != data.String:
		return s.Cast(e, n.t)
	case s.Multi(e):
		return &expr.Lit{Type: n.t}, nil
	}
	return expr.Of("number_of", e, &expr.Lit{Type: n.t}), nil
}

// Shown is the value, also of a pair.
func (n *firstNative) Shown(f *Func, result expr.Expr) expr.Expr {
	if f == unfinalized[n.f] {
		return expr.Of("pair_value", result, expr.String(n.t.String()))
	}
	return result
}

// The times of pairs of nothing.
const (
	noTimeFirst = math.MaxInt64 / 2
	noTimeLast  = math.MinInt64 / 2
)

// pair registers First or Last with the time beside the value, as JSON.
func pair(name string, last bool) *Func {
	return Register(&Func{
		Name: name, Min: 2, Max: 3, Inputs: 2, States: firstStates, KeepNulls: true, Ordered: true,
		Doc: "The value and its time as a JSON object of rhs and lhs.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := firstType(args)
			return data.JSONType, err
		},
		New: func(b *Binding) (Accumulator, error) {
			a, err := newFirst(last)(b)
			if err != nil {
				return nil, err
			}
			return &firstPair{a.(*first)}, nil
		},
	})
}

type firstPair struct{ *first }

func (a *firstPair) Result() (*data.Vec, error) {
	v := a.cells.vec()
	out := data.NewBuilder(data.JSONType)
	for i, ok := range a.seen {
		time := a.time[i]
		if !ok {
			if time = noTimeFirst; a.last {
				time = noTimeLast
			}
		}
		b := strconv.AppendInt([]byte(`{"lhs":`), time, 10)
		b = jsontext.AppendValue(append(b, `,"rhs":`...), v, i)
		out.Append(append(b, '}'))
	}
	return out.Vec(), nil
}

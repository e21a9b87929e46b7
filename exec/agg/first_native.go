package agg

import (
	"math"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
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

// OutputName is the name.
func (n *firstNative) OutputName() string { return n.Name }

// Call is first, last or any_value.
func (n *firstNative) Call(s Scope) (Call, error) {
	e, err := s.Cast(s.Column(n.FieldName), n.t)
	if err != nil {
		return Call{}, err
	}
	if n.t.Kind != data.String && s.Multi(s.Column(n.FieldName)) {
		e = &expr.Lit{Type: n.t} // several values are no number
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
		if !ok {
			out.Null()
			continue
		}
		b := expr.AppendJSON([]byte(`{"lhs":`), a.time[i])
		b = expr.AppendJSON(append(b, `,"rhs":`...), expr.Boxed(v, i))
		out.Append(append(b, '}'))
	}
	return out.Vec(), nil
}

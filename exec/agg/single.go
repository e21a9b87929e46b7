package agg

import (
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// SingleValue is the value of the only row; several rows are an error.
var SingleValue = Register(&Func{
	Name: "single_value", SQL: []SQL{{Name: "SINGLE_VALUE"}}, Min: 1, Max: 1, KeepNulls: true, Type: valueType,
	Doc: "The value of the only row, or null if there is none; several rows are an error.",
	States: func(args []data.Type) []data.Type {
		t, _ := valueType(args)
		return []data.Type{t, data.LongType}
	},
	New: func(b *Binding) (Accumulator, error) {
		t, _ := valueType(b.Types)
		return &single{cells: newCells(t, 1<<31-1)}, nil
	},
})

type single struct {
	cells cells
	rows  []int64
}

func (a *single) Grow(n int) { a.cells.grow(n); a.rows = vec.Grow(a.rows, n) }

func (a *single) Update(_ *data.Scratch, g vec.Groups, args []*data.Vec) error {
	for i := range g.Rows {
		if err := a.take(at(g, i), args[0], i, 1); err != nil {
			return err
		}
	}
	return nil
}

func (a *single) take(id uint32, v *data.Vec, row int, rows int64) error {
	if rows == 0 {
		return nil
	}
	if a.rows[id] += rows; a.rows[id] > 1 {
		return fault.Invalidf("Subquery expression returned more than one row")
	}
	a.cells.set(id, v, row)
	return nil
}

func (a *single) Merge(_ *data.Scratch, groups []uint32, states []*data.Vec) error {
	for i, id := range groups {
		if err := a.take(id, states[0], i, states[1].Long(i)); err != nil {
			return err
		}
	}
	return nil
}

func (a *single) State() []*data.Vec {
	return []*data.Vec{a.cells.vec(), {Type: data.LongType, N: len(a.rows), I64: a.rows}}
}

func (a *single) Result() (*data.Vec, error) { return a.cells.vec(), nil }
func (a *single) Size() int64                { return a.cells.size() + int64(cap(a.rows))*8 }

func init() { natives.Add("singleValue", new(singleNative)) }

type singleNative struct {
	Name      string     `json:"name"`
	FieldName string     `json:"fieldName"`
	Type      *data.Type `json:"columnType"`
}

// Check wants a name, a field and its type.
func (n *singleNative) Check() error {
	if n.Type == nil {
		return fault.At(fault.Invalidf("missing: the type of the column is required"), "columnType")
	}
	if err := needName(n.Name); err != nil {
		return err
	}
	return needInput(n.FieldName, "")
}

// OutputName is the name.
func (n *singleNative) OutputName() string { return n.Name }

// Call is single_value of the field.
func (n *singleNative) Call(s Scope) (Call, error) {
	e, err := s.Cast(s.Column(n.FieldName), *n.Type)
	return Call{Name: n.Name, Func: SingleValue, Args: []expr.Expr{e}}, err
}

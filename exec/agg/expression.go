package agg

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Expression folds rows with an expression of the query. Its last argument is
// a literal, the JSON of a folding; the others are the fields that fold names.
var Expression = Register(&Func{
	Name: "expression", Min: 1, Max: -1, Inputs: -1, KeepNulls: true, Ordered: true, PerSlice: true,
	Doc:      "What expressions of the query make of all rows, one after the other.",
	TypeArgs: foldingType,
	States:   func([]data.Type) []data.Type { return []data.Type{data.ComplexOf("expression")} },
	New:      newFolding,
})

// folding is what an expression aggregator computes. Expressions are texts.
// Each slice is folded from the initial value on; what several made is
// combined.
type folding struct {
	Name     string   `json:"name"`   // of the other operand of Combine
	Fields   []string `json:"fields"` // as Fold names the arguments
	Acc      string   `json:"acc"`
	Initial  string   `json:"initial"`
	Fold     string   `json:"fold"`
	Combine  string   `json:"combine"`
	Finalize string   `json:"finalize,omitempty"` // of o; "": the accumulator
	Nothing  bool     `json:"nothing,omitempty"`  // the initial value is the answer where there were no rows
	SkipNull bool     `json:"skipNull,omitempty"` // rows with a null do not count
	MaxBytes int64    `json:"maxBytes"`
}

// compiled is a folding with types.
type compiled struct {
	folding
	initial                 expr.Expr
	fold, combine, finalize *expr.Program
	acc, result             data.Type
}

func compileFolding(text string, fields []data.Type, env *expr.Env) (*compiled, error) {
	c := &compiled{}
	if err := json.Unmarshal([]byte(text), &c.folding); err != nil {
		return nil, fault.Invalidf("%v", err)
	}
	if len(fields) != len(c.Fields) {
		return nil, fault.Invalidf("%d fields, but %d arguments", len(c.Fields), len(fields))
	}
	exprs := [4]expr.Expr{}
	for i, text := range []string{c.Initial, c.Fold, c.Combine, c.Finalize} {
		if text == "" {
			continue
		}
		var err error
		if exprs[i], err = expr.Parse(text); err != nil {
			return nil, err
		}
	}
	c.initial = exprs[0]
	var err error
	if c.acc, err = expr.TypeOf(c.initial, nil); err != nil {
		return nil, err
	}
	schema := func(acc data.Type) data.Schema {
		s := data.Schema{{Name: c.Acc, Type: acc}}
		for i, f := range c.Fields {
			s = append(s, data.Field{Name: f, Type: fields[i]})
		}
		return s
	}
	// What the fold gives may be wider than the initial value.
	t, err := expr.TypeOf(exprs[1], schema(c.acc))
	if err != nil {
		return nil, err
	}
	if t.Kind == data.Bool {
		t = data.LongType
	}
	if c.acc = data.Merge(c.acc, t); c.acc.Kind == data.Bool || c.acc.Kind == data.Null {
		c.acc = data.LongType
	}
	if c.fold, err = expr.Compile(exprs[1], schema(c.acc), env); err != nil {
		return nil, err
	}
	if exprs[2] != nil {
		if c.combine, err = expr.Compile(exprs[2], data.Schema{{Name: c.Acc, Type: c.acc}, {Name: c.Name, Type: c.acc}}, env); err != nil {
			return nil, err
		}
	}
	c.result = c.acc
	if exprs[3] != nil {
		if c.finalize, err = expr.Compile(exprs[3], data.Schema{{Name: "o", Type: c.acc}}, env); err != nil {
			return nil, err
		}
		c.result = c.finalize.Type
	}
	return c, nil
}

func foldingType(args []expr.Typed) (data.Type, error) {
	l, ok := args[len(args)-1].Expr.(*expr.Lit)
	if !ok {
		return data.Type{}, fault.Invalidf("the expressions must be a literal")
	}
	text, _ := l.Value.(string)
	var fields []data.Type
	for _, a := range args[:len(args)-1] {
		fields = append(fields, a.Type)
	}
	c, err := compileFolding(text, fields, nil)
	if err != nil {
		return data.Type{}, err
	}
	return c.result, nil
}

func newFolding(b *Binding) (Accumulator, error) {
	text, err := Param(b, 0, "")
	if err != nil {
		return nil, err
	}
	c, err := compileFolding(text, b.Types[:len(b.Types)-1], b.Env)
	if err != nil {
		return nil, err
	}
	return &folder{compiled: c}, nil
}

// folder keeps the accumulator of every group; nil before its first row.
type folder struct {
	*compiled
	start *data.Vec // the initial value
	cells []*data.Vec
	size  int64
}

func (a *folder) Grow(n int) { a.cells = vec.Grow(a.cells, n) }

func (a *folder) initialValue() (*data.Vec, error) {
	if a.start != nil {
		return a.start, nil
	}
	l, ok := expr.Fold(a.initial, nil).(*expr.Lit)
	if !ok {
		return nil, fault.Invalidf("the initial value %s is no constant", a.initial)
	}
	a.start = expr.Collect(a.acc, []any{expr.ConvertValue(l.Value, l.Type, a.acc)}, false)
	return a.start, nil
}

func (a *folder) Update(_ *data.Scratch, g vec.Groups, args []*data.Vec) error {
	start, err := a.initialValue()
	if err != nil {
		return err
	}
	row := &data.Batch{N: 1, Cols: make([]*data.Vec, len(args)+1)}
rows:
	for i := range g.Rows {
		for j, v := range args {
			if a.SkipNull && v.Null(i) {
				continue rows
			}
			row.Cols[j+1] = v.Slice(nil, i, i+1)
		}
		id := at(g, i)
		if row.Cols[0] = a.cells[id]; a.cells[id] == nil {
			row.Cols[0] = start
		}
		if err := a.step(id, a.fold, row); err != nil {
			return err
		}
	}
	return nil
}

// step computes the next accumulator of a group.
func (a *folder) step(id uint32, p *expr.Program, row *data.Batch) error {
	v, err := p.Eval(nil, row)
	if err != nil {
		return err
	}
	v = expr.Convert(nil, v, a.acc).Decoded(nil).Flat(nil)
	if v.Off != nil {
		v = v.Copy()
	}
	size := v.MemSize()
	if bytes := payload(v); a.MaxBytes > 0 && bytes > a.MaxBytes {
		return fault.New(fault.Limit, "the aggregator %s holds %d bytes, more than its maxSizeBytes %d", a.Name, bytes, a.MaxBytes)
	}
	if old := a.cells[id]; old != nil {
		size -= old.MemSize()
	}
	a.size += size
	a.cells[id] = v
	return nil
}

// payload is the bytes of a value's strings and numbers; items of lists count
// four more, nulls too, so that no list can grow without end.
func payload(v *data.Vec) int64 {
	switch {
	case v.Elem != nil:
		return payload(v.Elem) + 4*int64(v.Elem.N)
	case v.Off != nil:
		return int64(len(v.Bytes))
	}
	return 8 * int64(v.N)
}

func (a *folder) Merge(_ *data.Scratch, groups []uint32, states []*data.Vec) error {
	for i, id := range groups {
		if states[0].Null(i) {
			continue
		}
		var box expr.Box
		if err := json.Unmarshal([]byte(states[0].Str(i)), &box); err != nil {
			return fault.Invalidf("a broken state of %s: %v", a.Name, err)
		}
		l, ok := box.Expr.(*expr.Lit)
		if !ok {
			return fault.Invalidf("a broken state of %s", a.Name)
		}
		v := expr.Collect(a.acc, []any{expr.ConvertValue(l.Value, l.Type, a.acc)}, false)
		switch {
		case a.cells[id] == nil:
			a.cells[id] = v
			a.size += v.MemSize()
		case a.combine == nil:
			return fault.Invalidf("the aggregator %s needs an expression combine, as it has several fields", a.Name)
		default:
			if err := a.step(id, a.combine, &data.Batch{N: 1, Cols: []*data.Vec{a.cells[id], v}}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *folder) State() []*data.Vec {
	b := data.NewBuilder(data.ComplexOf("expression"))
	for _, c := range a.cells {
		if c == nil {
			b.Null()
			continue
		}
		text, err := json.Marshal(expr.Box{Expr: &expr.Lit{Value: expr.Boxed(c, 0), Type: a.acc}})
		if err != nil {
			b.Null()
			continue
		}
		b.String(string(text))
	}
	return []*data.Vec{b.Vec()}
}

func (a *folder) Result() (*data.Vec, error) {
	out := make([]any, len(a.cells))
	for i, c := range a.cells {
		if c == nil && !a.Nothing {
			continue
		}
		if c == nil {
			var err error
			if c, err = a.initialValue(); err != nil {
				return nil, err
			}
		}
		if a.finalize != nil {
			var err error
			if c, err = a.finalize.Eval(nil, &data.Batch{N: 1, Cols: []*data.Vec{c}}); err != nil {
				return nil, err
			}
		}
		out[i] = expr.Boxed(c, 0)
	}
	return expr.Collect(a.result, out, false), nil
}

func (a *folder) Size() int64 { return a.size + int64(cap(a.cells))*8 }

func init() {
	natives.Add("expression", &expressionNative{Acc: "__acc", NullUnless: true, NullInputs: true, MaxSize: "1KiB"})
}

type expressionNative struct {
	Name           string   `json:"name"`
	Fields         []string `json:"fields"`
	Acc            string   `json:"accumulatorIdentifier"`
	Initial        *string  `json:"initialValue"`
	InitialCombine *string  `json:"initialCombineValue"`
	Fold           string   `json:"fold"`
	Combine        string   `json:"combine"`
	Compare        string   `json:"compare"`
	Finalize       string   `json:"finalize"`
	NullUnless     bool     `json:"isNullUnlessAggregated"`
	NullInputs     bool     `json:"shouldAggregateNullInputs"`
	MaxSize        string   `json:"maxSizeBytes"`

	maxBytes int64
}

// Check parses the expressions.
func (n *expressionNative) Check() (err error) {
	if err := needName(n.Name); err != nil {
		return err
	}
	if n.Initial == nil {
		return fault.At(fault.Invalidf("missing: an expression is required"), "initialValue")
	}
	if n.Fold == "" {
		return fault.At(fault.Invalidf("missing: an expression is required"), "fold")
	}
	for member, text := range map[string]string{"initialValue": *n.Initial, "fold": n.Fold, "combine": n.Combine, "compare": n.Compare, "finalize": n.Finalize} {
		if text == "" {
			continue
		}
		if _, err := expr.Parse(text); err != nil {
			return fault.At(err, member)
		}
	}
	if n.Combine == "" && len(n.Fields) != 1 {
		return fault.At(fault.Invalidf("missing: it is required unless there is exactly one field"), "combine")
	}
	n.maxBytes, err = parseBytes(n.MaxSize)
	return fault.At(err, "maxSizeBytes")
}

// parseBytes reads a number of bytes, with a unit or without: 1KiB, 2M.
func parseBytes(text string) (int64, error) {
	digits := strings.TrimRight(text, "KMGTPEkmgtpeiIbB ")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.Invalidf("expected a number of bytes such as 1KiB, got %q", text)
	}
	unit := strings.ToUpper(strings.TrimSpace(text[len(digits):]))
	size := int64(1000)
	if strings.HasSuffix(unit, "IB") {
		size = 1024
	}
	if unit != "" && unit != "B" {
		for range strings.IndexByte("KMGTPE", unit[0]) + 1 {
			n *= size
		}
	}
	return n, nil
}

// OutputName is the name.
func (n *expressionNative) OutputName() string { return n.Name }

// Call is expression of the fields.
func (n *expressionNative) Call(s Scope) (Call, error) {
	f := folding{Name: n.Name, Fields: n.Fields, Acc: n.Acc, Initial: *n.Initial, Fold: n.Fold, Combine: n.Combine,
		Finalize: n.Finalize, Nothing: !n.NullUnless, SkipNull: !n.NullInputs, MaxBytes: n.maxBytes}
	if f.Combine == "" {
		fold, err := expr.Parse(n.Fold)
		if err != nil {
			return Call{}, err
		}
		f.Combine = expr.Replace(fold, func(c string) (expr.Expr, bool) { return expr.Column(n.Name), c == n.Fields[0] }).String()
	}
	c := Call{Name: n.Name, Func: Expression}
	for _, field := range n.Fields {
		c.Args = append(c.Args, s.Column(field))
	}
	text, err := json.Marshal(f)
	if err != nil {
		return c, err
	}
	c.Args = append(c.Args, expr.String(string(text)))
	_, _, err = c.Types(s.Schema)
	return c, err
}

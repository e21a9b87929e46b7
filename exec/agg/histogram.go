package agg

import (
	"encoding/binary"
	"math"
	"sort"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// Histogram counts numbers, rounded to floats, between breaks, its literal
// array of doubles. The state of it, as clients see it, is big-endian: i32
// number of breaks, f32 breaks, i64 counts (one more than breaks: below the
// first and above the last too), f32 least and greatest value.
var (
	Histogram      = histogramFunc("histogram", data.JSONType, (*histogram).appendJSON)
	histogramState = histogramFunc("histogram_state", data.ComplexOf("histogram"), (*histogram).appendState)
)

func histogramFunc(name string, t data.Type, show func(a *histogram, b []byte, id int) []byte) *Func {
	f := &Func{
		Name: name, Min: 2, Max: 2, Inputs: 1,
		Doc: "The numbers of values between breaks, with the least and greatest value, as a JSON object.",
		Type: func(args []data.Type) (data.Type, error) {
			_, err := number(args)
			return t, err
		},
		States: func([]data.Type) []data.Type { return []data.Type{data.LongArray, data.DoubleType, data.DoubleType} },
		New: func(b *Binding) (Accumulator, error) {
			breaks, err := breaksOf(b)
			return &histogram{breaks: breaks, shown: t, show: show}, err
		},
	}
	if t != data.JSONType {
		f.Doc, f.Final = "The bytes of a histogram between breaks.", "histogram_of_state"
	}
	return Register(f)
}

func breaksOf(b *Binding) ([]float64, error) {
	list, err := Param(b, 0, []any(nil))
	if err != nil {
		return nil, err
	}
	var breaks []float64
	for _, x := range list {
		d, ok := expr.ConvertValue(x, data.DoubleType, data.DoubleType).(float64)
		if !ok {
			return nil, fault.Invalidf("the breaks must be numbers")
		}
		breaks = append(breaks, float64(float32(d)))
	}
	if len(breaks) < 2 {
		return nil, fault.Invalidf("at least two breaks are required")
	}
	if !sort.Float64sAreSorted(breaks) {
		return nil, fault.Invalidf("the breaks must ascend")
	}
	return breaks, nil
}

func init() {
	natives.Add("histogram", new(histogramNative))
	unfinalized[Histogram] = histogramState
}

type histogramNative struct {
	Name      string    `json:"name"`
	FieldName string    `json:"fieldName"`
	Breaks    []float64 `json:"breaks"`
}

// Check wants a name, a field and breaks.
func (n *histogramNative) Check() error {
	if len(n.Breaks) < 2 || !sort.Float64sAreSorted(n.Breaks) {
		return fault.At(fault.Invalidf("at least two numbers are required, which ascend"), "breaks")
	}
	if err := needName(n.Name); err != nil {
		return err
	}
	return needInput(n.FieldName, "")
}

// OutputName is the name.
func (n *histogramNative) OutputName() string { return n.Name }

// Call is histogram of the field.
func (n *histogramNative) Call(s Scope) (Call, error) {
	e, err := s.Cast(s.Column(n.FieldName), data.DoubleType)
	breaks := make([]any, len(n.Breaks))
	for i, x := range n.Breaks {
		breaks[i] = x
	}
	return Call{Name: n.Name, Func: Histogram, Args: []expr.Expr{e, &expr.Lit{Value: breaks, Type: data.DoubleArray}}}, err
}

// histogram has len(breaks)+1 counts a group.
type histogram struct {
	shown  data.Type
	show   func(a *histogram, b []byte, id int) []byte
	breaks []float64
	counts []int64
	least  []float64
	most   []float64
	seen   vec.Seen
}

func (a *histogram) bins() int { return len(a.breaks) + 1 }

func (a *histogram) Grow(n int) {
	old := len(a.least)
	a.counts = vec.Grow(a.counts, n*a.bins())
	a.least, a.most = vec.Grow(a.least, n), vec.Grow(a.most, n)
	for i := old; i < n; i++ {
		a.least[i], a.most[i] = math.Inf(1), math.Inf(-1)
	}
}

func (a *histogram) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	a.seen.Mark(g)
	for i, x := range args[0].Doubles(s) {
		id := at(g, i)
		x = float64(float32(x))
		a.least[id], a.most[id] = min(a.least[id], x), max(a.most[id], x)
		a.counts[int(id)*a.bins()+sort.SearchFloat64s(a.breaks, x)]++ // breaks belong to the bin below
	}
	return nil
}

func (a *histogram) Merge(_ *data.Scratch, groups []uint32, states []*data.Vec) error {
	for i, id := range groups {
		if states[1].Null(i) {
			continue
		}
		a.seen.Mark(vec.Groups{Rows: 1, One: id})
		lo, hi := states[0].List(i)
		if hi-lo != a.bins() {
			return fault.Invalidf("histograms with %d and %d bins cannot be merged", a.bins(), hi-lo)
		}
		for j := lo; j < hi; j++ {
			a.counts[int(id)*a.bins()+j-lo] += states[0].Elem.Long(j)
		}
		a.least[id], a.most[id] = min(a.least[id], states[1].Double(i)), max(a.most[id], states[2].Double(i))
	}
	return nil
}

func (a *histogram) State() []*data.Vec {
	n := len(a.least)
	lists := &data.Vec{Type: data.LongArray, N: n, Off: make([]int32, n+1), Elem: &data.Vec{Type: data.LongType, N: len(a.counts), I64: a.counts}}
	if a.counts == nil {
		lists.Elem.I64 = []int64{}
	}
	for i := range n {
		lists.Off[i+1] = int32((i + 1) * a.bins())
	}
	least := &data.Vec{Type: data.DoubleType, N: n, F64: a.least}
	markUnseen(least, &a.seen)
	return []*data.Vec{lists, least, {Type: data.DoubleType, N: n, F64: a.most}}
}

func (a *histogram) Result() (*data.Vec, error) {
	b := data.NewBuilder(a.shown)
	for i := range a.least {
		if a.seen.Has(i) {
			b.Append(a.show(a, nil, i))
		} else {
			b.Null()
		}
	}
	return b.Vec(), nil
}

func (a *histogram) bin(id int) []int64 { return a.counts[id*a.bins() : (id+1)*a.bins()] }

func (a *histogram) appendJSON(b []byte, id int) []byte {
	b = appendDoubles(append(b, `{"breaks":`...), a.breaks)
	counts := make([]float64, 0, a.bins())
	for _, n := range a.bin(id)[1 : a.bins()-1] {
		counts = append(counts, float64(n))
	}
	b = appendDoubles(append(b, `,"counts":`...), counts)
	b = appendDoubles(append(b, `,"quantiles":`...), []float64{a.least[id], a.most[id]})
	return append(b, '}')
}

func (a *histogram) appendState(b []byte, id int) []byte {
	float := func(x float64) { b = binary.BigEndian.AppendUint32(b, math.Float32bits(float32(x))) }
	b = binary.BigEndian.AppendUint32(b, uint32(len(a.breaks)))
	for _, x := range a.breaks {
		float(x)
	}
	for _, n := range a.bin(id) {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	float(a.least[id])
	float(a.most[id])
	return b
}

func appendDoubles(b []byte, of []float64) []byte {
	list := make([]any, len(of))
	for i, x := range of {
		list[i] = x
	}
	return expr.AppendJSON(b, list)
}

func (a *histogram) Size() int64 { return int64(cap(a.counts)+2*cap(a.least)) * 8 }

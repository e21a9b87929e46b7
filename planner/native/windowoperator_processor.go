package native

import (
	"encoding/json"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
)

// A processor computes columns over partitions.
type processor interface {
	apply(w *windowRows) error
}

var processors = jsontype.New[processor]("processor", "type")

func init() {
	processors.Add("composing", new(composed))
	processors.Add("rowNumber", &ranking{f: "row_number"})
	processors.Add("rank", &rankOf{ranking: ranking{f: "rank"}})
	processors.Add("denseRank", &denseRank{ranking{f: "dense_rank"}})
	processors.Add("cumeDist", &cumeDist{ranking{f: "cume_dist"}})
	processors.Add("percentile", new(buckets))
	processors.Add("first", &picked{f: "first_value"})
	processors.Add("last", &lastPicked{picked{f: "last_value"}})
	processors.Add("offset", new(shifted))
	processors.Add("framedAgg", new(framed))
}

// composed is processors one after the other.
type composed struct {
	Processors []jsontype.Of[processor] `json:"processors"`
}

func (p *composed) apply(w *windowRows) error {
	for i, x := range p.Processors {
		if x.V == nil {
			return fault.At(fault.Invalidf("expected a processor, got null"), index("processors", i))
		}
		if err := x.V.apply(w); err != nil {
			return fault.At(err, index("processors", i))
		}
	}
	return nil
}

// ranking numbers rows by the columns that make them peers.
type ranking struct {
	Group  []string `json:"group"`
	Output string   `json:"outputColumn"`
	f      string
}

// Check wants a name.
func (p *ranking) Check() error { return needOutput(p.Output) }

func needOutput(name string) error {
	if name == "" {
		return missing("outputColumn", "the name of the result")
	}
	return nil
}

func (p *ranking) apply(w *windowRows) error {
	group, err := existing(w.node, p.Group)
	if err != nil {
		return err
	}
	return w.window(group, exec.WindowCall{Name: p.Output, Func: p.f})
}

type (
	denseRank struct{ ranking }
	cumeDist  struct{ ranking }
)

// rankOf is the rank, or the part of the rows before.
type rankOf struct {
	ranking
	Percent bool `json:"asPercent"`
}

func (p *rankOf) apply(w *windowRows) error {
	r := p.ranking
	if p.Percent {
		r.f = "percent_rank"
	}
	return r.apply(w)
}

// buckets deals rows into so many buckets.
type buckets struct {
	Output string `json:"outputColumn"`
	N      int64  `json:"numBuckets"`
}

// Check wants a name and a number.
func (p *buckets) Check() error {
	if p.N <= 0 {
		return fault.At(fault.Invalidf("expected a number of buckets above 0, got %d", p.N), "numBuckets")
	}
	return needOutput(p.Output)
}

func (p *buckets) apply(w *windowRows) error {
	return w.window(nil, exec.WindowCall{Name: p.Output, Func: "ntile", Args: expr.Boxes([]expr.Expr{expr.Long(p.N)})})
}

// picked is a value of the partition's first row.
type picked struct {
	Input  string `json:"inputColumn"`
	Output string `json:"outputColumn"`
	f      string
}

// Check wants names.
func (p *picked) Check() error {
	if p.Input == "" {
		return missing("inputColumn", "the name of a column")
	}
	return needOutput(p.Output)
}

func (p *picked) apply(w *windowRows) error {
	return p.call(w, exec.WindowCall{Name: p.Output, Func: p.f, Frame: exec.WholePartition()})
}

func (p *picked) call(w *windowRows, c exec.WindowCall, more ...expr.Expr) error {
	if err := known(w.node, []string{p.Input}, "inputColumn"); err != nil {
		return err
	}
	c.Args = expr.Boxes(append([]expr.Expr{expr.Column(p.Input)}, more...))
	return w.window(nil, c)
}

// lastPicked is a value of the partition's last row.
type lastPicked struct{ picked }

// shifted is a value of the row so many rows after.
type shifted struct {
	picked
	Offset int64 `json:"offset"`
}

func (p *shifted) apply(w *windowRows) error {
	return p.call(w, exec.WindowCall{Name: p.Output, Func: "lead"}, expr.Long(p.Offset))
}

// framed aggregates the frame of each row.
type framed struct {
	Frame        windowFrame       `json:"frame"`
	Aggregations []json.RawMessage `json:"aggregations"`
}

// windowFrame is a frame of rows or groups; a bound that is missing is that of
// the partition. In the older form, which names a peerType, the lower offset
// counts rows before.
type windowFrame struct {
	Type           string   `json:"type"`
	Lower          *int64   `json:"lowerOffset"`
	Upper          *int64   `json:"upperOffset"`
	Order          []string `json:"orderByColumns"`
	PeerType       string   `json:"peerType"`
	LowUnbounded   bool     `json:"lowUnbounded"`
	LowOffset      int64    `json:"lowOffset"`
	UpperUnbounded bool     `json:"uppUnbounded"`
	UpperOffset    int64    `json:"uppOffset"`
	OrderBy        []struct {
		Column string `json:"column"`
	} `json:"orderBy"`
}

// Check wants aggregators and a kind of frame that is known.
func (p *framed) Check() error {
	if _, _, err := p.Frame.frame(); err != nil {
		return fault.At(err, "frame")
	}
	if len(p.Aggregations) == 0 {
		return missing("aggregations", "at least one aggregator")
	}
	return nil
}

// frame is the frame, and the columns that make peers.
func (f *windowFrame) frame() (exec.Frame, []string, error) {
	units := map[string]exec.FrameUnit{"rows": exec.Rows, "groups": exec.Groups}
	if f.PeerType != "" {
		g := *f
		g.PeerType, g.Type = "", strings.ToLower(f.PeerType)
		if g.Type == "range" {
			g.Type = "groups"
		}
		if low := -f.LowOffset; !f.LowUnbounded {
			g.Lower = &low
		}
		if !f.UpperUnbounded {
			g.Upper = &f.UpperOffset
		}
		for _, o := range f.OrderBy {
			g.Order = append(g.Order, o.Column)
		}
		return g.frame()
	}
	unit, ok := units[f.Type]
	if !ok {
		return exec.Frame{}, nil, fault.At(fault.Invalidf("unknown type of frame %q: expected rows or groups", f.Type), "type")
	}
	out := exec.Frame{Unit: unit, From: exec.Bound{Kind: exec.UnboundedPreceding}, To: exec.Bound{Kind: exec.UnboundedFollowing}}
	if f.Lower != nil {
		out.From = offsetBound(*f.Lower)
	}
	if f.Upper != nil {
		out.To = offsetBound(*f.Upper)
	}
	if f.Lower != nil && f.Upper != nil && *f.Lower > *f.Upper {
		return out, nil, fault.At(fault.Invalidf("the frame begins after its end"), "lowerOffset")
	}
	if unit == exec.Groups && len(f.Order) == 0 { // all rows of the partition are peers
		return exec.WholePartition(), nil, nil
	}
	return out, f.Order, nil
}

func offsetBound(n int64) exec.Bound {
	switch {
	case n < 0:
		return exec.Bound{Kind: exec.Preceding, Offset: expr.Box{Expr: expr.Long(-n)}}
	case n > 0:
		return exec.Bound{Kind: exec.Following, Offset: expr.Box{Expr: expr.Long(n)}}
	}
	return exec.Bound{Kind: exec.CurrentRow}
}

func (p *framed) apply(w *windowRows) error {
	frame, order, err := p.Frame.frame()
	if err != nil {
		return fault.At(err, "frame")
	}
	if err := known(w.node, order, "frame.orderByColumns"); err != nil {
		return err
	}
	schema, err := w.node.Schema()
	if err != nil {
		return err
	}
	shown := columns(schema.Names()...)
	finals := false
	var calls []exec.WindowCall
	for i, raw := range p.Aggregations {
		a, err := agg.ParseNative(index("aggregations", i), raw)
		if err != nil {
			return err
		}
		c, err := a.Call(filter.Scope{Schema: schema})
		if err != nil {
			return fault.At(err, index("aggregations", i))
		}
		calls = append(calls, exec.WindowCall{Name: c.Name, Agg: &c, Frame: frame})
		final := agg.Shown(a, c.Func, expr.Column(c.Name))
		_, plain := final.(*expr.Col)
		finals = finals || !plain
		shown = append(shown, exec.Named{Name: c.Name, Expr: final})
	}
	if err := w.window(order, calls...); err != nil {
		return err
	}
	if finals {
		w.node = planner.NewProject(w.node, shown...)
	}
	return nil
}

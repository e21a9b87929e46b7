package native

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

// Intervals is when a query's rows are, condensed. Forms:
//
//	"a/b"   "a/b,c/d"   ["a/b", ...]
//	{"type": "intervals", "intervals": [...]}
//	{"type": "segments", "segments": [{"itvl": "a/b", "ver": ..., "part": ...}, ...]}
type Intervals struct {
	List  []chrono.Interval
	Given bool
}

// always is intervals without bounds.
var always = []chrono.Interval{chrono.Eternity}

// UnmarshalJSON reads any of the forms.
func (x *Intervals) UnmarshalJSON(raw []byte) error {
	list, err := readIntervals(bytes.TrimSpace(raw))
	if err != nil {
		return err
	}
	x.List, x.Given = chrono.Condense(list), true
	return nil
}

type intervalsForm struct {
	Type      string          `json:"type"`
	Intervals json.RawMessage `json:"intervals"`
	Segments  []struct {
		Interval json.RawMessage `json:"itvl"`
	} `json:"segments"`
}

func readIntervals(raw []byte) ([]chrono.Interval, error) {
	if len(raw) > 0 && raw[0] == '{' {
		return readIntervalsForm(raw)
	}
	var texts []string
	var list []*string
	var one string
	switch {
	case json.Unmarshal(raw, &list) == nil && list != nil:
		for _, t := range list { // nulls are left out
			if t != nil {
				texts = append(texts, *t)
			}
		}
	case json.Unmarshal(raw, &one) == nil && len(raw) > 0 && raw[0] == '"':
		texts = strings.Split(one, ",")
	default:
		return nil, fault.Invalidf("expected an interval such as \"2012-01-01/2012-02-01\" or a list of them, got %.60s", raw)
	}
	var out []chrono.Interval
	for i, t := range texts {
		in, err := chrono.ParseInterval(t)
		if err != nil && len(one) > 0 && len(texts) == 1 {
			return nil, err
		}
		if err != nil {
			return nil, fault.At(err, fmt.Sprintf("[%d]", i))
		}
		out = append(out, in)
	}
	return out, nil
}

func readIntervalsForm(raw []byte) ([]chrono.Interval, error) {
	var form intervalsForm
	if err := json.Unmarshal(raw, &form); err != nil {
		return nil, fault.Invalidf("%v", err)
	}
	switch form.Type {
	case "", "intervals", "LegacySegmentSpec":
		if len(form.Intervals) == 0 || form.Intervals[0] != '[' {
			return nil, fault.At(fault.Invalidf("missing: expected a list of intervals"), "intervals")
		}
		out, err := readIntervals(form.Intervals)
		return out, fault.At(err, "intervals")
	case "segments":
		var out []chrono.Interval
		for i, s := range form.Segments {
			in, err := readIntervals(s.Interval)
			if err != nil {
				return nil, fault.At(fault.At(err, "itvl"), fmt.Sprintf("segments[%d]", i))
			}
			out = append(out, in...)
		}
		return out, nil
	}
	known := []string{"intervals", "segments"}
	return nil, fault.At(fault.Invalidf("unknown type of intervals %q%s; known: %s", form.Type, fault.Suggest(form.Type, known), strings.Join(known, ", ")), "type")
}

// Start is the first instant; of no intervals it is the epoch.
func (x Intervals) Start() int64 {
	if len(x.List) == 0 {
		return 0
	}
	return x.List[0].Start
}

// within keeps the rows of n whose time is in the intervals. It is for rows
// that are no segment's; a scan has its own way.
func within(n planner.Node, in []chrono.Interval) planner.Node {
	if len(in) == 1 && in[0] == chrono.Eternity {
		return n
	}
	time := expr.Column(segment.Time)
	var any expr.Expr
	for _, iv := range in {
		cond := expr.Of("and", expr.Of("greaterequal", time, expr.Long(iv.Start)), expr.Of("less", time, expr.Long(iv.End)))
		if any == nil {
			any = cond
		} else {
			any = expr.Of("or", any, cond)
		}
	}
	if any == nil {
		any = expr.Bool(false)
	}
	return planner.NewFilter(n, any)
}

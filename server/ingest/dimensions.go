package ingest

import (
	"encoding/json"
	"strings"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A dimensionsSpec names the columns that are not aggregated.
type dimensionsSpec struct {
	List       []dimension `json:"dimensions"`
	Exclusions []string    `json:"dimensionExclusions"`
	IncludeAll bool        `json:"includeAllDimensions"`
	Discovery  bool        `json:"useSchemaDiscovery"`
	TimeSort   *bool       `json:"forceSegmentSortByTime"`
}

// A dimension is a column that is not aggregated.
type dimension struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Multi  string `json:"multiValueHandling"`
	CastTo string `json:"castToType"`
}

// UnmarshalJSON reads an object, or the name of a STRING dimension.
func (d *dimension) UnmarshalJSON(raw []byte) error {
	*d = dimension{Type: "string", Multi: "sorted_array"}
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &d.Name); err != nil {
			return fault.Invalidf("%v", err)
		}
		return d.check()
	}
	type plain dimension
	if err := jsontype.Decode("", raw, (*plain)(d)); err != nil {
		return err
	}
	d.Type, d.Multi = strings.ToLower(d.Type), strings.ToLower(d.Multi)
	return d.check()
}

func (d *dimension) check() error {
	if d.Name == "" {
		return fault.At(fault.Invalidf("a dimension must have a name"), "name")
	}
	if dimensionTypes[d.Type] == nil {
		known := names(dimensionTypes)
		return fault.At(fault.Invalidf("unknown dimension type %q%s; known: %s", d.Type, fault.Suggest(d.Type, known), strings.Join(known, ", ")), "type")
	}
	if d.CastTo != "" {
		if t, err := data.ParseType(d.CastTo); err != nil || t.Kind == data.Complex && t != data.JSONType || t.Kind == data.Bool {
			return fault.At(fault.Invalidf("%q: expected STRING, LONG, FLOAT, DOUBLE or an ARRAY of one", d.CastTo), "castToType")
		}
	}
	if multiValues[d.Multi] == nil {
		return fault.At(fault.Invalidf("unknown handling %q; known: %s", d.Multi, strings.Join(names(multiValues), ", ")), "multiValueHandling")
	}
	return nil
}

func (d *dimensionsSpec) check() error {
	if d.TimeSort != nil && !*d.TimeSort {
		return fault.At(fault.New(fault.Unsupported, "segments are sorted by time first"), "forceSegmentSortByTime")
	}
	return nil
}

// discovers says whether fields that the spec does not name become columns.
func (d *dimensionsSpec) discovers() bool {
	return len(d.List) == 0 || d.IncludeAll || d.Discovery && len(d.List) == 0
}

// metrics are the aggregators of a spec, kept as they were written.
type metrics struct {
	list []agg.Native
	raw  []json.RawMessage
}

// UnmarshalJSON reads a list of aggregators.
func (m *metrics) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, &m.raw); err != nil {
		return fault.Invalidf("expected a list of aggregators: %v", err)
	}
	for i, r := range m.raw {
		a, err := agg.ParseNative("", r)
		if err != nil {
			return fault.At(err, index(i))
		}
		if a.OutputName() == "" {
			return fault.At(fault.At(fault.Invalidf("a metric must have a name"), "name"), index(i))
		}
		m.list = append(m.list, a)
	}
	return nil
}

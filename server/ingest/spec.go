// Package ingest makes segments out of rows. It owns ingestion specs, the one
// builder of segments (for the sample, batch tasks and the command line), and
// the tasks that run it.
//
//	source ─► blocks of lines ─► workers: parse, time, transform, filter ─► stores
//	stores ─► time chunks ─► partitions ─► sort ─► rollup ─► segment files
//
// Every worker appends to typed columns of its own, one set a time chunk;
// strings become codes of the worker's dictionary at once. When all is read,
// the parts of each chunk are joined, sorted and written.
package ingest

import (
	"encoding/json"
	"strings"

	"github.com/ovatedb/ovate/exec/filter"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server/ingest/format"
	"github.com/ovatedb/ovate/server/ingest/source"
)

// A Spec says what to read and which segments to make of it.
type Spec struct {
	Type   string     `json:"type"`
	Data   DataSchema `json:"dataSchema"`
	IO     ioConfig   `json:"ioConfig"`
	Tuning tuning     `json:"tuningConfig"`
}

// A DataSchema is what rows become, wherever they come from.
type DataSchema struct {
	Source      string          `json:"dataSource"`
	Timestamp   timestampSpec   `json:"timestampSpec"`
	Dimensions  dimensionsSpec  `json:"dimensionsSpec"`
	Metrics     metrics         `json:"metricsSpec"`
	Granularity granularitySpec `json:"granularitySpec"`
	Transform   transformSpec   `json:"transformSpec"`
}

type ioConfig struct {
	Type   string                     `json:"type"`
	Source jsontype.Of[source.Source] `json:"inputSource"`
	Format jsontype.Of[format.Format] `json:"inputFormat"`
	Append bool                       `json:"appendToExisting"`
	Drop   bool                       `json:"dropExisting"`
}

type tuning struct {
	Partitions   jsontype.Of[partitioning] `json:"partitionsSpec"`
	MaxRows      int                       `json:"maxRowsPerSegment"`
	Shards       int                       `json:"numShards"`
	MaxErrors    *int                      `json:"maxParseExceptions"`
	ReportErrors bool                      `json:"reportParseExceptions"`
	SavedErrors  int                       `json:"maxSavedParseExceptions"`
}

type timestampSpec struct {
	Column  string  `json:"column"`
	Format  string  `json:"format"`
	Missing *string `json:"missingValue"`

	raw json.RawMessage
}

type granularitySpec struct {
	Type      string            `json:"type"`
	Segment   json.RawMessage   `json:"segmentGranularity"`
	Query     json.RawMessage   `json:"queryGranularity"`
	Rollup    *bool             `json:"rollup"`
	Intervals []chrono.Interval `json:"intervals"`

	segment, query chrono.Granularity
}

// ParseSpec reads a task of type index or index_parallel, or the spec within
// one. Errors say where in the text something is wrong.
func ParseSpec(raw []byte) (*Spec, error) {
	var task struct {
		Type string          `json:"type"`
		Spec json.RawMessage `json:"spec"`
	}
	if err := json.Unmarshal(raw, &task); err != nil {
		return nil, fault.Invalidf("not an ingestion spec: %v", err)
	}
	path := ""
	if task.Spec != nil {
		path, raw = "spec", task.Spec
	}
	s := &Spec{}
	if err := jsontype.Decode(path, raw, s); err != nil {
		return nil, err
	}
	if task.Type != "" {
		s.Type = task.Type
	}
	if s.Type != "" && s.Type != "index" && s.Type != "index_parallel" {
		return nil, fault.At(fault.Invalidf("unknown task type %q; known: index, index_parallel", s.Type), "type")
	}
	if err := s.check(); err != nil {
		return nil, fault.At(err, path)
	}
	return s, nil
}

func (s *Spec) check() error {
	if err := s.Data.Check(); err != nil {
		return fault.At(err, "dataSchema")
	}
	if s.IO.Source.V == nil {
		return fault.At(fault.Invalidf("an inputSource is required; known types: %s", strings.Join(source.Names(), ", ")), "ioConfig.inputSource")
	}
	if s.IO.Format.V == nil {
		return fault.At(fault.Invalidf("an inputFormat is required; known types: %s", strings.Join(format.Names(), ", ")), "ioConfig.inputFormat")
	}
	if s.Tuning.Partitions.V == nil {
		s.Tuning.Partitions.V = &dynamic{MaxRows: s.Tuning.MaxRows}
		if s.Tuning.Shards > 0 {
			s.Tuning.Partitions.V = &hashed{Shards: s.Tuning.Shards}
		}
	}
	if _, ok := s.Tuning.Partitions.V.(*dynamic); !ok && s.IO.Append {
		return fault.At(fault.Invalidf("rows can be appended with partitions of type dynamic only"), "ioConfig.appendToExisting")
	}
	return nil
}

// Check looks over the members and works out what they mean.
func (d *DataSchema) Check() error {
	switch {
	case d.Source == "":
		return fault.At(fault.Invalidf("a name is required"), "dataSource")
	case strings.ContainsAny(d.Source, "/\t\n\r") || strings.HasPrefix(d.Source, "."):
		return fault.At(fault.Invalidf("%q: a name has no slash, no line end and no leading dot", d.Source), "dataSource")
	}
	if d.Timestamp.Column == "" {
		d.Timestamp.Column = "timestamp"
	}
	if _, err := chrono.NewTimestampFormat(d.Timestamp.Format); err != nil {
		return fault.At(err, "timestampSpec.format")
	}
	if d.Timestamp.Missing != nil {
		if _, err := chrono.ParseTime(*d.Timestamp.Missing); err != nil {
			return fault.At(err, "timestampSpec.missingValue")
		}
	}
	if err := d.Granularity.check(); err != nil {
		return fault.At(err, "granularitySpec")
	}
	if err := d.Dimensions.check(); err != nil {
		return fault.At(err, "dimensionsSpec")
	}
	return d.names()
}

// names finds columns that come twice.
func (d *DataSchema) names() error {
	seen := map[string]string{segment.Time: "the time"}
	for _, c := range d.Dimensions.List {
		if what := seen[c.Name]; what != "" {
			return fault.At(fault.Invalidf("dimension %q has the name of %s", c.Name, what), "dimensionsSpec.dimensions")
		}
		seen[c.Name] = "another dimension"
	}
	for _, m := range d.Metrics.list {
		if what := seen[m.OutputName()]; what != "" {
			return fault.At(fault.Invalidf("metric %q has the name of %s", m.OutputName(), strings.Replace(what, "another", "a", 1)), "metricsSpec")
		}
		seen[m.OutputName()] = "another metric"
	}
	return nil
}

func (g *granularitySpec) check() (err error) {
	if g.Type != "" && g.Type != "uniform" && g.Type != "arbitrary" {
		return fault.At(fault.Invalidf("unknown type %q; known: uniform, arbitrary", g.Type), "type")
	}
	if g.segment, err = granularity(g.Segment, "day"); err != nil {
		return fault.At(err, "segmentGranularity")
	}
	if g.segment.IsNone() {
		return fault.At(fault.Invalidf("segments of one millisecond each are not supported"), "segmentGranularity")
	}
	if g.query, err = granularity(g.Query, "none"); err != nil {
		return fault.At(err, "queryGranularity")
	}
	if g.Type == "arbitrary" && len(g.Intervals) == 0 {
		return fault.At(fault.Invalidf("intervals are required with type arbitrary"), "intervals")
	}
	return nil
}

func granularity(raw json.RawMessage, fallback string) (chrono.Granularity, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return chrono.NamedGranularity(fallback)
	}
	return chrono.ParseGranularity(raw)
}

func (g *granularitySpec) rollup() bool { return g.Rollup == nil || *g.Rollup }

// A transformSpec computes fields of a row out of its other fields, and drops
// rows.
type transformSpec struct {
	Transforms []transform                `json:"transforms"`
	Filter     jsontype.Of[filter.Filter] `json:"filter"`
}

type transform struct {
	Type       string `json:"type"`
	Name       string `json:"name"`
	Expression string `json:"expression"`
}

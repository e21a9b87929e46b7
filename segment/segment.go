// Package segment says what a segment is: an immutable run of rows of one data
// source over one interval of time, read column by column. It owns the
// interfaces that every kind of segment meets (a mapped file, rows still
// arriving, Druid's own format) and the identity of segments; it opens no file
// and has heard of no query.
package segment

import (
	"encoding/json"
	"strconv"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment/bitmap"
)

// Time is the name of the column of instants that every data source of events
// has: LONG, milliseconds since 1970 UTC.
const Time = "__time"

// An ID names a segment. Two with the same ID hold the same rows.
type ID struct {
	Source    string          `json:"dataSource"`
	Interval  chrono.Interval `json:"interval"`
	Version   string          `json:"version"` // compared as a string; the highest wins
	Partition int             `json:"partitionNumber"`
}

// String is the identifier as Druid writes it:
// source_start_end_version, then _partition unless that is 0.
func (id ID) String() string {
	s := id.Source + "_" + chrono.FormatTime(id.Interval.Start, chrono.UTC) + "_" +
		chrono.FormatTime(id.Interval.End, chrono.UTC) + "_" + id.Version
	if id.Partition != 0 {
		s += "_" + strconv.Itoa(id.Partition)
	}
	return s
}

// A Segment is safe for concurrent use. Its columns are valid until it is
// closed by its owner, who waits for its readers: readers never close it.
type Segment interface {
	ID() ID
	Rows() int
	Schema() data.Schema // Time first where there is one, then the dimensions, then the metrics
	Column(name string) (Column, bool)
	Info() Info
}

// Info is what a segment says of itself beside its columns.
type Info struct {
	MinTime    int64 `json:"minTime"` // least and greatest instant of its rows; meaningless without rows
	MaxTime    int64 `json:"maxTime"`
	TimeSorted bool  `json:"timeSorted"` // rows ascend in time
	Size       int64 `json:"size"`       // bytes as stored

	Dimensions       []string        `json:"dimensions"`
	Metrics          []string        `json:"metrics"`
	Rollup           *bool           `json:"rollup,omitempty"`
	QueryGranularity json.RawMessage `json:"queryGranularity,omitempty"`
	Aggregators      json.RawMessage `json:"aggregators,omitempty"` // list of combining aggregator specs
	TimestampSpec    json.RawMessage `json:"timestampSpec,omitempty"`
}

// A Column reads the values of one column. Its Vecs wrap the segment's bytes
// where these allow it, and else live in the Scratch.
type Column interface {
	Field() data.Field
	Read(s *data.Scratch, lo, hi int) *data.Vec    // rows lo to hi
	Take(s *data.Scratch, rows []uint32) *data.Vec // the given rows, ascending
}

// Indexed is a column of words that knows the rows of each. A condition on it
// is evaluated once per word. RowsOf(null word) holds the null rows; of a
// multi-value column, the rows that hold the word, and for the null word also
// the rows without values.
type Indexed interface {
	Column
	Dict() *data.Dict
	RowsOf(code uint32) *bitmap.Bitmap // nil: this column has words, but no index
}

// Counted is an index that knows the size of a word's rows without reading
// them (ok is false where it does not), and unites the rows of many words.
type Counted interface {
	Indexed
	Count(code uint32) (rows int, ok bool)
	RowsOfAny(codes []uint32) *bitmap.Bitmap
}

// Ranged is a column with a zone map: bounds of the values, nulls aside, in
// rows lo to hi. ok is false where nothing is known.
type Ranged interface {
	Column
	Range(lo, hi int) (least, most float64, nulls, ok bool)
}

// Pathed is a column of JSON with its fields laid out as columns of their own.
type Pathed interface {
	Column
	Path(path string) (Column, bool) // by normalised path: $.a.b, $.a[0]
	Paths() []string
}

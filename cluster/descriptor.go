package cluster

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// A Descriptor says what a segment is and where its file is: Druid's
// DataSegment, and as JSON the same object with two members more. It is not
// changed after it was made; copies share what it refers to.
type Descriptor struct {
	Source     string
	Interval   chrono.Interval
	Version    string
	LoadSpec   json.RawMessage // where the file is, by type; see Location
	Dimensions Names
	Metrics    Names
	Shard      Shard           // nil is Numbered{Partitions: 1}
	Compaction json.RawMessage // lastCompactionState, if any
	Format     int             // binaryVersion: 9 for Druid's files
	Size       int64           // bytes, unpacked
	Schema     data.Schema     // columns as stored; known to who opened it, else nil
	Rows       int64           // likewise; 0 is not known
}

// Names are column names, joined by commas as in JSON. (A million descriptors
// share few strings, where they would not share slices.)
type Names string

// List gives the names.
func (n Names) List() []string {
	if n == "" {
		return nil
	}
	return strings.Split(string(n), ",")
}

// JoinNames is the Names of a list.
func JoinNames(list []string) Names { return Names(strings.Join(list, ",")) }

// ID names the segment.
func (d *Descriptor) ID() segment.ID {
	return segment.ID{Source: d.Source, Interval: d.Interval, Version: d.Version, Partition: d.partition()}
}

func (d *Descriptor) partition() int {
	if d.Shard == nil {
		return 0
	}
	return d.Shard.Number()
}

// wireDescriptor is a Descriptor's JSON, members in Druid's order.
type wireDescriptor struct {
	Source     string          `json:"dataSource"`
	Interval   chrono.Interval `json:"interval"`
	Version    string          `json:"version"`
	LoadSpec   json.RawMessage `json:"loadSpec,omitempty"`
	Dimensions string          `json:"dimensions"`
	Metrics    string          `json:"metrics"`
	Shard      json.RawMessage `json:"shardSpec"`
	Compaction json.RawMessage `json:"lastCompactionState,omitempty"`
	Format     int             `json:"binaryVersion"`
	Size       int64           `json:"size"`
	Identifier string          `json:"identifier"`
	Schema     json.RawMessage `json:"schema,omitempty"`
	Rows       int64           `json:"rows,omitempty"`
}

// MarshalJSON writes Druid's form.
func (d Descriptor) MarshalJSON() ([]byte, error) {
	shard, err := MarshalShard(d.Shard)
	if err != nil {
		return nil, err
	}
	w := wireDescriptor{
		Source: d.Source, Interval: d.Interval, Version: d.Version, LoadSpec: d.LoadSpec,
		Dimensions: string(d.Dimensions), Metrics: string(d.Metrics), Shard: shard, Compaction: d.Compaction,
		Format: d.Format, Size: d.Size, Identifier: d.ID().String(), Rows: d.Rows,
	}
	if d.Schema != nil {
		if w.Schema, err = json.Marshal(d.Schema); err != nil {
			return nil, err
		}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads Druid's form. The identifier is not read: it follows
// from the rest.
func (d *Descriptor) UnmarshalJSON(b []byte) error {
	var w wireDescriptor
	if err := json.Unmarshal(b, &w); err != nil {
		return fault.Invalidf("segment descriptor: %v", err)
	}
	switch {
	case w.Source == "":
		return fault.Invalidf("segment descriptor: dataSource is missing")
	case w.Version == "":
		return fault.Invalidf("segment descriptor of %q: version is missing", w.Source)
	case w.Interval.Empty():
		return fault.Invalidf("segment descriptor of %q: interval %s is empty", w.Source, w.Interval)
	}
	shard, err := ParseShard(w.Shard)
	if err != nil {
		return err
	}
	schema, err := shareSchema(w.Schema)
	if err != nil {
		return fault.At(err, "schema")
	}
	*d = Descriptor{
		Source: share(w.Source), Interval: w.Interval, Version: share(w.Version), LoadSpec: w.LoadSpec,
		Dimensions: Names(share(w.Dimensions)), Metrics: Names(share(w.Metrics)), Shard: shard,
		Compaction: w.Compaction, Format: w.Format, Size: w.Size, Schema: schema, Rows: w.Rows,
	}
	return nil
}

// Location is what a loadSpec says: its type and the members that the types
// in use have. Key is the key in Storage.
type Location struct {
	Type   string `json:"type"` // s3_zip, local, …
	Bucket string `json:"bucket,omitempty"`
	Key    string `json:"key,omitempty"`
	Path   string `json:"path,omitempty"`
}

// Location reads the loadSpec. One without type is fault.Invalid.
func (d *Descriptor) Location() (Location, error) {
	var l Location
	if err := json.Unmarshal(d.LoadSpec, &l); err != nil {
		return l, fault.Invalidf("loadSpec of segment %s: %v", d.ID(), err)
	}
	if l.Type == "" {
		return l, fault.Invalidf("loadSpec of segment %s: type is missing", d.ID())
	}
	return l, nil
}

// StorageKey is where the file of that name of a segment goes in Storage:
// source/start_end/version/partition/name, without ":", which some file systems
// refuse.
func StorageKey(id segment.ID, name string) string {
	at := func(ms int64) string {
		return strings.ReplaceAll(chrono.FormatTime(ms, chrono.UTC), ":", "")
	}
	return strings.Join([]string{
		element(id.Source), at(id.Interval.Start) + "_" + at(id.Interval.End),
		element(strings.ReplaceAll(id.Version, ":", "_")), strconv.Itoa(id.Partition), name,
	}, "/")
}

// element makes any text one element of a key.
func element(s string) string {
	if s == "." || s == ".." || s == "" {
		return "%" + s
	}
	return url.PathEscape(s)
}

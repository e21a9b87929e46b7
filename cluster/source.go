package cluster

import (
	"bytes"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
)

// A source is what a View keeps for one source. The View's lock guards it.
type source struct {
	timeline *Timeline
	schemas  map[string]*counted // the different schemas of its segments, by text
	merged   data.Schema         // their union; nil when it has to be made
	last     *counted            // the schema that came last: the next is likely the same one
}

type counted struct {
	schema   data.Schema
	segments int
}

func newSource() *source {
	return &source{timeline: NewTimeline(), schemas: map[string]*counted{}}
}

// add says that a server has a segment. It gives the descriptor to keep: the one
// that another server of the segment gave, if it is the same.
func (s *source) add(d *Descriptor, server *Server) *Descriptor {
	if old, ok := s.timeline.Get(d.ID()); ok {
		if old.Descriptor.equal(d) {
			s.timeline.Add(old.Descriptor, server)
			return old.Descriptor
		}
		s.count(old.Descriptor, -1)
	}
	s.timeline.Add(d, server)
	s.count(d, 1)
	return d
}

// equal says whether two descriptors of one ID are the same.
func (d *Descriptor) equal(o *Descriptor) bool {
	return d == o || d.Size == o.Size && d.Rows == o.Rows && d.Format == o.Format && d.Dimensions == o.Dimensions && d.Metrics == o.Metrics &&
		bytes.Equal(d.LoadSpec, o.LoadSpec) && bytes.Equal(d.Compaction, o.Compaction) && slices.Equal(d.Schema, o.Schema) &&
		(d.Schema == nil) == (o.Schema == nil) && reflect.DeepEqual(d.Shard, o.Shard)
}

func (s *source) remove(id segment.ID, server string) {
	old, ok := s.timeline.Get(id)
	s.timeline.Remove(id, server)
	if _, still := s.timeline.Get(id); ok && !still {
		s.count(old.Descriptor, -1)
	}
}

func (s *source) count(d *Descriptor, n int) {
	s.merged = nil
	columns := d.Columns()
	if l := s.last; l != nil && n > 0 && l.segments > 0 && len(columns) == len(l.schema) && &columns[0] == &l.schema[0] {
		l.segments += n
		return
	}
	var text strings.Builder
	for _, f := range columns {
		text.WriteString(f.Name)
		text.WriteByte(0)
		text.WriteString(f.Type.String())
		if f.Multi {
			text.WriteByte('*')
		}
		text.WriteByte(0)
	}
	key := text.String()
	c := s.schemas[key]
	if c == nil {
		c = &counted{schema: columns}
		s.schemas[key] = c
	}
	if c.segments += n; c.segments <= 0 {
		delete(s.schemas, key)
	}
	s.last = c
}

func (s *source) union() data.Schema {
	if s.merged != nil {
		return s.merged
	}
	schemas := []data.Schema{s.timeline.newest()}
	keys := make([]string, 0, len(s.schemas))
	for k := range s.schemas {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		schemas = append(schemas, s.schemas[k].schema)
	}
	s.merged = data.Union(schemas...)
	return s.merged
}

// newest is the columns of the last segment of the last set that is whole, or
// else of any.
func (t *Timeline) newest() (out data.Schema) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	t.root.backward(func(s *set) bool {
		last := s.chunks[len(s.chunks)-1].d
		if s.whole || out == nil {
			out = last.Columns()
		}
		return !s.whole
	})
	return out
}

// Columns is the segment's Schema; of a segment that nobody opened yet, what
// its descriptor lets expect: dimensions are STRING, metrics DOUBLE.
func (d *Descriptor) Columns() data.Schema {
	if d.Schema != nil {
		return d.Schema
	}
	out := data.Schema{{Name: segment.Time, Type: data.LongType}}
	for _, n := range d.Dimensions.List() {
		out = append(out, data.Field{Name: n, Type: data.StringType})
	}
	for _, n := range d.Metrics.List() {
		out = append(out, data.Field{Name: n, Type: data.DoubleType})
	}
	return out
}

package ingest

import (
	"sort"

	"github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment/file"
	"github.com/ovatedb/ovate/server/ingest/format"
)

// maxPaths bounds the fields of JSON that become columns of their own; the
// others are read out of the text.
const maxPaths = 10_000

// dimensionColumn is a column as it is stored: JSON has its fields beside it.
func dimensionColumn(name string, v *data.Vec) file.Column {
	if v.Type.Kind == data.String && allNull(v) {
		v = data.Nulls(nil, data.NullType, v.N)
	}
	c := file.Column{Field: data.Field{Name: name, Type: v.Type, Multi: v.Multi()}, Vec: v}
	if v.Type == data.JSONType {
		c.Paths = jsonPaths(v)
	}
	return c
}

func allNull(v *data.Vec) bool {
	for i := range v.N {
		if !v.Null(i) {
			return false
		}
	}
	return true
}

// A leaf is the values of one field of JSON, of the rows that have it.
type leaf struct {
	t       data.Type
	array   bool // lists are among the values
	several bool // values of types that no one type holds as it is
	rows    []uint32
	values  []format.Value
}

// jsonPaths are the fields of a column of JSON texts that have values of one
// type, by their path. A field is what is no object and no list of objects or
// lists: the elements of those are fields.
func jsonPaths(v *data.Vec) map[string]*data.Vec {
	w := walk{leaves: map[string]*leaf{}}
	for i := range v.N {
		if !v.Null(i) {
			w.row = uint32(i)
			w.value(format.ParseCompact([]byte(v.Str(i))), "$")
		}
	}
	out := map[string]*data.Vec{}
	paths := make([]string, 0, len(w.leaves))
	for p := range w.leaves {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	for _, p := range paths {
		if l := w.leaves[p]; !l.several && len(out) < maxPaths && l.t.Kind != data.Null {
			out[p] = l.column(v.N)
		}
	}
	return out
}

type walk struct {
	leaves map[string]*leaf
	row    uint32
}

func (w *walk) value(v format.Value, path string) {
	switch v.Tag {
	case format.Null:
		return
	case format.Object:
		format.Each(v.Raw, func(key string, _ int, x format.Value) { w.value(x, joinPath(path, key)) })
		return
	case format.List:
		if _, ok := elementType(v.Raw); !ok {
			format.Each(v.Raw, func(_ string, i int, x format.Value) { w.value(x, joinPath(path, i)) })
			return
		}
	}
	l := w.leaves[path]
	if l == nil {
		l = &leaf{}
		w.leaves[path] = l
	}
	l.add(w.row, v)
}

// joinPath is path with one step more.
func joinPath(path string, step any) string { return path + fn.JoinPath(step)[1:] }

func (l *leaf) add(row uint32, v format.Value) {
	t := scalarType(v.Tag, v.Raw)
	if v.Tag == format.List {
		e, _ := elementType(v.Raw)
		if e.Kind == data.Null {
			e = data.LongType
		}
		t = data.ArrayOf(e)
	}
	l.several = l.several || l.t.Kind != data.Null && l.t != t
	l.t = t
	l.rows, l.values = append(l.rows, row), append(l.values, v)
}

// column is the values of n rows.
func (l *leaf) column(n int) *data.Vec {
	b := data.NewBuilder(l.t)
	at := 0
	for i := range n {
		if at == len(l.rows) || int(l.rows[at]) != i {
			b.Null()
			continue
		}
		v := l.values[at]
		at++
		if l.t.Kind == data.Array {
			b.Append(arrayValue(v.Raw, l.t.Element()))
		} else {
			b.Append(scalarValue(v.Tag, v.Text(), l.t))
		}
	}
	return b.Vec()
}

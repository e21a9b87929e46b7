package format

import (
	"bytes"

	"github.com/ovatedb/ovate/internal/fault"
)

func init() { formats.Add("json", &jsonLines{Flatten: flattenSpec{Discover: true}}) }

// jsonLines is an object a line.
type jsonLines struct {
	Flatten flattenSpec `json:"flattenSpec"`
}

// A flattenSpec takes fields out of nested objects.
type flattenSpec struct {
	Discover bool           `json:"useFieldDiscovery"` // fields of the outermost object are fields
	Fields   []flattenField `json:"fields"`
}

type flattenField struct {
	Type  string   `json:"type"` // root, path or tree
	Name  string   `json:"name"`
	Expr  string   `json:"expr"`
	Nodes []string `json:"nodes"`

	steps []step
}

// Check looks over the members.
func (f *jsonLines) Check() error {
	for i := range f.Flatten.Fields {
		if err := f.Flatten.Fields[i].check(); err != nil {
			return fault.At(fault.At(err, "fields"+brackets(i)), "flattenSpec")
		}
	}
	return nil
}

// HeadLines is none: every line is a row.
func (f *jsonLines) HeadLines() int { return 0 }

// Begin needs nothing of the object.
func (f *jsonLines) Begin(_ []byte, want Want) (int, Parser, error) {
	p := &jsonParser{f: f, all: want.All && f.Flatten.Discover, objects: want.Objects}
	p.want = append(p.want, want.Names...)
	taken := map[string]bool{}
	for _, x := range f.Flatten.Fields {
		p.want = append(p.want, x.Name)
		taken[x.Name] = true
	}
	p.taken = taken
	return 0, p, nil
}

type jsonParser struct {
	f       *jsonLines
	want    []string
	all     bool            // fields that nobody named are wanted too
	objects bool            // of these, also objects
	taken   map[string]bool // names that the flattenSpec gives
}

// A member is where the k-th member of the last row went; the next row most
// likely has the same.
type member struct {
	key string
	col int // -1: nowhere
}

func (p *jsonParser) Parse(block []byte, rows *Rows) {
	rows.reset(block, p.want)
	rows.members = rows.members[:0]
	for at, n := 0, len(block); at < n; {
		line, next := cutLine(rows.Text[:n], at)
		if len(bytes.TrimSpace(line)) > 0 {
			if bad := p.row(rows, at, at+len(line)); bad != "" {
				rows.bad(line, "not a JSON object: expected "+bad)
				for i := range rows.Cols {
					rows.Cols[i].cut(rows.N)
				}
			} else {
				rows.N++
			}
			rows.finish()
		}
		at = next
	}
}

// cut drops cells beyond n.
func (c *Column) cut(n int) {
	if len(c.Tags) > n {
		c.Tags, c.Lo, c.Hi = c.Tags[:n], c.Lo[:n], c.Hi[:n]
	}
}

// row reads the object at lo to hi; it says what was expected where there is none.
func (p *jsonParser) row(rows *Rows, lo, hi int) string {
	s := scan{b: rows.Text[:hi], at: lo}
	s.skip('{')
	if s.space() == '}' && s.bad == "" {
		return p.flatten(rows, lo, hi)
	}
	for k := 0; s.bad == ""; k++ {
		s.space()
		a, b, escaped := s.str()
		s.skip(':')
		if s.bad != "" {
			break
		}
		p.cell(rows, &s, p.column(rows, k, s.b[a:b], escaped, s.space() == '{'))
		if s.space() == '}' {
			break
		}
		s.skip(',')
	}
	if s.bad != "" {
		return s.bad
	}
	return p.flatten(rows, lo, hi)
}

// column is where the k-th member of a row goes.
func (p *jsonParser) column(rows *Rows, k int, raw []byte, escaped, object bool) int {
	if k < len(rows.members) && rows.members[k].key == string(raw) {
		return rows.members[k].col
	}
	name := string(Value{Text, raw, escaped}.Text())
	col, ok := rows.at[name]
	switch {
	case !p.f.Flatten.Discover || p.taken[name]:
		col = -1
	case !ok && object && !p.objects:
		return -1
	case !ok && p.all:
		col = rows.Add(name)
		rows.Cols[col].pad(rows.N)
	case !ok:
		col = -1
	}
	if k < len(rows.members) {
		rows.members[k] = member{string(raw), col}
	} else if k == len(rows.members) {
		rows.members = append(rows.members, member{string(raw), col})
	}
	return col
}

// cell reads the value at hand into a column; of members of the same name the
// last counts.
func (p *jsonParser) cell(rows *Rows, s *scan, col int) {
	tag, lo, hi := Null, 0, 0
	switch c := s.space(); c {
	case '"':
		var escaped bool
		lo, hi, escaped = s.str()
		tag = Text
		if escaped {
			at, ok := len(rows.Text), false
			if rows.Text, ok = unescape(rows.Text, s.b[lo:hi]); !ok {
				s.fail("an escape that JSON knows")
			}
			lo, hi = at, len(rows.Text)
		}
	case '{', '[':
		lo, tag = len(rows.Text), Object
		if c == '[' {
			tag = List
		}
		rows.Text = s.compact(rows.Text, 0)
		hi = len(rows.Text)
	default:
		tag, lo, hi = s.scalar()
	}
	if col < 0 || s.bad != "" {
		return
	}
	target := &rows.Cols[col]
	target.cut(rows.N)
	target.add(tag, lo, hi)
}

// flatten sets the fields of the flattenSpec from the object at lo to hi.
func (p *jsonParser) flatten(rows *Rows, lo, hi int) string {
	if len(p.f.Flatten.Fields) == 0 {
		return ""
	}
	s := scan{b: rows.Text[:hi], at: lo}
	whole := s.compact(nil, 0)
	if s.bad != "" {
		return s.bad
	}
	for i := range p.f.Flatten.Fields {
		f := &p.f.Flatten.Fields[i]
		c := &rows.Cols[rows.at[f.Name]]
		c.cut(rows.N)
		v := find(Value{Tag: Object, Raw: whole}, f.steps)
		at := len(rows.Text)
		rows.Text = append(rows.Text, v.Text()...)
		c.add(v.Tag, at, len(rows.Text))
	}
	return ""
}

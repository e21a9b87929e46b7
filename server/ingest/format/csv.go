package format

import (
	"bytes"
	"strconv"

	"github.com/ovatedb/ovate/internal/fault"
)

func init() {
	formats.Add("csv", &delimited{quoted: true, Delimiter: ","})
	formats.Add("tsv", &delimited{Delimiter: "\t"})
}

// delimited is lines of fields: CSV, whose fields may be quoted, and TSV, whose
// fields may not. An empty field is null; a quoted empty one is ”.
type delimited struct {
	Columns       []string `json:"columns"`
	Header        bool     `json:"findColumnsFromHeader"`
	HasHeader     bool     `json:"hasHeaderRow"`
	Skip          int      `json:"skipHeaderRows"`
	ListDelimiter string   `json:"listDelimiter"`
	Delimiter     string   `json:"delimiter"`
	Numbers       bool     `json:"tryParseNumbers"`
	Parse         bool     `json:"shouldParseNumbers"`

	quoted bool
}

// Check looks over the members.
func (f *delimited) Check() error {
	switch {
	case len(f.Delimiter) != 1:
		return fault.At(fault.Invalidf("expected one byte, got %q", f.Delimiter), "delimiter")
	case len(f.ListDelimiter) > 1:
		return fault.At(fault.Invalidf("expected one byte, got %q", f.ListDelimiter), "listDelimiter")
	case f.ListDelimiter == f.Delimiter:
		return fault.At(fault.Invalidf("the delimiter of fields, %q, cannot be that of lists too", f.Delimiter), "listDelimiter")
	case f.Skip < 0:
		return fault.At(fault.Invalidf("expected a number of lines, got %d", f.Skip), "skipHeaderRows")
	case len(f.Columns) == 0 && !f.Header && !f.HasHeader:
		return fault.At(fault.Invalidf("either columns or findColumnsFromHeader must be given"), "columns")
	}
	f.Header = f.Header || f.HasHeader
	f.Numbers = f.Numbers || f.Parse
	if f.ListDelimiter == "" {
		f.ListDelimiter = "\x01"
	}
	return nil
}

// HeadLines is what is skipped and the header.
func (f *delimited) HeadLines() int { return f.Skip + 1 }

// Begin reads the header.
func (f *delimited) Begin(head []byte, want Want) (int, Parser, error) {
	at := 0
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	for range f.Skip {
		_, at = cutLine(head, at)
	}
	names := f.Columns
	if f.Header {
		var line []byte
		line, at = cutLine(head, at)
		if names == nil {
			names = f.header(line)
		}
	}
	p := &delimitedParser{f: f, comma: f.Delimiter[0], list: f.ListDelimiter[0]}
	place := map[string]int{}
	add := func(name string) int {
		if _, ok := place[name]; !ok {
			place[name] = len(p.want)
			p.want = append(p.want, name)
		}
		return place[name]
	}
	for _, n := range want.Names {
		add(n)
	}
	last := map[int]int{}
	for i, n := range names {
		p.target = append(p.target, -1)
		if _, ok := place[n]; ok || want.All {
			p.target[i] = add(n)
			if j, twice := last[p.target[i]]; twice {
				p.target[j] = -1 // of fields of one name the last counts
			}
			last[p.target[i]] = i
		}
	}
	p.full = len(last) == len(p.want)
	return at, p, nil
}

// header is the names in a line of them; those left out are named by place.
func (f *delimited) header(line []byte) []string {
	rows := &Rows{}
	p := &delimitedParser{f: f, comma: f.Delimiter[0], list: f.ListDelimiter[0]}
	for i := 0; i <= bytes.Count(line, []byte(f.Delimiter)); i++ {
		p.want = append(p.want, "column_"+strconv.Itoa(i+1))
		p.target = append(p.target, i)
	}
	rows.reset(append(bytes.Clone(line), '\n'), p.want)
	fields := p.row(rows, 0, len(line))
	var names []string
	for i := range fields {
		c := &rows.Cols[i]
		if c.Tags[0] == Null {
			names = append(names, c.Name)
		} else {
			names = append(names, string(rows.Text[c.Lo[0]:c.Hi[0]]))
		}
	}
	return names
}

type delimitedParser struct {
	f           *delimited
	comma, list byte
	want        []string
	target      []int // column of each field, -1 if it is not wanted
	full        bool  // every column has its field
}

func (p *delimitedParser) Parse(block []byte, rows *Rows) {
	rows.reset(block, p.want)
	lists := bytes.IndexByte(block, p.list) >= 0
	for at := 0; at < len(block); {
		line, next := cutLine(block, at)
		if len(line) > 0 {
			n := p.row(rows, at, at+len(line))
			if rows.N++; n < len(p.target) || !p.full {
				rows.finish()
			}
		}
		at = next
	}
	if lists || p.f.Numbers {
		p.retag(rows, lists)
	}
}

// row reads the fields of the line at lo to hi and says how many there are.
func (p *delimitedParser) row(rows *Rows, lo, hi int) int {
	for i := 0; ; i++ {
		var end int
		target := -1
		if i < len(p.target) {
			target = p.target[i]
		}
		if p.f.quoted && lo < hi && rows.Text[lo] == '"' {
			var a, b int
			if a, b, end = p.quoted(rows, lo, hi); target >= 0 {
				rows.Cols[target].add(Text, a, b)
			}
		} else {
			end = lo
			for text := rows.Text[:hi]; end < len(text) && text[end] != p.comma; {
				end++
			}
			switch {
			case target < 0:
			case end == lo:
				rows.Cols[target].add(Null, 0, 0)
			default:
				rows.Cols[target].add(Text, lo, end)
			}
		}
		if end >= hi {
			return i + 1
		}
		lo = end + 1
	}
}

// quoted reads a field in quotes at lo: where its text lies, and where it ends.
// Quotes within are doubled; what follows the closing one is part of the field.
func (p *delimitedParser) quoted(rows *Rows, lo, hi int) (a, b, end int) {
	text := rows.Text[lo+1 : hi]
	i := bytes.IndexByte(text, '"')
	if i < 0 { // never closed
		return lo + 1, hi, hi
	}
	if i+1 == len(text) || text[i+1] == p.comma {
		return lo + 1, lo + 1 + i, lo + 2 + i
	}
	a, inside := len(rows.Text), true
	for i = lo + 1; i < hi; i++ {
		c := rows.Text[i]
		switch {
		case c != '"' && (inside || c != p.comma):
			rows.Text = append(rows.Text, c)
		case c == p.comma:
			return a, len(rows.Text), i
		case inside && i+1 < hi && rows.Text[i+1] == '"':
			rows.Text = append(rows.Text, '"')
			i++
		default:
			inside = !inside
		}
	}
	return a, len(rows.Text), hi
}

// retag makes lists of fields with the list delimiter and, if asked, numbers of
// those that read as numbers.
func (p *delimitedParser) retag(rows *Rows, lists bool) {
	for k := range rows.Cols {
		c := &rows.Cols[k]
		for i, t := range c.Tags {
			if t != Text {
				continue
			}
			cell := rows.Text[c.Lo[i]:c.Hi[i]]
			switch {
			case lists && bytes.IndexByte(cell, p.list) >= 0:
				c.Tags[i], c.Lo[i] = List, int32(len(rows.Text))
				rows.Text = append(rows.Text, '[')
				for j, e := range bytes.Split(cell, []byte{p.list}) {
					if j > 0 {
						rows.Text = append(rows.Text, ',')
					}
					if tag := p.number(e); tag != Text {
						rows.Text = append(rows.Text, e...)
					} else {
						rows.Text = appendQuoted(rows.Text, e)
					}
				}
				rows.Text = append(rows.Text, ']')
				c.Hi[i] = int32(len(rows.Text))
			default:
				c.Tags[i] = p.number(cell)
			}
		}
	}
}

func (p *delimitedParser) number(cell []byte) Tag {
	if !p.f.Numbers || len(cell) == 0 {
		return Text
	}
	return numberTag(cell)
}

// numberTag is Integer or Decimal for what JSON takes for a number.
func numberTag(b []byte) Tag {
	i, tag := 0, Integer
	digits := func() bool {
		from := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	if first := i; !digits() || b[first] == '0' && i > first+1 {
		return Text
	}
	if i < len(b) && b[i] == '.' {
		i++
		tag = Decimal
		if !digits() {
			return Text
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		tag = Decimal
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			i++
		}
		if !digits() {
			return Text
		}
	}
	if i < len(b) {
		return Text
	}
	return tag
}

// appendQuoted writes b as a JSON string.
func appendQuoted(out, b []byte) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for _, c := range b {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

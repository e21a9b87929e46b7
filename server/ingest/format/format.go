// Package format reads rows out of text: JSON lines, CSV, TSV. It owns the
// family of input formats and the form in which rows come out of it, which is
// columns of cells that point into the text; nothing is copied and no value is
// converted before it is known what the value is for.
//
//	text   1,"a ""b""",,7\n …            what was decoded is appended: a "b"
//	column tags   Integer Null …
//	       lo,hi  where each cell's text lies
//
// Records end with a line. Blocks of whole lines of one object may be parsed at
// once by several goroutines.
package format

import (
	"bytes"
	"unsafe"

	"github.com/ovatedb/ovate/internal/jsontype"
)

// A Format is an inputFormat of an ingestion spec.
type Format interface {
	// Begin looks at the first lines of an object. It returns how many bytes of
	// them are no rows, and a parser for the rest.
	Begin(head []byte, want Want) (skip int, p Parser, err error)
	// HeadLines is how many lines Begin needs to see.
	HeadLines() int
}

// A Parser reads the lines of one object. It is not changed by Parse, which may
// run in several goroutines at once.
type Parser interface {
	// Parse reads a block of whole lines into rows, which it resets. The block
	// belongs to the rows from then on.
	Parse(block []byte, rows *Rows)
}

// Formats is the family of input formats.
var formats = jsontype.New[Format]("inputFormat", "type")

// Names are the names of the input formats.
func Names() []string { return formats.Names() }

// A Want says which fields are needed: those named or, with All, every field
// that is met; objects only with Objects.
type Want struct {
	Names   []string
	All     bool
	Objects bool
}

// A Tag says what a cell holds.
type Tag uint8

// The tags. Numbers are only told apart where the format does: in CSV all that
// is not empty is Text.
const (
	Null    Tag = iota
	Text        // any string
	Integer     // digits, perhaps with a sign
	Decimal     // a number as JSON writes it
	False
	True
	List   // a JSON array
	Object // a JSON object
)

// A Column is one field of all rows.
type Column struct {
	Name   string
	Tags   []Tag
	Lo, Hi []int32
}

func (c *Column) add(t Tag, lo, hi int) {
	c.Tags = append(c.Tags, t)
	c.Lo = append(c.Lo, int32(lo))
	c.Hi = append(c.Hi, int32(hi))
}

// pad adds nulls up to n rows.
func (c *Column) pad(n int) {
	for len(c.Tags) < n {
		c.add(Null, 0, 0)
	}
}

// Rows are rows of one block. They are reused block by block.
type Rows struct {
	N       int
	Text    []byte // the block, and what was decoded from it
	Cols    []Column
	Bad     []Bad // lines that are no rows
	at      map[string]int
	members []member // of the last row, where the format has names in every row
}

// A Bad line could not be read.
type Bad struct {
	Line  string // its beginning
	Cause string
}

// Find is the column of that name, nil if no row has it.
func (r *Rows) Find(name string) *Column {
	if i, ok := r.at[name]; ok {
		return &r.Cols[i]
	}
	return nil
}

// String is the text of row i of c, valid until the rows are reset.
func (r *Rows) String(c *Column, i int) string {
	b := r.Text[c.Lo[i]:c.Hi[i]]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Add appends a column, which must come to N rows, and returns its place.
func (r *Rows) Add(name string) int {
	if n := len(r.Cols); n < cap(r.Cols) { // keep the buffers of an earlier block
		r.Cols = r.Cols[:n+1]
		c := &r.Cols[n]
		c.Name, c.Tags, c.Lo, c.Hi = name, c.Tags[:0], c.Lo[:0], c.Hi[:0]
	} else {
		r.Cols = append(r.Cols, Column{Name: name})
	}
	r.at[name] = len(r.Cols) - 1
	return len(r.Cols) - 1
}

// Replace is the column of that name without cells; it is added if there is
// none. The caller puts N of them.
func (r *Rows) Replace(name string) *Column {
	i, ok := r.at[name]
	if !ok {
		i = r.Add(name)
	}
	c := &r.Cols[i]
	c.Tags, c.Lo, c.Hi = c.Tags[:0], c.Lo[:0], c.Hi[:0]
	return c
}

// Put sets cell text of column c's next row.
func (r *Rows) Put(c *Column, t Tag, text string) {
	lo := len(r.Text)
	r.Text = append(r.Text, text...)
	c.add(t, lo, len(r.Text))
}

func (r *Rows) reset(block []byte, want []string) {
	r.N, r.Bad, r.Cols = 0, r.Bad[:0], r.Cols[:0]
	r.Text = block
	if r.at == nil {
		r.at = map[string]int{}
	}
	clear(r.at)
	for _, name := range want {
		if _, twice := r.at[name]; !twice {
			r.Add(name)
		}
	}
}

func (r *Rows) bad(line []byte, cause string) {
	if len(line) > 200 {
		line = line[:200]
	}
	r.Bad = append(r.Bad, Bad{string(line), cause})
}

// finish makes all columns as long as there are rows.
func (r *Rows) finish() {
	for i := range r.Cols {
		r.Cols[i].pad(r.N)
	}
}

// cutLine is the line of b from at, without its end, and where the next begins.
func cutLine(b []byte, at int) (line []byte, next int) {
	if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
		line, next = b[at:at+i], at+i+1
	} else {
		line, next = b[at:], len(b)
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, next
}

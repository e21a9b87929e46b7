package ingest

import (
	"bytes"
	"slices"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment/encoding"
	"github.com/ovatedb/ovate/server/ingest/format"
)

// texts is a column of STRING of one chunk: runs of codes, of lists of codes,
// and of strings written out, in the order of rows.
type texts struct {
	dict  *dictionary
	order func([][]byte) [][]byte // what is done to a list of values
	runs  []*textRun
	elems [][]byte // of the list at hand
}

// A textRun is rows that are stored alike.
type textRun struct {
	plain bool
	multi bool           // lists; else one code a row
	many  bool           // some row has more than one value
	codes blocks[uint32] // a row each; with multi an element each
	ends  blocks[uint32] // with multi: where each row's elements end; with plain: in bytes, of those of its block
	nulls []uint32       // with plain: rows of the run
	bytes blocks[byte]
}

// multiValues is what may be done with the values of a row that has several.
var multiValues = map[string]func([][]byte) [][]byte{
	"array":        func(v [][]byte) [][]byte { return v },
	"sorted_array": sortedValues,
	"sorted_set":   func(v [][]byte) [][]byte { return slices.CompactFunc(sortedValues(v), sameValue) },
}

// A nil value is null and the least.
func sortedValues(v [][]byte) [][]byte {
	slices.SortStableFunc(v, func(a, b []byte) int {
		if a == nil || b == nil {
			return boolInt(a != nil) - boolInt(b != nil)
		}
		return bytes.Compare(a, b)
	})
	return v
}

func sameValue(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c *texts) add(rows *format.Rows, col *format.Column, ids []uint32) {
	r := c.run(c.dict.full(), false)
	c.dict.rows += len(ids)
	if col == nil {
		for range ids {
			r.null()
		}
		return
	}
	for _, i := range ids {
		cell := rows.Text[col.Lo[i]:col.Hi[i]]
		switch tag := col.Tags[i]; {
		case tag == format.Null:
			r.null()
			continue
		case tag == format.List:
			if c.list(cell, &r) {
				continue
			}
		case tag == format.Decimal:
			if f, ok := parseDouble(cell); ok {
				cell = expr.AppendDouble(nil, f)
			}
		}
		if r.plain {
			r.text(cell)
		} else {
			r.code(c.dict.code(cell))
		}
	}
}

// run is the last run if it is of that kind, else a new one. A run of single
// codes becomes one of lists.
func (c *texts) run(plain, multi bool) *textRun {
	if n := len(c.runs); n > 0 {
		r := c.runs[n-1]
		if r.plain == plain {
			if multi && !r.multi {
				r.multi = true
				for i := range r.codes.len() {
					r.ends.add(uint32(i + 1))
				}
			}
			return r
		}
	}
	r := &textRun{plain: plain, multi: multi}
	c.runs = append(c.runs, r)
	return r
}

// list adds a row of none or several values. It is false if cell is no list.
func (c *texts) list(cell []byte, r **textRun) bool {
	values, ok := format.Elements(c.elems[:0], cell)
	if !ok {
		return false
	}
	c.elems = values
	if len(values) == 1 {
		if values[0] == nil {
			(*r).null()
		} else if (*r).plain {
			(*r).text(values[0])
		} else {
			(*r).code(c.dict.code(values[0]))
		}
		return true
	}
	if *r = c.run(false, true); c.dict.plain { // lists are always codes
		c.dict.resume()
	}
	for _, v := range c.order(values) {
		if v == nil {
			(*r).codes.add(0)
		} else {
			(*r).codes.add(c.dict.code(v))
		}
	}
	(*r).ends.add(uint32((*r).codes.len()))
	(*r).many = (*r).many || len(values) > 1
	return true
}

func (r *textRun) null() {
	if r.plain {
		r.nulls = append(r.nulls, uint32(r.ends.len()))
		r.text(nil)
		return
	}
	r.code(0)
}

func (r *textRun) code(c uint32) {
	r.codes.add(c)
	if r.multi {
		r.ends.add(uint32(r.codes.len()))
	}
}

func (r *textRun) text(b []byte) {
	r.bytes.addAll(b)
	r.ends.add(uint32(r.bytes.len()))
}

// join is joinTexts without words of others.
func (c *texts) join(parts []column) *data.Vec { return joinTexts(parts, nil) }

func (r *textRun) rows() int {
	if r.multi || r.plain {
		return r.ends.len()
	}
	return r.codes.len()
}

// joinTexts is the rows of all parts: words, lists of words, or strings written
// out where some part is. words are those of all dictionaries, in order.
func joinTexts(parts []column, words *data.Vec) *data.Vec {
	n, elems, plain, multi := 0, 0, 0, false
	for _, p := range parts {
		for _, r := range p.(*texts).runs {
			n += r.rows()
			elems += r.codes.len()
			plain += r.bytes.len()
			multi = multi || r.many
			if r.plain {
				plain++
			}
		}
	}
	switch {
	case plain == 0 && !multi:
		codes := make([]uint32, 0, max(n, elems))
		for _, p := range parts {
			t := p.(*texts)
			for _, r := range t.runs {
				codes = r.orNull(t.ranked(r, codes))
			}
		}
		return compact(words, codes)
	case multi:
		return joinLists(parts, words, n)
	}
	return joinPlain(parts, n, plain)
}

// orNull takes the codes of r off the end of out and puts them back with null
// where a row has none. No row has several.
func (r *textRun) orNull(out []uint32) []uint32 {
	if !r.multi {
		return out
	}
	codes := slices.Clone(out[len(out)-r.codes.len():])
	out = out[:len(out)-len(codes)]
	last := uint32(0)
	r.ends.each(func(ends []uint32) {
		for _, e := range ends {
			if e == last {
				out = append(out, 0)
			} else {
				out = append(out, codes[last])
			}
			last = e
		}
	})
	return out
}

func compact(words *data.Vec, codes []uint32) *data.Vec {
	return encoding.Compact(&data.Vec{Type: data.StringType, N: len(codes), U32: codes, Dict: &data.Dict{Words: words, Sorted: true}})
}

// ranked appends the places of r's codes among the words of all workers.
func (c *texts) ranked(r *textRun, out []uint32) []uint32 {
	r.codes.each(func(codes []uint32) {
		for _, x := range codes {
			out = append(out, c.dict.rank[x])
		}
	})
	return out
}

// joinPlain writes all strings out.
func joinPlain(parts []column, n, size int) *data.Vec {
	v := &data.Vec{Type: data.StringType, N: n, Off: make([]int32, 1, n+1), Bytes: make([]byte, 0, size)}
	var nulls []int
	for _, p := range parts {
		d := p.(*texts).dict
		for _, r := range p.(*texts).runs {
			first, base := len(v.Off)-1, int32(len(v.Bytes))
			if r.plain {
				v.Bytes = r.bytes.appendTo(v.Bytes)
				r.ends.each(func(ends []uint32) {
					for _, e := range ends {
						v.Off = append(v.Off, base+int32(e))
					}
				})
				for _, i := range r.nulls {
					nulls = append(nulls, first+int(i))
				}
				continue
			}
			for _, x := range r.orNull(r.codes.appendTo(nil)) {
				if x == 0 {
					nulls = append(nulls, len(v.Off)-1)
				}
				v.Bytes = append(v.Bytes, d.word(x)...)
				v.Off = append(v.Off, int32(len(v.Bytes)))
			}
		}
	}
	for _, i := range nulls {
		v.SetNull(nil, i)
	}
	return v
}

// joinLists makes a list of every row: of codes, or, where some rows are
// written out, of strings.
func joinLists(parts []column, words *data.Vec, n int) *data.Vec {
	off, codes, mixed := make([]int32, 1, n+1), []uint32(nil), false
	for _, p := range parts {
		t := p.(*texts)
		for _, r := range t.runs {
			mixed = mixed || r.plain
			base := int32(len(codes))
			codes = t.ranked(r, codes)
			if !r.multi {
				for i := base; i < int32(len(codes)); i++ {
					off = append(off, i+1)
				}
				continue
			}
			r.ends.each(func(ends []uint32) {
				for _, e := range ends {
					off = append(off, base+int32(e))
				}
			})
		}
	}
	if mixed {
		return joinMixed(parts)
	}
	return &data.Vec{Type: data.StringType, N: n, Off: off, Elem: compact(words, codes)}
}

// joinMixed is joinLists where some rows are written out.
func joinMixed(parts []column) *data.Vec {
	lists := make([]*data.Vec, 0, len(parts))
	for _, p := range parts {
		c := p.(*texts)
		for _, r := range c.runs {
			one := []column{&texts{dict: c.dict, runs: []*textRun{r}}}
			words := joinDictionaries([]*dictionary{c.dict})
			lists = append(lists, joinTexts(one, words))
		}
	}
	return data.Concat(data.StringType, lists)
}

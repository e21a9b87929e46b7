package data

// A Collector gathers rows of many batches into one column, in memory of its
// own.
type Collector struct {
	t     Type
	parts []*Vec
	n     int
	size  int64
	words *Keeper // nil: words become plain values
}

// NewCollector gathers values of type t as plain ones.
func NewCollector(t Type) *Collector { return &Collector{t: t} }

// NewWordCollector gathers values of type t; strings of few words stay words.
func NewWordCollector(t Type) *Collector { return &Collector{t: t, words: new(Keeper)} }

// Len is the number of rows so far.
func (c *Collector) Len() int { return c.n }

// Size is the memory held, in bytes, about.
func (c *Collector) Size() int64 { return c.size }

// Append copies the rows of v.
func (c *Collector) Append(v *Vec) {
	part := c.words.Own(v)
	c.parts = append(c.parts, part)
	c.n += v.N
	c.size += part.MemSize()
}

// MemSize is the memory of v's own buffers, in bytes; words and constants of
// other Vecs are not counted.
func (v *Vec) MemSize() int64 {
	n := int64(len(v.Valid) + 8*len(v.I64) + 8*len(v.F64) + 4*len(v.F32) + len(v.U8) + 2*len(v.U16) + 4*len(v.U32) + 4*len(v.Off))
	if v.Elem != nil {
		return n + v.Elem.MemSize()
	}
	return n + int64(len(v.Bytes))
}

// Vec is all rows as one column. The collector is done.
func (c *Collector) Vec() *Vec {
	if len(c.parts) == 1 {
		return c.parts[0]
	}
	if v := concatWords(c.parts); v != nil {
		return v
	}
	return Concat(c.t, c.parts)
}

// Concat is the rows of all parts, one after the other, as one plain column of
// type t. Parts have type t, or are nulls, or lists of t: what a function gives
// that was mapped over the values of a multi-value string.
func Concat(t Type, parts []*Vec) *Vec {
	n, multi := 0, false
	for _, p := range parts {
		n += p.N
		multi = multi || p.Multi()
		if t.Kind != Array && (p.Type.Kind == Array || p.Elem != nil && t.Kind != String) {
			t = ArrayOf(t)
		}
	}
	multi = multi && t.Kind == String
	out := &Vec{Type: t, N: n}
	alloc(out, t, n, multi)
	var elems []*Vec
	at, base := 0, int32(0)
	for _, p := range parts {
		if p.N == 0 {
			continue // its buffers may be missing
		}
		p = p.Decoded(nil).Flat(nil)
		if p.Type.Kind == Null {
			p = Nulls(nil, t, p.N).Flat(nil)
		}
		copyRows(out, p, at)
		switch {
		case out.Off == nil:
		case t.Kind == Array && p.Elem == nil: // each number is a list of one, a null none
			var rows []uint32
			for i := range p.N {
				if !p.Null(i) {
					rows = append(rows, uint32(i))
				}
				out.Off[at+i+1] = base + int32(len(rows))
			}
			base = out.Off[at+p.N]
			elems = append(elems, p.Take(nil, rows))
		case multi && !p.Multi():
			for i := range p.N { // each string is a list of one
				base++
				out.Off[at+i+1] = base
			}
			elems = append(elems, p)
		default:
			for i := range p.N {
				out.Off[at+i+1] = base + p.Off[i+1] - p.Off[0]
			}
			if p.Elem != nil {
				elems = append(elems, p.Elem.Slice(nil, int(p.Off[0]), int(p.Off[p.N])))
			} else {
				out.Bytes = append(out.Bytes, p.Bytes[p.Off[0]:p.Off[p.N]]...)
			}
			base = out.Off[at+p.N]
		}
		if !(multi && !p.Multi()) {
			if bits := p.Validity(nil); bits != nil {
				for i := range p.N {
					if bits[i>>3]&(1<<(i&7)) == 0 {
						out.SetNull(nil, at+i)
					}
				}
			}
		}
		at += p.N
	}
	if out.Off != nil && (multi || t.Kind == Array) {
		out.Elem = Concat(t.Element(), elems)
	}
	return out
}

func alloc(out *Vec, t Type, n int, multi bool) {
	switch t.Kind {
	case Bool:
		out.U8 = make([]uint8, n)
	case Long:
		out.I64 = make([]int64, n)
	case Float:
		out.F32 = make([]float32, n)
	case Double:
		out.F64 = make([]float64, n)
	case String, Complex, Array:
		out.Off = make([]int32, n+1)
	}
}

func copyRows(out, p *Vec, at int) {
	switch {
	case out.U8 != nil:
		copy(out.U8[at:], p.U8)
	case out.I64 != nil:
		copy(out.I64[at:], p.I64)
	case out.F32 != nil:
		copy(out.F32[at:], p.F32)
	case out.F64 != nil:
		copy(out.F64[at:], p.F64)
	}
}

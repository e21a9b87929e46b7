package druidv9

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// fieldTypes are the bits of the byte that says which types a field has.
var fieldTypes = map[byte]data.Type{
	0x01: data.StringType, 0x04: data.LongType, 0x08: data.DoubleType,
	0x10: data.StringArray, 0x20: data.LongArray, 0x40: data.DoubleArray,
}

// nested reads a column of JSON: after its name come a list of field paths and
// a byte of types for each; then there are the raw values and a file per field.
func (r *reader) nested(name, prefix string, p *partNames, c *cursor, g *globals) (Column, error) {
	fields := c.list()
	types := c.take(fields.n)
	if c.err != nil {
		return Column{}, c.err
	}
	smile, err := r.blob(prefix+"__raw", data.JSONType)
	if err != nil {
		return Column{}, fault.At(err, "[__raw]")
	}
	v, err := jsonTexts(smile, math.MaxInt32)
	if err != nil {
		return Column{}, fault.At(err, "[__raw]")
	}
	if err := r.nestedNulls(prefix, p, v); err != nil {
		return Column{}, fault.At(err, "[__nullIndex]")
	}
	out := Column{Field: data.Field{Name: name, Type: data.JSONType}, Vec: v, Paths: map[string]*data.Vec{}}
	for i := range fields.n {
		path, _, err := fields.at(i)
		if err != nil {
			return Column{}, err
		}
		if bits.OnesCount8(types[i]) != 1 {
			continue // values of several types: only the text says which
		}
		t, ok := fieldTypes[types[i]]
		if !ok {
			return Column{}, fault.Invalidf("field %q has a type %#x that is not known here", path, types[i])
		}
		if out.Paths[string(path)], err = r.nestedField(prefix+"__field_"+strconv.Itoa(i), t, g); err != nil {
			return Column{}, fault.At(err, "["+string(path)+"]")
		}
	}
	return out, nil
}

// nestedNulls marks rows null that the index of nulls names.
func (r *reader) nestedNulls(prefix string, p *partNames, v *data.Vec) error {
	if !r.has(prefix + "__nullIndex") {
		return nil
	}
	c, err := r.cursor(prefix + "__nullIndex")
	if err != nil {
		return err
	}
	b := c.take(c.i32())
	if c.err != nil || len(b) == 0 {
		return c.err
	}
	valid, err := validity(p.BitmapFactory.Type, b, v.N)
	if err != nil {
		return err
	}
	v.Valid = data.And(nil, v.Valid, valid, v.N)
	return nil
}

// nestedField reads the file of a field.
//
//	u8 version, i32 flags, the global ids that occur, i32 and i32 bytes of longs
//	and doubles, those, and for each row the place of its id among those that occur
func (r *reader) nestedField(name string, t data.Type, g *globals) (*data.Vec, error) {
	c, err := r.cursor(name)
	if err != nil {
		return nil, err
	}
	version := c.version("a field", 0, 2)
	c.i32()
	occur := c.fixed(4).ints()
	longs, doubles := c.i32le(), c.i32le()
	c.take(longs)
	c.take(doubles)
	if c.err != nil {
		return nil, c.err
	}
	ids, err := c.ids(version == 2, r.rows)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if int(id) >= len(occur) {
			return nil, fault.Invalidf("row %d: value %d of %d", i, id, len(occur))
		}
		ids[i] = occur[id]
	}
	return g.column(ids, t)
}

// jsonTexts turns SMILE documents into JSON; one without bytes is null. most
// bounds the texts, which repeat names that SMILE does not.
func jsonTexts(smile *data.Vec, most int) (*data.Vec, error) {
	v := &data.Vec{Type: data.JSONType, N: smile.N, Off: make([]int32, 1, smile.N+1)}
	for i := range smile.N {
		doc := smile.Bytes[smile.Off[i]:smile.Off[i+1]]
		if len(doc) == 0 {
			v.SetNull(nil, i)
		} else {
			var err error
			if v.Bytes, err = appendSmile(v.Bytes, doc, most); err != nil {
				return nil, fault.Invalidf("row %d: %v", i, err)
			}
		}
		v.Off = append(v.Off, int32(len(v.Bytes)))
	}
	return v, nil
}

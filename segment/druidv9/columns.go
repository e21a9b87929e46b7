package druidv9

import (
	"encoding/json"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// A reader reads columns; rows is known after the first, which is the time.
type reader struct {
	*files
	rows int
}

// A descriptor is the JSON that a column begins with.
type descriptor struct {
	HasMultipleValues bool        `json:"hasMultipleValues"`
	Parts             []partNames `json:"parts"`
}

// partNames are what a descriptor says of its part.
type partNames struct {
	Type          string `json:"type"`
	ByteOrder     string `json:"byteOrder"`
	BitmapFactory struct {
		Type string `json:"type"`
	} `json:"bitmapSerdeFactory"`
	NumRows     int    `json:"numRows"`
	TypeName    string `json:"typeName"`
	LogicalType string `json:"logicalType"`
	HasNulls    bool   `json:"hasNulls"`
	IsVariant   bool   `json:"isVariantType"`
}

// parts are the layouts of a column, by the type in its descriptor.
var parts = map[string]func(r *reader, name string, p *partNames, c *cursor) (Column, error){
	"longV2": (*reader).long, "long": (*reader).long,
	"floatV2": (*reader).float, "float": (*reader).float,
	"doubleV2": (*reader).double, "double": (*reader).double,
	"stringDictionary":   (*reader).strings,
	"null":               (*reader).nulls,
	"complex":            (*reader).complex,
	"nestedCommonFormat": (*reader).auto,
}

func (r *reader) column(name string) (Column, error) {
	if r.rows < 0 && name != segment.Time {
		return Column{}, fault.New(fault.Internal, "read before the time")
	}
	c, err := r.cursor(name)
	if err != nil {
		return Column{}, err
	}
	var d descriptor
	text := c.take(c.i32())
	if c.err != nil {
		return Column{}, c.err
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return Column{}, fault.Invalidf("descriptor: %v", err)
	}
	if len(d.Parts) != 1 {
		return Column{}, fault.Invalidf("descriptor: %d parts, expected 1", len(d.Parts))
	}
	p := &d.Parts[0]
	if p.ByteOrder == "BIG_ENDIAN" {
		return Column{}, fault.New(fault.Unsupported, "values in big-endian order, expected LITTLE_ENDIAN")
	}
	if p.BitmapFactory.Type == "" {
		p.BitmapFactory.Type = "roaring"
	}
	read, ok := parts[p.Type]
	if !ok || (name == segment.Time && p.Type != "longV2" && p.Type != "long") {
		return Column{}, fault.New(fault.Unsupported, "a part of type %q, which is not known here", p.Type)
	}
	return read(r, name, p, c)
}

func plainColumn(name string, v *data.Vec, err error) (Column, error) {
	if err != nil {
		return Column{}, err
	}
	return Column{Field: data.Field{Name: name, Type: v.Type, Multi: v.Multi()}, Vec: v}, nil
}

// numbers are i32 length, values, and if bytes are left i32 length and a
// bitmap of the null rows.
func (r *reader) numbers(p *partNames, c *cursor, v *data.Vec, read func(c *cursor) error) (err error) {
	in := cursor{b: c.take(c.i32())}
	if c.err != nil {
		return c.err
	}
	if err := read(&in); err != nil {
		return err
	}
	if len(c.b) == 0 {
		return nil
	}
	b := c.take(c.i32())
	if c.err != nil {
		return c.err
	}
	if len(b) > 0 {
		v.Valid, err = validity(p.BitmapFactory.Type, b, v.N)
	}
	return err
}

func (r *reader) long(name string, p *partNames, c *cursor) (Column, error) {
	v := &data.Vec{Type: data.LongType}
	err := r.numbers(p, c, v, func(in *cursor) (err error) {
		if v.I64, err = in.longs(r.rows); err == nil && r.rows < 0 {
			r.rows = len(v.I64)
		}
		v.N = r.rows
		return err
	})
	return plainColumn(name, v, err)
}

func (r *reader) float(name string, p *partNames, c *cursor) (Column, error) {
	v := &data.Vec{Type: data.FloatType, N: r.rows}
	err := r.numbers(p, c, v, func(in *cursor) (err error) {
		v.F32, err = in.float32s(r.rows)
		return err
	})
	return plainColumn(name, v, err)
}

func (r *reader) double(name string, p *partNames, c *cursor) (Column, error) {
	v := &data.Vec{Type: data.DoubleType, N: r.rows}
	err := r.numbers(p, c, v, func(in *cursor) (err error) {
		v.F64, err = in.float64s(r.rows)
		return err
	})
	return plainColumn(name, v, err)
}

// nulls are a column without a value; its type is not stored.
func (r *reader) nulls(name string, p *partNames, _ *cursor) (Column, error) {
	if p.NumRows != r.rows {
		return Column{}, fault.Invalidf("%d rows of nulls, expected %d", p.NumRows, r.rows)
	}
	return plainColumn(name, data.Nulls(nil, data.NullType, r.rows), nil)
}

// complex are images of objects, as a list or as a blob. An object that was
// null has no bytes.
func (r *reader) complex(name string, p *partNames, c *cursor) (Column, error) {
	t := data.ComplexOf(p.TypeName)
	if t == data.JSONType {
		return Column{}, fault.New(fault.Unsupported, "JSON as Druid 24 to 27 wrote it; read and written again by a newer Druid it can be read here")
	}
	var v *data.Vec
	var err error
	if len(c.b) > 0 && c.b[0] == frontCoded {
		v, err = r.blob(name+".__complexColumn", t)
	} else {
		l := c.list()
		if c.err != nil {
			return Column{}, c.err
		}
		v, err = l.vec(t)
	}
	if err != nil {
		return Column{}, err
	}
	if v.N != r.rows {
		return Column{}, fault.Invalidf("%d values, expected %d", v.N, r.rows)
	}
	for i := range v.N {
		if v.Off[i] == v.Off[i+1] {
			v.SetNull(nil, i)
		}
	}
	return plainColumn(name, v, nil)
}

package data

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/ovatedb/ovate/internal/fault"
)

// The members of an Arrow field's metadata that say what Arrow's type does not.
const (
	typeKey  = "ovate.type"  // Type.String
	multiKey = "ovate.multi" // "true" of strings that may be several in a row
)

// plainTypes are the Arrow types of kinds that have neither elements nor name.
var plainTypes = map[Kind]arrow.DataType{
	Null:    arrow.Null,
	Bool:    arrow.FixedWidthTypes.Boolean,
	Long:    arrow.PrimitiveTypes.Int64,
	Float:   arrow.PrimitiveTypes.Float32,
	Double:  arrow.PrimitiveTypes.Float64,
	String:  arrow.BinaryTypes.String,
	Complex: arrow.BinaryTypes.Binary,
}

// ArrowField is f in Arrow: LONG int64, FLOAT and DOUBLE floats, STRING utf8,
// multi-value strings and arrays lists, COMPLEX binary. Its metadata names
// our type.
func ArrowField(f Field) arrow.Field {
	keys, values := []string{typeKey}, []string{f.Type.String()}
	t := plainTypes[f.Type.Kind]
	switch {
	case f.Type.Kind == Array:
		t = arrow.ListOf(plainTypes[f.Type.Elem])
	case f.Multi:
		t = arrow.ListOf(t)
		keys, values = append(keys, multiKey), append(values, "true")
	}
	return arrow.Field{Name: f.Name, Type: t, Nullable: true, Metadata: arrow.NewMetadata(keys, values)}
}

// ArrowSchema is s in Arrow.
func ArrowSchema(s Schema) *arrow.Schema {
	fields := make([]arrow.Field, len(s))
	for i, f := range s {
		fields[i] = ArrowField(f)
	}
	return arrow.NewSchema(fields, nil)
}

// FieldFromArrow reads what ArrowField writes. Fields that others made have no
// metadata: their type is the one whose Arrow type they have.
func FieldFromArrow(a arrow.Field) (Field, error) {
	f := Field{Name: a.Name}
	if i := a.Metadata.FindKey(typeKey); i >= 0 {
		t, err := ParseType(a.Metadata.Values()[i])
		if err != nil {
			return f, fault.At(err, a.Name)
		}
		f.Type = t
		f.Multi = t.Kind == String && a.Metadata.FindKey(multiKey) >= 0
		if want := ArrowField(f).Type; !arrow.TypeEqual(want, a.Type) && !isWords(a.Type, f) {
			return f, fault.At(fault.Invalidf("type %s travels as %s, not as %s", t, want, a.Type), a.Name)
		}
		return f, nil
	}
	t, ok := typeFromArrow(a.Type)
	if !ok {
		return f, fault.At(fault.New(fault.Unsupported, "no column type stands for Arrow's %s", a.Type), a.Name)
	}
	f.Type = t
	return f, nil
}

// SchemaFromArrow reads a schema, field by field.
func SchemaFromArrow(a *arrow.Schema) (Schema, error) {
	out := make(Schema, a.NumFields())
	for i := range out {
		var err error
		if out[i], err = FieldFromArrow(a.Field(i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func isWords(t arrow.DataType, f Field) bool {
	d, ok := t.(*arrow.DictionaryType)
	return ok && f.Type.Kind == String && !f.Multi && d.ValueType.ID() == arrow.STRING
}

func typeFromArrow(t arrow.DataType) (Type, bool) {
	switch t := t.(type) {
	case *arrow.ListType:
		e, ok := typeFromArrow(t.Elem())
		return ArrayOf(e), ok && e.Kind != Array
	case *arrow.DictionaryType:
		return StringType, t.ValueType.ID() == arrow.STRING
	case *arrow.BinaryType:
		return ComplexOf("unknown"), true
	}
	for kind, p := range plainTypes {
		if arrow.TypeEqual(p, t) {
			return Type{Kind: kind}, true
		}
	}
	return Type{}, false
}

package sql

import (
	"fmt"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// A Kind is a type of SQL without its parameters.
type Kind uint8

// The kinds. Numbers are ordered: of two, the later holds both.
const (
	Null Kind = iota
	Boolean
	TinyInt
	SmallInt
	Integer
	BigInt
	Decimal
	Float
	Real
	Double
	Char
	Varchar
	Date
	Timestamp
	Months // INTERVAL YEAR TO MONTH, in months
	Millis // INTERVAL DAY TO SECOND, in milliseconds
	Array
	Other
)

// kinds tells for each kind its name in type headers and messages, and the
// type of the engine that holds its values.
var kinds = [...]struct {
	name   string
	native data.Type
}{
	Null: {"NULL", data.NullType}, Boolean: {"BOOLEAN", data.BoolType},
	TinyInt: {"TINYINT", data.LongType}, SmallInt: {"SMALLINT", data.LongType},
	Integer: {"INTEGER", data.LongType}, BigInt: {"BIGINT", data.LongType},
	Decimal: {"DECIMAL", data.DoubleType}, Float: {"FLOAT", data.FloatType},
	Real: {"REAL", data.DoubleType}, Double: {"DOUBLE", data.DoubleType},
	Char: {"CHAR", data.StringType}, Varchar: {"VARCHAR", data.StringType},
	Date: {"DATE", data.LongType}, Timestamp: {"TIMESTAMP", data.LongType},
	Months: {"INTERVAL_YEAR_MONTH", data.LongType}, Millis: {"INTERVAL_DAY_SECOND", data.LongType},
	Array: {"ARRAY", data.ArrayOf(data.StringType)}, Other: {"OTHER", data.JSONType},
}

// A Type is a type of SQL, comparable with ==. Elem is the kind of an Array's
// elements and Name the name of a complex type.
type Type struct {
	Kind Kind
	Elem Kind
	Name string
}

// String is the type as SQL writes it; SQL is its name in type headers.
func (t Type) String() string {
	switch t.Kind {
	case Array:
		return Type{Kind: t.Elem, Name: t.Name}.String() + " ARRAY"
	case Other:
		return "COMPLEX<" + t.Name + ">"
	}
	return kinds[t.Kind].name
}

// SQL is the name of the type in type headers: ARRAY and OTHER say no more.
func (t Type) SQL() string { return kinds[t.Kind].name }

func (t Type) integral() bool { return t.Kind >= TinyInt && t.Kind <= BigInt }
func (t Type) numeric() bool  { return t.Kind >= TinyInt && t.Kind <= Double }
func (t Type) text() bool     { return t.Kind == Char || t.Kind == Varchar }
func (t Type) time() bool     { return t.Kind == Date || t.Kind == Timestamp }
func (t Type) interval() bool { return t.Kind == Months || t.Kind == Millis }

// native is the type of the engine that holds values of t.
func (t Type) native() data.Type {
	switch t.Kind {
	case Array:
		return data.ArrayOf(Type{Kind: t.Elem, Name: t.Name}.native())
	case Other:
		return data.ComplexOf(t.Name)
	}
	return kinds[t.Kind].native
}

var nativeKinds = [...]Kind{
	data.Null: Null, data.Bool: Boolean, data.Long: BigInt, data.Float: Float, data.Double: Double,
	data.String: Varchar, data.Array: Array, data.Complex: Other,
}

// typeOf is the type that SQL sees in a type of the engine.
func typeOf(t data.Type) Type {
	switch t.Kind {
	case data.Array:
		e := typeOf(t.Element())
		return Type{Kind: Array, Elem: e.Kind, Name: e.Name}
	case data.Complex:
		return Type{Kind: Other, Name: t.Name}
	}
	return Type{Kind: nativeKinds[t.Kind]}
}

// common is the least type that holds values of both.
func common(a, b Type) (Type, bool) {
	switch {
	case a == b || b.Kind == Null:
		return a, true
	case a.Kind == Null:
		return b, true
	case a.numeric() && b.numeric():
		return Type{Kind: widest(a.Kind, b.Kind)}, true
	case a.time() && b.time():
		return Type{Kind: Timestamp}, true
	case a.Kind == Array && b.Kind == Array:
		e, ok := common(Type{Kind: a.Elem, Name: a.Name}, Type{Kind: b.Elem, Name: b.Name})
		return Type{Kind: Array, Elem: e.Kind, Name: e.Name}, ok
	case a.Kind == Array || b.Kind == Array || a.Kind == Other || b.Kind == Other || a.interval() || b.interval():
		return Type{}, false
	case a.text() || b.text():
		return Type{Kind: Varchar}, true
	case a.Kind == Boolean && b.numeric():
		return b, true
	case b.Kind == Boolean && a.numeric():
		return a, true
	}
	return Type{}, false
}

// widest is the wider of two kinds of numbers. A DECIMAL beside an approximate
// one is DOUBLE; of two approximate ones the first counts, as both are as wide
// to SQL.
func widest(a, b Kind) Kind {
	switch {
	case a < Float && b < Float:
		return max(a, b)
	case a == Decimal || b == Decimal:
		return Double
	case a >= Float:
		return a
	}
	return b
}

// castNames are the types that a text may name, beside those with parameters.
var castNames = map[string]Kind{
	"BOOLEAN": Boolean, "TINYINT": TinyInt, "SMALLINT": SmallInt, "INTEGER": Integer, "BIGINT": BigInt, "DECIMAL": Decimal,
	"FLOAT": Float, "REAL": Real, "DOUBLE": Double, "CHAR": Char, "VARCHAR": Varchar, "DATE": Date, "TIMESTAMP": Timestamp,
	"LONG": BigInt, "STRING": Varchar, "TEXT": Varchar, "BOOL": Boolean, "INT": Integer,
}

// namedType is the type that a text names.
func namedType(t *parse.TypeName) (Type, error) {
	switch {
	case t.Text != "":
		d, err := data.ParseType(t.Text)
		return typeOf(d), at(err, t)
	case t.Elem != nil:
		e, err := namedType(t.Elem)
		if err != nil {
			return e, err
		}
		if e.Kind == Array {
			return e, at(fault.Invalidf("there are no arrays of arrays"), t)
		}
		return Type{Kind: Array, Elem: e.Kind, Name: e.Name}, nil
	}
	if k, ok := castNames[strings.ToUpper(t.Name)]; ok {
		return Type{Kind: k}, nil
	}
	if strings.EqualFold(t.Name, "JSON") {
		return Type{Kind: Other, Name: "json"}, nil
	}
	known := make([]string, 0, len(castNames))
	for n := range castNames {
		known = append(known, n)
	}
	return Type{}, at(fault.Invalidf("unknown type %s%s", t.Name, fault.Suggest(strings.ToUpper(t.Name), known)), t)
}

// kindNamed is the type of that name in Returns of a function's SQL form and
// in parameters.
func kindNamed(name string) (Type, error) {
	if k, ok := castNames[strings.ToUpper(name)]; ok {
		return Type{Kind: k}, nil
	}
	if strings.EqualFold(name, "ARRAY") {
		return Type{Kind: Array, Elem: Varchar}, nil
	}
	if strings.EqualFold(name, "NULL") {
		return Type{}, nil
	}
	if name == "OTHER" {
		return Type{Kind: Other, Name: "double[]"}, nil
	}
	return Type{}, fmt.Errorf("unknown type %q", name)
}

package parse

import (
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// typeNames maps the words that name a type to the type's canonical name.
var typeNames = map[string]string{
	"BOOLEAN": "BOOLEAN", "TINYINT": "TINYINT", "SMALLINT": "SMALLINT", "INTEGER": "INTEGER", "INT": "INTEGER", "BIGINT": "BIGINT",
	"DECIMAL": "DECIMAL", "DEC": "DECIMAL", "NUMERIC": "DECIMAL", "REAL": "REAL", "FLOAT": "FLOAT", "DOUBLE": "DOUBLE",
	"CHAR": "CHAR", "CHARACTER": "CHAR", "VARCHAR": "VARCHAR", "BINARY": "BINARY", "VARBINARY": "VARBINARY",
	"DATE": "DATE", "TIME": "TIME", "TIMESTAMP": "TIMESTAMP", "ANY": "ANY", "OTHER": "OTHER",
}

// otherDialects are types that Druid spells differently.
var otherDialects = map[string]string{
	"STRING": "VARCHAR", "TEXT": "VARCHAR", "LONG": "BIGINT", "INT64": "BIGINT", "INT8": "BIGINT", "INT32": "INTEGER", "INT4": "INTEGER",
	"FLOAT64": "DOUBLE", "FLOAT8": "DOUBLE", "FLOAT4": "FLOAT", "BOOL": "BOOLEAN", "DATETIME": "TIMESTAMP", "NUMBER": "DECIMAL",
	"SIGNED": "BIGINT", "UNSIGNED": "BIGINT",
}

// typeName parses a type, and the ARRAYs after it.
func (p *parser) typeName() *TypeName {
	start := p.pos
	t := p.scalarType()
	for p.accept("ARRAY") {
		t = &TypeName{At: p.from(start), Name: "ARRAY", Elem: t}
	}
	return t
}

func (p *parser) scalarType() *TypeName {
	start := p.pos
	tok := p.peek()
	t := &TypeName{Name: typeNames[upper(tok.text)]}
	switch {
	case tok.kind != tWord:
		p.wanted("a type, such as VARCHAR or BIGINT")
		return t
	case tok.word == "INTERVAL":
		p.next()
		t.Name = "INTERVAL"
		t.From, t.To = p.intervalUnits()
	case tok.word == "TYPE" && p.ahead(1).word == "(":
		p.complexType(t)
	case t.Name == "":
		p.unknownType(tok)
		return t
	default:
		p.next()
		p.typeSuffix(t)
	}
	t.At = p.from(start)
	return t
}

// typeSuffix parses the words and numbers after a type's first word.
func (p *parser) typeSuffix(t *TypeName) {
	switch t.Name {
	case "DOUBLE":
		p.accept("PRECISION")
	case "CHAR", "BINARY":
		if p.accept("VARYING") {
			t.Name = "VAR" + t.Name
		}
	}
	if p.is("(") {
		t.Args = p.typeArgs()
	}
	if t.Name != "TIMESTAMP" && t.Name != "TIME" {
		return
	}
	switch {
	case p.accept("WITHOUT", "TIME", "ZONE"):
	case p.accept("WITH", "LOCAL", "TIME", "ZONE"):
		t.Zone = "WITH LOCAL TIME ZONE"
	case p.accept("WITH", "TIME", "ZONE"):
		t.Zone = "WITH TIME ZONE"
	}
}

// typeArgs parses (n, …).
func (p *parser) typeArgs() []int {
	open := p.open("")
	var args []int
	for {
		t := p.peek()
		n, err := strconv.Atoi(t.text)
		if t.kind != tInteger || err != nil {
			p.wanted("a whole number, the precision of a type")
			return args
		}
		p.next()
		args = append(args, n)
		if !p.accept(",") {
			break
		}
	}
	p.close(open)
	return args
}

// complexType parses TYPE('COMPLEX<json>').
func (p *parser) complexType(t *TypeName) {
	t.Name = "TYPE"
	p.next()
	open := p.open("")
	if p.peek().kind != tString {
		p.wanted("a type in quotes, such as TYPE('COMPLEX<json>')")
		return
	}
	t.Text = p.str().(*Literal).Text
	p.close(open)
}

func (p *parser) unknownType(t *token) {
	if t.isReserved() {
		p.wanted("a type, such as VARCHAR or BIGINT")
		return
	}
	if other := otherDialects[upper(t.text)]; other != "" {
		p.fail("unknown type %s; it is called %s here", quote(t.text), other)
		return
	}
	known := make([]string, 0, len(typeNames))
	for n := range typeNames {
		known = append(known, n)
	}
	hint := strings.ReplaceAll(fault.Suggest(upper(t.text), known), `"`, "")
	if hint == "" {
		hint = "; types are VARCHAR, BIGINT, DOUBLE, FLOAT, BOOLEAN, TIMESTAMP, DATE and their ARRAYs"
	}
	p.fail("unknown type %s%s", quote(t.text), hint)
}

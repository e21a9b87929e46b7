package expr

import (
	"math"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// An operator of two operands: its function and how tightly it binds. && and
// || bind alike, as native expressions always have it.
type operator struct {
	function string
	level    int
	right    bool // a ^ b ^ c is a ^ (b ^ c)
}

var operators = map[string]operator{
	"&&": {"and", 1, false}, "||": {"or", 1, false},
	"==": {"equals", 2, false}, "!=": {"notequals", 2, false},
	"<": {"less", 2, false}, "<=": {"lessequal", 2, false},
	">": {"greater", 2, false}, ">=": {"greaterequal", 2, false},
	"+": {"plus", 3, false}, "-": {"minus", 3, false},
	"*": {"times", 4, false}, "/": {"divide", 4, false}, "%": {"modulo", 4, false},
	"^": {"power", 5, true},
}

// maxDepth bounds how deep parentheses, calls and unary operators nest, and
// maxTokens how long a text may be: both far beyond what people write.
const (
	maxDepth  = 500
	maxTokens = 1 << 18
)

// Parse reads the text of a native expression.
//
//	expression = unary { operator unary }     tightest first: ^ (from the right), * / %, + -, comparisons, && ||
//	unary      = { "-" | "!" } primary
//	primary    = null | number | 'text' | array | name | "name" | name "(" [ arguments ] ")" | "(" expression ")"
//	argument   = expression | lambda          lambda = ( name | "(" [ names ] ")" ) "->" expression
//	array      = [ type ] "[" [ literals ] "]"    type = "<" LONG ">" | ARRAY "<" LONG ">"
//
// Errors name the character, counted from 1, at which the text goes wrong.
func Parse(text string) (Expr, error) {
	toks, err := lex(text)
	if err != nil {
		return nil, err
	}
	if len(toks) > maxTokens {
		return nil, fault.Invalidf("the expression has %d words and signs; the limit is %d", len(toks), maxTokens)
	}
	p := &parser{text: text, toks: toks}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokEnd {
		return nil, p.unexpected("an operator or the end")
	}
	return e, nil
}

type parser struct {
	text  string
	toks  []token
	pos   int
	depth int
}

func (p *parser) peek() token { return p.toks[p.pos] }

// ahead is the token n places on; the last one at the end.
func (p *parser) ahead(n int) token { return p.toks[min(p.pos+n, len(p.toks)-1)] }

func (p *parser) is(sign string) bool {
	t := p.peek()
	return t.kind == tokSign && t.text == sign
}

func (p *parser) accept(sign string) bool {
	if p.is(sign) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(sign string) error {
	if !p.accept(sign) {
		return p.unexpected(strconv.Quote(sign))
	}
	return nil
}

func (p *parser) unexpected(want string) error {
	return p.fail(p.peek(), fault.Invalidf("expected %s, found %s", want, p.peek().show()))
}

func (p *parser) fail(t token, err error) error { return atChar(p.text, t.at, err) }

// call is a call of a function by the token that asks for it.
func (p *parser) call(t token, name string, args ...Expr) (Expr, error) {
	c, err := NewCall(name, args...)
	if err != nil {
		return nil, p.fail(t, err)
	}
	return c, nil
}

// expression reads operators that bind at least as tightly as level.
func (p *parser) expression(level int) (Expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, p.fail(p.peek(), fault.Invalidf("the expression is nested more than %d deep", maxDepth))
	}
	left, err := p.unary()
	chain := "" // the function of left, where left is a chain of && or ||
	for err == nil {
		t := p.peek()
		op, ok := operators[t.text]
		if t.kind != tokSign || !ok || op.level < level {
			return left, nil
		}
		p.pos++
		next := op.level + 1
		if op.right {
			next = op.level
		}
		var r Expr
		if r, err = p.expression(next); err != nil {
			break
		}
		if op.level == 1 && chain == op.function {
			// Long chains become one flat call: their depth is no danger.
			c := left.(*Call)
			c.Args = append(c.Args, r)
			continue
		}
		left, err = p.call(t, op.function, left, r)
		chain = op.function
	}
	return nil, err
}

func (p *parser) unary() (Expr, error) {
	t := p.peek()
	name := ""
	switch {
	case p.is("-") && p.ahead(1).kind == tokNumber, p.is("-") && p.ahead(1).text == "Infinity":
		return p.number()
	case p.is("-"):
		name = "negate"
	case p.is("!"):
		name = "not"
	default:
		return p.primary()
	}
	p.pos++
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(t, fault.Invalidf("the expression is nested more than %d deep", maxDepth))
	}
	defer func() { p.depth-- }()
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	return p.call(t, name, x)
}

// keywords are the names that are values. true and false are not among them:
// they are columns, as they always were.
var keywords = map[string]*Lit{
	"null": Null(), "NULL": Null(),
	"NaN": Double(math.NaN()), "Infinity": Double(math.Inf(1)),
}

func (p *parser) primary() (Expr, error) {
	t := p.peek()
	switch {
	case t.kind == tokNumber:
		return p.number()
	case t.kind == tokString:
		p.pos++
		return String(t.text), nil
	case p.typedArray() > 0:
		return p.array()
	case t.kind == tokName:
		if p.ahead(1).kind == tokSign && p.ahead(1).text == "(" {
			return p.function()
		}
		p.pos++
		if l := keywords[t.text]; l != nil {
			return l, nil
		}
		return Column(t.text), nil
	case t.kind == tokQuoted:
		p.pos++
		return Column(t.text), nil
	case p.accept("("):
		x, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		return x, p.expect(")")
	}
	return nil, p.unexpected("a value")
}

func (p *parser) function() (Expr, error) {
	t := p.peek()
	p.pos += 2
	var args []Expr
	for !p.is(")") || len(args) > 0 {
		a, err := p.argument()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
		if !p.accept(",") {
			break
		}
	}
	if !p.is(")") {
		return nil, p.unexpected(`"," or ")"`)
	}
	p.pos++
	return p.call(t, t.text, args...)
}

func (p *parser) argument() (Expr, error) {
	if !p.lambdaAhead() {
		return p.expression(0)
	}
	var params []string
	if p.accept("(") {
		for !p.accept(")") {
			params = append(params, p.peek().text)
			p.pos++
			p.accept(",")
		}
	} else {
		params = append(params, p.peek().text)
		p.pos++
	}
	p.pos++ // the arrow
	for i, n := range params {
		for _, m := range params[:i] {
			if n == m {
				return nil, p.fail(p.toks[p.pos-1], fault.Invalidf("the lambda has two parameters %q", n))
			}
		}
	}
	body, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	return &Lambda{params, body}, nil
}

// lambdaAhead looks for x -> and (x, y) -> without reading them.
func (p *parser) lambdaAhead() bool {
	name := func(n int) bool { return p.ahead(n).kind == tokName || p.ahead(n).kind == tokQuoted }
	signAt := func(n int, s string) bool { return p.ahead(n).kind == tokSign && p.ahead(n).text == s }
	if name(0) {
		return signAt(1, "->")
	}
	if !signAt(0, "(") {
		return false
	}
	if signAt(1, ")") {
		return signAt(2, "->")
	}
	for n := 1; name(n); n += 2 {
		if signAt(n+1, ")") {
			return signAt(n+2, "->")
		}
		if !signAt(n+1, ",") {
			return false
		}
	}
	return false
}

// number reads a number, with its sign if it has one.
func (p *parser) number() (Expr, error) {
	t := p.peek()
	minus := ""
	if p.accept("-") {
		minus = "-"
	}
	text := minus + p.peek().text
	p.pos++
	if !strings.ContainsAny(text, ".eEIN") {
		l, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, p.fail(t, fault.Invalidf("%s does not fit a LONG; write %s.0 for a DOUBLE", text, text))
		}
		return Long(l), nil
	}
	d, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, p.fail(t, fault.Invalidf("%s does not fit a DOUBLE", text))
	}
	return Double(d), nil
}

// typedArray is how many tokens stand before the bracket of an array literal,
// plus one; 0 where there is no array.
func (p *parser) typedArray() int {
	at := 0
	if p.peek().kind == tokName && strings.EqualFold(p.peek().text, "array") {
		at = 1
	}
	text := func(n int, s string) bool { return p.ahead(n).kind == tokSign && p.ahead(n).text == s }
	switch {
	case at == 0 && text(0, "["):
		return 1
	case text(at, "<") && p.ahead(at+1).kind == tokName && text(at+2, ">") && text(at+3, "["):
		return at + 4
	}
	return 0
}

func (p *parser) array() (Expr, error) {
	t := p.peek()
	elem := data.NullType
	typed := p.typedArray() > 1
	if typed {
		var err error
		if elem, err = data.ParseType(p.ahead(p.typedArray() - 3).text); err != nil {
			return nil, p.fail(t, err)
		}
	}
	p.pos += p.typedArray()
	var items []any
	for !p.is("]") || len(items) > 0 {
		x, err := p.literal()
		if err != nil {
			return nil, err
		}
		if !typed {
			elem = data.Merge(elem, x.Type)
		}
		items = append(items, x.Value)
		if !p.accept(",") {
			break
		}
	}
	if !p.accept("]") {
		return nil, p.unexpected(`"," or "]"`)
	}
	if elem.Kind == data.Null {
		elem = data.StringType
	}
	for i, x := range items {
		items[i] = ConvertValue(x, data.NullType, elem)
	}
	if items == nil {
		items = []any{}
	}
	return &Lit{items, data.ArrayOf(elem)}, nil
}

// literal reads an element of an array literal.
func (p *parser) literal() (*Lit, error) {
	at := p.peek()
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	l, ok := x.(*Lit)
	if !ok || l.Type.Kind == data.Array {
		return nil, p.fail(at, fault.Invalidf("the elements of an array in brackets are literals; write array(...) for others"))
	}
	return l, nil
}

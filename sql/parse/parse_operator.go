package parse

// Levels say how tightly an operator binds; each is an operator's left
// operand, and the next one its right.
const (
	levelNone = iota
	levelOr
	levelAnd
	levelNot
	levelIs // IS NULL, IS DISTINCT FROM
	levelCompare
	levelLike // LIKE, IN, BETWEEN
	levelAdd
	levelMultiply // and ||
	levelSign
	levelCast // ::, [ ]
	levelPrimary
)

// operator is what may follow an expression.
type operator struct {
	level int
	parse func(p *parser, left Expr, start int) Expr
}

// infixes are the operators by their first word. It is filled by init, for
// the functions in it use it.
var infixes map[string]operator

func init() {
	infixes = map[string]operator{
		"OR": {levelOr, plain(levelOr)}, "AND": {levelAnd, plain(levelAnd)},
		"+": {levelAdd, plain(levelAdd)}, "-": {levelAdd, plain(levelAdd)},
		"*": {levelMultiply, plain(levelMultiply)}, "/": {levelMultiply, plain(levelMultiply)},
		"%": {levelMultiply, plain(levelMultiply)}, "||": {levelMultiply, plain(levelMultiply)},
		"=": {levelCompare, (*parser).comparison}, "<>": {levelCompare, (*parser).comparison},
		"<": {levelCompare, (*parser).comparison}, "<=": {levelCompare, (*parser).comparison},
		">": {levelCompare, (*parser).comparison}, ">=": {levelCompare, (*parser).comparison},
		"IS": {levelIs, (*parser).isTest}, "IN": {levelLike, (*parser).in}, "BETWEEN": {levelLike, (*parser).between},
		"LIKE": {levelLike, (*parser).like}, "ILIKE": {levelLike, (*parser).like}, "SIMILAR": {levelLike, (*parser).like},
		"NOT": {levelLike, (*parser).negated},
		"::":  {levelCast, (*parser).castInfix}, "[": {levelCast, (*parser).index},
	}
}

// expr parses an expression.
func (p *parser) expr() Expr { return p.binary(levelOr) }

// exprs parses expressions with commas between them.
func (p *parser) exprs() []Expr {
	list := []Expr{p.expr()}
	for p.accept(",") {
		list = append(list, p.expr())
	}
	return list
}

// binary parses an expression of operators that bind at least as tightly as
// level.
func (p *parser) binary(level int) Expr {
	if !p.deeper() {
		return &Literal{}
	}
	defer func() { p.depth-- }()
	start := p.pos
	left := p.prefix()
	for {
		t := p.peek()
		op, ok := infixes[t.word]
		if !ok || op.level < level || t.word == "" || t.word == "NOT" && !p.negates() {
			return left
		}
		left = op.parse(p, left, start)
	}
}

// plain parses the right side of a left-associative operator.
func plain(level int) func(*parser, Expr, int) Expr {
	return func(p *parser, left Expr, start int) Expr {
		at := p.pos
		op := p.next().word
		opAt := p.from(at)
		right := p.binary(level + 1)
		return &Binary{At: p.from(start), Op: op, Left: left, Right: right, OpAt: opAt}
	}
}

// comparison parses the right side of = and its like, ANY and ALL too.
func (p *parser) comparison(left Expr, start int) Expr {
	if w := p.ahead(1).word; (w == "ANY" || w == "SOME" || w == "ALL") && p.ahead(2).word == "(" {
		q := &Quantified{Op: p.next().word, Left: left}
		q.All = p.next().word == "ALL"
		q.List, q.Query = p.listOrQuery("after ANY or ALL")
		q.At = p.from(start)
		return q
	}
	return plain(levelCompare)(p, left, start)
}

// negates says whether the NOT here belongs to LIKE, IN or BETWEEN.
func (p *parser) negates() bool {
	switch p.ahead(1).word {
	case "IN", "BETWEEN", "LIKE", "ILIKE", "SIMILAR":
		return true
	}
	return false
}

// negated parses NOT LIKE, NOT IN and NOT BETWEEN.
func (p *parser) negated(left Expr, start int) Expr {
	p.next()
	switch e := infixes[p.peek().word].parse(p, left, start).(type) {
	case *In:
		e.Not = true
		return e
	case *Between:
		e.Not = true
		return e
	case *Like:
		e.Not = true
		return e
	default:
		return e
	}
}

var isKinds = map[string]LiteralKind{"NULL": Null, "TRUE": True, "FALSE": False, "UNKNOWN": Unknown}

// isTest parses IS [NOT] NULL and its like, and IS [NOT] DISTINCT FROM.
func (p *parser) isTest(left Expr, start int) Expr {
	p.next()
	not := p.accept("NOT")
	if p.accept("DISTINCT") {
		p.expect("FROM", "after IS DISTINCT")
		right := p.binary(levelCompare + 1)
		return &IsDistinct{p.from(start), not, left, right}
	}
	kind, ok := isKinds[p.peek().word]
	if !ok {
		p.wanted("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM after IS", "NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT")
	}
	p.next()
	return &Is{p.from(start), not, left, kind}
}

func (p *parser) in(left Expr, start int) Expr {
	p.next()
	e := &In{Arg: left}
	e.List, e.Query = p.listOrQuery("after IN")
	e.At = p.from(start)
	return e
}

// listOrQuery parses (expressions) or (query).
func (p *parser) listOrQuery(after string) ([]Expr, Query) {
	open := p.open(after)
	list, q := p.inParens(open)
	p.close(open)
	return list, q
}

// inParens parses expressions or a query, up to ")". What begins with "(" may
// be either: ((SELECT 1) + 1), ((SELECT 1) UNION SELECT 2).
func (p *parser) inParens(open int) ([]Expr, Query) {
	if p.isQuery() {
		return nil, p.query()
	}
	e := p.expr()
	if sub, ok := e.(*ScalarSubquery); ok && p.queryGoesOn() {
		return nil, p.continued(p.intersected(sub.Query, open+1), open+1)
	}
	list := []Expr{e}
	for p.accept(",") {
		list = append(list, p.expr())
	}
	return list, nil
}

func (p *parser) between(left Expr, start int) Expr {
	p.next()
	b := &Between{Arg: left}
	if p.acceptOneOf("SYMMETRIC", "ASYMMETRIC") == "SYMMETRIC" {
		b.Symmetric = true
	}
	b.Low = p.binary(levelLike + 1)
	p.expect("AND", "and the upper bound of BETWEEN")
	b.High = p.binary(levelLike + 1)
	b.At = p.from(start)
	return b
}

func (p *parser) like(left Expr, start int) Expr {
	l := &Like{Arg: left}
	switch p.next().word {
	case "ILIKE":
		l.Kind = LikeAnyCase
	case "SIMILAR":
		l.Kind = SimilarTo
		p.expect("TO", "after SIMILAR")
	}
	l.Pattern = p.binary(levelLike + 1)
	if p.accept("ESCAPE") {
		l.Escape = p.binary(levelLike + 1)
	}
	l.At = p.from(start)
	return l
}

func (p *parser) castInfix(left Expr, start int) Expr {
	p.next()
	t := p.typeName()
	return &Cast{At: p.from(start), Arg: left, Type: t}
}

func (p *parser) index(left Expr, start int) Expr {
	open := p.pos
	p.next()
	i := p.expr()
	if !p.accept("]") {
		p.unclosed("]", &p.toks[open])
	}
	return &Index{p.from(start), left, i}
}

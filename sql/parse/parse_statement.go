package parse

import "github.com/ovatedb/ovate/internal/fault"

// refused are statements of the standard that there is nothing for.
var refused = map[string]string{
	"DELETE": "statements only read; rows are replaced by ingestion tasks", "UPDATE": "statements only read; rows are replaced by ingestion tasks",
	"MERGE": "statements only read; rows are replaced by ingestion tasks", "UPSERT": "statements only read; rows are replaced by ingestion tasks",
	"CREATE": "tables come into being when data is ingested", "DROP": "tables are dropped through the API",
	"ALTER": "tables have no fixed schema", "TRUNCATE": "tables are dropped through the API",
	"SHOW":     "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES lists the tables",
	"DESCRIBE": "SELECT * FROM INFORMATION_SCHEMA.COLUMNS lists the columns",
	"BEGIN":    "there are no transactions", "COMMIT": "there are no transactions", "ROLLBACK": "there are no transactions",
	"CALL": "there are no procedures", "GRANT": "permissions are set through the API", "REVOKE": "permissions are set through the API",
}

func (p *parser) statement() *Statement {
	s := &Statement{}
	for p.accept(";") {
	}
	start := p.pos
	for p.is("SET") && p.err == nil {
		s.Set = append(s.Set, p.setting())
		if p.peek().kind == tEOF {
			s.At = p.from(start)
			return s
		}
		p.expect(";", "after SET name = value")
		for p.accept(";") {
		}
	}
	if p.peek().kind == tEOF && p.err == nil {
		if s.Set == nil {
			p.fail("the statement is empty; expected SELECT, WITH, VALUES, EXPLAIN, INSERT, REPLACE or SET")
		}
		s.At = p.from(start)
		return s
	}
	p.explain(s)
	if p.isOneOf("INSERT", "REPLACE") {
		p.insert(s)
	} else {
		p.beginsQuery()
		s.Body = p.query()
	}
	s.Params = p.params
	s.At = p.from(start)
	p.end()
	return s
}

// beginsQuery fails, with what may begin a statement, unless a query does.
func (p *parser) beginsQuery() {
	t := p.peek()
	if p.isQuery() || t.word == "(" {
		return
	}
	if why, ok := refused[t.word]; ok {
		p.fail("%s statements are not supported; %s", t.word, why)
		return
	}
	p.wanted("SELECT, WITH, VALUES, EXPLAIN, INSERT, REPLACE or SET", statementWords...)
}

// setting parses SET name = literal.
func (p *parser) setting() Setting {
	start := p.pos
	p.next()
	name := p.name("the name of a setting after SET")
	p.expect("=", "after the setting's name")
	e := p.expr()
	lit, ok := e.(*Literal)
	if !ok && p.err == nil {
		at := e.Pos()
		p.failAt(p.tokenAt(at.Offset), fault.Invalid, "expected a string, number or boolean as the value of the setting %s", quote(name.Text))
	}
	return Setting{p.from(start), name, lit}
}

// tokenAt finds the token at a byte offset.
func (p *parser) tokenAt(offset int) *token {
	lo, hi := 0, len(p.toks)-1
	for lo < hi {
		if mid := (lo + hi) / 2; int(p.toks[mid].offset) < offset {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return &p.toks[lo]
}

// explain parses EXPLAIN and its details, which change nothing.
func (p *parser) explain(s *Statement) {
	if !p.accept("EXPLAIN") {
		return
	}
	switch {
	case p.accept("ANALYZE"):
		s.Explain = ExplainAnalyze
		return
	case !p.accept("PLAN"):
		s.Explain = ExplainText
		return
	}
	s.Explain = ExplainPlan
	if p.acceptOneOf("INCLUDING", "EXCLUDING") != "" {
		p.accept("ALL")
		p.expect("ATTRIBUTES", "in EXPLAIN PLAN")
	}
	if p.acceptOneOf("WITH", "WITHOUT") != "" && p.acceptOneOf("TYPE", "IMPLEMENTATION") == "" {
		p.wanted("TYPE or IMPLEMENTATION", "TYPE", "IMPLEMENTATION")
	}
	if p.accept("AS") && p.acceptOneOf("JSON", "XML", "DOT") == "" {
		p.wanted("JSON, XML or DOT", "JSON", "XML", "DOT")
	}
	p.expect("FOR", "after EXPLAIN PLAN")
}

// insert parses INSERT INTO and REPLACE INTO.
func (p *parser) insert(s *Statement) {
	start := p.pos
	ins := &Insert{Replace: p.next().word == "REPLACE"}
	verb := p.toks[start].word
	p.expect("INTO", "after "+verb)
	p.target(ins)
	if p.is("(") && !p.queryFollows(p.pos) {
		ins.Columns = p.nameList("the columns of " + verb)
	}
	if ins.Replace && p.accept("OVERWRITE") {
		switch {
		case p.accept("ALL"):
			ins.All = true
		case p.accept("WHERE"):
			ins.Where = p.expr()
		default:
			p.wanted("ALL or WHERE after OVERWRITE", "ALL", "WHERE")
		}
	}
	ins.At = p.from(start)
	if !p.isQuery() && !p.is("(") {
		p.wanted("the query whose rows are inserted", "SELECT", "WITH", "VALUES", "OVERWRITE")
	}
	s.Body = p.query()
	if p.accept("PARTITIONED") {
		ins.Partitioned = p.partitioned()
	}
	if p.accept("CLUSTERED") {
		p.expect("BY", "after CLUSTERED")
		ins.Clustered = p.orderItems()
	}
	s.Insert = ins
}

// target parses a table's name, or EXTERN(function(…)) AS format.
func (p *parser) target(ins *Insert) {
	if !p.are("EXTERN", "(") {
		ins.Target = p.path("the name of a table")
		return
	}
	p.next()
	open := p.open("after EXTERN")
	start := p.pos
	f := &TableFunction{Name: p.path("the name of an export function, such as local or s3")}
	f.Args = p.tableArgs()
	f.At = p.from(start)
	p.close(open)
	p.expect("AS", "and a format after EXTERN(…)")
	ins.Export, ins.Format = f, upper(p.name("the format of the export, such as CSV").Text)
}

// partitioned parses what follows PARTITIONED.
func (p *parser) partitioned() *Partitioned {
	p.expect("BY", "after PARTITIONED")
	start := p.pos
	q := &Partitioned{}
	t := p.peek()
	switch {
	case p.accept("ALL"):
		p.accept("TIME")
		q.All = true
	case t.kind == tWord && isUnit(t.text) && p.ahead(1).word != "(":
		q.Unit = p.unit()
	case t.isName() && p.ahead(1).word != "(":
		p.fail("expected a granularity, such as HOUR, DAY, MONTH, YEAR, ALL or FLOOR(__time TO DAY), but found %s", t.describe())
	default:
		q.Expr = p.expr()
	}
	q.At = p.from(start)
	return q
}

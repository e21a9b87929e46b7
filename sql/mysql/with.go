package mysql

import "github.com/ovatedb/ovate/sql/parse"

// withQuery reads WITH [RECURSIVE] name [(columns)] AS (query), … query: the
// grammar lacks it, so that each query is read for itself.
func withQuery(s *source, toks []token) (*parse.Statement, error) {
	if err := balanced(toks); err != nil {
		return nil, err
	}
	out := &parse.With{At: s.at(&toks[0])}
	params, i := 0, 1
	if toks[i].isWord("recursive") {
		out.Recursive = true
		i++
	}
	read := func(part []token) (parse.Query, error) {
		if !part[0].isWord("select") && !part[0].isOp("(") {
			return nil, fail(&part[0], "expected SELECT but found %s", part[0].describe())
		}
		end := toks[len(toks)-1]
		q, n, err := s.query(append(append([]token(nil), part...), end))
		if err != nil {
			return nil, err
		}
		parse.Walk(q, func(x parse.Node) bool {
			if p, ok := x.(*parse.Param); ok {
				p.Index += params
			}
			return true
		})
		params += n
		return q, nil
	}
	for {
		cte, rest, err := withName(s, toks[i:])
		if err != nil {
			return nil, err
		}
		n := closing(rest)
		if cte.Query, err = read(rest[1:n]); err != nil {
			return nil, err
		}
		out.CTEs = append(out.CTEs, cte)
		i = len(toks) - len(rest) + n + 1
		if !toks[i].isOp(",") {
			break
		}
		i++
	}
	if toks[i].kind == tEnd {
		return nil, fail(&toks[i], "expected SELECT after the queries of WITH, but the statement ends")
	}
	var err error
	if out.Body, err = read(toks[i : len(toks)-1]); err != nil {
		return nil, err
	}
	return &parse.Statement{At: s.at(&toks[0]), Body: out, Params: params}, nil
}

// withName reads name [(columns)] AS; rest begins with the parenthesis of a
// query that is not empty.
func withName(s *source, toks []token) (cte parse.CTE, rest []token, err error) {
	name := &toks[0]
	if !name.isName() {
		return cte, nil, fail(name, "expected the name of a query of WITH but found %s", name.describe())
	}
	cte.At, cte.Name = s.at(name), parse.Name{At: s.at(name), Text: name.text, Quoted: true}
	i := 1
	for toks[i].isOp("(") || len(cte.Columns) > 0 && toks[i].isOp(",") {
		i++
		c := &toks[i]
		if !c.isName() {
			return cte, nil, fail(c, "expected the name of a column but found %s", c.describe())
		}
		cte.Columns = append(cte.Columns, parse.Name{At: s.at(c), Text: c.text, Quoted: true})
		i++
	}
	if len(cte.Columns) > 0 {
		if !toks[i].isOp(")") {
			return cte, nil, fail(&toks[i], "expected ) after the columns but found %s", toks[i].describe())
		}
		i++
	}
	if !toks[i].isWord("as") {
		return cte, nil, fail(&toks[i], "expected AS (query) after the name but found %s", toks[i].describe())
	}
	if i++; !toks[i].isOp("(") {
		return cte, nil, fail(&toks[i], "expected (query) after AS but found %s", toks[i].describe())
	}
	if toks[i+1].isOp(")") {
		return cte, nil, fail(&toks[i], "there is no query between the parentheses after AS")
	}
	return cte, toks[i:], nil
}

// closing is the place of the parenthesis that closes the first token.
func closing(toks []token) int {
	depth := 0
	for i := range toks {
		switch {
		case toks[i].isOp("("):
			depth++
		case toks[i].isOp(")"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(toks) - 1
}

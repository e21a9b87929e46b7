package benchmarks

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// A Query is one block of a suite. It has either SQL or Native.
type Query struct {
	Name   string
	SQL    string          // asked at /druid/v2/sql
	Native json.RawMessage // asked at /druid/v2
	Peer   string          // the same in SQL that DuckDB and ClickHouse take
	Click  string          // the same in ClickHouse's own SQL, where that differs
	Order  Order
	Answer json.RawMessage // nil: not checked
	Line   int             // where the block begins, from 1
}

// Order says how far the order of a SQL answer's rows is fixed: 0 entirely, n by
// the values of the n-th column alone, AnyOrder not at all.
type Order int

// AnyOrder is the order of rows that come in any.
const AnyOrder Order = -1

// members sets what a line of a block says. An error says what was expected.
var members = map[string]func(q *Query, value string) error{
	"name":       func(q *Query, v string) error { q.Name = v; return nil },
	"sql":        func(q *Query, v string) error { q.SQL = v; return nil },
	"peer":       func(q *Query, v string) error { q.Peer = v; return nil },
	"clickhouse": func(q *Query, v string) error { q.Click = v; return nil },
	"native":     func(q *Query, v string) error { return object(&q.Native, v) },
	"answer":     func(q *Query, v string) error { return list(&q.Answer, v) },
	"order":      func(q *Query, v string) error { return q.Order.read(v) },
}

func object(to *json.RawMessage, v string) error {
	if !json.Valid([]byte(v)) || v[0] != '{' {
		return fmt.Errorf("expected a JSON object")
	}
	*to = json.RawMessage(v)
	return nil
}

func list(to *json.RawMessage, v string) error {
	if !json.Valid([]byte(v)) || v[0] != '[' {
		return fmt.Errorf("expected a JSON array")
	}
	*to = json.RawMessage(v)
	return nil
}

func (o *Order) read(v string) error {
	n, err := strconv.Atoi(v)
	switch {
	case v == "any":
		*o = AnyOrder
	case err == nil && n > 0:
		*o = Order(n)
	default:
		return fmt.Errorf("expected any or the number of a column, from 1")
	}
	return nil
}

// Read reads the suite in a file.
func Read(path string) ([]Query, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	queries, err := parse(f)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return queries, nil
}

// parse reads a suite. Its errors begin with the line.
func parse(r io.Reader) ([]Query, error) {
	var out []Query
	var q Query
	names := map[string]bool{}
	done := func() error {
		if q.Line == 0 {
			return nil
		}
		switch {
		case q.Name == "":
			return fmt.Errorf("%d: a query without a name", q.Line)
		case names[q.Name]:
			return fmt.Errorf("%d: a second query %s", q.Line, q.Name)
		case (q.SQL == "") == (q.Native == nil):
			return fmt.Errorf("%d: query %s: expected either sql or native", q.Line, q.Name)
		}
		names[q.Name] = true
		out, q = append(out, q), Query{}
		return nil
	}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 16<<20)
	line := 1
	for ; in.Scan(); line++ {
		text := bytes.TrimSpace(in.Bytes())
		if len(text) == 0 {
			if err := done(); err != nil {
				return nil, err
			}
			continue
		}
		if text[0] == '#' {
			continue
		}
		if q.Line == 0 {
			q.Line = line
		}
		if err := q.member(string(text)); err != nil {
			return nil, fmt.Errorf("%d: %w", line, err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("%d: %w", line, err)
	}
	return out, done()
}

func (q *Query) member(text string) error {
	key, value, _ := strings.Cut(text, " ")
	value = strings.TrimSpace(value)
	set := members[key]
	if set == nil {
		return fmt.Errorf("expected name, sql, native, peer, clickhouse, order or answer, got %q", key)
	}
	if value == "" {
		return fmt.Errorf("%s: expected a value", key)
	}
	if err := set(q, value); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

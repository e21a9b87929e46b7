package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Random SQL in two dialects: ours, and DuckDB's.

// A form is a function or operator that both have: %s stands for arguments.
// Kinds are letters: n a number, i a whole number, I a large one, p any text, t a text, u a text without
// characters beyond the basic plane, b a condition, w an instant.
type form struct {
	name       string
	ours, duck string
	args       string
	gives      byte
}

// same is a form that is written alike.
func alike(name, text, args string, gives byte) form { return form{name, text, text, args, gives} }

var forms = []form{
	alike("+", "(%s + %s)", "nn", 'n'), alike("-", "(%s - %s)", "nn", 'n'), alike("*", "(%s * %s)", "nn", 'n'), alike("negate", "(- %s)", "n", 'n'),
	alike("ABS", "ABS(%s)", "n", 'n'), alike("SIN", "SIN(%s)", "n", 'n'), alike("COS", "COS(%s)", "n", 'n'),
	alike("ATAN", "ATAN(%s)", "n", 'n'), alike("SQRT", "SQRT(ABS(%s))", "n", 'n'), alike("LN", "LN(ABS(%s) + 1)", "n", 'n'), alike("LOG10", "LOG10(ABS(%s) + 1)", "n", 'n'),
	alike("DEGREES", "DEGREES(%s)", "n", 'n'), alike("RADIANS", "RADIANS(%s)", "n", 'n'), alike("CBRT", "CBRT(%s)", "n", 'n'),
	{"EXP", "EXP(%s / 100000.0)", "EXP(%s / 100000.0)", "i", 'n'}, alike("ATAN2", "ATAN2(%s, 2)", "n", 'n'), alike("POWER", "POWER(%s, 2)", "i", 'n'),
	alike("FLOOR", "FLOOR(%s)", "n", 'n'), alike("CEIL", "CEIL(%s)", "n", 'n'), {"TRUNCATE", "TRUNCATE(%s)", "TRUNC(%s)", "n", 'n'},
	{"MOD", "MOD(%s, 7)", "(%s %% 7)", "i", 'i'}, {"DIV", "DIV(%s, 3)", "(%s // 3)", "i", 'i'}, {"/", "(%s / 2.0)", "(%s / 2.0)", "i", 'n'},
	{"SAFE_DIVIDE", "SAFE_DIVIDE(%s * 1.0e0, NULLIF(%[2]s, 0))", "(%s * 1.0e0 / NULLIF(%[2]s, 0))", "ii", 'n'},
	{"BITWISE_AND", "BITWISE_AND(%s, %s)", "(%s & %s)", "ii", 'i'}, {"BITWISE_OR", "BITWISE_OR(%s, %s)", "(%s | %s)", "ii", 'i'},
	{"BITWISE_XOR", "BITWISE_XOR(%s, %s)", "xor(%s, %s)", "ii", 'i'}, {"BITWISE_COMPLEMENT", "BITWISE_COMPLEMENT(%s)", "(~%s)", "i", 'i'},
	alike("GREATEST", "GREATEST(%s, %s)", "nn", 'n'), alike("LEAST", "LEAST(%s, %s)", "nn", 'n'), alike("CASE", "CASE WHEN %s THEN %s ELSE %s END", "bnn", 'n'),
	alike("COALESCE", "COALESCE(%s, %s)", "nn", 'n'), {"NVL", "NVL(%s, %s)", "COALESCE(%s, %s)", "ii", 'i'}, alike("NULLIF", "NULLIF(%s, 0)", "i", 'i'),
	{"CAST AS BIGINT", "CAST(%s AS BIGINT)", "CAST(TRUNC(%s) AS BIGINT)", "n", 'i'}, alike("CAST AS DOUBLE", "CAST(%s AS DOUBLE)", "n", 'n'),
	alike("LENGTH", "LENGTH(%s)", "u", 'i'), alike("CHAR_LENGTH", "CHAR_LENGTH(%s)", "u", 'i'), alike("STRPOS", "STRPOS(%s, '1')", "u", 'i'),
	alike("POSITION", "POSITION('e' IN %s)", "u", 'i'), {"STRLEN", "STRLEN(%s)", "LENGTH(%s)", "u", 'i'},
	{"CAST text AS DOUBLE", "CAST(%s AS DOUBLE)", "TRY_CAST(%s AS DOUBLE)", "m", 'n'},
	alike("EXTRACT YEAR", "EXTRACT(YEAR FROM %s)", "w", 'i'), alike("EXTRACT MONTH", "EXTRACT(MONTH FROM %s)", "w", 'i'), alike("EXTRACT DAY", "EXTRACT(DAY FROM %s)", "w", 'i'),
	alike("EXTRACT HOUR", "EXTRACT(HOUR FROM %s)", "w", 'i'), alike("EXTRACT MINUTE", "EXTRACT(MINUTE FROM %s)", "w", 'i'), alike("EXTRACT DOY", "EXTRACT(DOY FROM %s)", "w", 'i'),
	alike("EXTRACT QUARTER", "EXTRACT(QUARTER FROM %s)", "w", 'i'), alike("EXTRACT WEEK", "EXTRACT(WEEK FROM %s)", "w", 'i'),
	{"TIME_EXTRACT", "TIME_EXTRACT(%s, 'DOW')", "EXTRACT(ISODOW FROM %s)", "w", 'i'}, {"TIMESTAMP_TO_MILLIS", "TIMESTAMP_TO_MILLIS(%s)", "epoch_ms(%s)", "w", 'i'},

	alike("UPPER", "UPPER(%s)", "t", 't'), alike("LOWER", "LOWER(%s)", "t", 't'), alike("TRIM", "TRIM(%s)", "t", 't'), alike("LTRIM", "LTRIM(%s, 'k')", "u", 't'),
	alike("RTRIM", "RTRIM(%s, '1')", "u", 't'), {"BTRIM", "BTRIM(%s, 'ke')", "TRIM(%s, 'ke')", "u", 't'}, alike("REVERSE", "REVERSE(%s)", "u", 't'),
	{"SUBSTRING", "SUBSTRING(%s, 2, 3)", "NULLIF(SUBSTRING(%s, 2, 3), '')", "u", 't'}, alike("LEFT", "LEFT(%s, 2)", "u", 't'), alike("RIGHT", "RIGHT(%s, 2)", "u", 't'),
	alike("LPAD", "LPAD(%s, 5, '*')", "u", 't'), alike("RPAD", "RPAD(%s, 5, '*')", "u", 't'), alike("REPEAT", "REPEAT(%s, 2)", "u", 't'),
	alike("REPLACE", "REPLACE(%s, 'a', 'bb')", "t", 't'), alike("||", "(%s || %s)", "tt", 't'), {"CONCAT", "CONCAT(%s, '-', %s)", "(%s || '-' || %s)", "tt", 't'},
	{"TEXTCAT", "TEXTCAT(%s, %s)", "(%s || %s)", "tt", 't'}, {"REGEXP_REPLACE", "REGEXP_REPLACE(%s, '[0-9]+', '#')", "REGEXP_REPLACE(%s, '[0-9]+', '#', 'g')", "t", 't'},
	alike("CAST AS VARCHAR", "CAST(%s AS VARCHAR)", "i", 't'), alike("CASE of texts", "CASE WHEN %s THEN %s END", "bt", 't'), alike("COALESCE of texts", "COALESCE(%s, 'none')", "t", 't'),
	{"TIME_FORMAT", "TIME_FORMAT(%s, 'yyyy-MM-dd HH:mm')", "strftime(%s, '%%Y-%%m-%%d %%H:%%M')", "w", 't'},

	alike("=", "(%s = %s)", "nn", 'b'), alike("= of free texts", "(%s = %s)", "pp", 'b'), alike("large sum", "(%s + 1)", "I", 'I'), alike("= of large", "(%s = %s)", "II", 'b'), alike("> of large", "(%s > %s)", "II", 'b'), alike("<>", "(%s <> %s)", "ii", 'b'), alike("<", "(%s < %s)", "nn", 'b'), alike(">=", "(%s >= %s)", "nn", 'b'),
	alike("= of texts", "(%s = %s)", "tt", 'b'), alike("> of texts", "(%s > %s)", "tt", 'b'), alike("<= of texts", "(%s <= 'k2')", "t", 'b'),
	alike("IN", "(%s IN ('alpha', 'k1', 'true', '3'))", "t", 'b'), alike("NOT IN", "(%s NOT IN (1, 2, 3, 50))", "i", 'b'), alike("IN with NULL", "(%s IN ('k1', NULL))", "t", 'b'),
	alike("LIKE", "(%s LIKE '%%a%%')", "t", 'b'), alike("NOT LIKE", "(%s NOT LIKE 'k_')", "t", 'b'), alike("BETWEEN", "(%s BETWEEN -100 AND 100)", "n", 'b'),
	alike("IS NULL", "(%s IS NULL)", "t", 'b'), alike("IS NOT NULL", "(%s IS NOT NULL)", "n", 'b'), alike("IS DISTINCT FROM", "(%s IS DISTINCT FROM %s)", "tt", 'b'),
	alike("IS NOT DISTINCT FROM", "(%s IS NOT DISTINCT FROM %s)", "ii", 'b'), {"REGEXP_LIKE", "REGEXP_LIKE(%s, '^[a-k]')", "REGEXP_MATCHES(%s, '^[a-k]')", "t", 'b'},
	{"CONTAINS_STRING", "CONTAINS_STRING(%s, 'a')", "CONTAINS(%s, 'a')", "t", 'b'}, {"ICONTAINS_STRING", "ICONTAINS_STRING(%s, 'A')", "CONTAINS(LOWER(%s), 'a')", "t", 'b'},
	alike("AND", "(%s AND %s)", "bb", 'b'), alike("OR", "(%s OR %s)", "bb", 'b'), alike("NOT", "(NOT %s)", "b", 'b'), alike("IS TRUE", "(%s IS TRUE)", "b", 'b'),
	alike("IS NOT FALSE", "(%s IS NOT FALSE)", "b", 'b'), {"TIME_IN_INTERVAL", "TIME_IN_INTERVAL(%s, '2024-01-01/P1D')", "(%[1]s >= TIMESTAMP '2024-01-01' AND %[1]s < TIMESTAMP '2024-01-02')", "w", 'b'},
	alike("< of times", "(%s < TIMESTAMP '2024-01-02 00:00:00')", "w", 'b'),

	{"FLOOR TO DAY", "FLOOR(%s TO DAY)", "DATE_TRUNC('day', %s)", "w", 'w'}, {"TIME_FLOOR", "TIME_FLOOR(%s, 'PT1H')", "DATE_TRUNC('hour', %s)", "w", 'w'},
	{"DATE_TRUNC", "DATE_TRUNC('month', %s)", "DATE_TRUNC('month', %s)", "w", 'w'}, {"TIMESTAMPADD", "TIMESTAMPADD(DAY, 3, %s)", "(%s + INTERVAL 3 DAY)", "w", 'w'},
	{"TIME_SHIFT", "TIME_SHIFT(%s, 'P1M', 1)", "(%s + INTERVAL 1 MONTH)", "w", 'w'}, alike("+ INTERVAL", "(%s + INTERVAL '2' HOUR)", "w", 'w'),
	{"FLOOR TO WEEK", "FLOOR(%s TO WEEK)", "DATE_TRUNC('week', %s)", "w", 'w'},
}

// A drawn is a query in both dialects and what it is about.
type drawn struct {
	ours, duck string // duck is empty if only we are asked
	native     fields // instead of ours
	about      []string
	ordered    bool // the order of its rows counts
}

// A twin is a part of one.
type twin struct{ ours, duck string }

// drawer draws queries. Every member of forms comes up equally often.
type drawer struct {
	*rand.Rand
	tables  []*table // as often as each is to be asked
	table   *table   // of the question being drawn
	about   []string
	ordered bool
	byOut   map[byte][]form
	turn    map[byte]int
	turns   map[string]int
}

func newDrawer(r *rand.Rand, tables []*table) *drawer {
	d := &drawer{Rand: r, byOut: map[byte][]form{}, turn: map[byte]int{}, turns: map[string]int{}}
	for _, t := range tables {
		for range tableFacts[t.name].weight {
			d.tables = append(d.tables, t)
		}
	}
	for _, f := range forms {
		d.byOut[f.gives] = append(d.byOut[f.gives], f)
	}
	return d
}

func (d *drawer) one(list ...string) string { return list[d.IntN(len(list))] }

// value draws an expression of a kind, depth calls deep at most.
func (d *drawer) value(kind byte, depth int) twin {
	if kind == 'n' && d.IntN(3) == 0 {
		kind = 'i'
	}
	list := d.byOut[kind]
	if depth == 0 || len(list) == 0 {
		list := d.table.leaves[kind]
		return list[d.IntN(len(list))]
	}
	f := list[d.turn[kind]%len(list)]
	d.turn[kind]++
	d.about = append(d.about, f.name)
	var ours, duck []any
	for i := range f.args {
		a := d.value(f.args[i], d.IntN(depth))
		ours, duck = append(ours, a.ours), append(duck, a.duck)
	}
	return twin{fmt.Sprintf(f.ours, ours...), fmt.Sprintf(f.duck, duck...)}
}

func both(text string, parts ...twin) twin {
	var ours, duck []any
	for _, p := range parts {
		ours, duck = append(ours, p.ours), append(duck, p.duck)
	}
	return twin{fmt.Sprintf(text, ours...), fmt.Sprintf(text, duck...)}
}

// sharedAggregates are written alike; the argument is of the kind behind the colon.
var sharedAggregates = []string{"COUNT(*)", "COUNT(%s):t", "COUNT(DISTINCT %s):t", "COUNT(DISTINCT %s):p", "SUM(%s):n", "MIN(%s):n", "MAX(%s):n", "AVG(%s):n", "MIN(%s):i", "MAX(%s):w",
	"MIN(%s):w", "BIT_AND(%s):i", "BIT_OR(%s):i", "BIT_XOR(%s):i", "STDDEV_POP(%s):s", "STDDEV_SAMP(%s):s", "VAR_POP(%s):s", "VAR_SAMP(%s):s"}

func (d *drawer) aggregate() twin {
	if d.IntN(2) == 0 {
		return d.moreAggregate()
	}
	text, kind, _ := strings.Cut(d.one(sharedAggregates...), ":")
	name, _, _ := strings.Cut(text, "(")
	if strings.Contains(text, "DISTINCT") {
		name += " DISTINCT"
	}
	d.about = append(d.about, name)
	out := twin{text, text}
	switch kind {
	case "":
	case "s": // a spread of few digits, of which all are worth comparing
		out = both(text, d.value('s', 0))
	default:
		out = both(text, d.value(kind[0], d.IntN(2)))
	}
	if d.IntN(3) == 0 {
		d.about = append(d.about, "FILTER")
		out = both("%s FILTER (WHERE %s)", out, d.value('b', d.IntN(2)))
	}
	return out
}

func list(parts ...twin) twin {
	out := parts[0]
	for _, p := range parts[1:] {
		out = both("%s, %s", out, p)
	}
	return out
}

// named puts AS names behind expressions.
func named(parts ...twin) twin {
	for i, p := range parts {
		parts[i] = twin{fmt.Sprintf("%s AS c%d", p.ours, i), fmt.Sprintf("%s AS c%d", p.duck, i)}
	}
	return list(parts...)
}

func (d *drawer) some(n int, draw func() twin) []twin {
	var out []twin
	for range n {
		out = append(out, draw())
	}
	return out
}

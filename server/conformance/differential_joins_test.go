package conformance

import (
	"fmt"
	"regexp"
	"strings"
)

// Shapes of several tables: joins by what is calculated, of more than two, by
// comparisons, and queries that read the row of a query around them.

// put writes a query: {name} stands for the string or twin behind that name.
func put(text string, pairs ...any) twin {
	var ours, duck []string
	for i := 0; i < len(pairs); i += 2 {
		name := "{" + pairs[i].(string) + "}"
		v, ok := pairs[i+1].(twin)
		if !ok {
			s := pairs[i+1].(string)
			v = twin{s, s}
		}
		ours, duck = append(ours, name, v.ours), append(duck, name, v.duck)
	}
	return twin{strings.NewReplacer(ours...).Replace(text), strings.NewReplacer(duck...).Replace(text)}
}

// A drawnSide is some rows of a table under an alias.
type drawnSide struct {
	table *table
	rows  twin
	alias string
}

// aside draws some rows of a table.
func (d *drawer) aside(name, alias string) drawnSide {
	rows := d.side(name)
	return drawnSide{d.table, rows, alias}
}

// pair draws two tables under the aliases a and b, and how they belong together.
func (d *drawer) pair() (a, b drawnSide, link string) {
	p := partners[d.IntN(len(partners))]
	a, b = d.aside(p[0], "a"), d.aside(p[2], "b")
	return a, b, fmt.Sprintf("b.%q = a.%q", p[3], p[1])
}

var columnPattern = regexp.MustCompile(`"[A-Za-z_0-9]+"`)

// value is an expression over the columns of one side.
func (s drawnSide) value(d *drawer, kind byte, depth int) twin {
	d.table = s.table
	v := d.value(kind, depth)
	return twin{columnPattern.ReplaceAllString(v.ours, s.alias+`.$0`), columnPattern.ReplaceAllString(v.duck, s.alias+`.$0`)}
}

func (s drawnSide) number(d *drawer) string { return s.alias + "." + d.one(s.table.numbers()...) }

// calculated are joins by expressions, and by comparisons with no equality at all.
func (d *drawer) calculated() twin {
	a, b, _ := d.pair()
	kind := d.one("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
	n, m := a.number(d), b.number(d)
	var on twin
	if d.IntN(3) == 0 {
		d.about = append(d.about, kind+" by comparisons")
		on = put(d.one("{n} > {m}", "{n} <= {m}", "{n} BETWEEN {m} - 5 AND {m} + 20", "{n} >= {m} AND {n} < {m} + 10", "{m} BETWEEN {n} AND {n} * 2", "{n} < {m} AND {cond}", "{n} < {m} OR {cond}", "{n} <> {m}"),
			"n", n, "m", m, "cond", b.value(d, 'b', 1))
	} else {
		d.about = append(d.about, kind+" by expressions")
		equal := func() twin {
			k := "iitun"[d.IntN(5)]
			return both("%s = %s", a.value(d, k, 1), b.value(d, k, 1))
		}
		on = equal()
		if d.IntN(2) == 0 {
			on = both("%s AND %s", on, equal())
		}
		if d.IntN(3) == 0 {
			on = both("%s AND (%s OR %s)", on, a.value(d, 'b', 1), b.value(d, 'b', 1))
		}
	}
	return put("SELECT COUNT(*) AS c, COUNT({n}) AS x, COUNT({m}) AS y, SUM({m}) AS s, MIN({n}) AS t FROM {a} a {kind} {b} b ON {on}", "n", n, "m", m, "a", a.rows, "b", b.rows, "kind", kind, "on", on)
}

// chains are tables of which each but the first is joined by a column to one of
// an earlier table, by its number.
var chains = [][]string{
	{"lineitem", "orders o_orderkey l_orderkey 0", "customer c_custkey o_custkey 1", "nation n_nationkey c_nationkey 2", "region r_regionkey n_regionkey 3"},
	{"partsupp", "part p_partkey ps_partkey 0", "supplier s_suppkey ps_suppkey 0", "nation n_nationkey s_nationkey 2"},
	{"lineitem", "part p_partkey l_partkey 0", "supplier s_suppkey l_suppkey 0", "partsupp ps_partkey l_partkey 0"},
	{"edge", "nested id id 0", "edge_concise_lzf id id 1", "nation n_nationkey id 1"},
	{"orders", "lineitem l_orderkey o_orderkey 0", "supplier s_suppkey l_suppkey 1", "customer c_custkey o_custkey 0"},
	{"supplier", "nation n_nationkey s_nationkey 0", "customer c_nationkey n_nationkey 1"},
}

// chained are joins of three tables and more, as JOINs or as a list with conditions.
func (d *drawer) chained() twin {
	chain := chains[d.IntN(len(chains))]
	chain = chain[:3+d.IntN(len(chain)-2)]
	sides := []drawnSide{d.aside(chain[0], "t0")}
	from, where := both("%s t0", sides[0].rows), ""
	kind := d.one("JOIN", "LEFT JOIN", ",")
	for i, text := range chain[1:] {
		f := strings.Fields(text)
		s := d.aside(f[0], fmt.Sprint("t", i+1))
		sides = append(sides, s)
		on := fmt.Sprintf("t%s.%q = %s.%q", f[3], f[2], s.alias, f[1])
		switch {
		case kind == ",":
			from, where = both("%s, %s "+s.alias, from, s.rows), where+" AND "+on
		case kind == "JOIN" || d.IntN(3) == 0:
			from = both("%s JOIN %s "+s.alias+" ON "+on, from, s.rows)
		default:
			from = both("%s LEFT JOIN %s "+s.alias+" ON "+on, from, s.rows)
		}
	}
	d.about = append(d.about, fmt.Sprintf("%d tables with %s", len(sides), kind))
	last := sides[len(sides)-1]
	cond := sides[d.IntN(len(sides))].value(d, 'b', 1)
	return put("SELECT {k} AS k, COUNT(*) AS c, SUM({n}) AS s, COUNT(DISTINCT {n}) AS u FROM {from} WHERE {cond}{where} GROUP BY 1",
		"k", last.alias+"."+d.one(last.table.of("VARCHAR", "BIGINT")...), "n", sides[0].number(d), "from", from, "cond", cond, "where", where)
}

// lateral are queries that read each row of the table before them.
func (d *drawer) lateral() twin {
	a, b, link := d.pair()
	n, m := a.number(d), b.number(d)
	cond := d.one("", " AND {m} < {n}", " AND {m} >= 3")
	inner := "SELECT COUNT(*) AS c, SUM({m}) AS s FROM {b} b WHERE {link}" + cond
	if b.table.key != "" && d.IntN(2) == 0 {
		inner = "SELECT {m} AS c, 1 AS s FROM {b} b WHERE {link}" + cond + " ORDER BY " + b.table.key + " LIMIT 2"
	}
	from := d.one("{a} a CROSS JOIN LATERAL (", "{a} a, LATERAL (") + inner + ") l"
	if d.IntN(2) == 0 {
		from = "{a} a LEFT JOIN LATERAL (" + inner + ") l ON TRUE"
	}
	d.about = append(d.about, "LATERAL")
	return put("SELECT COUNT(*) AS c, SUM(l.c) AS x, SUM(l.s) AS y, SUM({n}) AS z FROM "+from, "a", a.rows, "b", b.rows, "link", link, "n", n, "m", m)
}

var correlations = []string{
	"SELECT COUNT(*) AS c, SUM(v) AS s FROM (SELECT (SELECT MAX({m}) FROM {b} b WHERE {link} AND {m} > {n}) AS v FROM {a} a) q",
	"SELECT COUNT(*) AS c, SUM(v) AS s FROM (SELECT {n} + (SELECT COUNT(*) FROM {b} b WHERE {link}) AS v FROM {a} a) q",
	"SELECT COUNT(*) AS c, SUM(v) AS s FROM (SELECT (SELECT COUNT(*) * 2 + {n} FROM {b} b WHERE {link} AND {m} > 3) AS v FROM {a} a) q",
	"SELECT COUNT(*) AS c, SUM(v) AS s FROM (SELECT (SELECT CASE WHEN COUNT({m}) < 2 THEN 100 ELSE MAX({m}) END FROM {b} b WHERE {link}) AS v FROM {a} a) q",
	"SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE EXISTS (SELECT 1 FROM {b} b WHERE {link} AND {m} < {n})",
	"SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE NOT EXISTS (SELECT 1 FROM {b} b WHERE {link} AND {m} < {n})",
	"SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE EXISTS (SELECT 1 FROM {b} b WHERE {m} = {n} + 1)",
	"SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE {n} IN (SELECT {m} FROM {b} b WHERE {link})",
	"SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE {n} NOT IN (SELECT {m} FROM {b} b WHERE {link})",
	"SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE {n} > 20 OR EXISTS (SELECT 1 FROM {b} b WHERE {link} AND {m} > 3)",
	"SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE {n} > 20 OR {n} IN (SELECT {m} FROM {b} b)",
	"SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE {n} < (SELECT AVG({m}) FROM {b} b WHERE {link} AND {m} <> {n})",
	"SELECT COUNT(*) AS c, SUM(CASE WHEN {n} IN (SELECT {m} FROM {b} b) THEN 1 ELSE 0 END) AS s FROM {a} a",
	"SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE ({n}, 1) IN (SELECT {m}, COUNT(*) FROM {b} b GROUP BY 1)",
}

// correlated are subqueries that read the query around them, in the select list
// and under conditions that are not only equalities.
func (d *drawer) correlated() twin {
	a, b, link := d.pair()
	text := turned(d, "correlation", correlations)
	d.about = append(d.about, text)
	return put(text, "a", a.rows, "b", b.rows, "link", link, "n", a.number(d), "m", b.number(d))
}

// quantified are comparisons with ALL and ANY of a query.
func (d *drawer) quantified() twin {
	a, b, link := d.pair()
	op := d.one("> ALL", ">= ALL", "< ALL", "<= ALL", "<> ALL", "= ALL", "> ANY", ">= ANY", "< ANY", "<= ANY", "= ANY", "<> ANY")
	d.about = append(d.about, op)
	text := d.one("SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE {n} {op} (SELECT {m} FROM {b} b WHERE {cond})", "SELECT COUNT(*) AS c, SUM({n}) AS s FROM {a} a WHERE {n} {op} (SELECT {m} FROM {b} b WHERE {cond} AND {link})",
		"SELECT v, COUNT(*) AS c FROM (SELECT {n} {op} (SELECT {m} FROM {b} b WHERE {cond}) AS v FROM {a} a) q GROUP BY v")
	return put(text, "op", op, "link", link, "a", a.rows, "b", b.rows, "n", a.number(d), "m", b.number(d), "cond", b.value(d, 'b', 1))
}

// unnested gives a row for each of some values, or for each place in two lists.
func (d *drawer) unnested() twin {
	d.about = append(d.about, "UNNEST")
	array := func() twin {
		k := "itu"[d.IntN(3)]
		return both("ARRAY[%s]", list(d.some(1+d.IntN(4), func() twin { return d.value(k, d.IntN(2)) })...))
	}
	of := []any{"t", d.table.name, "a", array(), "b", array(), "n", d.one(d.table.numbers()...), "cond", d.condition(), "few", d.table.few}
	tail := " WHERE {cond} AND {few} GROUP BY 1, 2"
	switch d.IntN(3) {
	case 0:
		return put("SELECT x, 1 AS y, COUNT(*) AS c, SUM({n}) AS s FROM "+d.one("{t} CROSS JOIN UNNEST({a}) AS u(x)", "{t}, UNNEST({a}) AS u(x)", "{t} LEFT JOIN UNNEST({a}) AS u(x) ON TRUE")+tail, of...)
	case 1:
		return put("SELECT x, o, COUNT(*) AS c, SUM({n}) AS s FROM {t} CROSS JOIN UNNEST({a}) WITH ORDINALITY AS u(x, o)"+tail, of...)
	}
	text := "SELECT x, y, COUNT(*) AS c, SUM({n}) AS s FROM {t} CROSS JOIN "
	return twin{put(text+"UNNEST({a}, {b}) AS u(x, y)"+tail, of...).ours, put(text+"LATERAL (SELECT UNNEST({a}) AS x, UNNEST({b}) AS y) u"+tail, of...).duck}
}

package conformance

import "strings"

// Shapes of whole queries: sets of groups, pivots, set operations, queries that
// name others or themselves, and rows in an order.

var groupingSets = []string{"ROLLUP (c0, c1, c2)", "CUBE (c0, c1, c2)", "GROUPING SETS ((c0, c1, c2), (c0, c2), (c1), ())", "c0, ROLLUP (c1, c2)", "ROLLUP (c0, c1), c2", "c0, CUBE (c1, c2)",
	"GROUPING SETS ((c0), (c1), (c2), (c0))", "ROLLUP (c0), ROLLUP (c1, c2)", "GROUPING SETS (ROLLUP (c0, c1), CUBE (c1, c2))", "GROUPING SETS ((c2, c0), (c1))"}

// manySets groups by three calculated keys in several ways at once.
func (d *drawer) manySets() twin {
	sets := turned(d, "sets", groupingSets)
	d.about = append(d.about, sets)
	keys := named(d.some(3, func() twin { return d.value("itbw"[d.IntN(4)], d.IntN(2)) })...)
	return put("SELECT c0, c1, c2, GROUPING(c0, c1, c2) AS g, COUNT(*) AS n, SUM(x) AS s FROM (SELECT {keys}, {x} AS x {from}) q GROUP BY {sets}"+d.one("", "", " HAVING COUNT(*) > 2"),
		"keys", keys, "x", d.one(d.table.numbers()...), "from", d.from(true), "sets", sets)
}

// pivoted makes columns of values.
func (d *drawer) pivoted() twin {
	d.about = append(d.about, "PIVOT")
	axis := d.value("it"[d.IntN(2)], d.IntN(2))
	of := []any{"k", d.one(d.table.texts()...), "axis", axis, "x", d.one(d.table.numbers()...), "from", d.from(true), "f", d.one("SUM", "MIN", "MAX", "COUNT", "AVG")}
	rows := "(SELECT {k} AS k, CAST({axis} AS VARCHAR) AS axis, {x} AS x {from})"
	return twin{put("SELECT * FROM "+rows+" PIVOT ({f}(x) AS s, COUNT(*) AS c FOR axis IN ('k1' AS p, '5' AS q, '' AS r))", of...).ours,
		put("SELECT k, {f}(x) FILTER (axis = 'k1'), COUNT(*) FILTER (axis = 'k1'), {f}(x) FILTER (axis = '5'), COUNT(*) FILTER (axis = '5'), {f}(x) FILTER (axis = ''), COUNT(*) FILTER (axis = '') FROM "+rows+" GROUP BY k", of...).duck}
}

// unpivoted makes rows of columns.
func (d *drawer) unpivoted() twin {
	d.about = append(d.about, "UNPIVOT")
	of := []any{"k", d.one(d.table.texts()...), "a", d.one(d.table.whole()...), "b", d.one(d.table.whole()...), "from", d.from(true)}
	nulls, where := " INCLUDE NULLS", ""
	if d.IntN(2) == 0 {
		nulls, where = "", " WHERE v IS NOT NULL"
	}
	return twin{put("SELECT k, n, COUNT(*) AS c, SUM(v) AS s FROM (SELECT {k} AS k, {a} AS a, {b} AS b {from}) UNPIVOT"+nulls+" (v FOR n IN (a AS 'first', b AS 'second')) GROUP BY 1, 2", of...).ours,
		put("SELECT k, n, COUNT(*) AS c, SUM(v) AS s FROM (SELECT {k} AS k, 'first' AS n, {a} AS v {from} UNION ALL SELECT {k}, 'second', {b} {from})"+where+" GROUP BY 1, 2", of...).duck}
}

// combined are set operations of three queries of two columns.
func (d *drawer) combined() twin {
	kinds := []string{"UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"}
	first, second := d.one(kinds...), d.one(kinds...)
	d.about = append(d.about, "two set operations", first, second)
	k, l := "itbw"[d.IntN(4)], "itbp"[d.IntN(4)]
	part := func() twin {
		d.table = d.tables[d.IntN(len(d.tables))]
		return both("SELECT %s AS k, %s AS l %s", d.value(k, d.IntN(2)), d.value(l, d.IntN(2)), d.from(true))
	}
	return put(d.one("({p} {first} {q}) {second} {r}", "{p} {first} ({q} {second} {r})", "SELECT k, COUNT(*) AS c, COUNT(l) AS d FROM ({p} {first} {q}) u GROUP BY k HAVING COUNT(*) < (SELECT COUNT(*) FROM ({r}) v)"),
		"p", part(), "q", part(), "r", part(), "first", first, "second", second)
}

// recursions name themselves. {k} is the table's key, {t} the table.
var recursions = []string{
	"WITH RECURSIVE r(n, x) AS (SELECT 1, {k} {from} UNION ALL SELECT n + 1, MOD(x * 3 + 1, 97) FROM r WHERE n < 5) SELECT n, COUNT(*) AS c, SUM(x) AS s, COUNT(DISTINCT x) AS d FROM r GROUP BY n",
	"WITH RECURSIVE r(x) AS (SELECT MOD({k}, 20) {from} UNION SELECT MOD(x * 7 + 3, 50) FROM r) SELECT x FROM r",
	"WITH RECURSIVE r(n, x) AS (SELECT 0, {k} {from} AND {k} < 30 UNION ALL SELECT n + 1, t.{k} FROM r JOIN {t} t ON t.{k} = r.x + 2 WHERE n < 4) SELECT n, COUNT(*) AS c, SUM(x) AS s FROM r GROUP BY n",
	"WITH RECURSIVE r(x) AS (SELECT {k} {from} AND {k} < 10 UNION SELECT t.{k} FROM r, {t} t WHERE t.{k} BETWEEN r.x + 1 AND r.x + 2 AND t.{k} < 60) SELECT COUNT(*) AS c, SUM(x) AS s FROM r",
	"WITH RECURSIVE r(n, x) AS (SELECT 1, MIN({k}) {from} UNION ALL SELECT n + 1, x + n FROM r WHERE n < 20) SELECT * FROM r",
}

func (d *drawer) recursing() twin {
	for d.keyed(); strings.Contains(d.table.key, ","); d.keyed() {
		d.table = d.tables[d.IntN(len(d.tables))]
	}
	d.about = append(d.about, "WITH RECURSIVE")
	return put(turned(d, "recursion", recursions), "k", d.table.key, "t", d.table.name, "from", d.from(true))
}

// commons are queries in WITH that are read twice.
var commons = []string{
	"WITH q AS ({q}) SELECT a.k, a.c, b.c AS d FROM q a JOIN q b ON a.c = b.c", "WITH q AS ({q}), r AS (SELECT MAX(c) AS m FROM q) SELECT k, s FROM q WHERE c = (SELECT m FROM r)",
	"WITH q AS ({q}) SELECT c, COUNT(*) AS n, MIN(k) AS l FROM q GROUP BY c HAVING COUNT(*) >= (SELECT MIN(c) FROM q)", "WITH q AS ({q}) SELECT k, c FROM q WHERE k IN (SELECT k FROM q WHERE s > 10) OR c > 5",
	"WITH q AS ({q}) SELECT * FROM q UNION ALL SELECT k, c + 1, s FROM q WHERE c > 1", "WITH q AS ({q}) SELECT k, a.c, b.s FROM q a FULL JOIN (SELECT * FROM q WHERE c > 2) b USING (k)",
	"WITH q AS ({q}) SELECT k, c FROM q NATURAL JOIN (SELECT k, c FROM q WHERE s > 5) b",
}

func (d *drawer) common() twin {
	d.about = append(d.about, "WITH")
	q := both("SELECT %s AS k, COUNT(*) AS c, SUM("+d.one(d.table.numbers()...)+") AS s %s GROUP BY 1", d.value("it"[d.IntN(2)], d.IntN(2)), d.from(true))
	return put(turned(d, "common", commons), "q", q)
}

// inOrder are rows of which the order counts, and where they are cut.
func (d *drawer) inOrder() twin {
	d.keyed()
	d.ordered = true
	d.about = append(d.about, "ORDER BY")
	cut := d.one("", " LIMIT 7", " LIMIT 5 OFFSET 3", " OFFSET 10", " LIMIT 1000")
	text := "SELECT {o} AS o0, {k} {from} ORDER BY o0{d}" + d.one("", ", {c}{e}") + ", {k}" + cut
	if d.IntN(4) == 0 {
		text = "SELECT DISTINCT {o} AS o0, {c} AS p0 {from} ORDER BY o0{d}, p0{e}" + cut
	}
	return put(text, "o", d.value("itwbn"[d.IntN(5)], d.IntN(2)), "k", d.table.key, "c", d.one(d.table.of("VARCHAR", "BIGINT")...), "from", d.from(true), "d", d.direction(), "e", d.direction())
}

// topped are the groups that come first.
func (d *drawer) topped() twin {
	d.ordered = true
	d.about = append(d.about, "groups in order")
	order := d.one("c0 DESC, k0", "s0 DESC, c0, k0", "k0 DESC", "s0, k0", "k0", "c0 * 2 + s0, k0") + d.one(" LIMIT 3", " LIMIT 4 OFFSET 2", "")
	return put("SELECT {k} AS k0, COUNT(*) AS c0, SUM({x}) AS s0 {from} GROUP BY 1 ORDER BY "+order, "k", d.value("itw"[d.IntN(3)], d.IntN(2)), "x", d.one(d.table.whole()...), "from", d.from(true))
}

// calculations are with what aggregates give.
var calculations = []string{"SUM({x}) / (COUNT(*) + 1.0e0)", "MAX({x}) - MIN({y})", "SUM(CASE WHEN {x} > 3 THEN {y} ELSE 0 END)", "COALESCE(MAX({x}), 0) + COUNT({y})", "COUNT({x}) * 2 - COUNT(DISTINCT {y})",
	"AVG({x}) + AVG({y})", "SUM({x} + {y} * 2)", "SUM(DISTINCT {x})", "AVG(DISTINCT {y})", "COUNT(DISTINCT {x} + {y})", "CASE WHEN COUNT(*) > 5 THEN MIN({x}) END"}

func (d *drawer) after() twin {
	d.about = append(d.about, "calculated from aggregates")
	having := d.one("COUNT(*) > 1", "SUM({y}) IS NOT NULL", "MIN({x}) < 50 OR COUNT(*) > 9")
	return put("SELECT {k} AS k, "+turned(d, "calculation", calculations)+" AS a {from} GROUP BY 1 HAVING "+having,
		"k", d.value("itwb"[d.IntN(4)], d.IntN(2)), "x", d.one(d.table.numbers()...), "y", d.one(d.table.numbers()...), "from", d.from(true))
}

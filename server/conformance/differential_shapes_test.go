package conformance

import (
	"fmt"
	"strings"
)

// question draws a query of one of the shapes.
func (d *drawer) question() (q drawn) {
	d.about, d.ordered = nil, false
	d.table = d.tables[d.IntN(len(d.tables))]
	alone := []func() drawn{d.ownRows, d.ownGroups, d.ownAggregated, d.nativeOne}
	if d.IntN(4) == 0 {
		for d.table.name != "edge" {
			d.table = d.tables[d.IntN(len(d.tables))]
		}
		q = alone[d.IntN(len(alone))]()
	} else {
		shapes := []func() twin{d.rows, d.rows, d.rows, d.groups, d.groups, d.groups, d.sets, d.joined, d.joined, d.joined, d.halfJoined, d.halfJoined, d.united, d.nested,
			d.calculated, d.calculated, d.chained, d.chained, d.lateral, d.correlated, d.correlated, d.quantified, d.unnested, d.framed, d.framed, d.framed, d.qualified, d.firsts,
			d.manySets, d.pivoted, d.unpivoted, d.combined, d.recursing, d.common, d.inOrder, d.inOrder, d.topped, d.after}
		both := turned(d, "shape", shapes)()
		q = drawn{ours: both.ours, duck: both.duck, ordered: d.ordered}
	}
	q.about = append(d.about, "table "+d.table.name)
	return q
}

func (d *drawer) condition() twin { return d.value('b', 1+d.IntN(3)) }

func (d *drawer) any() twin { return d.value("nitbwtpI"[d.IntN(8)], 1+d.IntN(3)) }

// from is FROM and WHERE: few rows of a large table, or all of them.
func (d *drawer) from(few bool) twin {
	where := d.condition()
	if few && d.table.few != "TRUE" {
		where = both("%s AND "+d.table.few, where)
	}
	return both("FROM "+d.table.name+" WHERE %s", where)
}

func (d *drawer) rows() twin {
	d.about = append(d.about, "scan")
	cols, from := named(d.some(1+d.IntN(3), d.any)...), d.from(true)
	if k := d.table.key; k != "" && d.IntN(2) == 0 {
		return both("SELECT "+k+", %s %s ORDER BY "+k+" LIMIT 20", cols, from)
	}
	return both("SELECT %s %s", cols, from)
}

func (d *drawer) groups() twin {
	d.about = append(d.about, "GROUP BY")
	keys := d.some(1+d.IntN(2), func() twin { return d.value("itbwp"[d.IntN(5)], d.IntN(2)) })
	by := "1"
	if len(keys) == 2 {
		by = "1, 2"
	}
	cols := named(append(keys, d.some(1+d.IntN(3), d.aggregate)...)...)
	q := both("SELECT %s %s GROUP BY "+by, cols, d.from(d.IntN(3) > 0))
	if d.IntN(3) == 0 {
		d.about = append(d.about, "HAVING")
		q = both("%s HAVING COUNT(*) > %s", q, twin{"3", "3"})
	}
	return q
}

func (d *drawer) sets() twin {
	texts := d.table.of("VARCHAR", "BIGINT")
	a, b := d.one(texts...), d.one(texts...)
	for a == b {
		b = d.one(texts...)
	}
	kind := d.one("GROUPING SETS ((A, B), (A), ())", "ROLLUP (A, B)", "CUBE (B, A)", "GROUPING SETS ((B), (A))")
	d.about = append(d.about, kind[:4])
	return both("SELECT "+a+", "+b+", GROUPING("+a+", "+b+") AS g, %s %s GROUP BY "+inColumns(kind, a, b), named(d.some(2, d.aggregate)...), d.from(true))
}

// inColumns puts columns for the A and B of a list of sets.
func inColumns(kind, a, b string) string {
	open := strings.IndexByte(kind, '(')
	return kind[:open] + strings.NewReplacer("A", a, "B", b).Replace(kind[open:])
}

// side is a few rows of a table, for a join.
func (d *drawer) side(name string) twin {
	for _, t := range d.tables {
		if t.name == name {
			d.table = t
		}
	}
	return both("(SELECT * FROM "+name+" WHERE %s AND "+d.table.few+")", d.value('b', 1))
}

func (d *drawer) joined() twin {
	kind := d.one("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
	d.about = append(d.about, kind)
	p := partners[d.IntN(len(partners))]
	if d.IntN(2) == 0 {
		p = [4]string{p[2], p[3], p[0], p[1]}
	}
	left := d.side(p[0])
	x, y := d.one(d.table.of("BIGINT", "VARCHAR")...), d.one(d.table.numbers()...)
	right := d.side(p[2])
	z, n := d.one(d.table.of("VARCHAR", "BIGINT")...), d.one(d.table.numbers()...)
	on := fmt.Sprintf(" ON a.%q = b.%q", p[1], p[3])
	switch d.IntN(6) {
	case 0:
		on += fmt.Sprintf(" AND a.%s < b.%s", y, n)
	case 1:
		on = strings.Replace(on, " = ", " IS NOT DISTINCT FROM ", 1)
	case 2:
		on += fmt.Sprintf(" AND a.%s > 3", y)
	case 3:
		on += fmt.Sprintf(" AND b.%s > 3", n)
	}
	if kind == "CROSS JOIN" {
		on = ""
	}
	text := d.one(fmt.Sprintf("SELECT a.%s AS x, b.%s AS y, b.%s AS z ", x, n, z), fmt.Sprintf("SELECT COUNT(*) AS c, COUNT(a.%s) AS x, SUM(b.%s) AS y, MAX(a.%s) AS z ", x, n, y))
	group := ""
	if kind == "CROSS JOIN" || d.IntN(3) == 0 {
		text, group = fmt.Sprintf("SELECT a.%s AS k, COUNT(*) AS c, SUM(b.%s) AS y ", x, n), fmt.Sprintf(" GROUP BY a.%s", x)
	}
	return both(text+"FROM %s a "+kind+" %s b"+on+group, left, right)
}

func (d *drawer) halfJoined() twin {
	p := partners[d.IntN(len(partners))]
	inner := d.side(p[2])
	m := d.one(d.table.numbers()...)
	outer := d.side(p[0])
	n := d.one(d.table.numbers()...)
	a, b := fmt.Sprintf("a.%q", p[1]), fmt.Sprintf("b.%q", p[3])
	kind := d.one("A IN (SELECT B FROM %s b)", "A NOT IN (SELECT B FROM %s b)", "A NOT IN (SELECT B FROM %s b WHERE B IS NOT NULL)", "EXISTS (SELECT 1 FROM %s b WHERE B = A)", "NOT EXISTS (SELECT 1 FROM %s b WHERE B = A)",
		"a.N > (SELECT AVG(b.M) FROM %s b)", "a.N <= (SELECT MAX(b.M) FROM %s b WHERE B = A)", "(SELECT COUNT(*) FROM %s b WHERE B = A) > 1")
	d.about = append(d.about, strings.ReplaceAll(kind, "%s ", ""))
	kind = strings.NewReplacer("A ", a+" ", "A)", a+")", "B ", b+" ", "a.N", "a."+n, "b.M", "b."+m).Replace(kind)
	return both(fmt.Sprintf("SELECT COUNT(*) AS c, SUM(a.%s) AS s, MIN(a.%s) AS m ", n, n)+"FROM %s a WHERE "+kind, outer, inner)
}

func (d *drawer) united() twin {
	kind := d.one("UNION ALL", "UNION", "INTERSECT", "EXCEPT")
	d.about = append(d.about, kind)
	k := "itbp"[d.IntN(4)]
	left, first := d.value(k, d.IntN(2)), d.from(true)
	d.table = d.tables[d.IntN(len(d.tables))]
	return both("SELECT %s AS k %s "+kind+" SELECT %s %s", left, first, d.value(k, d.IntN(2)), d.from(true))
}

func (d *drawer) nested() twin {
	d.keyed()
	d.about = append(d.about, "subquery in FROM")
	x := d.one(d.table.numbers()...)
	return both("SELECT k, COUNT(*) AS c, SUM(x) AS s FROM (SELECT %s AS k, "+x+" AS x %s ORDER BY "+d.table.key+" LIMIT 150) q WHERE x >= 5 GROUP BY k", d.value("itbp"[d.IntN(4)], 1+d.IntN(2)), d.from(true))
}

// numbers are columns to calculate with.
func (t *table) numbers() (out []string) {
	for _, c := range t.columns {
		if (c[1] == "BIGINT" || c[1] == "DOUBLE") && c[0] != "big" {
			out = append(out, `"`+c[0]+`"`)
		}
	}
	return out
}

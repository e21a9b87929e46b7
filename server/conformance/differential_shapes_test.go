package conformance

import "fmt"

// question draws a query of one of the shapes.
func (d *drawer) question() drawn {
	d.about = nil
	shapes := []func() twin{d.rows, d.rows, d.groups, d.groups, d.sets, d.joined, d.joined, d.halfJoined, d.united, d.windowed, d.nested}
	q := shapes[d.IntN(len(shapes))]()
	return drawn{q.ours, q.duck, d.about}
}

func (d *drawer) condition() twin { return d.value('b', 1+d.IntN(3)) }

func (d *drawer) any() twin { return d.value("nitbwt"[d.IntN(6)], 1+d.IntN(3)) }

func (d *drawer) rows() twin {
	d.about = append(d.about, "scan")
	cols := named(d.some(1+d.IntN(3), d.any)...)
	if d.IntN(2) == 0 {
		return both("SELECT id, %s FROM edge WHERE %s ORDER BY id LIMIT 20", cols, d.condition())
	}
	return both("SELECT id, %s FROM edge WHERE %s", cols, d.condition())
}

func (d *drawer) keys() []twin {
	return d.some(1+d.IntN(2), func() twin { return d.value("itbw"[d.IntN(4)], d.IntN(2)) })
}

func (d *drawer) groups() twin {
	d.about = append(d.about, "GROUP BY")
	keys := d.keys()
	by := "1"
	if len(keys) == 2 {
		by = "1, 2"
	}
	cols := named(append(keys, d.some(1+d.IntN(3), d.aggregate)...)...)
	q := both("SELECT %s FROM edge WHERE %s GROUP BY "+by, cols, d.condition())
	if d.IntN(3) == 0 {
		d.about = append(d.about, "HAVING")
		q = both("%s HAVING COUNT(*) > %s", q, twin{"3", "3"})
	}
	return q
}

func (d *drawer) sets() twin {
	kind := d.one("GROUPING SETS ((s2, flag), (s2), ())", "ROLLUP (s2, flag)", "CUBE (flag, s2)", "GROUPING SETS ((flag), (s2))")
	d.about = append(d.about, kind[:4])
	return both("SELECT s2, flag, GROUPING(s2, flag) AS g, %s FROM edge WHERE %s GROUP BY "+kind, named(d.some(2, d.aggregate)...), d.condition())
}

func (d *drawer) joined() twin {
	kind := d.one("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
	d.about = append(d.about, kind)
	on := " ON " + d.one("a.id = b.id", "a.s2 = b.s2", "a.l = b.l", "a.id = b.id AND a.s2 = b.s2", "a.id = b.id + 1", "a.s2 = b.s2 AND a.id < b.id", "a.l IS NOT DISTINCT FROM b.l AND a.id = b.id")
	if kind == "CROSS JOIN" {
		on = ""
	}
	from := fmt.Sprintf("FROM (SELECT * FROM edge WHERE id < %d AND %%s) a %s (SELECT * FROM edge WHERE id >= %d AND %%s) b%s", 20+d.IntN(40), kind, 100-d.IntN(100), on)
	text := d.one("SELECT a.id AS x, b.id AS y, b.s2 AS z ", "SELECT COUNT(*) AS c, COUNT(a.id) AS x, SUM(b.l) AS y, MAX(a.d) AS z ")
	if d.IntN(3) == 0 {
		text, from = "SELECT a.s2 AS k, COUNT(*) AS c, SUM(b.id) AS y ", from+" GROUP BY a.s2"
	}
	return both(text+from, d.value('b', 1), d.value('b', 1))
}

func (d *drawer) halfJoined() twin {
	kind := d.one("id IN (SELECT id FROM edge WHERE %s)", "id NOT IN (SELECT id FROM edge WHERE %s)", "s2 IN (SELECT s2 FROM edge WHERE %s)", "l NOT IN (SELECT l FROM edge WHERE %s)",
		"EXISTS (SELECT 1 FROM edge b WHERE b.id = a.id + 1 AND %s)", "NOT EXISTS (SELECT 1 FROM edge b WHERE b.id = a.id AND %s)", "id > (SELECT AVG(id) FROM edge WHERE %s)",
		"id = (SELECT MAX(b.id) FROM edge b WHERE b.s2 = a.s2 AND b.id < 200)")
	d.about = append(d.about, kind[:8])
	c := twin{kind, kind}
	if kind[len(kind)-4:] != "200)" {
		inner := d.one("(id < 50)", "(s2 = 'k1')", "(l > 0)", "(d IS NULL)")
		if kind[0] == 'E' || kind[0] == 'N' { // whose columns are those of b
			inner = d.one("b.l > 0", "b.flag = 'true'", "b.d IS NOT NULL")
		}
		c = both(kind, twin{inner, inner})
	}
	return both("SELECT COUNT(*) AS c, SUM(a.id) AS s, MIN(a.id) AS m FROM edge a WHERE %s AND %s", c, twin{"a.id < 220", "a.id < 220"})
}

func (d *drawer) united() twin {
	kind := d.one("UNION ALL", "UNION", "INTERSECT", "EXCEPT")
	d.about = append(d.about, kind)
	k := "itb"[d.IntN(3)]
	return both("SELECT %s AS k FROM edge WHERE %s "+kind+" SELECT %s FROM edge WHERE %s", d.value(k, d.IntN(2)), d.condition(), d.value(k, d.IntN(2)), d.condition())
}

var windows = []string{"ROW_NUMBER()", "RANK()", "DENSE_RANK()", "PERCENT_RANK()", "CUME_DIST()", "NTILE(3)", "LAG(l)", "LEAD(d, 2)", "FIRST_VALUE(l)", "LAST_VALUE(s2)",
	"SUM(l)", "COUNT(l)", "MIN(d)", "MAX(id)", "AVG(l)"}

func (d *drawer) windowed() twin {
	f := windows[d.IntN(len(windows))]
	d.about = append(d.about, f)
	over := d.one("", "PARTITION BY flag ", "PARTITION BY s2 ", "PARTITION BY s2, flag ") + "ORDER BY " + d.one("id", "id DESC", "l, id", "s2 DESC, id")
	if f[0] == 'S' || f[0] == 'M' || f[0] == 'A' || f[:3] == "COU" || f[0] == 'F' || f[:3] == "LAS" {
		over += d.one("", " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " RANGE UNBOUNDED PRECEDING")
	}
	return both("SELECT id, "+f+" OVER ("+over+") AS w FROM edge WHERE %s", d.condition())
}

func (d *drawer) nested() twin {
	d.about = append(d.about, "subquery in FROM")
	return both("SELECT k, COUNT(*) AS c, SUM(x) AS s FROM (SELECT %s AS k, id AS x FROM edge WHERE %s ORDER BY id LIMIT 150) q WHERE x >= 5 GROUP BY k",
		d.value("itb"[d.IntN(3)], 1+d.IntN(2)), d.condition())
}

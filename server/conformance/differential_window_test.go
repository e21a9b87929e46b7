package conformance

import "strings"

// Window functions, with every frame there is.

// byRow are window functions whose value hangs on the order of rows; byFrame
// are those of the rows of a frame in any order. {n} is a number, {i} a whole
// one, {t} a text; DuckDB has IGNORE NULLS among the arguments.
var byRow = []string{"ROW_NUMBER()", "RANK()", "DENSE_RANK()", "PERCENT_RANK()", "CUME_DIST()", "NTILE(3)", "LAG({n})", "LEAD({n}, 2)", "LAG({n}, 1, 7)", "LEAD({t}, 3, 'none')",
	"FIRST_VALUE({n})", "LAST_VALUE({t})", "NTH_VALUE({n}, 2)", "FIRST_VALUE({t})", "LAG({n}) IGNORE NULLS", "LEAD({t}) IGNORE NULLS", "FIRST_VALUE({n}) IGNORE NULLS", "LAST_VALUE({t}) IGNORE NULLS", "NTH_VALUE({n}, 2) IGNORE NULLS"}

var byFrame = []string{"SUM({n})", "COUNT({t})", "COUNT(*)", "MIN({n})", "MAX({n})", "AVG({n})", "MIN({t})", "MAX({t})", "COUNT(DISTINCT {t})", "SUM({n}) FILTER (WHERE {t} IS NOT NULL)", "COUNT(*) FILTER (WHERE {n} > 5)",
	"BIT_XOR({i})", "STDDEV_POP({i})", "VAR_SAMP({i})"}

// frameBounds are ends of a frame, the first ones first.
var frameBounds = []string{"UNBOUNDED PRECEDING", "5 PRECEDING", "1 PRECEDING", "CURRENT ROW", "2 FOLLOWING", "6 FOLLOWING", "UNBOUNDED FOLLOWING"}

// frame draws a frame of a unit.
func (d *drawer) frame(unit string) string {
	from := d.IntN(len(frameBounds) - 1)
	text := " " + unit + " BETWEEN " + frameBounds[from] + " AND " + frameBounds[max(1, from+d.IntN(len(frameBounds)-from))]
	if d.IntN(6) == 0 && from <= 3 {
		text = " " + unit + " " + frameBounds[from]
	}
	exclude := d.one("", "", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE NO OTHERS")
	d.about = append(d.about, "frame of "+unit+exclude)
	return text + exclude
}

// windowCall writes a window function.
func (d *drawer) windowCall(f string) twin {
	d.about = append(d.about, f)
	out := put(f, "n", d.one(d.table.numbers()...), "i", d.one(d.table.whole()...), "t", d.one(d.table.texts()...))
	if of, ok := strings.CutSuffix(out.ours, ") IGNORE NULLS"); ok {
		out.duck = of + " IGNORE NULLS)"
	}
	return out
}

// keyed makes the table one that has a key.
func (d *drawer) keyed() {
	for d.table.key == "" {
		d.table = d.tables[d.IntN(len(d.tables))]
	}
}

// partition is a PARTITION BY, or none.
func (d *drawer) partition() string {
	texts := d.table.texts()
	return d.one("", "PARTITION BY "+d.one(texts...)+" ", "PARTITION BY "+d.one(texts...)+", "+d.one(texts...)+" ", "PARTITION BY MOD("+d.one(d.table.whole()...)+", 3) ")
}

// direction is how an order treats nulls.
func (d *drawer) direction() string {
	return d.one("", "", " DESC", " NULLS LAST", " DESC NULLS FIRST", " ASC NULLS FIRST", " DESC NULLS LAST")
}

// over draws a function and its window.
func (d *drawer) over() twin {
	text, whole := d.one(d.table.texts()...), d.one(d.table.whole()...)
	unique := d.partition() + "ORDER BY " + d.one("", text+d.direction()+", ", whole+d.direction()+", ") + d.table.key
	switch d.IntN(6) {
	case 0, 1:
		f := turned(d, "byRow", byRow)
		if strings.Contains(f, "_VALUE") {
			unique += d.one("", d.frame("ROWS"), d.frame("ROWS"))
		}
		return both("%s OVER ("+unique+")", d.windowCall(f))
	case 2:
		unique += d.frame("ROWS")
	case 3:
		unique = d.partition() + "ORDER BY " + whole + d.direction() + d.frame("RANGE")
	case 4:
		unique = d.partition() + "ORDER BY " + d.one(text, whole) + d.direction() + d.frame("GROUPS")
	default:
		unique = d.partition()
	}
	return both("%s OVER ("+unique+")", d.windowCall(turned(d, "byFrame", byFrame)))
}

// framed is one window or two over the rows of a table.
func (d *drawer) framed() twin {
	d.keyed()
	cols := d.over()
	if d.IntN(2) == 0 {
		cols = both("%s AS w, %s", cols, d.over())
	}
	return both("SELECT "+d.table.key+", %s AS v %s", cols, d.from(true))
}

// qualifications keep rows by a window function, or have windows over groups. {k} is the table's key.
var qualifications = []string{
	"SELECT {k}, {n} AS x {from} QUALIFY ROW_NUMBER() OVER (PARTITION BY {t} ORDER BY {n} DESC, {k}) <= 2", "SELECT {k}, SUM({n}) OVER (PARTITION BY {t}) AS w {from} QUALIFY w > 20",
	"SELECT {k}, RANK() OVER (ORDER BY {t}, {n}) AS w {from} QUALIFY MOD(w, 3) = 1", "SELECT {t} AS t, COUNT(*) AS c {from} GROUP BY {t} QUALIFY RANK() OVER (ORDER BY COUNT(*) DESC) <= 3",
	"SELECT {t} AS t, SUM({n}) AS s, SUM(SUM({n})) OVER (ORDER BY {t} ROWS 1 PRECEDING) AS w {from} GROUP BY {t}",
	"SELECT {t} AS t, MAX({n}) AS m, LAG(MAX({n})) OVER (ORDER BY {t}) AS w, DENSE_RANK() OVER (ORDER BY COUNT(*)) AS r {from} GROUP BY 1",
	"SELECT {k}, NTILE(4) OVER v AS w, SUM({n}) OVER (v ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) AS s {from} WINDOW v AS (PARTITION BY {t} ORDER BY {k})",
	"SELECT t, COUNT(*) AS c, SUM(w) AS s FROM (SELECT {t} AS t, ROW_NUMBER() OVER (PARTITION BY {t} ORDER BY {n}, {k}) AS w {from}) q WHERE w <= 3 GROUP BY t",
	"SELECT {k}, {n} * 100.0e0 / SUM({n}) OVER (PARTITION BY {t}) AS w {from}", "SELECT {k}, {n} - LAG({n}) OVER (ORDER BY {k}) AS w {from}",
}

func (d *drawer) qualified() twin {
	d.keyed()
	d.about = append(d.about, "QUALIFY and windows over groups")
	return put(turned(d, "qualification", qualifications), "k", d.table.key, "n", d.one(d.table.whole()...), "t", d.one(d.table.texts()...), "from", d.from(true))
}

// firsts is a row for each value, that which comes first.
func (d *drawer) firsts() twin {
	d.keyed()
	d.about = append(d.about, "DISTINCT ON")
	ours := d.one("SELECT k, v FROM (SELECT {k} AS k, {v} AS v, ROW_NUMBER() OVER (PARTITION BY {k} ORDER BY {order}) AS r {from}) q WHERE r = 1",
		"SELECT {k} AS k, {v} AS v {from} QUALIFY ROW_NUMBER() OVER (PARTITION BY {k} ORDER BY {order}) = 1")
	v := d.one(d.table.numbers()...)
	of := []any{"k", d.one(d.table.of("VARCHAR", "BIGINT")...), "v", v, "from", d.from(true), "order", d.one(v+" DESC, ", "") + d.table.key}
	return twin{put(ours, of...).ours, put("SELECT DISTINCT ON ({k}) {k} AS k, {v} AS v {from} ORDER BY {k}, {order}", of...).duck}
}

// texts are columns of texts, or whole numbers as such.
func (t *table) texts() (out []string) {
	for _, c := range t.columns {
		if c[1] == "VARCHAR" {
			out = append(out, `"`+c[0]+`"`)
		}
	}
	if out == nil {
		out = append(out, "CAST("+t.whole()[0]+" AS VARCHAR)")
	}
	return out
}

// whole are columns of whole numbers, but the large one.
func (t *table) whole() (out []string) {
	for _, c := range t.columns {
		if c[1] == "BIGINT" && c[0] != "big" {
			out = append(out, `"`+c[0]+`"`)
		}
	}
	return out
}

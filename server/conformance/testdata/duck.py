"""Answers SQL with DuckDB. Reads JSON lines from stdin, writes one for each to stdout.

{"table": name, "columns": [[name, type], ...], "file": path of rows, a JSON object a line}  -> {}
{"sql": [text, ...]}  -> {"answers": [{"rows": [[...], ...]} or {"error": text}, ...]}
"""
import datetime, decimal, json, math, sys
import duckdb

con = duckdb.connect(":memory:")
con.execute("SET threads = 1")
con.execute("SET TimeZone = 'UTC'")
con.execute("SET order_by_non_integer_literal = true")
con.execute("SET default_null_order = 'NULLS_FIRST_ON_ASC_LAST_ON_DESC'")


def shown(v):
    if isinstance(v, float) and (math.isnan(v) or math.isinf(v)):
        return "NaN" if math.isnan(v) else "Infinity" if v > 0 else "-Infinity"
    if isinstance(v, decimal.Decimal):
        return float(v)
    if isinstance(v, datetime.datetime):
        return v.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (v.microsecond // 1000)
    return v


def load(q):
    names = ", ".join('"%s" %s' % (n, t) for n, t in q["columns"])
    types = ", ".join("'%s': '%s'" % (n, t) for n, t in q["columns"])
    con.execute("CREATE TABLE %s (%s)" % (q["table"], names))
    con.execute("INSERT INTO %s SELECT %s FROM read_json('%s', format = 'newline_delimited', columns = {%s})"
                % (q["table"], ", ".join('"%s"' % n for n, _ in q["columns"]), q["file"], types))
    return {}


def answer(sql):
    try:
        return {"rows": [[shown(v) for v in row] for row in con.execute(sql).fetchall()]}
    except Exception as e:
        return {"error": str(e)}


for line in sys.stdin:
    q = json.loads(line)
    print(json.dumps(load(q) if "table" in q else {"answers": [answer(s) for s in q["sql"]]}), flush=True)

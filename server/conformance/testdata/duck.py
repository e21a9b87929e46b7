"""Answers SQL with DuckDB. Reads JSON lines from stdin, writes one for each to stdout.

{"table": name, "columns": [[name, type], ...], "rows": [[...], ...]}  -> {}
{"sql": text}  -> {"rows": [[...], ...]} or {"error": text}
"""
import datetime, decimal, json, math, sys
import duckdb

con = duckdb.connect(":memory:")
con.execute("SET threads = 1")
con.execute("SET TimeZone = 'UTC'")
con.execute("SET default_null_order = 'NULLS_FIRST_ON_ASC_LAST_ON_DESC'")


def shown(v):
    if isinstance(v, float) and (math.isnan(v) or math.isinf(v)):
        return "NaN" if math.isnan(v) else "Infinity" if v > 0 else "-Infinity"
    if isinstance(v, decimal.Decimal):
        return float(v)
    if isinstance(v, datetime.datetime):
        return v.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (v.microsecond // 1000)
    return v


def answer(q):
    if "table" in q:
        con.execute("CREATE TABLE %s (%s)" % (q["table"], ", ".join('"%s" %s' % (n, t) for n, t in q["columns"])))
        marks = ", ".join("?" * len(q["columns"]))
        con.execute("BEGIN")
        con.executemany("INSERT INTO %s VALUES (%s)" % (q["table"], marks), q["rows"])
        con.execute("COMMIT")
        return {}
    try:
        return {"rows": [[shown(v) for v in row] for row in con.execute(q["sql"]).fetchall()]}
    except Exception as e:
        return {"error": str(e)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)

"""Ask the queries of suites of us, DuckDB and ClickHouse, in turn, and print who is how fast.

    compare.py --url http://127.0.0.1:8888 --data DIR [--rounds 7] [--threads 2] [--only NAME] [--out RESULTS.md] SUITE...

Ours is asked over HTTP on one connection that stays open, caches off. The peers run in this process: DuckDB on a database
file of its own, ClickHouse (chdb) on a MergeTree table ordered by time, both in DIR, where they are made at the first use.
In a round every engine is asked once, a different one first each time, so that what else the machine does hits all alike.
Every engine's answer is checked against the suite's at scale 1. --record writes our answers into the suites instead, but
only those in which DuckDB and ClickHouse agree.

Needs: pip install duckdb chdb. The format of suites is in bench.go.
"""
import argparse, datetime, decimal, http.client, json, math, os, platform, re, statistics, subprocess, sys, time, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
WARM_UPS = 2
TOLERANCE = 1e-9
OFF = {"useCache": False, "populateCache": False, "useResultLevelCache": False, "populateResultLevelCache": False,
       "useApproximateCountDistinct": False}


def read_suite(path):
    """The blocks of a suite: dicts of its members, "line" (from 0) among them."""
    out, q = [], {}
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f.read().split("\n") + [""]):
            text = line.strip()
            if text.startswith("#"):
                continue
            if not text:
                if q:
                    out.append(q)
                q = {}
                continue
            key, _, value = text.partition(" ")
            if key not in ("name", "sql", "native", "peer", "clickhouse", "order", "answer"):
                sys.exit(f"{path}:{n + 1}: a member {key}")
            q.setdefault("line", n)
            q[key] = value.strip()
    return out


# ---- engines: each has a name, a version, ask(query) -> raw, rows(query, raw) -> rows


class Ours:
    name = "ovate"

    def __init__(self, url):
        u = urllib.parse.urlparse(url)
        self.connection = http.client.HTTPConnection(u.hostname, u.port, timeout=600)
        git = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], capture_output=True, text=True)
        self.version = git.stdout.strip() or "unknown"

    def ask(self, q):
        if "native" in q:
            query = json.loads(q["native"])
            path, body = "/druid/v2", {**query, "context": {**query.get("context", {}), **OFF}}
        else:
            path, body = "/druid/v2/sql", {"query": q["sql"], "resultFormat": "array", "context": OFF}
        self.connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        raw = response.read()
        if response.status != 200:
            raise RuntimeError(f"status {response.status}: {raw[:300]}")
        return raw

    def rows(self, q, raw):
        return flat(q, json.loads(raw))


class DuckDB:
    name = "DuckDB"

    def __init__(self, data, threads):
        import duckdb

        self.version = duckdb.__version__
        path = os.path.join(data, "duckdb.db")
        self.c = duckdb.connect(path)
        self.c.execute(f"set threads={threads}")
        self.c.execute("set timezone='UTC'")
        have = {name for (name,) in self.c.execute("select table_name from information_schema.tables").fetchall()}
        for table, (_, select) in TABLES.items():
            if table not in have:
                say(f"DuckDB: loading {table}")
                self.c.execute(f"create table {table} as {select(data)}")
        for table in TABLES:
            parquet = os.path.join(data, table + ".parquet")
            if not os.path.exists(parquet):
                self.c.execute(f"copy {table} to '{parquet}.part' (format parquet)")
                os.rename(parquet + ".part", parquet)
        self.c.execute("checkpoint")

    def ask(self, q):
        cursor = self.c.execute(q["peer"])
        return [d[0] for d in cursor.description], cursor.fetchall()

    def rows(self, q, raw):
        names, rows = raw
        return named(q, names, [[plain(v) for v in r] for r in rows])


class ClickHouse:
    name = "ClickHouse"

    def __init__(self, data, threads):
        import chdb
        from chdb import session

        self.threads = threads
        self.s = session.Session(os.path.join(data, "chdb"))
        self.version = str(self.s.query("select version()", "TSV")).strip() + f" (chdb {chdb.__version__})"
        self.s.query("create database if not exists d")
        have = str(self.s.query("show tables from d", "TSV")).split()
        for table, (order, _) in TABLES.items():
            if table not in have:
                say(f"ClickHouse: loading {table}")
                self.s.query(f"drop table if exists d.{table}_new")
                # Columns of these data sets that hold nulls stay nullable; those of lineitem hold none.
                nullable = 1 if table == "wikipedia" else 0  # (the rest is TPC-H)
                settings = f"schema_inference_make_columns_nullable={nullable}, session_timezone='UTC'"
                self.s.query(f"create table d.{table}_new engine=MergeTree order by {order} settings allow_nullable_key=1 as "
                             f"select * from file('{data}/{table}.parquet') settings {settings}")
                self.s.query(f"optimize table d.{table}_new final")
                self.s.query(f"rename table d.{table}_new to d.{table}")
        self.s.query("use d")

    def ask(self, q):
        settings = f" settings max_threads={self.threads}, session_timezone='UTC', output_format_json_quote_64bit_integers=0, use_query_cache=0, join_use_nulls=1, prefer_column_name_to_alias=1"
        return self.s.query("use d; " + q.get("clickhouse", q["peer"]) + settings, "JSONCompact").bytes()

    def rows(self, q, raw):
        answer = json.loads(raw)
        return named(q, [m["name"] for m in answer["meta"]], [[plain(v) for v in r] for r in answer["data"]])


class Druid(Ours):
    """A Druid that holds the same tables, asked as we are: over HTTP on a connection that stays open, caches off."""

    name = "Druid"

    def __init__(self, url):
        super().__init__(url)
        self.connection.request("GET", "/status")
        self.version = json.loads(self.connection.getresponse().read()).get("version") or "unknown"


# What tables peers need: how ClickHouse orders them, and what DuckDB selects.
CSV = {"lineitem": "l_shipdate", "ssb_flat": "lo_orderdate", "orders": "o_orderdate", "customer": "c_custkey", "part": "p_partkey",
       "partsupp": "ps_partkey", "supplier": "s_suppkey", "nation": "n_nationkey", "region": "r_regionkey"}
TABLES = {
    **{t: (order, lambda data, t=t: f"select * from read_csv('{data}/{t}.csv')") for t, order in CSV.items()},
    "wikipedia": ("__time", lambda data: "select time::timestamp __time, * exclude (time) replace ("
                  + ", ".join(f"{c}::varchar as {c}" for c in ("isAnonymous", "isMinor", "isNew", "isRobot", "isUnpatrolled", "metroCode"))
                  + f") from read_json('{HERE}/../server/ingest/sample/wikiticker-2015-09-12.json.gz', format='newline_delimited', sample_size=-1)"),
}

# ---- answers


def plain(v):
    """A value of a peer as JSON has it."""
    if isinstance(v, decimal.Decimal):
        return float(v)
    if isinstance(v, (datetime.date, datetime.datetime)):
        return instant(v.isoformat())
    return instant(v)


def instant(v):
    """Times of all engines in one form: a date, and the time of day where it is not midnight."""
    m = isinstance(v, str) and re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)?", v)
    if not m:
        return v
    day, clock, fraction = m.group(1), m.group(2), (m.group(3) or "").rstrip("0")
    if fraction:
        clock += "." + fraction
    return day if clock == "00:00:00" else f"{day}T{clock}"


def named(q, names, rows):
    """Rows as lists for SQL, as dicts for native queries."""
    return [dict(zip(names, r)) for r in rows] if "native" in q else rows


def flat(q, answer):
    """Our answer as rows: lists for SQL; for native queries dicts without the envelope of the query type."""
    if "native" not in q:
        return [[instant(v) for v in r] for r in answer]
    query, rows = json.loads(q["native"]), []
    for r in answer:
        at = {} if query.get("granularity", "all") == "all" else {"timestamp": r["timestamp"]}
        inner = r.get("event", r.get("result"))
        for item in inner if isinstance(inner, list) else [inner]:
            rows.append({k: instant(v) for k, v in {**at, **item}.items()})
    return rows


def equal(a, b):
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[k], b[k]) for k in a)
    number = lambda v: isinstance(v, (int, float)) and not isinstance(v, bool)
    if number(a) and number(b):
        return math.isclose(a, b, rel_tol=TOLERANCE)
    return type(a) is type(b) and a == b


def same_set(a, b):
    left = list(b)
    for row in a:
        i = next((i for i, r in enumerate(left) if equal(row, r)), None)
        if i is None:
            return False
        left.pop(i)
    return not left


def agree(order, want, got):
    """Whether rows are the same, as far as their order is fixed (see bench.go)."""
    if order is None:
        return equal(want, got)
    if order == "any" or len(want) != len(got):
        return same_set(want, got)
    column, begin = int(order) - 1, 0
    for i in range(len(want)):
        if not equal(want[i][column], got[i][column]):
            return False
        if not equal(want[begin][column], want[i][column]):
            if not same_set(want[begin:i], got[begin:i]):
                return False
            begin = i
    return True


# ---- the race


def race(engines, q, rounds):
    """Milliseconds of every engine, a list each; the last answers. An engine that fails has neither."""
    times, answers = [[] for _ in engines], [None] * len(engines)
    failed = set()
    for n in range(-WARM_UPS, rounds):
        for k in range(len(engines)):
            i = (k + n) % len(engines)
            if i in failed:
                continue
            begun = time.perf_counter()
            try:
                answers[i] = engines[i].ask(q)
            except Exception as e:
                say(f"{q['name']}: {engines[i].name}: {str(e)[:300]}")
                failed.add(i)
                times[i], answers[i] = [], None
                continue
            if n >= 0:
                times[i].append((time.perf_counter() - begun) * 1000)
    return times, answers


def check(engines, q, answers):
    """The names of the engines whose answer is not the suite's, or that have none."""
    if "answer" not in q:
        return [e.name for e, raw in zip(engines, answers) if raw is None]
    # A Druid need not have every table nor take every query.
    pairs = [(e, raw) for e, raw in zip(engines, answers) if raw is not None or not isinstance(e, Druid)]
    engines, answers = [e for e, _ in pairs], [raw for _, raw in pairs]
    want = flat(q, json.loads(q["answer"]))
    return [e.name for e, raw in zip(engines, answers) if raw is None or not agree(q.get("order"), want, e.rows(q, raw))]


def record(engines, path, queries, only):
    """Write our answers into a suite, where the peers agree."""
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    refused = 0
    for q in reversed(queries):
        if only not in q["name"]:
            continue
        raw = engines[0].ask(q)
        rows = engines[0].rows(q, raw)
        wrong = [e.name for e in engines[1:] if not agree(q.get("order"), e.rows(q, e.ask(q)), rows)]
        if wrong:
            refused += 1
            say(f"{q['name']}: not recorded, {' and '.join(wrong)} disagree")
            continue
        if "answer" in q and agree(q.get("order"), flat(q, json.loads(q["answer"])), rows):
            continue  # as it was, but for last digits
        end = q["line"]
        while end < len(lines) and lines[end].strip():
            end += 1
        block = [l for l in lines[q["line"]:end] if not l.startswith("answer")]
        lines[q["line"]:end] = block + ["answer " + json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":"))]
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines))
    return refused


def geometric(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


def median(times):
    """The median; without times NaN, which no figure with it hides."""
    return statistics.median(times) if times else float("nan")


def cell(times):
    return "–" if not times else f"{statistics.median(times):.2f} ({min(times):.2f}–{max(times):.2f})"


def table(engines, results):
    """A suite's results in Markdown. Of a query whose best peer takes under 5 ms, 2 ms are what HTTP may take."""
    out = ["| query | " + " | ".join(e.name for e in engines) + " | ours / best peer | |",
           "|---|" + "---:|" * len(engines) + "---:|---|"]
    ratios, ahead = [], 0
    for name, times, wrong in results:
        medians = [median(t) for t in times]
        best = min((m for m in medians[1:] if m == m), default=float("nan"))
        level = medians[0] <= best + (2 if best < 5 else 0)
        ahead += level
        ratios.append(medians[0] / best)
        note = ("wrong: " + ", ".join(wrong)) if wrong else "" if level else "behind"
        out.append(f"| {name} | " + " | ".join(map(cell, times)) + f" | {ratios[-1]:.2f} | {note} |")
    means = []
    for i, e in enumerate(engines):
        both = [median(t[0]) / median(t[i]) for _, t, _ in results if t[0] and t[i]]
        if i and both:
            means.append("%s %.2f%s" % (e.name, geometric(both), "" if len(both) == len(results) else f" (of {len(both)})"))
    out += ["", f"At least as fast as the best peer in {ahead} of {len(results)} (where the best peer takes under 5 ms, with 2 ms for HTTP).",
            f"Geometric mean of ours / best peer: {geometric(ratios):.2f}, that is {1 / geometric(ratios):.2f} times as fast; of ours / each: {', '.join(means)}."]
    return out


def machine():
    model, memory = platform.processor() or platform.machine(), ""
    try:
        with open("/proc/cpuinfo") as f:
            model = next((l.split(":", 1)[1].strip() for l in f if l.startswith("model name")), model)
        with open("/proc/meminfo") as f:
            memory = f", {int(f.readline().split()[1]) / 2**20:.0f} GiB"
    except OSError:
        pass
    return f"{model}, {os.cpu_count()} cores{memory}, {platform.system()} {platform.release()}"


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("suites", nargs="+")
    p.add_argument("--url", default="http://127.0.0.1:8888")
    p.add_argument("--data", required=True, help="directory with lineitem.csv, and of the peers' files")
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--threads", type=int, default=2, help="of the peers; ours has GOMAXPROCS")
    p.add_argument("--only", default="", help="only queries whose name contains this")
    p.add_argument("--scale", default="1", help="of lineitem, for the report; answers are checked at 1")
    p.add_argument("--druid", help="a Druid's URL (broker or router) that holds the same tables; queries that it refuses are left out of its column")
    p.add_argument("--out", help="write a report in Markdown")
    p.add_argument("--record", action="store_true", help="write answers into the suites instead")
    a = p.parse_args()
    data = os.path.abspath(a.data)
    engines = [Ours(a.url), DuckDB(data, a.threads), ClickHouse(data, a.threads)] + ([Druid(a.druid)] if a.druid else [])
    suites = {path: read_suite(path) for path in a.suites}
    if a.record:
        sys.exit(1 if sum(record(engines, path, qs, a.only) for path, qs in suites.items()) else 0)
    before = os.getloadavg()[0]
    report = [f"# Results", "",
              "Written by `benchmarks/compare.py`. Milliseconds: the median, and in brackets the least and the most, of "
              f"{a.rounds} rounds in which the engines take turns, after {WARM_UPS} to warm up.", "",
              f"- machine: {machine()}; load before: {before:.1f}",
              f"- date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC",
              f"- lineitem at scale {a.scale}; peers with {a.threads} threads, in the process that asks; ours over HTTP, caches off",
              "- versions: " + ", ".join(f"{e.name} {e.version}" for e in engines) + f", Python {platform.python_version()}"]
    if before > 0.5 * (os.cpu_count() or 1):
        report.append("- the machine was busy with something else: do not trust these figures")
    wrong_any = []
    for path, queries in suites.items():
        results = []
        for q in queries:
            if a.only not in q["name"]:
                continue
            times, answers = race(engines, q, a.rounds)
            wrong = check(engines, q, answers)
            wrong_any += [f"{q['name']}: {name}" for name in wrong]
            results.append((q["name"], times, wrong))
            print("%-28s" % q["name"] + "".join("%32s" % cell(t) for t in times), *(["wrong: " + ", ".join(wrong)] if wrong else []), flush=True)
        if results:
            lines = table(engines, results)
            print("\n".join(lines[-2:]), flush=True)
            report += ["", f"## {os.path.splitext(os.path.basename(path))[0]}", ""] + lines
    if a.out:
        with open(a.out, "w", encoding="utf-8") as f:
            f.write("\n".join(report) + "\n")
    if wrong_any:
        sys.exit("wrong answers: " + "; ".join(wrong_any))


if __name__ == "__main__":
    main()

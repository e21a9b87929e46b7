"""Reads answers over Arrow Flight with pyarrow and compares them with the same
answers as JSON over HTTP. OVATE_HTTP, OVATE_FLIGHT and OVATE_PID say where the
server is; .ci/integration sets them."""

import concurrent.futures
import datetime
import json
import math
import os
import struct
import unittest
import urllib.error
import urllib.request

import pyarrow
import pyarrow.flight

HTTP, FLIGHT = os.environ["OVATE_HTTP"], os.environ["OVATE_FLIGHT"]

# Statements whose answers must be the same on both ways. Their columns are of
# every type, with and without nulls; some have no rows.
STATEMENTS = [
    "SELECT * FROM edge",
    "SELECT * FROM wikipedia LIMIT 3000",
    "SELECT * FROM nested",
    "SELECT __time, tags, flag, num_str FROM edge ORDER BY __time DESC",
    "SELECT id FROM edge WHERE id < 0",
    "SELECT s, tags FROM edge WHERE s = 'no such'",
    "SELECT COUNT(*), SUM(d), MIN(__time), MAX(f), AVG(l) FROM edge",
    "SELECT s, COUNT(*) AS n, SUM(l) FROM edge GROUP BY s ORDER BY n DESC, s",
    "SELECT tags, COUNT(*) FROM edge GROUP BY tags ORDER BY 1",
    "SELECT FLOOR(__time TO DAY) AS t, COUNT(*) FROM wikipedia GROUP BY 1 ORDER BY 1",
    "SELECT l > 0 AS positive, COUNT(*) FROM edge GROUP BY 1 ORDER BY 1",
    "SELECT DATE '2024-01-02', TIMESTAMP '2024-01-02 03:04:05', TRUE, NULL, 'x', 1, 1.5, ARRAY[1,2], ARRAY['a',NULL]",
    "SELECT CAST(__time AS DATE) AS d, COUNT(*) FROM edge GROUP BY 1 ORDER BY 1",
    "SELECT TIME_SHIFT(TIMESTAMP '1970-01-01 00:00:00', 'P1D', -1), CAST('1969-12-31' AS DATE)",
    "SELECT channel, page, SUM(added) AS s FROM wikipedia GROUP BY 1, 2 ORDER BY s DESC, 1, 2 LIMIT 50",
    "SELECT LOOKUP(s, 's2_name'), COUNT(*) FROM edge GROUP BY 1 ORDER BY 1",
    "SELECT l_orderkey, l_extendedprice, l_shipmode FROM lineitem WHERE l_quantity > 49",
    "SELECT segment_id, num_rows, is_active FROM sys.segments ORDER BY 1",
    "EXPLAIN PLAN FOR SELECT COUNT(*) FROM edge",
]


def fetch(query, context=None):
    """The columns' names and the rows of a statement's answer over HTTP."""
    body = {"query": query, "resultFormat": "array", "header": True,
            "context": {"sqlStringifyArrays": False, **(context or {})}}
    request = urllib.request.Request(HTTP + "/druid/v2/sql", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        names, *rows = json.load(response)
    return names, rows


def ticket(query):
    body = query if isinstance(query, dict) else {"query": query}
    return pyarrow.flight.Ticket(json.dumps(body).encode())


def plain(value, kind):
    """A value of an Arrow column as JSON over HTTP has it."""
    if value is None:
        return None
    if pyarrow.types.is_list(kind) and pyarrow.types.is_string(kind.value_type):
        return value
    if pyarrow.types.is_list(kind):
        return [plain(v, kind.value_type) for v in value]
    if pyarrow.types.is_timestamp(kind):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (value.microsecond // 1000)
    if pyarrow.types.is_date(kind):
        return value.strftime("%Y-%m-%dT00:00:00.000Z")
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def same(got, want, kind):
    """Whether a value (see plain) is what HTTP has. FLOATs are compared as
    such; a sum of DOUBLEs depends on which worker was faster, in its last
    digits; several strings in a row come as text over HTTP, one as itself."""
    if isinstance(got, list) and not isinstance(want, list):
        if got == [] or got == [None]:
            return want is None
        return got == ([want] if len(got) == 1 else json.loads(want))
    if pyarrow.types.is_float32(kind) and isinstance(want, (int, float)):
        return got == struct.unpack("f", struct.pack("f", want))[0]
    if isinstance(got, float) and isinstance(want, (int, float)):
        return math.isclose(got, want, rel_tol=1e-12, abs_tol=1e-12)
    return got == want and isinstance(got, bool) == isinstance(want, bool)


class FlightTest(unittest.TestCase):
    def setUp(self):
        self.client = pyarrow.flight.connect(FLIGHT)
        self.addCleanup(self.client.close)

    def read(self, query):
        return self.client.do_get(ticket(query)).read_all()

    def compare(self, query):
        table = self.read(query)
        names, rows = fetch(query)
        self.assertEqual(table.column_names, names)
        self.assertEqual(table.num_rows, len(rows))
        kinds = [f.type for f in table.schema]
        columns = [c.to_pylist() for c in table.columns]
        for i, want in enumerate(rows):
            for name, kind, column, w in zip(names, kinds, columns, want):
                got = plain(column[i], kind)
                self.assertTrue(same(got, w, kind), f"row {i}, column {name} of {kind}: Flight has {got!r}, HTTP {w!r}")

    def test_same_as_json(self):
        for query in STATEMENTS:
            with self.subTest(query):
                self.compare(query)

    def test_types(self):
        table = self.read("SELECT __time, CAST(__time AS DATE) AS d, l > 0 AS b, id, f, d AS x, s, tags, ARRAY[id] AS a FROM edge")
        self.assertEqual([str(f.type) for f in table.schema],
                         ["timestamp[ms, tz=UTC]", "date32[day]", "bool", "int64", "float", "double", "string",
                          "list<item: string>", "list<item: int64>"])
        table = self.read("SELECT DATE '1969-12-31' AS d, TIMESTAMP '1969-12-31 23:59:59' AS t")
        self.assertEqual(table.column("d")[0].as_py(), datetime.date(1969, 12, 31))

    def test_native(self):
        scan = {"queryType": "scan", "dataSource": "edge", "intervals": ["2024-01-01/2024-01-03"], "columns": ["__time", "id", "s"]}
        table = self.read(scan)
        _, rows = fetch("SELECT id, s FROM edge WHERE __time >= '2024-01-01' AND __time < '2024-01-03'")
        self.assertEqual([list(r) for r in zip(table.column("id").to_pylist(), table.column("s").to_pylist())], rows)
        self.assertEqual(str(table.schema.field("__time").type), "timestamp[ms, tz=UTC]")

    def test_parameters_and_context(self):
        table = self.read({"query": "SELECT ? + 1 AS n, FLOOR(TIMESTAMP '2024-01-01 00:00:00' TO DAY) AS t",
                           "parameters": [{"type": "INTEGER", "value": 41}], "context": {"sqlTimeZone": "America/New_York"}})
        self.assertEqual(table.column("n").to_pylist(), [42])
        self.assertEqual(table.column("t")[0].as_py().astimezone(datetime.timezone.utc).hour, 5)

    def test_info(self):
        query = json.dumps({"query": "SELECT __time, s, tags FROM edge"}).encode()
        info = self.client.get_flight_info(pyarrow.flight.FlightDescriptor.for_command(query))
        table = self.client.do_get(info.endpoints[0].ticket).read_all()
        self.assertEqual(info.schema, table.schema)

    def test_errors(self):
        for query, kind, has in [
            ("SELECT nope FROM edge", pyarrow.ArrowInvalid, "nope"),
            ("SELECT", pyarrow.ArrowInvalid, "line 1"),
            ({"queryType": "nope"}, pyarrow.ArrowInvalid, "nope"),
            ({"query": "SELECT COUNT(*) FROM edge", "context": {"timeout": "soon"}}, pyarrow.ArrowInvalid, "timeout"),
        ]:
            with self.subTest(query):
                with self.assertRaises(kind) as caught:
                    self.read(query)
                self.assertIn(has, str(caught.exception))
        with self.assertRaises(pyarrow.ArrowInvalid):
            self.client.do_get(pyarrow.flight.Ticket(b"no JSON")).read_all()
        self.assertEqual(self.read("SELECT 1").num_rows, 1)  # it still answers

    def test_many_at_once(self):
        def work(i):
            client = pyarrow.flight.connect(FLIGHT)
            try:
                return client.do_get(ticket(f"SELECT COUNT(*) AS n FROM lineitem WHERE l_orderkey > {i}")).read_all().column("n")[0].as_py()
            finally:
                client.close()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            got = list(pool.map(work, range(40)))
        self.assertEqual(got, sorted(got, reverse=True))
        self.assertEqual(got[0], fetch("SELECT COUNT(*) FROM lineitem WHERE l_orderkey > 0")[1][0][0])

    def test_stop_early(self):
        reader = self.client.do_get(ticket("SELECT * FROM lineitem"))
        self.assertGreater(reader.read_chunk().data.num_rows, 0)
        reader.cancel()
        self.assertEqual(self.read("SELECT 1").num_rows, 1)

    def test_memory(self):
        """Six million rows go through the server without staying there."""
        columns = '"__time", l_orderkey, l_extendedprice, l_shipmode, l_comment'
        self.read(f"SELECT {columns} FROM lineitem")
        before, peak, rows = resident(), 0, 0
        for chunk in self.client.do_get(ticket(" UNION ALL ".join([f"SELECT {columns} FROM lineitem"] * 100))):
            if rows // 100_000 != (rows + chunk.data.num_rows) // 100_000:
                peak = max(peak, resident())
            rows += chunk.data.num_rows
        self.assertEqual(rows, 100 * fetch("SELECT COUNT(*) FROM lineitem")[1][0][0])
        self.assertLess(peak - before, 200 << 20)


def resident():
    """Memory of the server in RAM, in bytes; 0 where the system does not tell."""
    try:
        with open(f"/proc/{os.environ['OVATE_PID']}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return 0


if __name__ == "__main__":
    unittest.main()

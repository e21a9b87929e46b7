"""Start a server over segments that it has not seen, and tell how long it takes until it can be asked.

    cold.py --ovate bin/ovate --segments DIR/segments.jsonl --source many --day 2020-01-02 [--port 28300] [--again]

Times, in seconds from the start of the process: until a count over one day is right, until one over all is. Right is what
the list of segments says. With --again the server is stopped and started once more on what it keeps: a restart. Also the
memory that it holds of its own then (RssAnon). Segments are made by: ovate segment generate --segments 10000 --out DIR
"""
import argparse, datetime, json, os, signal, shutil, subprocess, sys, tempfile, time, urllib.request


def ask(url, statement):
    body = json.dumps({"query": statement, "resultFormat": "array", "context": {"useCache": False}}).encode()
    with urllib.request.urlopen(urllib.request.Request(url + "/druid/v2/sql", body, {"Content-Type": "application/json"}), timeout=60) as r:
        return json.load(r)


def until(url, statement, want, begun, limit, process):
    while time.time() - begun < limit and process.poll() is None:
        asked = time.time()
        try:
            if ask(url, statement) == [[want]]:
                return time.time() - begun
        except (OSError, ValueError):
            pass
        time.sleep(max(0.02, 4 * (time.time() - asked)))  # asking costs the server time, too
    sys.exit(f"no right answer to {statement} within {limit} s")


def own(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(l.split()[1]) / 1024 for l in f if l.startswith("RssAnon"))


def run(a, dir, want_day, want_all, name):
    url = f"http://127.0.0.1:{a.port}"
    day = datetime.date.fromisoformat(a.day)
    after = day + datetime.timedelta(days=1)
    with open(dir + ".log", "a") as log:
        begun = time.time()
        p = subprocess.Popen([a.ovate, "quickstart", "--no-sample", "--dir", dir, "--port", str(a.port), "--import", a.segments],
                             stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        one = until(url, f"SELECT COUNT(*) FROM \"{a.source}\" WHERE __time >= TIMESTAMP '{day}' AND __time < TIMESTAMP '{after}'",
                    want_day, begun, a.limit, p)
        all_ = until(url, f'SELECT COUNT(*) FROM "{a.source}"', want_all, begun, a.limit, p)
        print(f"{name:8} one day {one:6.2f} s   all {all_:6.2f} s   RssAnon {own(p.pid):6.0f} MB", flush=True)
    finally:
        p.send_signal(signal.SIGTERM)
        try:
            p.wait(30)
        except subprocess.TimeoutExpired:
            p.kill()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ovate", default="bin/ovate")
    p.add_argument("--segments", required=True)
    p.add_argument("--source", default="many")
    p.add_argument("--day", default="2020-01-02")
    p.add_argument("--port", type=int, default=28300)
    p.add_argument("--limit", type=float, default=300)
    p.add_argument("--again", action="store_true")
    a = p.parse_args()
    want_day = want_all = n = 0
    with open(a.segments) as f:
        for line in f:
            d = json.loads(line)
            n, want_all = n + 1, want_all + d["rows"]
            want_day += d["rows"] if d["interval"].startswith(a.day) else 0
    print(f"{n} segments, {want_all} rows, {want_day} of them on {a.day}")
    home = tempfile.mkdtemp(prefix="ovate-cold-")
    try:
        run(a, os.path.join(home, "d"), want_day, want_all, "start")
        if a.again:
            run(a, os.path.join(home, "d"), want_day, want_all, "restart")
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()

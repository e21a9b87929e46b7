//go:build integration

package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/clustertest"
	"github.com/ovatedb/ovate/segment"
)

var bg = context.Background()

func env(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set; .ci/cluster runs these tests", name)
	}
	return v
}

var stores atomic.Int64

// config is of tables that no other test has.
func config(t *testing.T) Config {
	n := stores.Add(1)
	cfg := Config{
		URI: env(t, "OVATE_MYSQL"), Poll: 200 * time.Millisecond,
		SegmentTable: fmt.Sprintf("t%d_segments", n), RuleTable: fmt.Sprintf("t%d_rules", n),
		ConfigTable: fmt.Sprintf("t%d_config", n), DocumentTable: fmt.Sprintf("t%d_documents", n),
	}
	db := client(t, cfg)
	drop := func() {
		for _, table := range []string{cfg.SegmentTable, cfg.SegmentTable + "_pending", cfg.SegmentTable + "_state",
			cfg.RuleTable, cfg.ConfigTable, cfg.DocumentTable} {
			db.Exec("DROP TABLE IF EXISTS " + table)
		}
	}
	drop()
	t.Cleanup(drop)
	return cfg
}

// client is what a person has.
func client(t *testing.T, cfg Config) *sql.DB {
	dsn, err := cfg.dsn()
	if err != nil {
		t.Fatal(err)
	}
	dsn.MultiStatements = true
	connector, err := driver.NewConnector(dsn)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

func open(t *testing.T, cfg Config) *Metadata {
	t.Helper()
	ctx, cancel := context.WithTimeout(bg, 20*time.Second)
	defer cancel()
	m, err := New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func TestMetadata(t *testing.T) {
	clustertest.Metadata(t, func(t *testing.T) (cluster.Metadata, func() cluster.Metadata) {
		cfg := config(t)
		var m *Metadata
		reopen := func() cluster.Metadata {
			if m != nil {
				m.Close()
			}
			m = open(t, cfg)
			return m
		}
		return reopen(), reopen
	})
}

// changes follows a store as text until the test ends.
func changes(t *testing.T, m *Metadata) <-chan string {
	ctx, cancel := context.WithCancel(bg)
	out, done := make(chan string, 100), make(chan struct{})
	go func() {
		defer close(done)
		for mark := cluster.Mark(""); ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
			for c, err := range m.Segments(ctx, mark) {
				if err != nil {
					break // from the last mark on
				}
				mark = c.Mark
				word := [...]string{"used ", "unused ", "reset", "synced"}[c.Kind]
				if c.Kind <= cluster.Unused {
					word += c.Segment.ID().String()
				}
				out <- word
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return out
}

func want(t *testing.T, got <-chan string, list ...string) {
	t.Helper()
	for _, w := range list {
		for {
			select {
			case g := <-got:
				if g == "synced" && w != g { // after each error
					continue
				}
				if g != w {
					t.Fatalf("got %q, want %q", g, w)
				}
			case <-time.After(40 * time.Second):
				t.Fatalf("nothing came, want %q", w)
			}
			break
		}
	}
}

// insert is the tutorial's statement.
const insert = `INSERT INTO segments (id, dataSource, created_date, start, end, partitioned, version, used, payload) VALUES ` +
	`('wikipedia_2013-08-01T00:00:00.000Z_2013-08-02T00:00:00.000Z_2013-08-08T21:22:48.989Z', 'wikipedia', '2013-08-08T21:26:23.799Z', ` +
	`'2013-08-01T00:00:00.000Z', '2013-08-02T00:00:00.000Z', '0', '2013-08-08T21:22:48.989Z', '1', ` +
	`'{\"dataSource\":\"wikipedia\",\"interval\":\"2013-08-01T00:00:00.000Z/2013-08-02T00:00:00.000Z\",\"version\":\"2013-08-08T21:22:48.989Z\",` +
	`\"loadSpec\":{\"type\":\"s3_zip\",\"bucket\":\"static.druid.io\",\"key\":\"data/index.zip\"},\"dimensions\":\"page\",\"metrics\":\"count\",` +
	`\"shardSpec\":{\"type\":\"none\"},\"binaryVersion\":9,\"size\":24664730,` +
	`\"identifier\":\"wikipedia_2013-08-01T00:00:00.000Z_2013-08-02T00:00:00.000Z_2013-08-08T21:22:48.989Z\"}');`

const wikipedia = "wikipedia_2013-08-01T00:00:00.000Z_2013-08-02T00:00:00.000Z_2013-08-08T21:22:48.989Z"

// TestByHand changes rows as a person with the mysql program does.
func TestByHand(t *testing.T) {
	for name, make := range map[string]string{
		"ours": "",
		"another program's": "CREATE TABLE segments (id VARCHAR(255) NOT NULL, dataSource VARCHAR(255) NOT NULL, created_date TINYTEXT NOT NULL, " +
			"start TINYTEXT NOT NULL, end TINYTEXT NOT NULL, partitioned BOOLEAN NOT NULL, version TINYTEXT NOT NULL, used BOOLEAN NOT NULL, " +
			"payload LONGTEXT NOT NULL, INDEX(dataSource), INDEX(used), PRIMARY KEY (id)) DEFAULT CHARSET=latin1;",
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			db := client(t, cfg)
			do := func(statement string) {
				t.Helper()
				if _, err := db.Exec(strings.ReplaceAll(statement, " segments ", " "+cfg.SegmentTable+" ")); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			if make != "" {
				do(make)
				do(insert)
			}
			m := open(t, cfg)
			got := changes(t, m)
			if make == "" {
				want(t, got, "synced")
				do(insert)
				want(t, got, "used "+wikipedia)
			} else {
				want(t, got, "used "+wikipedia)
			}
			do("UPDATE segments SET used = 0")
			want(t, got, "unused "+wikipedia)
			do("UPDATE segments SET used = 1")
			want(t, got, "used "+wikipedia)
			do(`UPDATE segments SET payload = REPLACE(payload, '24664730', '7')`)
			want(t, got, "used "+wikipedia)
			do(`UPDATE segments SET payload = '{' `)
			want(t, got, "reset", "synced")
			var problem string
			if err := db.QueryRow("SELECT problem FROM " + cfg.SegmentTable).Scan(&problem); err != nil || problem == "" {
				t.Errorf("problem %q, %v", problem, err)
			}
			do("DELETE FROM segments WHERE 1")
			want(t, got, "reset", "synced")
			do(insert)
			want(t, got, "used "+wikipedia)
			if err := m.Commit(bg, cluster.Commit{Unuse: descriptorIDs(t, m)}); err != nil {
				t.Fatal(err)
			}
			want(t, got, "unused "+wikipedia)
		})
	}
}

func descriptorIDs(t *testing.T, m *Metadata) (out []segment.ID) {
	for d, err := range m.Find(bg, cluster.SegmentQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, d.ID())
	}
	return out
}

// TestRulesByHand changes rules and configuration by hand and by Commit.
func TestRulesByHand(t *testing.T) {
	cfg := config(t)
	m, db := open(t, cfg), client(t, cfg)
	ctx, cancel := context.WithTimeout(bg, 20*time.Second)
	defer cancel()
	got := make(chan string, 10)
	go func() {
		for d, err := range m.WatchDocuments(ctx, "") {
			if err != nil {
				return
			}
			got <- d.Key + "=" + string(d.Value)
		}
	}()
	do := func(statement string, args ...any) {
		t.Helper()
		statement = strings.NewReplacer("RULES", cfg.RuleTable, "CONFIG", cfg.ConfigTable).Replace(statement)
		if _, err := db.Exec(statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	want(t, got, "=")
	do(`INSERT INTO RULES (id, dataSource, version, payload) VALUES ('wiki_1', 'wiki', '2013', '[1]')`)
	want(t, got, "rules/wiki=[1]")
	do(`INSERT INTO RULES (id, dataSource, version, payload) VALUES ('wiki_2', 'wiki', '2014', '[2]'), ('bad_1', 'bad', '2014', '[')`)
	want(t, got, "rules/wiki=[2]")
	if err := m.Commit(bg, cluster.Commit{Put: []cluster.Document{{Key: "rules/wiki", Value: []byte(`[3]`)}, {Key: "config/x", Value: []byte(`{}`)}}}); err != nil {
		t.Fatal(err)
	}
	want(t, got, "rules/wiki=[3]", "config/x={}")
	var rules, payload string
	if err := db.QueryRow(`SELECT GROUP_CONCAT(r.payload), MAX(c.payload) FROM `+cfg.RuleTable+` r, `+cfg.ConfigTable+
		` c WHERE r.dataSource = 'wiki' AND c.name = 'x'`).Scan(&rules, &payload); err != nil || rules+payload != "[3]{}" {
		t.Errorf("tables have %q and %q, %v", rules, payload, err)
	}
	do(`DELETE FROM RULES`)
	do(`UPDATE CONFIG SET payload = '{"a":1}'`)
	a, b := <-got, <-got
	if a+b != `rules/wiki=config/x={"a":1}` && b+a != `rules/wiki=config/x={"a":1}` {
		t.Errorf("got %s %s", a, b)
	}
}

// TestOthers sees what another process commits.
func TestOthers(t *testing.T) {
	cfg := config(t)
	a, b := open(t, cfg), open(t, cfg)
	got := changes(t, a)
	want(t, got, "synced")
	d := clustertest.Segment(t, "wiki 2020-01-01/2020-01-02 v1 0")
	if err := b.Commit(bg, cluster.Commit{Publish: []cluster.Descriptor{d}}); err != nil {
		t.Fatal(err)
	}
	want(t, got, "used "+d.ID().String())
}

// TestMany publishes more than a page, and reads all while it writes.
func TestMany(t *testing.T) {
	m := open(t, config(t))
	const n = 2500
	var all []cluster.Descriptor
	for i := range n {
		d := clustertest.Segment(t, "wiki 2020-01-01/2020-01-02 v1 0")
		d.Shard = &cluster.Numbered{Partition: i}
		all = append(all, d)
	}
	began := time.Now()
	if err := m.Commit(bg, cluster.Commit{Publish: all}); err != nil {
		t.Fatal(err)
	}
	t.Logf("published in %v", time.Since(began))
	found, last := 0, -1
	for d, err := range m.Find(bg, cluster.SegmentQuery{Source: "wiki"}) {
		if err != nil {
			t.Fatal(err)
		}
		if p := d.ID().Partition; p != last+1 {
			t.Fatalf("partition %d after %d", p, last)
		} else if last = p; p%500 == 0 {
			if err := m.Commit(bg, cluster.Commit{Unuse: []segment.ID{d.ID()}}); err != nil {
				t.Fatal(err)
			}
		}
		found++
	}
	got, used := changes(t, m), 0
	for c := range got {
		if c == "synced" {
			break
		}
		used++
	}
	if found != n || used != n-5 {
		t.Errorf("found %d, told of %d", found, used)
	}
}

// TestKilled stops the server and starts it again: streams and commits go on.
func TestKilled(t *testing.T) {
	pidfile, start := env(t, "OVATE_MYSQL_PID"), env(t, "OVATE_MYSQL_START")
	m := open(t, config(t))
	got := changes(t, m)
	want(t, got, "synced")
	pid, err := os.ReadFile(pidfile)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	fmt.Sscan(string(pid), &n)
	if err := syscall.Kill(n, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	d := clustertest.Segment(t, "wiki 2020-01-01/2020-01-02 v1 0")
	began := time.Now()
	if err := m.Commit(bg, cluster.Commit{Publish: []cluster.Descriptor{d}}); err == nil {
		t.Error("committed to a server that is dead")
	}
	if took := time.Since(began); took > writeTime+time.Second {
		t.Errorf("it took %v to see that the server is dead", took)
	}
	if out, err := exec.Command(start).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		err := m.Commit(bg, cluster.Commit{Publish: []cluster.Descriptor{d}})
		if err == nil {
			break
		}
		if time.Since(began) > 30*time.Second {
			t.Fatal(err)
		}
	}
	want(t, got, "used "+d.ID().String())
}

func TestRefused(t *testing.T) {
	cfg := config(t)
	cfg.Password, cfg.User = "wrong", "druid"
	if m, err := New(bg, cfg); err == nil {
		m.Close()
		t.Error("opened with a wrong password")
	}
	ctx, cancel := context.WithTimeout(bg, 300*time.Millisecond)
	defer cancel()
	if m, err := New(ctx, Config{URI: "jdbc:mysql://127.0.0.1:1/druid"}); err == nil {
		m.Close()
		t.Error("opened without a server")
	}
}

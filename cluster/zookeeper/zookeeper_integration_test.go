//go:build integration

package zookeeper

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/clustertest"
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

var clusters atomic.Int64

func config(t *testing.T) Config {
	return Config{
		Servers: env(t, "OVATE_ZOOKEEPER"), Session: 2 * time.Second, Timeout: 20 * time.Second,
		Base: fmt.Sprintf("/test-%d-%d", time.Now().UnixNano(), clusters.Add(1)),
	}
}

func join(t *testing.T, cfg Config) *Coordinator {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestCoordinator(t *testing.T) {
	clustertest.Coordinator(t, func(t *testing.T) func() cluster.Coordinator {
		cfg := config(t)
		return func() cluster.Coordinator { return join(t, cfg) }
	})
}

// client is what a person has.
func client(t *testing.T) *zk.Conn {
	conn, _, err := zk.Connect([]string{env(t, "OVATE_ZOOKEEPER")}, 10*time.Second, zk.WithLogInfo(false))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// follow keeps a copy of what a watch tells.
func follow(t *testing.T, c *Coordinator, prefix string) (now func() map[string]string, gone *atomic.Int64) {
	ctx, cancel := context.WithCancel(bg)
	var mu sync.Mutex
	state, done := map[string]string{}, make(chan struct{})
	gone = new(atomic.Int64)
	go func() {
		defer close(done)
		for e, err := range c.Watch(ctx, prefix) {
			mu.Lock()
			switch {
			case err != nil || e.Key == "":
			case e.Value == nil:
				gone.Add(1)
				delete(state, e.Key)
			default:
				state[e.Key] = string(e.Value)
			}
			mu.Unlock()
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return func() map[string]string {
		mu.Lock()
		defer mu.Unlock()
		out := map[string]string{}
		for k, v := range state {
			out[k] = v
		}
		return out
	}, gone
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("after 30 s: %s", what)
		}
	}
}

// TestPaths looks at what is there as zkCli.sh does.
func TestPaths(t *testing.T) {
	cfg := config(t)
	cfg.Service = "compute"
	c, conn := join(t, cfg), client(t)
	const host = "127.0.0.1:8081"
	d := clustertest.Segment(t, "wiki 2020-01-01/2020-01-02 v1 0")
	value, _ := json.Marshal(d)
	server, _ := json.Marshal(cluster.Server{Name: host, Host: host, Type: cluster.Historical})
	ctx, leave := context.WithCancel(bg)
	must(t, c.Announce(ctx, cluster.ServerKey(host), server))
	must(t, c.Announce(ctx, cluster.ServedKey(host, d.ID()), value))
	must(t, c.Set(bg, cluster.LoadKey(host, d.ID()), []byte(`{"action":"load"}`)))
	lead, err := c.Lead(ctx, "master")
	must(t, err)
	get := func(path string) string {
		t.Helper()
		b, _, err := conn.Get(cfg.Base + path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		return string(b)
	}
	children := func(path string) []string {
		list, _, err := conn.Children(cfg.Base + path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		return list
	}
	if got := get("/announcements/" + host); got != string(server) {
		t.Errorf("server %s", got)
	}
	if got := get("/loadQueue/" + host + "/" + d.ID().String()); got != `{"action":"load"}` {
		t.Errorf("order %s", got)
	}
	batches := children("/segments/" + host)
	if len(batches) != 1 || !strings.HasSuffix(batches[0], "Z") {
		t.Fatalf("batches %v", batches)
	}
	if got := get("/segments/" + host + "/" + batches[0]); got != "["+string(value)+"]" {
		t.Errorf("batch %s", got)
	}
	if got := get("/discoveryPath/compute/" + host); !strings.Contains(got, `"port":8081`) {
		t.Errorf("discovery %s", got)
	}
	if list := children("/master/_MASTER"); len(list) != 1 {
		t.Errorf("candidates %v", list)
	}
	leave()
	<-lead.Done()
	eventually(t, "something is left", func() bool {
		there, _, _ := conn.Exists(cfg.Base + "/segments/" + host)
		return !there && len(children("/announcements"))+len(children("/discoveryPath/compute"))+len(children("/master/_MASTER")) == 0
	})
}

// TestMany announces more than a batch, and watches many znodes.
func TestMany(t *testing.T) {
	cfg := config(t)
	a, b := join(t, cfg), join(t, cfg)
	const n = 3000
	ctx, leave := context.WithCancel(bg)
	defer leave()
	began := time.Now()
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < n; i += 4 {
				if err := a.Announce(ctx, fmt.Sprintf("served/h%d/%d", i%3, i), []byte(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("announced in %v", time.Since(began))
	list, _, err := client(t).Children(cfg.Base + "/segments/h0")
	if err != nil || len(list) != n/3/batchKeys {
		t.Errorf("%d batches, %v", len(list), err)
	}
	for i := range n {
		wg.Go(func() { must(t, a.Set(bg, fmt.Sprintf("load/h/%d", i), []byte("x"))) })
	}
	wg.Wait()
	began = time.Now()
	served, _ := follow(t, b, "served/")
	orders, _ := follow(t, b, "load/h/")
	eventually(t, "not all told", func() bool { return len(served()) == n && len(orders()) == n })
	t.Logf("told in %v", time.Since(began))
	if got := served()["served/h1/1"]; got != "1" {
		t.Errorf("value %q", got)
	}
	leave()
	eventually(t, "not all gone", func() bool { return len(served()) == 0 })
}

// A proxy stands between client and server, and can let nothing through.
type proxy struct {
	net.Listener
	to     string
	frozen atomic.Bool
	mu     sync.Mutex
	conns  []net.Conn
}

func newProxy(t *testing.T, to string) *proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{Listener: l, to: to}
	t.Cleanup(func() { l.Close(); p.cut() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil || p.frozen.Load() {
				in.Close()
				if err == nil {
					out.Close()
				}
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, in, out)
			p.mu.Unlock()
			go io.Copy(in, out)
			go io.Copy(out, in)
		}
	}()
	return p
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

// TestExpired keeps a participant from the servers until its session has
// ended: all it announced comes back, its watch goes on, its lead ends before
// another leads.
func TestExpired(t *testing.T) {
	cfg := config(t)
	p := newProxy(t, cfg.Servers)
	b := join(t, cfg)
	cfg.Servers = p.Addr().String()
	a := join(t, cfg)
	for i := range 120 {
		must(t, a.Announce(bg, fmt.Sprintf("served/a/%d", i), []byte("x")))
	}
	must(t, a.Announce(bg, "servers/a", []byte("a")))
	seenByB, _ := follow(t, b, "serve")
	seenByA, goneForA := follow(t, a, "")
	eventually(t, "not all told", func() bool { return len(seenByB()) == 121 && len(seenByA()) == 121 })
	lead, err := a.Lead(bg, "master")
	must(t, err)
	won := make(chan error, 1)
	go func() {
		_, err := b.Lead(bg, "master")
		if lead.Err() == nil {
			err = fmt.Errorf("two lead")
		}
		won <- err
	}()
	p.frozen.Store(true)
	p.cut()
	ended, cancel := context.WithCancel(bg)
	go a.Announce(ended, "servers/short", []byte("x")) // while away
	eventually(t, "b still sees what a announced", func() bool { return len(seenByB()) == 0 })
	must(t, <-won)
	must(t, b.Set(bg, "load/a/1", []byte("order")))
	cancel()
	p.frozen.Store(false)
	eventually(t, "not all came back", func() bool { return len(seenByB()) == 121 })
	eventually(t, "a does not hear", func() bool { return seenByA()["load/a/1"] == "order" && len(seenByA()) == 122 })
	if n := goneForA.Load(); n != 0 {
		t.Errorf("a was told that %d keys went, which came back", n)
	}
	if seenByB()["servers/short"] != "" {
		t.Error("what ended while away was announced")
	}
}

// TestServer kills and freezes the server.
func TestServer(t *testing.T) {
	pidfile, start := env(t, "OVATE_ZOOKEEPER_PID"), env(t, "OVATE_ZOOKEEPER_START")
	cfg := config(t)
	a, b := join(t, cfg), join(t, cfg)
	must(t, a.Announce(bg, "served/a/1", []byte("x")))
	seen, gone := follow(t, b, "")
	eventually(t, "not told", func() bool { return len(seen()) == 1 })
	for what, hurt := range map[string]func(pid int){
		"killed": func(pid int) {
			must(t, syscall.Kill(pid, syscall.SIGKILL))
			time.Sleep(500 * time.Millisecond)
			if out, err := exec.Command(start).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		},
		"frozen": func(pid int) { // for longer than a session
			must(t, syscall.Kill(pid, syscall.SIGSTOP))
			time.Sleep(4 * time.Second)
			must(t, syscall.Kill(pid, syscall.SIGCONT))
		},
	} {
		text, err := os.ReadFile(pidfile)
		must(t, err)
		var pid int
		fmt.Sscan(string(text), &pid)
		hurt(pid)
		key := "load/x/" + what
		must(t, a.Set(bg, key, []byte("y")))
		eventually(t, what+": the watch does not go on", func() bool { return seen()[key] == "y" })
		leads, cancel := context.WithTimeout(bg, 20*time.Second)
		_, err = a.Lead(leads, what)
		must(t, err)
		cancel()
		time.Sleep(cfg.Session + time.Second)
		if seen()["served/a/1"] != "x" || gone.Load() != 0 {
			t.Errorf("%s: what was announced is gone, or was for a while: %v", what, seen())
		}
	}
}

// TestSuccessor starts a server under the name of one that died a moment ago:
// what only that one served is not waited for.
func TestSuccessor(t *testing.T) {
	cfg := config(t)
	cfg.Session = 10 * time.Second
	p := newProxy(t, cfg.Servers)
	first := cfg
	first.Servers = p.Addr().String()
	dead, b := join(t, first), join(t, cfg)
	seen, _ := follow(t, b, "serve")
	for _, key := range []string{"served/a/1", "served/a/2", "servers/a", "served/other/1", "servers/other"} {
		must(t, dead.Announce(bg, key, []byte("old")))
	}
	eventually(t, "not all told", func() bool { return len(seen()) == 5 })
	p.frozen.Store(true)
	p.cut()
	began, a := time.Now(), join(t, cfg)
	must(t, a.Announce(bg, "served/a/2", []byte("new")))
	must(t, a.Announce(bg, "servers/a", []byte("new")))
	eventually(t, "what the dead one served is still there", func() bool {
		return fmt.Sprint(seen()) == "map[served/a/2:new served/other/1:old servers/a:new servers/other:old]"
	})
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("that took %v", d)
	}
	p.frozen.Store(false)
}

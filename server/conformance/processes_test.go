//go:build processes

package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// session is how long ZooKeeper keeps a process that it does not hear from.
const session = 6 * time.Second

// A crowd is the processes of one cluster on this machine: those of ours, and
// the MariaDB, ZooKeeper and S3 server that .ci/cluster started.
type crowd struct {
	t       *testing.T
	binary  string
	dir     string
	name    string // of its own in ZooKeeper, MariaDB and S3
	parts   map[string]part
	client  *http.Client
	storage *proxy // in front of the S3 server
	front   *proxy // in front of compute0
	shelf   *deepStorage
	canary  int // segments of the source "canary"
}

// A part is a process that can be killed, stopped and started.
type part interface {
	signal(syscall.Signal) error
	start() error
	gone() bool
}

// newCrowd starts a master, computes servers and a broker.
func newCrowd(t *testing.T, computes int) *crowd {
	t.Helper()
	c := &crowd{t: t, binary: env(t, "OVATE"), dir: t.TempDir(), name: fmt.Sprintf("c%x", rand.Uint32()), parts: map[string]part{},
		client: &http.Client{Timeout: *patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	for _, name := range []string{"mysql", "zookeeper", "s3"} {
		up := strings.ToUpper(name)
		c.parts[name] = outsider{pid: env(t, "OVATE_"+up+"_PID"), script: env(t, "OVATE_"+up+"_START")}
	}
	c.storage = newProxy(t, strings.TrimPrefix(env(t, "OVATE_S3"), "http://"))
	t.Cleanup(c.stop)
	c.role("master", "master0", nil)
	for i := range computes {
		c.role("compute", fmt.Sprint("compute", i), nil)
	}
	c.role("broker", "broker0", nil)
	return c
}

func env(t *testing.T, name string) string {
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set; .ci/faults runs these tests", name)
	}
	return v
}

// role writes the configuration of a process and starts it.
func (c *crowd) role(role, name string, extra map[string]string) *process {
	c.t.Helper()
	p := &process{crowd: c, name: name, role: role, address: "127.0.0.1:" + strconv.Itoa(freePort(c.t))}
	p.seen = p.address
	if name == "compute0" {
		c.front = newProxy(c.t, p.address)
		p.seen = c.front.address()
	}
	set := map[string]string{
		"druid.host": p.seen, "druid.port": p.address[strings.LastIndexByte(p.address, ':')+1:], "druid.service": role,
		"druid.zk.service.host": env(c.t, "OVATE_ZOOKEEPER"), "druid.zk.paths.base": "/" + c.name,
		"druid.zk.service.sessionTimeoutMs":               fmt.Sprint(session.Milliseconds()),
		"druid.metadata.storage.connector.connectURI":     env(c.t, "OVATE_MYSQL"),
		"druid.metadata.storage.tables.base":              c.name,
		"druid.manager.segments.pollDuration":             "PT1S",
		"druid.coordinator.startDelay":                    "PT1S",
		"druid.coordinator.period":                        "PT5S",
		"druid.s3.endpoint.url":                           "http://" + c.storage.address(),
		"druid.storage.bucket":                            c.name,
		"ovate.cluster.secret":                            "only " + c.name + " knows",
		"druid.segmentCache.locations":                    fmt.Sprintf(`[{"path": %q}, {"path": %q}]`, p.cache(0), p.cache(1)),
		"ovate.metadata.tables.documents":                 c.name + "_documents",
		"druid.server.http.gracefulShutdownTimeout":       "PT20S",
		"druid.query.default.context.timeout":             "PT60S",
		"druid.processing.numThreads":                     "1",
		"druid.emitter.logging.logLevel":                  "info",
		"druid.query.default.context.maxQueryMemoryBytes": "1g",
	}
	maps.Copy(set, extra)
	var text strings.Builder
	for _, k := range slices.Sorted(maps.Keys(set)) {
		fmt.Fprintf(&text, "%s=%s\n", k, set[k])
	}
	must(nil, os.MkdirAll(p.config(), 0o755))
	must(nil, os.WriteFile(filepath.Join(p.config(), "runtime.properties"), []byte(text.String()), 0o644))
	c.parts[name] = p
	must(nil, p.start())
	return p
}

func (c *crowd) process(name string) *process { return c.parts[name].(*process) }

// url is where a process of ours listens.
func (c *crowd) url(name string) string { return "http://" + c.process(name).address }

// stop ends the processes that are ours.
func (c *crowd) stop() {
	for _, name := range slices.Sorted(maps.Keys(c.parts)) {
		if p, ok := c.parts[name].(*process); ok && !p.gone() {
			_ = p.signal(syscall.SIGCONT)
			_ = p.signal(syscall.SIGKILL)
			<-p.ended
		}
	}
	if c.t.Failed() {
		kept, err := os.MkdirTemp("", "ovate-faults-logs-")
		if err == nil {
			logs, _ := filepath.Glob(filepath.Join(c.dir, "*.log"))
			for _, from := range logs {
				text, _ := os.ReadFile(from)
				_ = os.WriteFile(filepath.Join(kept, filepath.Base(from)), text, 0o644)
			}
			c.t.Log("the logs of the processes are in", kept)
		}
	}
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// call asks a process by HTTP; a body makes it a POST.
func (c *crowd) call(url string, body []byte) (int, []byte, error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// sql gives the rows of a statement, lists of values.
func (c *crowd) sql(statement string) ([][]any, error) {
	body := must(json.Marshal(map[string]any{"query": statement, "resultFormat": "array"}))
	status, text, err := c.call(c.url("broker0")+"/druid/v2/sql", body)
	if err != nil {
		return nil, err
	}
	var rows [][]any
	if status != http.StatusOK {
		return nil, fmt.Errorf("%d %.300s", status, text)
	}
	return rows, json.Unmarshal(text, &rows)
}

// within tries again until it is so, for at most d.
func within(d time.Duration, try func() error) error {
	end := time.Now().Add(d)
	for {
		err := try()
		if err == nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("not within %v: %w", d, err)
		}
		time.Sleep(25 * time.Millisecond)
	}
}

// A process is one of ours.
type process struct {
	crowd               *crowd
	name, role, address string
	seen                string // the address by which others know it
	cmd                 *exec.Cmd
	ended               chan struct{}
}

func (p *process) config() string { return filepath.Join(p.crowd.dir, p.name) }
func (p *process) log() string    { return filepath.Join(p.crowd.dir, p.name+".log") }

// cache is the i-th directory of cached segments.
func (p *process) cache(i int) string {
	return filepath.Join(p.crowd.dir, p.name, fmt.Sprint("cache", i))
}

// cached are the segment files of its cache.
func (p *process) cached() []string {
	files, _ := filepath.Glob(filepath.Join(p.config(), "cache?", "*.ovate"))
	return files
}

func (p *process) start() error {
	out, err := os.OpenFile(p.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	p.cmd = exec.Command(p.crowd.binary, p.role, "--config", p.config())
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait()
		close(ended)
	}(p.cmd, p.ended)
	return nil
}

func (p *process) signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

func (p *process) gone() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// An outsider is a server that .ci/cluster started, and can start again.
type outsider struct{ pid, script string }

func (o outsider) process() (int, error) {
	text, err := os.ReadFile(o.pid)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func (o outsider) signal(s syscall.Signal) error {
	pid, err := o.process()
	if err != nil {
		return err
	}
	return syscall.Kill(pid, s)
}

// gone also holds of one that nobody waits for.
func (o outsider) gone() bool {
	pid, err := o.process()
	if err != nil {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	return err != nil || bytes.HasPrefix(rest, []byte("Z"))
}

func (o outsider) start() error { return exec.Command(o.script).Run() }

// kill is kill -9, and waits for the end.
func (c *crowd) kill(name string) error {
	p := c.parts[name]
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	return within(10*time.Second, func() error {
		if !p.gone() {
			return fmt.Errorf("%s does not end", name)
		}
		return nil
	})
}

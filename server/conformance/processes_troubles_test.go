//go:build processes

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/zookeeper"
	"github.com/ovatedb/ovate/server/wire"
)

// troubles are all there are.
func troubles() []trouble {
	var out []trouble
	for _, p := range []struct {
		name    string
		hold    time.Duration
		refuses bool
	}{
		{"master0", 3 * time.Second, false}, {"compute0", session + 2*time.Second, false}, {"broker0", 2 * time.Second, true},
		{"zookeeper", session + 2*time.Second, false}, {"mysql", 5 * time.Second, false},
	} {
		out = append(out,
			trouble{"kill -9 " + p.name, p.hold, p.refuses, func(c *crowd) (func() error, error) {
				return c.parts[p.name].start, c.kill(p.name)
			}},
			trouble{"SIGSTOP " + p.name, session + 3*time.Second, p.refuses, func(c *crowd) (func() error, error) {
				part := c.parts[p.name]
				return func() error { return part.signal(syscall.SIGCONT) }, part.signal(syscall.SIGSTOP)
			}})
	}
	return append(out,
		trouble{"kill -9 s3, a cache is empty", 10 * time.Second, false, func(c *crowd) (func() error, error) {
			return c.parts["s3"].start, errors.Join(c.kill("s3"), c.restartEmpty(c.fullest()))
		}},
		trouble{"SIGSTOP s3, a cache is empty", 10 * time.Second, false, func(c *crowd) (func() error, error) {
			s3 := c.parts["s3"]
			return func() error { return s3.signal(syscall.SIGCONT) }, errors.Join(s3.signal(syscall.SIGSTOP), c.restartEmpty(c.fullest()))
		}},
		trouble{"torn downloads", 3 * time.Second, false, tornDownloads},
		trouble{"cache files damaged while the server is down", time.Second, false, damagedAtRest},
		trouble{"cache files damaged under queries", 0, false, func(c *crowd) (func() error, error) {
			return nil, damage(c.process(c.fullest()).cached())
		}},
		trouble{"cache files cut short under queries", 0, false, func(c *crowd) (func() error, error) {
			return nil, curtail(c.process(c.fullest()).cached())
		}},
		trouble{"a disk is full", 6 * time.Second, false, fullDisk},
		trouble{"kill -9 of two computes: both copies of some", session + 4*time.Second, true, func(c *crowd) (func() error, error) {
			one, other := c.process("compute1"), c.process("compute2")
			return func() error { return errors.Join(one.start(), other.start()) }, errors.Join(c.kill(one.name), c.kill(other.name))
		}},
		trouble{"a replica dies within an answer", 2 * time.Second, false, diesWithin},
		trouble{"kill -9 of the master that leads, of two", 0, false, func(c *crowd) (func() error, error) {
			return nil, c.secondMaster(c.kill)
		}},
		trouble{"SIGSTOP of the master that leads, of two", session + 3*time.Second, false, func(c *crowd) (func() error, error) {
			var leader part
			err := c.secondMaster(func(name string) error { leader = c.parts[name]; return leader.signal(syscall.SIGSTOP) })
			return func() error { return leader.signal(syscall.SIGCONT) }, err
		}},
		trouble{"SIGTERM of every compute, one by one", 0, false, rollingRestart},
		trouble{"orders and fragments of a stranger", time.Second, false, stranger},
	)
}

// fullest is the compute server with the most cached segments.
func (c *crowd) fullest() string {
	best, most := "", -1
	for _, name := range c.computes() {
		if n := len(c.process(name).cached()); n > most {
			best, most = name, n
		}
	}
	return best
}

// restartEmpty kills a compute server and starts it with nothing cached.
func (c *crowd) restartEmpty(name string) error {
	p := c.process(name)
	if err := c.kill(name); err != nil {
		return err
	}
	for _, path := range p.cached() {
		if err := errors.Join(os.Remove(path), os.RemoveAll(path+".json")); err != nil {
			return err
		}
	}
	return p.start()
}

// tornDownloads has every answer of the S3 server end after 2,000 bytes, while
// a server needs all of its segments.
func tornDownloads(c *crowd) (func() error, error) {
	torn := c.storage.breakOff(2000, nil)
	mend := func() error { c.storage.mend(); return nil }
	if err := c.restartEmpty(c.fullest()); err != nil {
		return mend, err
	}
	select {
	case <-torn.made:
		return mend, nil
	case <-time.After(recovery):
		return mend, errors.New("nothing was downloaded")
	}
}

func damagedAtRest(c *crowd) (func() error, error) {
	p := c.process(c.fullest())
	err := c.kill(p.name)
	files := p.cached()
	half := len(files) / 2
	return p.start, errors.Join(err, damage(files[:half]), curtail(files[half:]))
}

// damage writes other bytes over some of each file.
func damage(files []string) error {
	if len(files) == 0 {
		return errors.New("there are no files to damage")
	}
	for _, path := range files {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		st, err := f.Stat()
		for at := int64(64); err == nil && at < st.Size(); at += 512 {
			_, err = f.WriteAt([]byte{byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32())}, at)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func curtail(files []string) error {
	if len(files) == 0 {
		return errors.New("there are no files to cut short")
	}
	for i, path := range files {
		if err := os.Truncate(path, int64(i%3)*100); err != nil {
			return err
		}
	}
	return nil
}

// fullDisk gives a compute server disks that are too small for what it is told
// to load, and then larger ones. Who may not mount bounds the size of files,
// which writes meet in the same way.
func fullDisk(c *crowd) (func() error, error) {
	p := c.process(c.fullest())
	if err := c.kill(p.name); err != nil {
		return nil, err
	}
	var disks []string
	for i := range 2 {
		dir := p.cache(i) // perhaps a disk of an earlier round
		_ = syscall.Unmount(dir, syscall.MNT_DETACH)
		if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
			return nil, err
		}
		if syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=200k") == nil {
			disks = append(disks, dir)
			c.t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
		}
	}
	if len(disks) == 0 {
		return func() error { return p.bound(1 << 40) }, errors.Join(p.start(), p.bound(100<<10))
	}
	return func() error {
		var errs []error
		for _, dir := range disks {
			errs = append(errs, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=256m"))
		}
		return errors.Join(errs...)
	}, p.start()
}

// bound says how many bytes a file may have that the process writes.
func (p *process) bound(size uint64) error {
	limit := syscall.Rlimit{Cur: size, Max: 1 << 40}
	_, _, errno := syscall.Syscall6(syscall.SYS_PRLIMIT64, uintptr(p.cmd.Process.Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// diesWithin kills a compute server when it has sent some bytes of an answer.
func diesWithin(c *crowd) (func() error, error) {
	cut := c.front.breakOff(1500, func() { _ = c.parts["compute0"].signal(syscall.SIGKILL) })
	defer c.front.mend()
	select {
	case <-cut.made:
	case <-time.After(10 * time.Second):
		return nil, errors.New("nothing was asked of compute0")
	}
	return c.parts["compute0"].start, nil
}

// secondMaster has two masters run and does something to the one that leads.
func (c *crowd) secondMaster(do func(leader string) error) error {
	for _, name := range []string{"master0", "master1"} {
		switch p, ok := c.parts[name].(*process); {
		case !ok:
			c.role("master", name, nil)
		case p.gone():
			if err := p.start(); err != nil {
				return err
			}
		}
	}
	leader := ""
	if err := within(recovery, func() error {
		for _, name := range []string{"master0", "master1"} {
			status, _, err := c.call(c.url(name)+"/druid/coordinator/v1/isLeader", nil)
			if err != nil {
				return err
			}
			if status == 200 {
				leader = name
			}
		}
		if leader == "" {
			return errors.New("nobody leads")
		}
		return nil
	}); err != nil {
		return err
	}
	return do(leader)
}

// rollingRestart ends and starts one compute server after the other.
func rollingRestart(c *crowd) (func() error, error) {
	for _, name := range c.computes() {
		p := c.process(name)
		if err := within(recovery, c.replicated); err != nil {
			return nil, err
		}
		if err := p.signal(syscall.SIGTERM); err != nil {
			return nil, err
		}
		if err := within(recovery, func() error {
			if !p.gone() {
				return fmt.Errorf("%s does not end", p.name)
			}
			return nil
		}); err != nil {
			return nil, err
		}
		if code := p.cmd.ProcessState.ExitCode(); code != 0 {
			return nil, fmt.Errorf("%s ended with %d", p.name, code)
		}
		if err := p.start(); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// stranger writes orders to drop every segment into ZooKeeper, and asks for
// rows: without the secret nobody heeds that.
func stranger(c *crowd) (func() error, error) {
	zk, err := zookeeper.New(zookeeper.Config{Servers: env(c.t, "OVATE_ZOOKEEPER"), Base: "/" + c.name, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer zk.Close()
	ctx, cancel := context.WithTimeout(context.Background(), recovery)
	defer cancel()
	waiting := map[string]bool{}
	for key, d := range servedNow(ctx, zk) {
		key = cluster.LoadPrefix + strings.TrimPrefix(key, cluster.ServedPrefix)
		waiting[key] = true
		if err := zk.Set(ctx, key, must(json.Marshal(cluster.Order{Action: cluster.Drop, Segment: d}))); err != nil {
			return nil, err
		}
	}
	if len(waiting) < 2*c.shelf.count {
		return nil, fmt.Errorf("only %d segments are served", len(waiting))
	}
	refused, there := 0, map[string]bool{}
	for e := range zk.Watch(ctx, cluster.LoadPrefix) {
		var o cluster.Order
		_ = json.Unmarshal(e.Value, &o)
		there[e.Key] = e.Value != nil
		switch {
		case e.Key == "":
			maps.DeleteFunc(waiting, func(key string, _ bool) bool { return !there[key] })
		case waiting[e.Key] && strings.Contains(o.Failed, "not signed"):
			refused++
			delete(waiting, e.Key)
		case e.Value == nil || o.Signature != "": // a master took it back, or has another
			delete(waiting, e.Key)
		}
		if len(waiting) == 0 {
			break
		}
	}
	if len(waiting) > 0 || refused == 0 {
		return nil, fmt.Errorf("%d orders were refused, %d not answered", refused, len(waiting))
	}
	for _, name := range c.computes() {
		status, text, err := c.call(c.url(name)+wire.Path, []byte("J"))
		if err != nil || status != http.StatusForbidden {
			return nil, fmt.Errorf("a fragment that is not signed: %d %.100s %v", status, text, err)
		}
	}
	return nil, nil
}

// servedNow is what is announced now, by key.
func servedNow(ctx context.Context, zk *zookeeper.Coordinator) map[string]cluster.Descriptor {
	out := map[string]cluster.Descriptor{}
	for e := range zk.Watch(ctx, cluster.ServedPrefix) {
		if e.Key == "" {
			break
		}
		var d cluster.Descriptor
		if json.Unmarshal(e.Value, &d) == nil {
			out[e.Key] = d
		}
	}
	return out
}

// computes are the names of the compute servers.
func (c *crowd) computes() []string {
	var out []string
	for name := range c.parts {
		if p, ok := c.parts[name].(*process); ok && p.role == "compute" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

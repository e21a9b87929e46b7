package zookeeper

import (
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"net"
	"net/url"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
)

// A keeper holds what znodes should be there while this process is, and makes
// it so: when it changes, and all of it in every new session. One goroutine
// writes (several znodes at once), so that many changes of one batch become
// one write.
type keeper struct {
	c     *Coordinator
	wake  chan struct{}
	locks [64]sync.Mutex // by path: who writes it
	seed  maphash.Seed

	mu    sync.Mutex
	kept  map[string]*kept
	dirty map[string]bool
	dirs  map[string]*batchDir
}

// kept is a znode.
type kept struct {
	data    func() []byte // nil: it should not be there; called under the lock
	by      any           // who wants it so
	session int64         // in which it may have been written; 0 if it was not
	version int           // of what should be
	waiting []waiter
}

type waiter struct {
	version int
	done    chan struct{}
}

func newKeeper(c *Coordinator) *keeper {
	return &keeper{c: c, wake: make(chan struct{}, 1), seed: maphash.MakeSeed(),
		kept: map[string]*kept{}, dirty: map[string]bool{}, dirs: map[string]*batchDir{}}
}

// Announce implements cluster.Coordinator. While the servers are away it
// returns after the time that a call may take: the announcement stands, as if
// the session had been lost right after it, and is written when they are back.
func (c *Coordinator) Announce(ctx context.Context, key string, value []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, at, err := c.layout.place(key)
	if err != nil {
		return err
	}
	if len(value) > valueBytes {
		return tooLong(key, value)
	}
	value = append([]byte{}, value...)
	var done <-chan struct{}
	if f.batched {
		done, at = c.keeper.announceIn(ctx, at, lastElement(key), value)
	} else {
		done = c.keeper.announce(ctx, at, value)
	}
	if f.prefix == cluster.ServersPrefix {
		c.discover(ctx, value)
	}
	select {
	case <-done:
		if f.prefix == cluster.ServersPrefix {
			c.succeed(ctx, c.cfg.Segments+"/"+path.Base(at))
		}
		if id, err := url.PathUnescape(lastElement(key)); f.batched && err == nil {
			c.cfg.Log.Info("Announcing segment[" + id + "] at path[" + at + "]")
		}
	case <-ctx.Done():
		return ctx.Err()
	case <-c.life.Done():
		return errClosed
	case <-time.After(c.cfg.Timeout):
		c.cfg.Log.Warn("an announcement waits for ZooKeeper", "key", key)
	}
	return nil
}

// discover announces a server by its service, in the form that Curator's
// service discovery has. Nobody of ours reads it.
func (c *Coordinator) discover(ctx context.Context, value []byte) {
	var s cluster.Server
	if json.Unmarshal(value, &s) != nil || s.Name == "" {
		return
	}
	service := c.cfg.Service
	if service == "" {
		service = s.Type
	}
	host, port, err := net.SplitHostPort(s.Host)
	n, _ := strconv.Atoi(port)
	if err != nil || service == "" {
		return
	}
	b, err := json.Marshal(map[string]any{
		"name": service, "id": s.Name, "address": host, "port": n, "sslPort": nil, "payload": nil,
		"registrationTimeUTC": time.Now().UnixMilli(), "serviceType": "DYNAMIC", "uriSpec": nil,
	})
	if err == nil {
		c.keeper.announce(ctx, c.cfg.Discovery+"/"+znode(service)+"/"+znode(s.Name), b)
	}
}

// succeed deletes the batches in a server's directory that are not of this
// session: a process of the same name that died left them, and what it served
// this one need not. They would stay until the end of its session.
func (c *Coordinator) succeed(ctx context.Context, dir string) {
	err := c.do(ctx, func(ctx context.Context, session int64) error {
		list, err := call(ctx, func() ([]string, error) {
			list, _, err := c.conn.Children(dir)
			return list, err
		})
		if errors.Is(err, zk.ErrNoNode) {
			return nil
		}
		for _, name := range list {
			stat, serr := call(ctx, func() (*zk.Stat, error) {
				_, stat, err := c.conn.Exists(dir + "/" + name)
				return stat, err
			})
			if serr == nil && stat != nil && stat.EphemeralOwner != 0 && stat.EphemeralOwner != session {
				serr = c.remove(ctx, dir+"/"+name)
			}
			err = errors.Join(err, serr)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		c.cfg.Log.Warn("what an earlier process announced stays until its session ends", "path", dir, "error", err)
	}
}

// announce keeps a znode of one value until ctx ends or another takes its
// place. The channel is closed when it was first written.
func (k *keeper) announce(ctx context.Context, at string, value []byte) <-chan struct{} {
	me := new(byte)
	k.mu.Lock()
	defer k.mu.Unlock()
	done := k.want(at, me, func() []byte { return value })
	context.AfterFunc(ctx, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if e := k.kept[at]; e != nil && e.by == me {
			k.want(at, nil, func() []byte { return nil })
		}
	})
	return done
}

// announceIn does the same within a batch, whose path it gives.
func (k *keeper) announceIn(ctx context.Context, dir, name string, value []byte) (<-chan struct{}, string) {
	it := &item{name: name, form: encodeItem(name, value)}
	k.mu.Lock()
	defer k.mu.Unlock()
	d := k.dirs[dir]
	if d == nil {
		d = &batchDir{items: map[string]*item{}}
		k.dirs[dir] = d
	}
	if old := d.items[name]; old != nil && !old.batch.replace(old, it) {
		d.remove(old)
		k.wantBatch(old.batch)
	}
	if it.batch == nil {
		d.add(it, func() string { return k.newName(dir) })
	}
	context.AfterFunc(ctx, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if d.items[name] == it {
			d.remove(it)
			k.wantBatch(it.batch)
		}
	})
	return k.wantBatch(it.batch), it.batch.path
}

// withdraw takes a key out of the batches of this process, and waits for it.
func (k *keeper) withdraw(ctx context.Context, dir, name string) error {
	k.mu.Lock()
	var done <-chan struct{}
	if d := k.dirs[dir]; d != nil && d.items[name] != nil {
		it := d.items[name]
		d.remove(it)
		done = k.wantBatch(it.batch)
	}
	k.mu.Unlock()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// newName is a path for a batch: the time, as Druid has it.
func (k *keeper) newName(dir string) string {
	for ms := time.Now().UnixMilli(); ; ms++ {
		at := dir + "/" + chrono.FormatTime(ms, chrono.UTC)
		if k.kept[at] == nil {
			return at
		}
	}
}

func (k *keeper) wantBatch(b *batch) <-chan struct{} { return k.want(b.path, b, b.data) }

// want says what a znode should be. It is called with the lock held.
func (k *keeper) want(at string, by any, data func() []byte) <-chan struct{} {
	e := k.kept[at]
	if e == nil {
		e = &kept{}
		k.kept[at] = e
	}
	e.by, e.data = by, data
	e.version++
	done := make(chan struct{})
	e.waiting = append(e.waiting, waiter{e.version, done})
	k.dirty[at] = true
	poke(k.wake)
	return done
}

// take locks a path for one who writes it by other means, and forgets what was
// announced there.
func (k *keeper) take(at string) (unlock func()) {
	lock := k.lock(at)
	lock.Lock()
	k.mu.Lock()
	defer k.mu.Unlock()
	if e := k.kept[at]; e != nil {
		e.tell(e.version)
		delete(k.kept, at)
		delete(k.dirty, at)
	}
	return lock.Unlock
}

func (k *keeper) lock(at string) *sync.Mutex {
	return &k.locks[maphash.String(k.seed, at)%uint64(len(k.locks))]
}

// tell tells those who wait for a version or an older one.
func (e *kept) tell(version int) {
	rest := e.waiting[:0]
	for _, w := range e.waiting {
		if w.version <= version {
			close(w.done)
		} else {
			rest = append(rest, w)
		}
	}
	e.waiting = rest
}

// begin says that a session has come: what was written in another is gone.
func (k *keeper) begin(session int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for at, e := range k.kept {
		if e.session != session {
			k.dirty[at] = true
		}
	}
	poke(k.wake)
}

// run writes what is dirty until the end.
func (k *keeper) run() {
	for {
		select {
		case <-k.c.life.Done():
			return
		case <-k.wake:
		}
		session, err := k.c.connected(k.c.life)
		if err != nil {
			return
		}
		k.mu.Lock()
		dirty := k.dirty
		k.dirty = map[string]bool{}
		k.mu.Unlock()
		var writers sync.WaitGroup
		slots := make(chan struct{}, 16)
		for at := range dirty {
			slots <- struct{}{}
			writers.Go(func() {
				defer func() { <-slots }()
				k.flush(at, session)
			})
		}
		writers.Wait()
	}
}

// flush makes a znode what it should be; a failure makes it dirty again.
func (k *keeper) flush(at string, session int64) {
	lock := k.lock(at)
	lock.Lock()
	defer lock.Unlock()
	k.mu.Lock()
	e := k.kept[at]
	if e == nil {
		k.mu.Unlock()
		return
	}
	data, version, before := e.data(), e.version, e.session
	if data != nil {
		e.session = session
	}
	k.mu.Unlock()

	ctx, cancel := context.WithTimeout(k.c.life, k.c.cfg.Timeout)
	defer cancel()
	var err error
	switch {
	case data != nil:
		err = k.c.write(ctx, at, data, session, before == session)
	case before != 0:
		err = k.c.removeOwn(ctx, at, session)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		if !lost(err) && k.c.life.Err() == nil {
			k.c.cfg.Log.Warn("an announcement was not written", "path", at, "error", err)
		}
		k.dirty[at] = true
		time.AfterFunc(100*time.Millisecond, func() { poke(k.wake) })
		return
	}
	e.tell(version)
	if data == nil && e.version == version && k.kept[at] == e {
		delete(k.kept, at)
	}
}

// removeOwn deletes a znode if it is of this session, and the directory of a
// batch if it is the last one.
func (c *Coordinator) removeOwn(ctx context.Context, at string, session int64) error {
	stat, err := call(ctx, func() (*zk.Stat, error) {
		_, stat, err := c.conn.Exists(at)
		return stat, err
	})
	if err != nil || stat == nil || stat.EphemeralOwner != session {
		return err
	}
	if err := c.remove(ctx, at); err != nil {
		return err
	}
	if dir := path.Dir(at); path.Dir(dir) == c.cfg.Segments {
		if err := c.remove(ctx, dir); err != nil && !errors.Is(err, zk.ErrNotEmpty) {
			return err
		}
	}
	return nil
}

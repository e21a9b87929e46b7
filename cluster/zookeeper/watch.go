package zookeeper

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/ovatedb/ovate/cluster"
)

// fetchers is how many znodes a follower reads at once.
const fetchers = 32

// A follower keeps a copy of the znodes below some paths for one Watch. The
// connection's loop tells it which paths were touched; it reads those again,
// and what the keys now are goes to the consumer.
type follower struct {
	c      *Coordinator
	prefix string
	wake   chan struct{}

	mu      sync.Mutex
	touched map[string]bool
	all     bool      // touched, all of them
	since   time.Time // when a connection came back after the first; see held

	// The rest belongs to the Watch.
	nodes   map[string]*node
	holders map[string][]*node // by key: the znodes that have it
	told    map[string][]byte  // what the consumer knows
	mortal  map[string]bool    // of told: those of a session
	pending map[string]bool    // keys that may have changed
	synced  bool
}

// A node is a znode: a directory, or with levels 0 what holds keys.
type node struct {
	path     string
	family   family
	levels   int
	root     bool
	created  int64
	mortal   bool
	children map[string]bool
	keys     map[string][]byte
}

// Watch implements cluster.Coordinator. When a connection was lost and came
// back, keys of sessions that are gone are held for as long as a session
// lasts: their owners are likely to be coming back too.
func (c *Coordinator) Watch(ctx context.Context, prefix string) iter.Seq2[cluster.Event, error] {
	return func(yield func(cluster.Event, error) bool) {
		f := &follower{
			c: c, prefix: prefix, wake: make(chan struct{}, 1), touched: map[string]bool{}, nodes: map[string]*node{},
			holders: map[string][]*node{}, told: map[string][]byte{}, mortal: map[string]bool{}, pending: map[string]bool{},
		}
		defer f.leave()
		for _, t := range c.layout.targets(prefix) {
			f.join(&node{path: t.path, family: t.family, levels: t.levels, root: true})
		}
		for {
			err := f.read(ctx)
			if err == nil && !f.tell(yield) {
				return
			}
			if err == nil {
				err = f.wait(ctx)
			}
			if err != nil {
				yield(cluster.Event{}, err)
				return
			}
		}
	}
}

// join follows a znode.
func (f *follower) join(n *node) {
	f.nodes[n.path] = n
	f.c.mu.Lock()
	list := f.c.followers[n.path]
	if list == nil {
		list = map[*follower]bool{}
		f.c.followers[n.path] = list
	}
	list[f] = true
	f.c.mu.Unlock()
	f.touch(n.path)
}

// part follows it no longer.
func (f *follower) part(path string) {
	delete(f.nodes, path)
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	delete(f.c.followers[path], f)
	if len(f.c.followers[path]) == 0 {
		delete(f.c.followers, path)
	}
}

func (f *follower) leave() {
	for path := range f.nodes {
		f.part(path)
	}
}

func (f *follower) touch(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.touched[path] = true
	poke(f.wake)
}

// touchAll is called when a connection came.
func (f *follower) touchAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = true
	f.since = time.Now()
	poke(f.wake)
}

// take gives the nodes to read, and forgets that they were touched.
func (f *follower) take() (out []*node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all {
		out = slices.Collect(maps.Values(f.nodes))
	} else {
		for path := range f.touched {
			if n := f.nodes[path]; n != nil {
				out = append(out, n)
			}
		}
	}
	f.all = false
	clear(f.touched)
	return out
}

// read reads what was touched, until nothing is. A lost connection is waited
// for.
func (f *follower) read(ctx context.Context) error {
	for {
		session, err := f.c.connected(ctx)
		if err != nil {
			return err
		}
		nodes := f.take()
		if len(nodes) == 0 {
			return nil
		}
		answers := f.fetch(ctx, nodes)
		failed := false
		for i, n := range nodes {
			if answers[i].err != nil {
				failed = true
				f.touch(n.path)
				if err := answers[i].err; !lost(err) && ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
					f.c.cfg.Log.Warn("ZooKeeper cannot be read", "path", n.path, "error", err)
				}
				continue
			}
			f.apply(n, answers[i])
		}
		if now, _ := f.c.present(); failed && now == session {
			pause(ctx, 100*time.Millisecond)
		}
		if f.synced && !failed {
			return nil // tell what is known before more is read
		}
	}
}

// An answer is what a znode is.
type answer struct {
	absent   bool
	children []string
	data     []byte
	stat     *zk.Stat
	err      error
}

// fetch reads nodes, several at once.
func (f *follower) fetch(ctx context.Context, nodes []*node) []answer {
	ctx, cancel := context.WithTimeout(ctx, f.c.cfg.Timeout)
	defer cancel()
	out := make([]answer, len(nodes))
	next := make(chan int)
	var readers sync.WaitGroup
	for range min(fetchers, len(nodes)) {
		readers.Go(func() {
			for i := range next {
				n := *nodes[i]
				a, err := call(ctx, func() (answer, error) { return f.c.readNode(n) })
				a.err = err
				out[i] = a
			}
		})
	}
	for i := range nodes {
		next <- i
	}
	close(next)
	readers.Wait()
	return out
}

// readNode reads a znode and leaves a watch on it; on one that is absent, if
// it is a root: the others are heard of through what is above them.
func (c *Coordinator) readNode(n node) (a answer, err error) {
	for {
		if n.levels > 0 {
			a.children, a.stat, _, err = c.conn.ChildrenW(n.path)
		} else {
			a.data, a.stat, _, err = c.conn.GetW(n.path)
		}
		if a.absent = errors.Is(err, zk.ErrNoNode); !a.absent {
			return a, err
		}
		if !n.root {
			return a, nil
		}
		there, _, _, err := c.conn.ExistsW(n.path)
		if err != nil || !there {
			return a, err
		}
	}
}

// apply takes over what a znode is.
func (f *follower) apply(n *node, a answer) {
	if f.nodes[n.path] != n {
		return // it went with what is above it
	}
	switch {
	case a.absent && n.root:
		f.setChildren(n, nil)
		f.setKeys(n, nil)
	case a.absent:
		f.drop(n)
		above := n.path[:strings.LastIndexByte(n.path, '/')]
		if up := f.nodes[above]; up != nil { // it may come again under its name
			delete(up.children, n.path)
			f.touch(above)
		}
	case n.levels > 0:
		f.setChildren(n, a.children)
	default:
		f.setData(n, a)
	}
}

func (f *follower) setChildren(n *node, names []string) {
	now := make(map[string]bool, len(names))
	for _, name := range names {
		path := n.path + "/" + name
		if now[path] = true; !n.children[path] {
			f.join(&node{path: path, family: n.family, levels: n.levels - 1})
		}
	}
	for path := range n.children {
		if old := f.nodes[path]; !now[path] && old != nil {
			f.drop(old)
		}
	}
	n.children = now
}

// drop forgets a znode and those below it.
func (f *follower) drop(n *node) {
	f.setChildren(n, nil)
	f.setKeys(n, nil)
	f.part(n.path)
}

func (f *follower) setData(n *node, a answer) {
	if n.created != a.stat.Czxid { // another one of that name
		f.setKeys(n, nil)
	}
	n.created, n.mortal = a.stat.Czxid, a.stat.EphemeralOwner != 0
	if !n.family.batched {
		f.setKeys(n, map[string][]byte{n.family.key(n.path): append([]byte{}, a.data...)})
		return
	}
	items, err := decodeBatch(a.data)
	if err != nil {
		f.c.cfg.Log.Warn("a batch cannot be read", "path", n.path, "error", err)
		return
	}
	dir := n.family.key(n.path[:strings.LastIndexByte(n.path, '/')])
	keys := make(map[string][]byte, len(items))
	for name, value := range items {
		keys[dir+"/"+name] = value
	}
	f.setKeys(n, keys)
}

// setKeys says which keys a znode holds.
func (f *follower) setKeys(n *node, keys map[string][]byte) {
	for key, value := range n.keys {
		now, ok := keys[key]
		if !ok {
			if f.holders[key] = slices.DeleteFunc(f.holders[key], func(x *node) bool { return x == n }); len(f.holders[key]) == 0 {
				delete(f.holders, key)
			}
		}
		if !ok || !bytes.Equal(now, value) {
			f.pending[key] = true
		}
	}
	for key := range keys {
		if _, ok := n.keys[key]; !ok {
			f.holders[key] = append(f.holders[key], n)
			f.pending[key] = true
		}
	}
	n.keys = keys
}

// visible is a key's value: that of the znode that was made last.
func (f *follower) visible(key string) (value []byte, mortal bool) {
	newest := int64(-1)
	for _, n := range f.holders[key] {
		if n.created > newest {
			newest, value, mortal = n.created, n.keys[key], n.mortal
		}
	}
	return value, mortal
}

// held is for how long keys that are gone are not told of.
func (f *follower) held() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.synced || f.since.IsZero() {
		return 0
	}
	return time.Until(f.since.Add(f.c.cfg.Session))
}

// tell gives the consumer what changed, by key.
func (f *follower) tell(yield func(cluster.Event, error) bool) bool {
	hold := f.held() > 0
	for _, key := range slices.Sorted(maps.Keys(f.pending)) {
		value, mortal := f.visible(key)
		before, known := f.told[key]
		if value == nil && known && hold && f.mortal[key] {
			continue
		}
		delete(f.pending, key)
		if !strings.HasPrefix(key, f.prefix) || known == (value != nil) && bytes.Equal(before, value) {
			continue
		}
		if value == nil {
			delete(f.told, key)
			delete(f.mortal, key)
		} else {
			f.told[key] = value
			f.mortal[key] = mortal
		}
		if !yield(cluster.Event{Key: key, Value: value}, nil) {
			return false
		}
	}
	if !f.synced {
		f.synced = true
		f.mu.Lock()
		f.since = time.Time{}
		f.mu.Unlock()
		return yield(cluster.Event{}, nil)
	}
	return true
}

// wait waits until something is touched, or what is held may be told.
func (f *follower) wait(ctx context.Context) error {
	var until <-chan time.Time
	if len(f.pending) > 0 {
		timer := time.NewTimer(max(f.held(), 0))
		defer timer.Stop()
		until = timer.C
	}
	select {
	case <-f.wake:
	case <-until:
	case <-ctx.Done():
		return ctx.Err()
	case <-f.c.life.Done():
		return errClosed
	}
	return nil
}

// Package zookeeper lets servers know of each other through ZooKeeper: a
// cluster.Coordinator. Its paths are those of Druid's tutorials, so that
// people see with zkCli.sh what the documents say.
//
//	BASE/announcements/HOST         a server
//	BASE/segments/HOST/TIME         up to 50 segments that it serves
//	BASE/loadQueue/HOST/SEGMENT     an order to it
//	BASE/discoveryPath/SERVICE/HOST a server by its service; written, not read
//	BASE/master/_MASTER/…           candidates to lead
//
// paths.go maps keys to paths and back. What a process announces is kept by a
// keeper (announce.go), which writes it again in every new session. Those who
// watch are followers (watch.go) of the znodes below some paths. Every call to
// the server is bounded in time.
package zookeeper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// A Config says where the servers are.
type Config struct {
	Servers       string        // host[:port],…; default localhost:2181
	Base          string        // path; default /druid
	Announcements string        // path; default BASE/announcements
	Segments      string        // path; default BASE/segments
	LoadQueue     string        // path; default BASE/loadQueue
	Master        string        // path; default BASE/master
	Discovery     string        // path; default BASE/discoveryPath
	Service       string        // the name under Discovery; default the server's type
	Session       time.Duration // default 30 s
	Timeout       time.Duration // of a call; default 30 s
	Log           *slog.Logger
}

func (c *Config) setDefaults() error {
	if c.Base == "" {
		c.Base = "/druid"
	}
	c.Base = strings.TrimRight(c.Base, "/")
	for _, d := range []struct {
		to   *string
		name string
	}{
		{&c.Announcements, "announcements"}, {&c.Segments, "segments"}, {&c.LoadQueue, "loadQueue"},
		{&c.Master, "master"}, {&c.Discovery, "discoveryPath"},
	} {
		if *d.to == "" {
			*d.to = c.Base + "/" + d.name
		}
	}
	for _, p := range []string{c.Base + "/x", c.Announcements, c.Segments, c.LoadQueue, c.Master, c.Discovery} {
		if !strings.HasPrefix(p, "/") || strings.HasSuffix(p, "/") || strings.Contains(p, "//") || strings.Contains(p+"/", "/./") || strings.Contains(p+"/", "/../") {
			return fault.Invalidf("ZooKeeper path %q: expected names with \"/\" before each", p)
		}
	}
	if c.Servers == "" {
		c.Servers = "localhost"
	}
	if c.Session <= 0 {
		c.Session = 30 * time.Second
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return nil
}

// A Coordinator is a client of the servers, with one session at a time.
type Coordinator struct {
	cfg    Config
	layout layout
	conn   *zk.Conn
	keeper *keeper
	life   context.Context
	end    context.CancelFunc
	work   sync.WaitGroup

	mu        sync.Mutex
	states    []zk.State // of the connection, not yet looked at
	wake      chan struct{}
	session   int64         // 0 while there is no connection
	moved     chan struct{} // closed when session changes
	followers map[string]map[*follower]bool
	leads     map[*lead]bool
}

var _ cluster.Coordinator = (*Coordinator)(nil)

// New makes a client. It does not wait for the servers: calls do.
func New(cfg Config) (*Coordinator, error) {
	if err := cfg.setDefaults(); err != nil {
		return nil, err
	}
	c := &Coordinator{
		cfg: cfg, layout: newLayout(cfg), wake: make(chan struct{}, 1), moved: make(chan struct{}),
		followers: map[string]map[*follower]bool{}, leads: map[*lead]bool{},
	}
	c.life, c.end = context.WithCancel(context.Background())
	c.keeper = newKeeper(c)
	servers := zk.FormatServers(strings.Split(strings.ReplaceAll(cfg.Servers, " ", ""), ","))
	conn, events, err := zk.Connect(servers, cfg.Session, zk.WithLogInfo(false), zk.WithLogger(logger{cfg.Log}), zk.WithEventCallback(c.hear))
	if err != nil {
		c.end()
		return nil, fault.New(fault.Unavailable, "ZooKeeper at %s: %v", cfg.Servers, err)
	}
	c.conn = conn
	c.work.Go(func() { // nothing is told here that the callback does not hear
		for range events {
		}
	})
	c.work.Go(c.run)
	c.work.Go(c.keeper.run)
	return c, nil
}

// Close ends the session: what was announced is gone. Watches end with an
// error.
func (c *Coordinator) Close() error {
	c.end()
	c.conn.Close()
	c.work.Wait()
	return nil
}

type logger struct{ log *slog.Logger }

// Printf implements zk.Logger.
func (l logger) Printf(format string, args ...any) {
	l.log.Debug("ZooKeeper: " + fmt.Sprintf(format, args...))
}

// hear is called in the connection's loop, and must not wait.
func (c *Coordinator) hear(e zk.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e.Type {
	case zk.EventSession:
		c.states = append(c.states, e.State)
		poke(c.wake)
	case zk.EventNodeCreated, zk.EventNodeDeleted, zk.EventNodeDataChanged, zk.EventNodeChildrenChanged:
		for f := range c.followers[e.Path] {
			f.touch(e.Path)
		}
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is to wake already
	}
}

// run follows the connection's states.
func (c *Coordinator) run() {
	for {
		select {
		case <-c.life.Done():
			c.setSession(0)
			return
		case <-c.wake:
		}
		c.mu.Lock()
		states := c.states
		c.states = nil
		c.mu.Unlock()
		for _, s := range states {
			switch s {
			case zk.StateHasSession:
				c.setSession(c.conn.SessionID())
			case zk.StateDisconnected, zk.StateExpired, zk.StateAuthFailed:
				c.setSession(0)
			}
		}
	}
}

// setSession notes that there is a connection in that session, or none.
// Without one nobody of ours leads: the session may end at any time.
func (c *Coordinator) setSession(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id == 0 {
		for l := range c.leads {
			l.end()
		}
		if c.session != 0 && c.life.Err() == nil {
			c.cfg.Log.Warn("ZooKeeper is away", "servers", c.cfg.Servers)
		}
	} else {
		c.cfg.Log.Info("ZooKeeper is there", "servers", c.cfg.Servers, "session", fmt.Sprintf("%#x", id))
		c.keeper.begin(id)
		for _, list := range c.followers {
			for f := range list {
				f.touchAll()
			}
		}
	}
	c.session = id
	close(c.moved)
	c.moved = make(chan struct{})
}

// present is the session, 0 if there is none, and what is closed when that
// changes.
func (c *Coordinator) present() (int64, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session, c.moved
}

// connected waits for a session.
func (c *Coordinator) connected(ctx context.Context) (int64, error) {
	for {
		id, moved := c.present()
		switch {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case id != 0:
			return id, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-c.life.Done():
			return 0, errClosed
		}
	}
}

var errClosed = fault.New(fault.Unavailable, "the connection to ZooKeeper was closed")

// call runs f, which waits for the server without end, for as long as ctx.
func call[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// lost says whether an error means that the connection went, not that the
// server refused.
func lost(err error) bool {
	for _, e := range []error{zk.ErrConnectionClosed, zk.ErrSessionExpired, zk.ErrSessionMoved, zk.ErrNoServer, zk.ErrClosing} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// do runs f, again after each lost connection, for the time that a call has.
func (c *Coordinator) do(ctx context.Context, f func(ctx context.Context, session int64) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	for {
		session, err := c.connected(bounded)
		if err == nil {
			err = f(bounded, session)
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case c.life.Err() != nil:
			return errClosed
		case bounded.Err() != nil:
			return fault.New(fault.Unavailable, "ZooKeeper at %s did not answer within %v", c.cfg.Servers, c.cfg.Timeout)
		case !lost(err):
			return away(err)
		}
		pause(bounded, 20*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func away(err error) error {
	var ours *fault.Error
	if err == nil || errors.As(err, &ours) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &fault.Error{Kind: fault.Unavailable, Message: "ZooKeeper: " + err.Error(), Cause: err}
}

package zookeeper

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"
)

// A lead is an election that this process leads.
type lead struct{ end context.CancelFunc }

// Lead implements cluster.Coordinator: the candidate with the lowest number
// leads, the others each wait for the one before them. A lead ends when the
// connection goes, which is before its session can end.
func (c *Coordinator) Lead(ctx context.Context, election string) (context.Context, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		session, err := c.connected(ctx)
		if err != nil {
			return nil, err
		}
		me := candidate{c: c, dir: c.cfg.latch(election), name: rand.Text(), session: session}
		won, err := me.run(ctx)
		if err == nil && won {
			if l := c.begin(ctx, me); l != nil {
				return l, nil
			}
		}
		if err != nil && !lost(err) && ctx.Err() == nil && c.life.Err() == nil {
			c.cfg.Log.Warn("an election goes on", "election", election, "error", err)
		}
		go me.resign()
		pause(ctx, 50*time.Millisecond)
	}
}

// begin is the context of a lead; nil if it is lost already.
func (c *Coordinator) begin(ctx context.Context, me candidate) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != me.session || c.life.Err() != nil {
		return nil
	}
	leads, end := context.WithCancel(ctx)
	l := &lead{end}
	c.leads[l] = true
	context.AfterFunc(leads, func() {
		c.mu.Lock()
		delete(c.leads, l)
		over := c.life.Err() != nil
		c.mu.Unlock()
		if !over {
			me.resign()
		}
	})
	return leads
}

// A candidate is a znode of an election: its name, "-" and a number. The name
// is used once, so that one whose creation was not answered can be found.
type candidate struct {
	c       *Coordinator
	dir     string
	name    string
	session int64
}

// run waits until the candidate leads, or the session is another one.
func (me *candidate) run(ctx context.Context) (bool, error) {
	for {
		now, moved := me.c.present()
		if now != me.session {
			return false, nil
		}
		list, err := me.list(ctx)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(list, me.mine)
		switch {
		case i < 0:
			if err := me.create(ctx); err != nil {
				return false, err
			}
			continue
		case i == 0:
			return true, nil
		}
		before := me.dir + "/" + list[i-1]
		watch, err := call(me.bounded(ctx), func() (<-chan zk.Event, error) {
			there, _, watch, err := me.c.conn.ExistsW(before)
			if err == nil && !there {
				watch = nil
			}
			return watch, err
		})
		if err != nil {
			return false, err
		}
		if watch == nil {
			continue
		}
		select {
		case <-watch:
		case <-moved:
		case <-ctx.Done():
			return false, ctx.Err()
		case <-me.c.life.Done():
			return false, errClosed
		}
	}
}

// bounded is a context for one call. Its timer is left to run out.
func (me *candidate) bounded(ctx context.Context) context.Context {
	ctx, cancel := context.WithTimeout(ctx, me.c.cfg.Timeout)
	context.AfterFunc(ctx, cancel)
	return ctx
}

func (me *candidate) mine(name string) bool { return strings.HasPrefix(name, me.name+"-") }

// list gives the candidates by their numbers.
func (me *candidate) list(ctx context.Context) ([]string, error) {
	list, err := call(me.bounded(ctx), func() ([]string, error) {
		list, _, err := me.c.conn.Children(me.dir)
		return list, err
	})
	if errors.Is(err, zk.ErrNoNode) {
		return nil, nil
	}
	number := func(name string) string { return name[strings.LastIndexByte(name, '-')+1:] }
	slices.SortFunc(list, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	return list, err
}

func (me *candidate) create(ctx context.Context) error {
	return me.c.create(me.bounded(ctx), me.dir+"/"+me.name+"-", nil, zk.FlagEphemeral|zk.FlagSequence)
}

// resign deletes the candidate, unless its session takes it along.
func (me *candidate) resign() {
	for me.c.life.Err() == nil {
		session, err := me.c.connected(me.c.life)
		if err != nil || session != me.session {
			return
		}
		list, err := me.list(me.c.life)
		for _, name := range list {
			if me.mine(name) && err == nil {
				err = me.c.remove(me.bounded(me.c.life), me.dir+"/"+name)
			}
		}
		if err == nil {
			return
		}
		pause(me.c.life, 100*time.Millisecond)
	}
}

package zookeeper

import (
	"context"
	"errors"
	"path"

	"github.com/go-zookeeper/zk"

	"github.com/ovatedb/ovate/internal/fault"
)

var everyone = zk.WorldACL(zk.PermAll)

// Set implements cluster.Coordinator. The server being away for longer than a
// call may take is fault.Unavailable; it may be done nevertheless.
func (c *Coordinator) Set(ctx context.Context, key string, value []byte) error {
	f, at, err := c.layout.place(key)
	if err != nil {
		return err
	}
	if len(value) > valueBytes {
		return tooLong(key, value)
	}
	if f.batched { // what was not announced is not in a batch
		if err := c.keeper.withdraw(ctx, at, lastElement(key)); err != nil {
			return err
		}
		all := c.layout[len(c.layout)-1]
		f, at = all, all.root+"/"+znode(key)
	}
	unlock := c.keeper.take(at)
	defer unlock()
	return c.do(ctx, func(ctx context.Context, _ int64) error {
		if value == nil {
			return c.remove(ctx, at)
		}
		return c.write(ctx, at, value, 0, false)
	})
}

func tooLong(key string, value []byte) error {
	return fault.Invalidf("the value of coordination key %q has %d bytes, expected %d at most", key, len(value), valueBytes)
}

func (c *Coordinator) remove(ctx context.Context, at string) error {
	_, err := call(ctx, func() (struct{}, error) { return struct{}{}, c.conn.Delete(at, -1) })
	if errors.Is(err, zk.ErrNoNode) {
		return nil
	}
	return err
}

// write makes the znode hold data, and belong to owner: a session of ours, or
// 0 to stay until it is deleted. It takes the place of what is there. Likely
// says that it is there, which saves a call.
func (c *Coordinator) write(ctx context.Context, at string, data []byte, owner int64, likely bool) error {
	flags := int32(0)
	if owner != 0 {
		flags = zk.FlagEphemeral
	}
	if !likely {
		if err := c.create(ctx, at, data, flags); !errors.Is(err, zk.ErrNodeExists) {
			return err
		}
	}
	stat, err := call(ctx, func() (*zk.Stat, error) { return c.conn.Set(at, data, -1) })
	switch {
	case errors.Is(err, zk.ErrNoNode): // it went meanwhile
		return c.create(ctx, at, data, flags)
	case err != nil || stat.EphemeralOwner == owner:
		return err
	}
	_, err = call(ctx, func() ([]zk.MultiResponse, error) {
		return c.conn.Multi(&zk.DeleteRequest{Path: at, Version: -1},
			&zk.CreateRequest{Path: at, Data: data, Acl: everyone, Flags: flags})
	})
	return err
}

// create makes a znode, and those above it.
func (c *Coordinator) create(ctx context.Context, at string, data []byte, flags int32) error {
	for {
		_, err := call(ctx, func() (string, error) { return c.conn.Create(at, data, flags, everyone) })
		if !errors.Is(err, zk.ErrNoNode) || path.Dir(at) == "/" {
			return err
		}
		if err := c.create(ctx, path.Dir(at), nil, 0); err != nil && !errors.Is(err, zk.ErrNodeExists) {
			return err
		}
	}
}

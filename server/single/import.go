package single

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
)

// Import puts the segments that a file lists, a descriptor a line, into deep
// storage and publishes them, under the identifiers and versions that they have
// there. What is published already is left as it is. A relative path is tried
// from the list's folder, then from the one above.
func (n *Node) Import(ctx context.Context, list string) error {
	n.waitCached(ctx) // who asks meanwhile need not wait for this
	emb, dir := n.Cluster, n.cfg.Dir
	f, err := os.Open(list)
	if err != nil {
		return err
	}
	defer f.Close()
	known, err := published(ctx, emb)
	if err != nil {
		return err
	}
	copies := newCopies(ctx)
	var fresh []*cluster.Descriptor
	in := bufio.NewScanner(f)
	in.Buffer(nil, 16<<20)
	for line := 1; in.Scan() && copies.ctx.Err() == nil; line++ {
		if len(in.Bytes()) == 0 {
			continue
		}
		d := new(cluster.Descriptor)
		if err := json.Unmarshal(in.Bytes(), d); err != nil {
			return errors.Join(fmt.Errorf("%s:%d: %w", list, line, err), copies.wait())
		}
		if known[d.ID().String()] {
			continue
		}
		fresh = append(fresh, d)
		copies.do(func(ctx context.Context) error {
			if err := store(ctx, emb, dir, list, d); err != nil {
				return fmt.Errorf("%s:%d: segment %s: %w", list, line, d.ID(), err)
			}
			return nil
		})
	}
	if err := copies.wait(); err != nil {
		return err
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	if len(fresh) == 0 {
		return nil
	}
	commit := cluster.Commit{Publish: make([]cluster.Descriptor, len(fresh))}
	for i, d := range fresh {
		commit.Publish[i] = *d
	}
	return emb.Metadata.Commit(ctx, commit)
}

// copiesAtOnce is how many files are on their way into deep storage: most of
// the time goes by waiting for the disk.
const copiesAtOnce = 16

// copies are files that are being copied. The first error ends them.
type copies struct {
	ctx     context.Context
	fail    context.CancelCauseFunc
	slots   chan struct{}
	working sync.WaitGroup
}

func newCopies(ctx context.Context) *copies {
	c := &copies{slots: make(chan struct{}, copiesAtOnce)}
	c.ctx, c.fail = context.WithCancelCause(ctx)
	return c
}

// do begins a copy when there is room for one more.
func (c *copies) do(f func(context.Context) error) {
	c.slots <- struct{}{}
	c.working.Go(func() {
		defer func() { <-c.slots }()
		if err := f(c.ctx); err != nil {
			c.fail(err)
		}
	})
}

// wait waits for all, and gives what the first that failed said.
func (c *copies) wait() error {
	c.working.Wait()
	err := context.Cause(c.ctx)
	c.fail(nil)
	return err
}

// published are the segments that are used, by ID.
func published(ctx context.Context, emb *embedded.Cluster) (map[string]bool, error) {
	ids, err := emb.Metadata.IDs(ctx, cluster.SegmentQuery{})
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// store copies a segment's file into deep storage and points the descriptor
// there.
func store(ctx context.Context, emb *embedded.Cluster, dir, list string, d *cluster.Descriptor) error {
	loc, err := d.Location()
	if err != nil {
		return err
	}
	src, err := openNear(loc.Path, list)
	if err != nil {
		return err
	}
	defer src.Close()
	key := cluster.StorageKey(d.ID(), filepath.Base(loc.Path))
	if err := emb.Storage.Put(ctx, key, src); err != nil {
		return err
	}
	abs, err := filepath.Abs(filepath.Join(dir, "deep-storage", filepath.FromSlash(key)))
	if err != nil {
		return err
	}
	d.LoadSpec, err = json.Marshal(cluster.Location{Type: "local", Key: key, Path: abs})
	return err
}

func openNear(path, list string) (*os.File, error) {
	if filepath.IsAbs(path) {
		return os.Open(path)
	}
	dir := filepath.Dir(list)
	f, err := os.Open(filepath.Join(dir, path))
	if errors.Is(err, fs.ErrNotExist) {
		if up, uerr := os.Open(filepath.Join(dir, "..", path)); uerr == nil {
			return up, nil
		}
	}
	return f, err
}

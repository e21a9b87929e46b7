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
// there. What is published already is left as it is: an import that was broken
// off goes on where it was. A relative path is tried from the list's folder,
// then from the one above.
func (n *Node) Import(ctx context.Context, list string) error {
	n.waitCached(ctx) // who asks meanwhile need not wait for this
	f, err := os.Open(list)
	if err != nil {
		return err
	}
	defer f.Close()
	known, err := published(ctx, n.Cluster)
	if err != nil {
		return err
	}
	next := newParcel(ctx)
	in := bufio.NewScanner(f)
	in.Buffer(nil, 16<<20)
	for line := 1; in.Scan(); line++ {
		if len(in.Bytes()) == 0 {
			continue
		}
		d := new(cluster.Descriptor)
		if err := json.Unmarshal(in.Bytes(), d); err != nil {
			return errors.Join(fmt.Errorf("%s:%d: %w", list, line, err), next.wait())
		}
		if known[d.ID().String()] {
			continue
		}
		if next.full(d) || next.ctx.Err() != nil {
			if err := n.publish(ctx, next); err != nil {
				return err
			}
			next = newParcel(ctx)
		}
		next.copy(d, func(ctx context.Context) error {
			if err := store(ctx, n.Cluster, n.cfg.Dir, list, d); err != nil {
				return fmt.Errorf("%s:%d: segment %s: %w", list, line, d.ID(), err)
			}
			return nil
		})
	}
	if err := n.publish(ctx, next); err != nil {
		return err
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	return nil
}

// publish publishes a parcel, when all of it is in deep storage.
func (n *Node) publish(ctx context.Context, p *parcel) error {
	if err := p.wait(); err != nil || len(p.list) == 0 {
		return err
	}
	commit := cluster.Commit{Publish: make([]cluster.Descriptor, len(p.list))}
	for i, d := range p.list {
		commit.Publish[i] = *d
	}
	return n.Cluster.Metadata.Commit(ctx, commit)
}

// parcelSize is how many segments are published at once, about. A variable, for
// tests.
var parcelSize = 5000

// copiesAtOnce is how many files are on their way into deep storage: most wait
// to be durable, together.
const copiesAtOnce = 1024

// A parcel is segments that are being copied, to be published together. The
// first error ends it.
type parcel struct {
	list    []*cluster.Descriptor
	ctx     context.Context
	fail    context.CancelCauseFunc
	slots   chan struct{}
	working sync.WaitGroup
}

func newParcel(ctx context.Context) *parcel {
	p := &parcel{slots: make(chan struct{}, copiesAtOnce)}
	p.ctx, p.fail = context.WithCancelCause(ctx)
	return p
}

// full says whether a segment is better left to the next parcel: it does not
// belong to the one before it, beside which it may not be shown without.
func (p *parcel) full(d *cluster.Descriptor) bool {
	if len(p.list) < parcelSize {
		return false
	}
	last := p.list[len(p.list)-1]
	return last.Source != d.Source || last.Interval != d.Interval || last.Version != d.Version
}

// copy begins to copy a segment when there is room for one more.
func (p *parcel) copy(d *cluster.Descriptor, f func(context.Context) error) {
	p.list = append(p.list, d)
	p.slots <- struct{}{}
	p.working.Go(func() {
		defer func() { <-p.slots }()
		if err := f(p.ctx); err != nil {
			p.fail(err)
		}
	})
}

// wait waits for all copies, and gives what the first that failed said.
func (p *parcel) wait() error {
	p.working.Wait()
	err := context.Cause(p.ctx)
	p.fail(nil)
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

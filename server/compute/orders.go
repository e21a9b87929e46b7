package compute

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// orderAge is how old the signature of an order may be: one that is found
// later is refused, and the master gives it again.
const orderAge = time.Hour

// readOrder reads an order and checks that the master of this cluster gave it.
func (n *Node) readOrder(e cluster.Event) (o cluster.Order, err error) {
	if err := json.Unmarshal(e.Value, &o); err != nil {
		return o, err
	}
	if n.cfg.Secret == "" {
		return o, nil
	}
	var raw struct {
		Segment json.RawMessage `json:"segment"`
	}
	if err := json.Unmarshal(e.Value, &raw); err != nil {
		return o, err
	}
	return o, n.cfg.Secret.Check(o.Signature, orderAge, cluster.SignedOrder(e.Key, o.Action, raw.Segment)...)
}

// obey does what an order says and deletes it, or writes into it why not.
// Orders for one segment are obeyed one after the other.
func (n *Node) obey(ctx context.Context, e cluster.Event) {
	o, err := n.readOrder(e)
	if o.Failed != "" {
		return
	}
	id := o.Segment.ID()
	if err == nil {
		err = n.do(ctx, o)
	}
	var value []byte
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		n.cfg.Log.Error("segment refused", "segment", id.String(), "order", e.Key, "error", err)
		n.mu.Lock()
		n.refused[id] = err
		n.mu.Unlock()
		o.Failed, o.Passing = err.Error(), passing(err)
		value, _ = json.Marshal(o)
	}
	n.answer(ctx, e.Key, value)
}

// passing says whether what failed is likely to go well later without a change
// of the segment or of this server: a storage that is away, a full disk.
func passing(err error) bool {
	return outOfSpace(err) || !final(err) && fault.Of(err).Kind != fault.Invalid
}

// answer writes what became of an order, for as long as it takes: the
// coordinator may be away.
func (n *Node) answer(ctx context.Context, key string, value []byte) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := n.cfg.Coordinator.Set(ctx, key, value)
		if err == nil || ctx.Err() != nil {
			return
		}
		n.cfg.Log.Error("an order is not answered yet", "key", key, "error", err)
		if fault.Of(err).Kind != fault.Unavailable || !pause(ctx, wait) {
			return
		}
	}
}

func (n *Node) do(ctx context.Context, o cluster.Order) error {
	d := o.Segment
	defer n.loading.lock(d.ID())()
	switch o.Action {
	case cluster.Load:
		n.loaders <- struct{}{}
		defer func() { <-n.loaders }()
		return n.load(ctx, &d)
	case cluster.Drop:
		n.drop(d.ID())
		return nil
	}
	return fault.Invalidf("unknown action %q; expected %q or %q", o.Action, cluster.Load, cluster.Drop)
}

// load brings a segment here, unless it is, and announces it. Whoever calls
// has the segment's lock.
func (n *Node) load(ctx context.Context, d *cluster.Descriptor) error {
	if h, ok := n.shelf.holds(d.ID()); ok {
		if h.intact() {
			return n.announce(ctx, h.desc) // the order does not know its columns
		}
		n.drop(d.ID())
	}
	if err := n.fetch(ctx, d); err != nil {
		return err
	}
	n.mu.Lock()
	delete(n.refused, d.ID())
	n.mu.Unlock()
	return n.announce(ctx, d)
}

// drop ends the announcement first. The file goes at once; who has it mapped
// reads on.
func (n *Node) drop(id segment.ID) {
	n.withdraw(id)
	if h := n.shelf.drop(id); h != nil {
		n.remove(h)
	}
}

// remove deletes the files of a segment and gives its room back.
func (n *Node) remove(h *handle) {
	_ = os.Remove(h.path)
	_ = os.Remove(n.infoPath(h.path))
	n.space.give(h.location, h.desc.Size)
}

// mend takes a segment whose file is not what it was off the shelf, and loads
// it again.
func (n *Node) mend(h *handle) {
	n.mu.Lock()
	ctx := n.life
	n.mu.Unlock()
	if ctx == nil || !n.shelf.dropThis(h) {
		return // somebody else does
	}
	id := h.desc.ID()
	n.cfg.Log.Error("a cached file was changed or cut short under us; it is loaded again", "segment", id.String(), "file", h.path)
	n.withdraw(id)
	n.remove(h)
	n.mending.Go(func() {
		err := n.do(ctx, cluster.Order{Action: cluster.Load, Segment: *h.desc})
		if err != nil && !errors.Is(err, context.Canceled) {
			n.cfg.Log.Error("a damaged segment could not be loaded again; the master may order it", "segment", id.String(), "error", err)
		}
	})
}

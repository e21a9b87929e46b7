package compute

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/server/wire"
)

// outbox is the rows that stages of queries left here for the next stage, by
// token. They go when the broker says so, or, if it vanished, when the query
// would have ended.
type outbox struct {
	mu   sync.Mutex
	kept map[string]*output
}

// An output is what one fragment left: in memory while the query's account has
// room, then on disk.
type output struct {
	box   *outbox
	acc   *account
	done  func() // closes the account
	at    planner.KeptAt
	until time.Time
	parts []outputPart
	held  int64
	rows  int64
	bytes int64
	file  *spill.File
	timer *time.Timer
	users sync.WaitGroup // who reads
}

type outputPart struct {
	rows   []*data.Batch
	blocks []spill.Extent
}

// keep makes the sink of a Scatter.
func (n *Node) keep(r *wire.Request, s *planner.Scatter) exec.Sink {
	acc, done := n.accounts.open(r, n.cfg.SpillDir)
	return &output{box: &n.outbox, acc: acc, done: done, parts: make([]outputPart, s.Ways), until: time.UnixMilli(s.Until),
		at: planner.KeptAt{Server: n.cfg.Server.Name, Host: n.cfg.Server.Host, Token: rand.Text()}}
}

// Put keeps a batch.
func (o *output) Put(part int, b *data.Batch) error {
	size := sizeOf(b)
	o.rows, o.bytes = o.rows+int64(b.N), o.bytes+size
	p := &o.parts[part]
	if o.file == nil {
		err := o.acc.memory.Use(size)
		if err == nil && !(o.acc.disk.Open() && o.acc.memory.Tight(o.held+size)) {
			o.held += size
			p.rows = append(p.rows, b)
			return nil
		}
		_ = o.acc.memory.Use(-size)
		if !o.acc.disk.Open() {
			return err
		}
		if o.file, err = o.acc.disk.Create(); err != nil {
			return err
		}
	}
	e, err := o.file.Append(b)
	p.blocks = append(p.blocks, e)
	return err
}

// Done makes the rows known.
func (o *output) Done(err error) (*data.Batch, error) {
	if err != nil {
		o.free()
		return nil, err
	}
	left := time.Until(o.until)
	if left <= 0 {
		o.free()
		return nil, fault.New(fault.Timeout, "the query's time was over before its rows were kept")
	}
	o.box.mu.Lock()
	if o.box.kept == nil {
		o.box.kept = map[string]*output{}
	}
	o.box.kept[o.at.Token] = o
	o.timer = time.AfterFunc(left, func() { o.box.drop(o.at.Token) })
	o.box.mu.Unlock()
	row := &data.Batch{N: 1}
	for i, x := range []any{o.at.Server, o.at.Host, o.at.Token, o.rows, o.bytes} {
		row.Cols = append(row.Cols, data.Literal(planner.KeptSchema[i].Type, x, 1))
	}
	return row, nil
}

// free gives memory and disk back once nobody reads.
func (o *output) free() {
	o.users.Wait()
	_ = o.acc.memory.Use(-o.held)
	o.file.Close()
	o.parts = nil
	o.done()
}

// drop ends a keeping; that of an unknown token has ended.
func (b *outbox) drop(token string) {
	b.mu.Lock()
	o := b.kept[token]
	delete(b.kept, token)
	b.mu.Unlock()
	if o != nil {
		o.timer.Stop()
		o.free()
	}
}

// close drops everything.
func (b *outbox) close() {
	b.mu.Lock()
	var tokens []string
	for t := range b.kept {
		tokens = append(tokens, t)
	}
	b.mu.Unlock()
	for _, t := range tokens {
		b.drop(t)
	}
}

// take begins to read an output.
func (b *outbox) take(token string) (*output, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.kept[token]
	if o == nil {
		return nil, fault.New(fault.Unavailable, "the rows of a stage are not kept any more")
	}
	o.users.Add(1)
	return o, nil
}

// read is the operator of a planner.Kept.
func (b *outbox) read(k *planner.Kept) (exec.Operator, error) { return &kept{b, k}, nil }

type kept struct {
	box  *outbox
	node *planner.Kept
}

func (k *kept) Schema() data.Schema     { return k.node.Columns }
func (k *kept) Inputs() []exec.Operator { return nil }
func (k *kept) String() string          { return k.node.String() }

// Run gives the rows of the part, or ends the keeping.
func (k *kept) Run(ctx context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		if k.node.Drop {
			k.box.drop(k.node.Token)
			return
		}
		o, err := k.box.take(k.node.Token)
		if err != nil {
			yield(nil, err)
			return
		}
		defer o.users.Done()
		if k.node.Part < 0 || k.node.Part >= len(o.parts) {
			yield(nil, fault.Invalidf("part %d of %d", k.node.Part, len(o.parts)))
			return
		}
		if err := o.read(ctx, k.node.Part, yield); err != nil {
			yield(nil, err)
		}
	}
}

func (o *output) read(ctx context.Context, part int, yield func(*data.Batch, error) bool) error {
	p := &o.parts[part]
	for _, b := range p.rows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		out := *b
		if !yield(&out, nil) {
			return nil
		}
	}
	for _, e := range p.blocks {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		b, err := o.file.Read(e)
		if err != nil {
			return err
		}
		if !yield(b, nil) {
			return nil
		}
	}
	return nil
}

// ask runs a fragment where rows are kept, for the query of r.
func (n *Node) ask(r *wire.Request, facts *planner.Facts, at planner.KeptAt, f *planner.Fragment) exec.Operator {
	schema, err := f.Plan.Schema()
	var tree []byte
	if err == nil {
		tree, err = f.Marshal()
	}
	if err == nil && n.cfg.Peer == nil && at.Server != n.cfg.Server.Name {
		err = fault.New(fault.Internal, "server %s does not know how to reach %s", n.cfg.Server.Name, at.Server)
	}
	if err != nil {
		return cannot{schema, err}
	}
	req := *r
	req.Plan, req.Rows = tree, nil
	var s wire.Server = n
	if at.Server != n.cfg.Server.Name {
		s = n.cfg.Peer(at.Server, at.Host)
	}
	return wire.Remote(s, schema, &req, facts, fmt.Sprintf("%s of %s", f.Plan, at.Server))
}

// cannot is an operator that could not be made.
type cannot struct {
	schema data.Schema
	err    error
}

func (c cannot) Schema() data.Schema     { return c.schema }
func (c cannot) Inputs() []exec.Operator { return nil }
func (c cannot) String() string          { return "failed" }

// Run gives the error.
func (c cannot) Run(context.Context) exec.Batches {
	return func(yield func(*data.Batch, error) bool) { yield(nil, c.err) }
}

func sizeOf(b *data.Batch) (n int64) {
	for _, v := range b.Cols {
		n += v.MemSize()
	}
	return n
}

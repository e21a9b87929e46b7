package ingest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/server/ingest/format"
	"github.com/ovatedb/ovate/server/ingest/source"
)

// A Config is what a build needs beside its spec.
type Config struct {
	Dir     string // where the segment files go, by cluster.StorageKey
	Base    string // where relative paths of local files start
	Version string // of all segments; "" is the time of the build
	Workers int    // goroutines; 0 is one a processor
	Memory  int64  // bytes of input text that rows may have before they are written; 0 is 2 GiB
	Env     *expr.Env
	// Allocate names the segment for rows of a bucket that are appended to
	// what is there; n counts the segments of the bucket. nil: each bucket gets
	// segments of its own, of Version.
	Allocate func(ctx context.Context, bucket chrono.Interval, n int) (segment.ID, error)
	// Progress is called now and then, from one goroutine at a time.
	Progress func(Progress)
}

// Progress is how far a build is.
type Progress struct {
	Bytes, Of int64 // of the input as stored; Of is 0 if unknown
	Rows      int64 // lines read so far are not all rows kept
	Written   int64 // rows in segments
}

// Counts are what became of the rows.
type Counts struct {
	Processed   int64 `json:"processed"`
	WithError   int64 `json:"processedWithError"`
	Thrown      int64 `json:"thrownAway"`
	Unparseable int64 `json:"unparseable"`
}

func (c *Counts) add(o Counts) {
	c.Processed += o.Processed
	c.WithError += o.WithError
	c.Thrown += o.Thrown
	c.Unparseable += o.Unparseable
}

// A Built is a segment that was written.
type Built struct {
	cluster.Descriptor        // its loadSpec is local, with the path of the file
	Path               string // of the file
}

// A Result is what a build made.
type Result struct {
	Segments []Built // by interval and partition
	Counts   Counts
	Bad      []format.Bad // some of the lines that are no rows
}

// FileName is the name of a segment's file.
const FileName = "index.ovate"

// A builder runs one build.
type builder struct {
	spec    *Spec
	cfg     Config
	segment chrono.Granularity
	workers []*worker

	mu    sync.Mutex
	all   []field
	known map[string]bool // fields in all, and those that must not be
	found map[string]int64
	lines []format.Bad
	nbad  int64

	snapshot atomic.Pointer[[]field]
	read     atomic.Int64 // bytes
	seen     atomic.Int64 // rows
	written  atomic.Int64
	total    int64

	pending sync.WaitGroup // blocks that workers have not kept yet
	held    atomic.Int64   // bytes of text of the rows in memory
	rows    atomic.Int64   // those rows
	built   []Built        // of rows that were written before the end
	parts   map[int64]int  // segments of each chunk so far
}

// Build reads what the spec says and writes the segments.
func Build(ctx context.Context, spec *Spec, cfg Config) (*Result, error) {
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.Version == "" {
		cfg.Version = instant(time.Now().UnixMilli())
	}
	if cfg.Env == nil {
		cfg.Env = &expr.Env{Now: time.Now().UnixMilli()}
	}
	if cfg.Memory <= 0 {
		cfg.Memory = 2 << 30
	}
	b := &builder{spec: spec, cfg: cfg, segment: spec.Data.Granularity.segment, parts: map[int64]int{}}
	if err := b.prepare(); err != nil {
		return nil, err
	}
	if err := b.readAll(ctx); err != nil {
		return nil, err
	}
	res := &Result{Bad: b.lines}
	for _, w := range b.workers {
		res.Counts.add(w.counts)
	}
	if res.Counts.Processed == 0 && res.Counts.Unparseable > 0 {
		return res, fault.Invalidf("none of %d rows could be read; the first: %s: %.100s", res.Counts.Unparseable, b.lines[0].Cause, b.lines[0].Line)
	}
	if err := b.flush(ctx); err != nil {
		return nil, err
	}
	res.Segments = b.built
	b.number(res.Segments)
	return res, nil
}

// prepare makes the fields and the workers.
func (b *builder) prepare() error {
	b.known, b.found = map[string]bool{}, map[string]int64{}
	d := &b.spec.Data
	for i := range d.Dimensions.List {
		dim := &d.Dimensions.List[i]
		b.all = append(b.all, field{dim.Name, dim, dimensionTypes[dim.Type](dim)})
		b.known[dim.Name] = true
	}
	for _, x := range d.Dimensions.Exclusions {
		b.known[x] = true
	}
	b.known[d.Timestamp.Column], b.known[segment.Time] = true, true
	if err := b.metricInputs(); err != nil {
		return err
	}
	b.snapshot.Store(&b.all)
	for range b.cfg.Workers {
		t, err := newTimes(&d.Timestamp)
		if err != nil {
			return err
		}
		w := &worker{b: b, times: t, byTime: map[int64][]uint32{}}
		w.forget()
		if err := w.prepare(); err != nil {
			return err
		}
		b.workers = append(b.workers, w)
	}
	return nil
}

// fields are those known so far.
func (b *builder) fields() []field { return *b.snapshot.Load() }

// want is the fields that parsers must give.
func (b *builder) want() format.Want {
	d := &b.spec.Data.Dimensions
	w := format.Want{All: d.discovers(), Objects: d.Discovery}
	w.Names = append(w.Names, b.spec.Data.Timestamp.Column)
	for _, f := range b.all {
		w.Names = append(w.Names, f.name)
	}
	w.Names = append(w.Names, b.workers[0].inputs()...)
	return w
}

// A job is a block of lines to parse.
type job struct {
	parser format.Parser
	text   []byte
	number int64
}

const blockBytes = 1 << 20

// readAll reads all objects through the workers.
func (b *builder) readAll(ctx context.Context) error {
	objects, err := b.spec.IO.Source.V.Objects(ctx, source.Env{Base: b.cfg.Base})
	if err != nil {
		return fault.At(err, "ioConfig.inputSource")
	}
	for _, o := range objects {
		b.total += o.Size
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	jobs, free := make(chan job, b.cfg.Workers), make(chan []byte, 2*b.cfg.Workers+2)
	var wg sync.WaitGroup
	for _, w := range b.workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range jobs {
				if ctx.Err() == nil {
					if err := w.block(j.parser, j.text, j.number); err != nil {
						cancel(err)
					}
				}
				b.pending.Done()
				select {
				case free <- w.rows.Text[:0]:
				default:
				}
			}
		}()
	}
	f := feed{b: b, jobs: jobs, free: free}
	for _, o := range objects {
		if err = f.object(ctx, o); err != nil {
			break
		}
	}
	close(jobs)
	wg.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// A feed cuts objects into blocks of whole lines.
type feed struct {
	b      *builder
	jobs   chan<- job
	free   <-chan []byte
	number int64
}

func (f *feed) buffer() []byte {
	select {
	case b := <-f.free:
		return b[:0]
	default:
		return make([]byte, 0, blockBytes+blockBytes/4)
	}
}

func (f *feed) object(ctx context.Context, o source.Object) error {
	in, err := o.Open(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	var parser format.Parser
	var rest []byte
	for {
		block := append(f.buffer(), rest...)
		block, err = fill(in, block)
		end := err != nil
		if end && !errors.Is(err, io.EOF) {
			return fault.Invalidf("%s: %v", o.Name, err)
		}
		cut := len(block)
		if !end {
			cut = bytes.LastIndexByte(block, '\n') + 1
		}
		rest = append(rest[:0], block[cut:]...)
		block = block[:cut]
		if parser == nil && (cut > 0 || end) {
			skip, p, err := f.b.spec.IO.Format.V.Begin(block, f.b.want())
			if err != nil {
				return fault.At(err, o.Name)
			}
			parser, block = p, block[skip:]
		}
		if len(block) > 0 {
			f.b.pending.Add(1)
			f.b.held.Add(int64(len(block)))
			f.jobs <- job{parser, block, f.number} // workers take it, also once ctx has ended
			f.number++
		}
		if err := f.b.spill(ctx); err != nil {
			return err
		}
		if end {
			f.b.progress(o.Size)
			return nil
		}
		f.b.progress(0)
	}
}

// fill reads until the block is full and holds a line end, or there is no more.
func fill(in io.Reader, block []byte) ([]byte, error) {
	for {
		if len(block) >= blockBytes && bytes.IndexByte(block, '\n') >= 0 {
			return block, nil
		}
		if len(block) >= 1<<30 {
			return block, fault.Invalidf("a line of more than %d bytes", 1<<30)
		}
		if len(block) == cap(block) {
			block = slices.Grow(block, len(block))
		}
		n, err := in.Read(block[len(block):min(cap(block), max(blockBytes, len(block)+4096))])
		block = block[:len(block)+n]
		if err != nil {
			return block, err
		}
	}
}

// progress reports; an object of so many bytes has been read.
func (b *builder) progress(bytes int64) {
	b.read.Add(bytes)
	if b.cfg.Progress != nil {
		b.cfg.Progress(Progress{Bytes: b.read.Load(), Of: b.total, Rows: b.seen.Load(), Written: b.written.Load()})
	}
}

const keptBad = 20

// bad keeps some of the lines that are no rows, and fails when they are more
// than the spec allows.
func (b *builder) bad(lines []format.Bad) error {
	if len(lines) == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nbad += int64(len(lines))
	most := max(keptBad, b.spec.Tuning.SavedErrors)
	for _, l := range lines {
		if len(b.lines) < most {
			b.lines = append(b.lines, l)
		}
	}
	limit := int64(1<<31 - 1)
	if b.spec.Tuning.MaxErrors != nil {
		limit = int64(*b.spec.Tuning.MaxErrors)
	}
	if b.spec.Tuning.ReportErrors {
		limit = 0
	}
	if b.nbad > limit {
		return fault.Invalidf("%d rows could not be read, and tuningConfig allows %d; the last: %s: %.100s", b.nbad, limit, lines[0].Cause, lines[0].Line)
	}
	return nil
}

// words are the strings of each field, joined over the workers.
func (b *builder) words() []*data.Vec {
	out := make([]*data.Vec, len(b.all))
	var wg sync.WaitGroup
	gate := make(chan struct{}, b.cfg.Workers)
	for k := range b.all {
		var dicts []*dictionary
		for _, w := range b.workers {
			if d := w.dicts[k]; d != nil {
				dicts = append(dicts, d)
			}
		}
		if dicts == nil {
			continue
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			gate <- struct{}{}
			out[k] = joinDictionaries(dicts)
			<-gate
		}()
	}
	wg.Wait()
	return out
}

// spill writes what is in memory when that is too much. Only partitions of type
// dynamic can be written before all rows are known.
func (b *builder) spill(ctx context.Context) error {
	d, ok := b.spec.Tuning.Partitions.V.(*dynamic)
	if err := context.Cause(ctx); err != nil || !ok {
		return err
	}
	if b.held.Load() < b.cfg.Memory && b.rows.Load() < d.total() {
		return nil
	}
	b.pending.Wait()
	return b.flush(ctx)
}

// flush writes all chunks and forgets their rows. No worker runs.
func (b *builder) flush(ctx context.Context) error {
	built, err := b.finish(ctx)
	if err != nil {
		return err
	}
	b.built = append(b.built, built...)
	for _, w := range b.workers {
		w.forget()
	}
	b.held.Store(0)
	b.rows.Store(0)
	return nil
}

// number puts the segments in order and, where chunks were written in several
// steps, says in their shardSpecs how many there are.
func (b *builder) number(built []Built) {
	slices.SortFunc(built, func(x, y Built) int {
		if c := x.Interval.Compare(y.Interval); c != 0 {
			return c
		}
		return x.ID().Partition - y.ID().Partition
	})
	for i := range built {
		if s, ok := built[i].Shard.(*cluster.Numbered); ok && b.cfg.Allocate == nil {
			built[i].Shard = numbered(s.Partition, b.parts[built[i].Interval.Start])
		}
	}
}

// finish writes the segments of all chunks.
func (b *builder) finish(ctx context.Context) ([]Built, error) {
	starts := map[int64]bool{}
	for _, w := range b.workers {
		for s := range w.chunks {
			starts[s] = true
		}
	}
	order := slices.Sorted(maps.Keys(starts))
	b.complete()
	words := b.words()
	out := make([][]Built, len(order))
	errs := make([]error, len(order))
	var wg sync.WaitGroup
	var mu sync.Mutex // chunks are taken out of the workers one at a time
	gate := make(chan struct{}, b.cfg.Workers)
	for i, start := range order {
		wg.Add(1)
		gate <- struct{}{}
		go func() {
			defer func() { <-gate; wg.Done() }()
			if errs[i] = ctx.Err(); errs[i] != nil {
				return
			}
			mu.Lock()
			parts := b.take(start)
			mu.Unlock()
			out[i], errs[i] = b.writeChunk(ctx, start, b.join(parts, words))
			mu.Lock()
			b.progress(0)
			mu.Unlock()
		}()
	}
	wg.Wait()
	return slices.Concat(out...), errors.Join(errs...)
}

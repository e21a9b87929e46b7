package agg

import (
	"fmt"

	"github.com/ovatedb/ovate/exec/sketch"
	"github.com/ovatedb/ovate/exec/vec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// sketchKind is what the accumulators of sketches need to know of one kind.
type sketchKind[S any] struct {
	name  string // of the type of its images
	new   func() *S
	size  func(*S) int64
	image func(*S) []byte
	merge func(into *S, image []byte) error
	// finish, if set, makes of a sketch the value that is shown; nil stands for
	// one that saw nothing.
	finish func(*S) (any, error)
	result data.Type
}

// merging reads an image and merges what is in it.
func merging[S any](read func([]byte) (*S, error), merge func(into, from *S)) func(*S, []byte) error {
	return func(into *S, image []byte) error {
		from, err := read(image)
		if err == nil {
			merge(into, from)
		}
		return err
	}
}

// taking is the accumulator for the argument's type: images, numbers, or
// nothing that could be taken.
func taking[S any](b *Binding, all sketches[S], numbers Accumulator) Accumulator {
	switch t := b.Types[0]; {
	case t.Kind == data.Complex:
		return &images[S]{all}
	case t.Numeric():
		return numbers
	}
	return &nothing[S]{all}
}

func (k *sketchKind[S]) states([]data.Type) []data.Type { return []data.Type{data.ComplexOf(k.name)} }

// sketches is the sketches of all groups; nil before a group saw a row.
type sketches[S any] struct {
	kind  *sketchKind[S]
	cells []*S
}

func (a *sketches[S]) Grow(n int) { a.cells = vec.Grow(a.cells, n) }

func (a *sketches[S]) cell(id uint32) *S {
	c := a.cells[id]
	if c == nil {
		c = a.kind.new()
		a.cells[id] = c
	}
	return c
}

func (a *sketches[S]) Merge(_ *data.Scratch, groups []uint32, states []*data.Vec) error {
	v := states[0]
	for i, id := range groups {
		if v.Null(i) {
			continue
		}
		if err := a.kind.merge(a.cell(id), []byte(v.Str(i))); err != nil {
			return fault.Invalidf("a broken %s: %v", a.kind.name, err)
		}
	}
	return nil
}

func (a *sketches[S]) State() []*data.Vec {
	b := data.NewBuilder(data.ComplexOf(a.kind.name))
	for _, c := range a.cells {
		if c == nil {
			b.Null()
		} else {
			b.String(string(a.kind.image(c)))
		}
	}
	return []*data.Vec{b.Vec()}
}

// Result gives the images; that of a group that saw nothing is an empty
// sketch's.
func (a *sketches[S]) Result() (*data.Vec, error) {
	if a.kind.finish != nil {
		b := data.NewBuilder(a.kind.result)
		for _, c := range a.cells {
			x, err := a.kind.finish(c)
			if err != nil {
				return nil, err
			}
			b.Append(x)
		}
		return b.Vec(), nil
	}
	b := data.NewBuilder(data.ComplexOf(a.kind.name))
	empty := string(a.kind.image(a.kind.new()))
	for _, c := range a.cells {
		if c == nil {
			b.String(empty)
		} else {
			b.String(string(a.kind.image(c)))
		}
	}
	return b.Vec(), nil
}

// Size looks at some of the sketches and takes them for all.
func (a *sketches[S]) Size() int64 {
	n := len(a.cells)
	if n == 0 {
		return 0
	}
	step, sum, looked := max(1, n/64), int64(0), int64(0)
	for i := 0; i < n; i += step {
		if looked++; a.cells[i] != nil {
			sum += a.kind.size(a.cells[i])
		}
	}
	return sum*int64(n)/looked + int64(cap(a.cells))*8
}

// images merges columns of sketches.
type images[S any] struct{ sketches[S] }

func (a *images[S]) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	v := args[0]
	for i := range g.Rows {
		if v.Null(i) {
			continue
		}
		if err := a.kind.merge(a.cell(at(g, i)), []byte(v.Str(i))); err != nil {
			return fault.Invalidf("a broken %s: %v", a.kind.name, err)
		}
	}
	return nil
}

// nothing sees rows whose values no sketch of the kind takes.
type nothing[S any] struct{ sketches[S] }

func (a *nothing[S]) Update(*data.Scratch, vec.Groups, []*data.Vec) error { return nil }

// hashed updates sketches with the hashes of values. The words of a dictionary
// are hashed once, and mostly looked at once a group.
type hashed[S any] struct {
	sketches[S]
	hashes
	update func(*S, sketch.Hash)
}

func (a *hashed[S]) Update(s *data.Scratch, g vec.Groups, args []*data.Vec) error {
	g, v := flatten(s, g, args[0])
	switch {
	case g.Rows == 0:
	case v.Dict != nil && !v.Const:
		a.updateWords(s, g, v)
	default:
		n := g.Rows
		if v.Const && g.IDs == nil {
			n = 1
		}
		hash := a.of(v)
		for i := range n {
			a.update(a.cell(at(g, i)), hash(i))
		}
	}
	return nil
}

func (a *hashed[S]) updateWords(s *data.Scratch, g vec.Groups, v *data.Vec) {
	w := a.wordsOf(v)
	if rows, ok := a.dupes.fresh(s, g, v, len(a.cells)); ok {
		for _, r := range rows {
			a.update(a.cell(at(g, int(r))), w[v.Code(int(r))])
		}
		return
	}
	for i, c := range v.Codes32(s) {
		a.update(a.cell(at(g, i)), w[c])
	}
}

// Size is that of the sketches, and of what is known of words.
func (a *hashed[S]) Size() int64 { return a.sketches.Size() + a.dupes.bytes }

// hashes says how values are hashed, and remembers dictionaries.
type hashes struct {
	text   func(string) sketch.Hash
	long   func(int64) sketch.Hash
	double func(float64) sketch.Hash
	float  func(float32) sketch.Hash // nil: as a double
	words  map[*data.Dict][]sketch.Hash
	dupes  dupes
}

// maxDicts bounds the dictionaries that are remembered.
const maxDicts = 1024

func (h *hashes) wordsOf(v *data.Vec) []sketch.Hash {
	if w := h.words[v.Dict]; w != nil {
		return w
	}
	if h.words == nil || len(h.words) >= maxDicts {
		h.words = map[*data.Dict][]sketch.Hash{}
	}
	words := *v.Dict.Words
	words.Type = v.Type
	w := make([]sketch.Hash, words.N)
	hash := h.of(&words)
	for i := range w {
		if !words.Null(i) {
			w[i] = hash(i)
		}
	}
	h.words[v.Dict] = w
	return w
}

// of hashes rows of v.
func (h *hashes) of(v *data.Vec) func(i int) sketch.Hash {
	switch {
	case v.Type.Integral():
		return func(i int) sketch.Hash { return h.long(v.Long(i)) }
	case v.Type.Kind == data.Float && h.float != nil:
		return func(i int) sketch.Hash { return h.float(float32(v.Double(i))) }
	case v.Type.Numeric():
		return func(i int) sketch.Hash { return h.double(v.Double(i)) }
	case v.Type.Kind == data.Array:
		return func(i int) sketch.Hash { return h.text(fmt.Sprint(v.Value(i))) }
	}
	return func(i int) sketch.Hash { return h.text(v.Str(i)) }
}

// isSketch says whether t is the type of images of one of the names.
func isSketch(t data.Type, names ...string) bool {
	for _, n := range names {
		if t.Kind == data.Complex && t.Name == n {
			return true
		}
	}
	return false
}

package planner

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// A SliceList is slices as they travel. A query of a source may name a hundred
// thousand, which say nearly the same: as JSON it is one text, base64 of
//
//	texts     how many, and each with its length in front: sources and versions
//	slices    how many, and of each
//	          source, version        places among the texts
//	          start, length          of the segment; start from where the last one ended
//	          partition
//	          ordinal                from the last one's
//	          intervals              0: the whole segment's; else how many and 1,
//	                                 and each one's start, from the segment's, and length
//
// all of it varints. An empty list is null.
type SliceList []SliceRef

// SliceFacts are slices with what is known of them, as they travel: a SliceList
// with MinTime, MaxTime and Rows of each, from the segment's start, behind it.
type SliceFacts []SliceFact

// MarshalJSON writes the text.
func (l SliceList) MarshalJSON() ([]byte, error) {
	if len(l) == 0 {
		return []byte("null"), nil
	}
	w := newSliceWriter(len(l))
	for i := range l {
		w.ref(&l[i])
	}
	return w.text(), nil
}

// MarshalJSON writes the text.
func (l SliceFacts) MarshalJSON() ([]byte, error) {
	if len(l) == 0 {
		return []byte("null"), nil
	}
	w := newSliceWriter(len(l))
	for i := range l {
		f := &l[i]
		w.ref(&f.SliceRef)
		w.number(f.MinTime - f.ID.Interval.Start)
		w.number(f.MaxTime - f.ID.Interval.Start)
		w.number(int64(f.Rows))
	}
	return w.text(), nil
}

// UnmarshalJSON reads the text.
func (l *SliceList) UnmarshalJSON(b []byte) error {
	r, err := newSliceReader(b)
	if err != nil || r == nil {
		*l = nil
		return err
	}
	out := make(SliceList, r.n)
	for i := range out {
		r.ref(&out[i])
	}
	*l = out
	return r.end()
}

// UnmarshalJSON reads the text.
func (l *SliceFacts) UnmarshalJSON(b []byte) error {
	r, err := newSliceReader(b)
	if err != nil || r == nil {
		*l = nil
		return err
	}
	out := make(SliceFacts, r.n)
	for i := range out {
		f := &out[i]
		r.ref(&f.SliceRef)
		f.MinTime = r.number() + f.ID.Interval.Start
		f.MaxTime = r.number() + f.ID.Interval.Start
		f.Rows = int(r.number())
	}
	*l = out
	return r.end()
}

// A sliceWriter writes slices; texts are gathered on the way.
type sliceWriter struct {
	b       []byte
	n       int
	texts   []string
	places  map[string]uint64
	end     int64 // of the last segment
	ordinal int
}

func newSliceWriter(n int) *sliceWriter {
	return &sliceWriter{b: make([]byte, 0, 32*n), n: n, places: map[string]uint64{}}
}

func (w *sliceWriter) number(n int64) { w.b = binary.AppendVarint(w.b, n) }

func (w *sliceWriter) place(text string) {
	i, ok := w.places[text]
	if !ok {
		i = uint64(len(w.texts))
		w.places[text] = i
		w.texts = append(w.texts, text)
	}
	w.b = binary.AppendUvarint(w.b, i)
}

// ref writes a slice. Differences may wrap around: so do sums.
func (w *sliceWriter) ref(s *SliceRef) {
	id := &s.ID
	w.place(id.Source)
	w.place(id.Version)
	w.number(id.Interval.Start - w.end)
	w.number(id.Interval.End - id.Interval.Start)
	w.number(int64(id.Partition))
	w.number(int64(s.Ordinal - w.ordinal))
	w.end, w.ordinal = id.Interval.End, s.Ordinal
	if len(s.Intervals) == 1 && s.Intervals[0] == id.Interval {
		w.b = append(w.b, 0)
		return
	}
	w.b = binary.AppendUvarint(w.b, uint64(len(s.Intervals)+1))
	for _, in := range s.Intervals {
		w.number(in.Start - id.Interval.Start)
		w.number(in.End - in.Start)
	}
}

// text is all of it, as JSON.
func (w *sliceWriter) text() []byte {
	head := binary.AppendUvarint(nil, uint64(len(w.texts)))
	for _, t := range w.texts {
		head = append(binary.AppendUvarint(head, uint64(len(t))), t...)
	}
	head = binary.AppendUvarint(head, uint64(w.n))
	all := append(head, w.b...)
	out := make([]byte, 0, base64.StdEncoding.EncodedLen(len(all))+2)
	out = base64.StdEncoding.AppendEncode(append(out, '"'), all)
	return append(out, '"')
}

// A sliceReader reads what a sliceWriter wrote. After the first error it gives
// zeros.
type sliceReader struct {
	b       []byte
	n       int
	texts   []string
	last    int64
	ordinal int
	room    []chrono.Interval // for those that are a segment's whole
	err     error
}

// leastSlice is the bytes that a slice takes at least.
const leastSlice = 7

// newSliceReader reads up to the first slice; nil: there are none.
func newSliceReader(text []byte) (*sliceReader, error) {
	if string(text) == "null" {
		return nil, nil
	}
	var code string
	if err := json.Unmarshal(text, &code); err != nil {
		return nil, fault.Invalidf("list of slices: expected a text: %v", err)
	}
	all, err := base64.StdEncoding.DecodeString(code)
	if err != nil {
		return nil, fault.Invalidf("list of slices: %v", err)
	}
	r := &sliceReader{b: all}
	texts := r.size(1)
	for range texts {
		n := r.size(1)
		r.texts = append(r.texts, string(r.b[:n]))
		r.b = r.b[n:]
	}
	r.n = r.size(leastSlice)
	r.room = make([]chrono.Interval, 0, r.n)
	return r, r.err
}

// fail notes the first error.
func (r *sliceReader) fail(what string) {
	if r.err == nil {
		r.err = fault.Invalidf("list of slices: %s", what)
	}
	r.b = nil
}

// size reads how many there are of something that takes at least so many bytes.
func (r *sliceReader) size(least int) int {
	n := r.count()
	if n > uint64(len(r.b)/least) {
		r.fail("it promises more than it has")
		return 0
	}
	return int(n)
}

func (r *sliceReader) count() uint64 { return varint(r, binary.Uvarint) }
func (r *sliceReader) number() int64 { return varint(r, binary.Varint) }

func varint[N int64 | uint64](r *sliceReader, read func([]byte) (N, int)) N {
	n, size := read(r.b)
	if size <= 0 {
		r.fail("it is cut short")
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *sliceReader) place() string {
	i := r.count()
	if i >= uint64(len(r.texts)) {
		r.fail("a text that it does not have")
		return ""
	}
	return r.texts[i]
}

func (r *sliceReader) ref(s *SliceRef) {
	s.ID = segment.ID{Source: r.place(), Version: r.place()}
	s.ID.Interval = r.interval(r.last)
	s.ID.Partition = int(r.number())
	s.Ordinal = r.ordinal + int(r.number())
	r.last, r.ordinal = s.ID.Interval.End, s.Ordinal
	n := r.count()
	switch {
	case n == 0:
		r.room = append(r.room, s.ID.Interval)
		s.Intervals = r.room[len(r.room)-1 : len(r.room) : len(r.room)]
		return
	case n-1 > uint64(len(r.b)/2):
		r.fail("it promises more than it has")
		return
	case n == 1:
		return
	}
	s.Intervals = make([]chrono.Interval, n-1)
	for i := range s.Intervals {
		s.Intervals[i] = r.interval(s.ID.Interval.Start)
	}
}

func (r *sliceReader) interval(from int64) chrono.Interval {
	start := from + r.number()
	return chrono.Interval{Start: start, End: start + r.number()}
}

// end is the first error, or that something is left.
func (r *sliceReader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail("it goes on after its end")
	}
	return r.err
}

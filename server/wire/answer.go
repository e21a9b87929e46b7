package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
)

// Missing is the error of a server that was asked for slices of segments that
// it does not hold, or no longer. Another server may be asked for them.
type Missing struct {
	Slices []planner.SliceRef
	// Doubt says that rows came of the answer before that was known, and that
	// they may be wrong.
	Doubt bool
}

// Error names the segments.
func (m *Missing) Error() string { return m.Unwrap().Error() }

// Unwrap is the error as clients see it.
func (m *Missing) Unwrap() error {
	names := make([]string, len(m.Slices))
	for i, s := range m.Slices {
		names[i] = s.ID.String()
	}
	return fault.New(fault.Unavailable, "segments that are not on this server: %s", strings.Join(names, ", "))
}

// A trailer ends an answer: what was answered, or why not.
type trailer struct {
	Rows    int64              `json:"rows"`
	Slices  planner.SliceFacts `json:"slices,omitempty"` // that were not told before
	Error   *failure           `json:"error,omitempty"`
	Missing planner.SliceList  `json:"missing,omitempty"`
	Doubt   bool               `json:"doubt,omitempty"` // about rows that came
	Peak    int64              `json:"peak,omitempty"`  // bytes of memory that it held at most

	Measures map[int]*planner.Measure `json:"measures,omitempty"`
}

// A failure is a fault.Error on its way.
type failure struct {
	Kind    fault.Kind `json:"kind"`
	Message string     `json:"message"`
	Code    string     `json:"code,omitempty"`
	Word    string     `json:"word,omitempty"`
	Path    string     `json:"path,omitempty"`
	Line    int        `json:"line,omitempty"`
	Column  int        `json:"column,omitempty"`
}

func (t *trailer) fail(err error) {
	var m *Missing
	if errors.As(err, &m) {
		t.Missing, t.Doubt = m.Slices, m.Doubt
	}
	e := fault.Of(err)
	t.Error = &failure{e.Kind, e.Message, e.Code, e.Word, e.Path, e.Line, e.Column}
}

// err is what was told to fail, as it was.
func (t *trailer) err() error {
	f := t.Error
	switch {
	case f == nil:
		return nil
	case len(t.Missing) > 0:
		return &Missing{t.Missing, t.Doubt}
	case f.Kind > fault.Unavailable:
		f.Kind = fault.Internal
	}
	return &fault.Error{Kind: f.Kind, Message: f.Message, Code: f.Code, Word: f.Word, Path: f.Path, Line: f.Line, Column: f.Column}
}

// writeAnswer writes rows and the trailer, and flushes after each batch. The
// error is that of w; errors of rows travel.
func writeAnswer(w io.Writer, rows exec.Batches, facts *planner.Facts, flush func() error) error {
	out := &answerWriter{batchWriter: batchWriter{w: w}, facts: facts, flush: flush}
	end := trailer{}
	broken, err := out.all(rows)
	if broken != nil {
		return broken
	}
	if err != nil {
		end.fail(err)
	}
	end.Rows, end.Slices, end.Peak, end.Measures = out.rows, out.news(), facts.Peak(), facts.Measurements()
	if err := writeJSON(w, trailerPart, end); err != nil {
		return err
	}
	return flush()
}

// An answerWriter writes the batches of an answer and, before each, the facts
// that are new: who reads may need them to show the first row.
type answerWriter struct {
	batchWriter
	facts *planner.Facts
	told  int // facts that were written
	flush func() error
}

// news are the facts that were not written yet.
func (w *answerWriter) news() []planner.SliceFact {
	all := w.facts.Slices()
	out := all[w.told:]
	w.told = len(all)
	return out
}

// all writes rows; broken is an error of the connection, err one of the rows.
func (w *answerWriter) all(rows exec.Batches) (broken, err error) {
	defer func() {
		if p := recover(); p != nil {
			if m, ok := p.(*Missing); ok { // found while a batch was read
				err = m
				return
			}
			err = fault.New(fault.Internal, "internal error: %v", p)
		}
	}()
	out := &tracked{w: w.w}
	w.w = out
	for b, err := range rows {
		if err != nil {
			return nil, err
		}
		if news := w.news(); len(news) > 0 {
			if err := writeJSON(w.w, factsPart, planner.SliceFacts(news)); err != nil {
				return err, nil
			}
		}
		if err := w.write(b); err != nil {
			return out.err, err
		}
		if err := w.flush(); err != nil {
			return err, nil
		}
	}
	return nil, nil
}

// tracked remembers the error of a writer, to tell it from others.
type tracked struct {
	w   io.Writer
	err error
}

// Write passes p on.
func (t *tracked) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	if err != nil {
		t.err = err
	}
	return n, err
}

// readAnswer gives the rows of an answer and adds the trailer's facts. An
// answer without trailer, or with other rows than it counts, is Unavailable.
func readAnswer(in io.Reader, facts *planner.Facts) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		p := newParts(in)
		r := &batchReader{p: p}
		rows := int64(0)
		for {
			kind, content, err := p.next()
			if err == nil && kind == trailerPart {
				if err := finish(content, rows, facts); err != nil {
					yield(nil, err)
				}
				return
			}
			if err == nil && kind == factsPart {
				if err = learn(content, facts); err == nil {
					continue
				}
			}
			var b *data.Batch
			if err == nil && kind != placePart {
				err = fmt.Errorf("unexpected part %q", kind)
			}
			if err == nil {
				b, err = r.read(content)
			}
			if err != nil {
				yield(nil, brokenOff(err))
				return
			}
			rows += int64(b.N)
			if !yield(b, nil) {
				return
			}
		}
	}
}

func learn(content []byte, facts *planner.Facts) error {
	var news planner.SliceFacts
	if err := json.Unmarshal(content, &news); err != nil {
		return err
	}
	facts.Add(news...)
	return nil
}

func finish(content []byte, rows int64, facts *planner.Facts) error {
	var t trailer
	if err := json.Unmarshal(content, &t); err != nil {
		return brokenOff(err)
	}
	facts.Held(t.Peak)
	for gather, m := range t.Measures {
		facts.Measured(gather, m)
	}
	if err := t.err(); err != nil {
		return err
	}
	if t.Rows != rows {
		return brokenOff(fmt.Errorf("%d rows came of %d", rows, t.Rows))
	}
	facts.Add(t.Slices...)
	return nil
}

func brokenOff(err error) error {
	e := fault.New(fault.Unavailable, "a server's answer broke off: %v", err)
	e.Cause = err
	return e
}

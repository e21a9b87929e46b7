// Package server is what the roles share: how errors and JSON are written, how
// bodies are read, the request log. Roles are packages below it; this one has
// heard of none of them.
package server

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/ovatedb/ovate/internal/fault"
)

// MaxBody is the most bytes that a request's body may have, unpacked.
const MaxBody = 256 << 20

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // an error here is the client's going away
}

// WriteError answers with Druid's error object and the status of its kind.
func WriteError(w http.ResponseWriter, err error) {
	e := fault.Of(err)
	WriteJSON(w, e.Status(), e)
}

// ReadBody reads a request's body, packed or not.
func ReadBody(r *http.Request) ([]byte, error) {
	var in io.Reader = r.Body
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, fault.Invalidf("the body is not gzip: %v", err)
		}
		in = z
	}
	b, err := io.ReadAll(io.LimitReader(in, MaxBody+1))
	switch {
	case err != nil:
		return nil, fault.Invalidf("the body cannot be read: %v", err)
	case len(b) > MaxBody:
		return nil, fault.New(fault.Limit, "the body is larger than %d MiB", MaxBody>>20)
	}
	return b, nil
}

// A Stream is a response that is begun only when there is something to write:
// until then an error can still have its status. Bytes are held back to
// flushAt, then sent as they come.
type Stream struct {
	w     http.ResponseWriter
	gz    *gzip.Writer // nil until the first byte
	pack  bool         // the client takes gzip
	begin func(http.Header)
	buf   []byte
	begun bool
}

const (
	flushAt = 64 << 10
	packAt  = 1400 // a whole answer of fewer bytes is not packed: it is one packet either way
)

// Packing needs a megabyte of tables, more than most answers; buffers grow to
// flushAt. Both are used again.
var (
	packers = sync.Pool{New: func() any {
		z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is one of gzip's own
		}
		return z
	}}
	buffers = sync.Pool{New: func() any { return new([]byte) }}
)

// NewStream answers r on w; begin sets headers before the first byte. The
// answer is packed if the client takes gzip.
func NewStream(w http.ResponseWriter, r *http.Request, begin func(http.Header)) *Stream {
	return &Stream{w: w, begin: begin, pack: strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")}
}

// Write holds p back or sends it.
func (s *Stream) Write(p []byte) (int, error) {
	if s.buf == nil {
		s.buf = (*buffers.Get().(*[]byte))[:0]
	}
	s.buf = append(s.buf, p...)
	if len(s.buf) < flushAt {
		return len(p), nil
	}
	return len(p), s.flush()
}

func (s *Stream) flush() error {
	if !s.begun {
		s.begun = true
		s.begin(s.w.Header())
		if s.pack {
			s.w.Header().Set("Content-Encoding", "gzip")
			s.gz = packers.Get().(*gzip.Writer)
			s.gz.Reset(s.w)
		}
		s.w.WriteHeader(http.StatusOK)
	}
	var err error
	if s.gz != nil {
		_, err = s.gz.Write(s.buf)
	} else {
		_, err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
	return err
}

// End sends what is left, or err: as an error of its own if nothing was sent
// yet, else by breaking the connection off, so that nobody takes the part for
// the whole.
func (s *Stream) End(err error) {
	if err != nil && !s.begun {
		WriteError(s.w, err)
		return
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if !s.begun && len(s.buf) < packAt {
		s.pack = false
	}
	if !s.begun && !s.pack {
		s.w.Header().Set("Content-Length", strconv.Itoa(len(s.buf)))
	}
	if s.flush() != nil {
		return
	}
	if s.gz != nil {
		_ = s.gz.Close()
		packers.Put(s.gz)
		s.gz = nil
	}
	if s.buf != nil {
		buf := s.buf
		s.buf = nil
		buffers.Put(&buf)
	}
}

package broker

import (
	"io"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/ovatedb/ovate/internal/data"
)

// sharedRows is the rows of a batch from which it is worth it to write its
// parts side by side.
const sharedRows = 2048

// shares are the texts of the parts of a batch, each written by a goroutine.
type shares struct {
	texts  [][]byte
	panics []any
}

// ways is how many parts a batch has.
func (s *shares) ways() int { return min(runtime.GOMAXPROCS(0), 8) }

// write writes a batch; first says that nothing was written before its first
// row. A panic in a part, such as that of a mapped file that was cut short, is
// one here.
func (s *shares) write(w io.Writer, r *result, b *data.Batch, first bool) error {
	n := s.ways()
	if s.texts == nil {
		s.texts, s.panics = make([][]byte, n), make([]any, n)
	}
	n = len(s.texts)
	var working sync.WaitGroup
	for part := 1; part < n; part++ {
		working.Go(func() { s.part(r, b, part, false) })
	}
	s.part(r, b, 0, first)
	working.Wait()
	for part, text := range s.texts {
		if p := s.panics[part]; p != nil {
			panic(p)
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return nil
}

func (s *shares) part(r *result, b *data.Batch, part int, first bool) {
	defer func() { s.panics[part] = recover() }()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	text := s.texts[part][:0]
	for i := b.N * part / len(s.texts); i < b.N*(part+1)/len(s.texts); i++ {
		text = r.row(r, text, first, b.Cols, i)
		first = false
	}
	s.texts[part] = text
}

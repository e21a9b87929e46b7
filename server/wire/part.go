package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"

	"github.com/ovatedb/ovate/internal/fault"
)

// A body, of a request as of an answer, is parts one after the other:
//
//	kind     1 byte
//	length   4 bytes, little endian
//	content  length bytes
//
// A request is one JSON part and then, for each of its Rows, a batch. An answer
// is batches, facts between them as they become known, and then one trailer;
// without it the answer is broken off. A batch is the parts
//
//	place    Slice and Row, 8 bytes each
//	schema   data.Schema as JSON; only if it differs from the batch before
//	meta     the metadata of the Arrow IPC message with the rows
//	rows     its body
const (
	jsonPart    = 'J'
	placePart   = 'P'
	schemaPart  = 'S'
	metaPart    = 'M'
	rowsPart    = 'R'
	factsPart   = 'F'
	trailerPart = 'T'
)

// maxPart bounds a part, so that a broken length asks for no more memory.
const maxPart = 1 << 30

func writePart(w io.Writer, kind byte, content []byte) error {
	if len(content) > maxPart {
		return fault.New(fault.Limit, "a batch of %d MiB is more than can travel in one piece", len(content)>>20)
	}
	var head [5]byte
	head[0] = kind
	binary.LittleEndian.PutUint32(head[1:], uint32(len(content)))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}

func writeJSON(w io.Writer, kind byte, v any) error {
	content, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writePart(w, kind, content)
}

// parts reads parts; err is io.EOF only where no part has begun.
type parts struct {
	r    *bufio.Reader
	read int64 // bytes
}

func newParts(r io.Reader) *parts { return &parts{r: bufio.NewReaderSize(r, 64<<10)} }

func (p *parts) next() (kind byte, content []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(p.r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.LittleEndian.Uint32(head[1:])
	if n > maxPart {
		return 0, nil, fault.Invalidf("a part of %d MiB; at most %d are read", n>>20, maxPart>>20)
	}
	content, err = readExactly(p.r, int(n))
	p.read += int64(len(head) + len(content))
	return head[0], content, err
}

// readExactly takes memory as bytes come, not as they are promised.
func readExactly(r io.Reader, n int) ([]byte, error) {
	const step = 1 << 20
	if n <= step {
		b := make([]byte, n)
		_, err := io.ReadFull(r, b)
		return b, broken(err)
	}
	var b bytes.Buffer
	b.Grow(step)
	_, err := io.CopyN(&b, r, int64(n))
	return b.Bytes(), broken(err)
}

// broken turns an end within a part into what it is.
func broken(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// want reads a part that must be of a kind.
func (p *parts) want(kind byte) ([]byte, error) {
	got, content, err := p.next()
	if err != nil {
		return nil, broken(err)
	}
	if got != kind {
		return nil, fault.Invalidf("expected a part %q, got %q", kind, got)
	}
	return content, nil
}

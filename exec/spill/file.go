package spill

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"sync"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/unpack"
)

// A File holds batches. One goroutine at a time appends; any number read what
// was appended before.
type File struct {
	space *Space
	f     *os.File
	named string
	mu    sync.Mutex
	end   int64
	plain []byte // the body being made
	out   []byte // the extent being made
}

// An Extent is the place of one batch in its File.
type Extent struct {
	at   int64
	size int64
	Rows int
}

const (
	extentHead = 16
	maxBody    = math.MaxInt32
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Append writes b. Its Slice and Row are not kept.
func (f *File) Append(b *data.Batch) (Extent, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var err error
	if f.plain, err = encode(f.plain[:0], b); err != nil {
		return Extent{}, err
	}
	if len(f.plain) > maxBody {
		return Extent{}, fault.New(fault.Limit, "%d rows of %d MiB are too large to be spilled at once", b.N, len(f.plain)>>20)
	}
	f.out = append(f.out[:0], make([]byte, extentHead)...)
	out, packed := unpack.PackLZ4(f.out, f.plain)
	if !packed {
		out = append(out, f.plain...)
	}
	f.out = out
	binary.LittleEndian.PutUint64(out, uint64(len(f.plain)))
	binary.LittleEndian.PutUint32(out[8:], crc32.Checksum(out[extentHead:], castagnoli))
	e := Extent{f.end, int64(len(out)), b.N}
	if err := f.space.take(e.size); err != nil {
		return Extent{}, err
	}
	f.end += e.size
	if _, err := f.f.WriteAt(out, e.at); err != nil {
		return Extent{}, unwritable(err)
	}
	return e, nil
}

// Read gives the batch at e, in memory of its own.
func (f *File) Read(e Extent) (*data.Batch, error) {
	raw := make([]byte, e.size)
	if _, err := f.f.ReadAt(raw, e.at); err != nil {
		return nil, damaged(err)
	}
	if got := crc32.Checksum(raw[extentHead:], castagnoli); got != binary.LittleEndian.Uint32(raw[8:]) {
		return nil, damaged(fmt.Errorf("its checksum is %08x", got))
	}
	n := binary.LittleEndian.Uint64(raw)
	if n > maxBody {
		return nil, damaged(fmt.Errorf("a body of %d bytes", n))
	}
	body := aligned(int(n))
	if raw = raw[extentHead:]; len(raw) == len(body) {
		copy(body, raw)
	} else if m, err := unpack.LZ4(body, raw); err != nil || m != len(body) {
		return nil, damaged(fmt.Errorf("%d of %d bytes: %w", m, len(body), err))
	}
	b, err := decode(body)
	if err == nil && b.N != e.Rows {
		err = fmt.Errorf("%d rows of %d", b.N, e.Rows)
	}
	if err != nil {
		return nil, damaged(err)
	}
	return b, nil
}

func damaged(err error) error {
	e := fault.New(fault.Internal, "rows that were spilled to disk cannot be read again: %v", err)
	e.Cause = err
	return e
}

// Close gives the disk back. A nil File is closed.
func (f *File) Close() {
	if f == nil {
		return
	}
	_ = f.f.Close()
	if f.named != "" {
		_ = os.Remove(f.named)
	}
	f.space.used.Add(-f.end)
	f.end = 0
}

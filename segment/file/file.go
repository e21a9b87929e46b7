// Package file is our own segment: one file, made to be mapped and read where
// it lies. It owns the container, its indexes and its zone maps; how a column's
// values lie in buffers is segment/encoding's.
//
//	0         header, 64 bytes:
//	            0  "OVATESEG"
//	            8  u32  version, 2; 1 had a footer in JSON
//	           12  u32  crc32c of the header, with this field 0
//	           16  u64  size of the file
//	           24  u64  where the footer begins
//	           32  u64  length of the footer
//	           40  u32  crc32c of the footer
//	           44       zeros
//	64        buffers, each at a multiple of 64, zeros between
//	footer    identity, rows, columns with their encodings, and of each buffer
//	          its length and crc32c
//
// All numbers are little-endian, and so must the machine be. docs/formats/segment.md
// says what the buffers of each encoding hold. A file is written beside its
// name, synced and renamed: under its name it is whole or not there.
package file

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

const (
	magic       = "OVATESEG"
	version     = 2
	versionJSON = 1 // had the footer in JSON
	headerSize  = 64
	align       = 64
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A header as its fields say; the file may be another size.
type header struct {
	version       uint32
	size, at, len int64
	crc           uint32
}

func (h header) bytes() []byte {
	b := make([]byte, headerSize)
	copy(b, magic)
	binary.LittleEndian.PutUint32(b[8:], h.version)
	binary.LittleEndian.PutUint64(b[16:], uint64(h.size))
	binary.LittleEndian.PutUint64(b[24:], uint64(h.at))
	binary.LittleEndian.PutUint64(b[32:], uint64(h.len))
	binary.LittleEndian.PutUint32(b[40:], h.crc)
	binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(b, castagnoli))
	return b
}

// readHeader checks the header b of a file of the given size.
func readHeader(b []byte, size int64) (header, error) {
	if len(b) < headerSize || string(b[:8]) != magic {
		return header{}, fault.Invalidf("not a segment file: expected it to begin with %q", magic)
	}
	v := binary.LittleEndian.Uint32(b[8:])
	if v != version && v != versionJSON {
		return header{}, fault.New(fault.Unsupported, "segment file of version %d, expected %d or %d", v, versionJSON, version)
	}
	h := header{
		version: v,
		size:    int64(binary.LittleEndian.Uint64(b[16:])),
		at:      int64(binary.LittleEndian.Uint64(b[24:])),
		len:     int64(binary.LittleEndian.Uint64(b[32:])),
		crc:     binary.LittleEndian.Uint32(b[40:]),
	}
	switch {
	case string(b[:headerSize]) != string(h.bytes()):
		return h, fault.Invalidf("segment file: the checksum of the header does not match")
	case h.size != size:
		return h, fault.Invalidf("segment file of %d bytes, expected %d: it is torn", size, h.size)
	case h.at < headerSize || h.len < 0 || h.at > size || h.len > size-h.at:
		return h, fault.Invalidf("segment file: footer at %d of %d bytes, expected it within %d", h.at, h.len, size)
	}
	return h, nil
}

// A Summary is what a file says of itself.
type Summary struct {
	ID     segment.ID
	Schema data.Schema
	Info   segment.Info
	Rows   int
}

// Summary is what f says of itself.
func (f *File) Summary() *Summary { return f.foot.summary() }

func (f *footer) summary() *Summary { return &Summary{f.ID, f.schema(), f.Info, f.Rows} }

// Peek reads what the file at path says of itself, without mapping it.
func Peek(path string) (*Summary, error) {
	f, err := peek(path)
	if err != nil {
		return nil, err
	}
	return f.summary(), nil
}

func peek(path string) (*footer, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Internal, "segment file: %v", err)
	}
	defer r.Close()
	st, err := r.Stat()
	if err != nil {
		return nil, fault.New(fault.Internal, "segment file: %v", err)
	}
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, fault.Invalidf("%s is not a segment file: it has %d bytes", path, st.Size())
	}
	h, err := readHeader(head, st.Size())
	if err != nil {
		return nil, fault.At(err, path)
	}
	b := make([]byte, h.len)
	if _, err := r.ReadAt(b, h.at); err != nil {
		return nil, fault.New(fault.Internal, "segment file %s: %v", path, err)
	}
	f, err := readFooter(b, h)
	return f, fault.At(err, path)
}

//go:build !unix

package file

import (
	"io"
	"os"
	"unsafe"
)

// mapFile reads the n bytes of f where there is no mapping, into memory aligned
// as a map would be for 8-byte values.
func mapFile(f *os.File, n int) (mem []byte, unmap func() error, err error) {
	words := make([]uint64, (n+7)/8)
	mem = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), n)
	_, err = io.ReadFull(f, mem)
	return mem, func() error { return nil }, err
}

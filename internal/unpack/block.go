// Package unpack undoes compressions: of blocks, as segments in Druid's format
// hold them, and of files, by the extension of their name. It owns the choice
// of the libraries; what the bytes mean it does not know.
package unpack

import (
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/ovatedb/ovate/internal/fault"
)

// mostWindow bounds what a zstd frame may make us hold.
const mostWindow = 1 << 20

// LZ4 unpacks a raw LZ4 block into dst and says how many bytes that gave.
func LZ4(dst, src []byte) (int, error) { return lz4.UncompressBlock(src, dst) }

var newZstd = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(mostWindow))
})

// Zstd unpacks a zstd frame into dst and says how many bytes that gave. A frame
// of more than dst holds is an error, found before it is unpacked where the
// frame says so.
func Zstd(dst, src []byte) (int, error) {
	d, err := newZstd()
	if err != nil {
		return 0, err
	}
	var h zstd.Header
	if err := h.Decode(src); err != nil {
		return 0, err
	}
	if h.HasFCS && h.FrameContentSize > uint64(len(dst)) || h.WindowSize > mostWindow {
		return 0, fault.Invalidf("a block of %d bytes, expected at most %d", h.FrameContentSize, len(dst))
	}
	out, err := d.DecodeAll(src, dst[:0])
	if len(out) > len(dst) {
		return 0, fault.Invalidf("a block of %d bytes, expected at most %d", len(out), len(dst))
	}
	return copy(dst, out), err
}

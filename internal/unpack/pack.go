package unpack

import (
	"sync"

	"github.com/pierrec/lz4/v4"
)

var packers = sync.Pool{New: func() any { return new(lz4.Compressor) }}

// PackLZ4 appends src as a raw LZ4 block to dst; ok is false where that saves
// nothing, and dst is then as it was. It serves files that live as long as a
// query; what is kept is not compressed.
func PackLZ4(dst, src []byte) (out []byte, ok bool) {
	at := len(dst)
	need := lz4.CompressBlockBound(len(src))
	if cap(dst)-at < need {
		dst = append(make([]byte, 0, at+need), dst...)
	}
	c := packers.Get().(*lz4.Compressor)
	defer packers.Put(c)
	n, err := c.CompressBlock(src, dst[at:at+need])
	if err != nil || n == 0 || n >= len(src) {
		return dst[:at], false
	}
	return dst[:at+n], true
}

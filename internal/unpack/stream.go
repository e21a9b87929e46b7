package unpack

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"

	"github.com/ovatedb/ovate/internal/fault"
)

// streams are the compressions by the extension of names.
var streams = map[string]func(io.ReadCloser) (io.Reader, error){
	".gz":  func(r io.ReadCloser) (io.Reader, error) { return gzip.NewReader(r) },
	".bz2": func(r io.ReadCloser) (io.Reader, error) { return bzip2.NewReader(r), nil },
	".sz":  func(r io.ReadCloser) (io.Reader, error) { return snappy.NewReader(r), nil },
	".zst": unpackZstd,
	".zip": unpackZip,
}

// Reader reads r as the extension of its name says, or as it is. Closing
// the result closes r.
func Reader(r io.ReadCloser, name string) (io.ReadCloser, error) {
	open := streams[strings.ToLower(path.Ext(name))]
	if open == nil {
		return r, nil
	}
	in, err := open(r)
	if err != nil {
		r.Close()
		return nil, fault.Invalidf("%s: not compressed as its name says: %v", name, err)
	}
	return &unpacked{in, r}, nil
}

type unpacked struct {
	io.Reader
	under io.Closer
}

func (u *unpacked) Close() error {
	if z, ok := u.Reader.(*zstd.Decoder); ok {
		z.Close()
	}
	return u.under.Close()
}

func unpackZstd(r io.ReadCloser) (io.Reader, error) { return zstd.NewReader(r) }

// unpackZip reads the files of an archive one after the other. The archive is
// held in memory, as its index is at its end.
func unpackZip(r io.ReadCloser) (io.Reader, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	var parts []io.Reader
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		p, err := f.Open()
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return io.MultiReader(parts...), nil
}

package druidv9

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// files are the internal files of a segment, in memory.
type files struct {
	open  func(name string) ([]byte, error) // a file of the segment's folder
	parts map[string]part
	chunk map[int][]byte
}

type part struct{ chunk, start, end int }

func openDir(dir string) (*files, error) {
	return newFiles(func(name string) ([]byte, error) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fault.Invalidf("no segment of Druid's: %v", err)
		}
		return b, nil
	})
}

// deflate makes at most 1,032 bytes of one.
const mostDeflated = 1032

func unzip(z *zip.Reader, size int64) (*files, error) {
	left := size*mostDeflated + 1024
	byName := map[string]*zip.File{}
	for _, f := range z.File {
		byName[f.Name] = f
	}
	return newFiles(func(name string) ([]byte, error) {
		f, ok := byName[name]
		if !ok {
			return nil, fault.Invalidf("no segment of Druid's: the zip file has no %s at its top level", name)
		}
		r, err := f.Open()
		if err != nil {
			return nil, fault.Invalidf("%s: %v", name, err)
		}
		defer r.Close()
		buf := new(bytes.Buffer)
		if want := int64(f.UncompressedSize64); want > 0 && want <= min(left, int64(f.CompressedSize64)*mostDeflated) {
			buf.Grow(int(want) + bytes.MinRead)
		}
		n, err := io.Copy(buf, io.LimitReader(r, left+1))
		if left -= n; err != nil || left < 0 {
			return nil, fault.Invalidf("%s: cannot be unpacked: %v", name, err)
		}
		return buf.Bytes(), nil
	})
}

func newFiles(open func(string) ([]byte, error)) (*files, error) {
	fs := &files{open: open, parts: map[string]part{}, chunk: map[int][]byte{}}
	v, err := open("version.bin")
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(v, []byte{0, 0, 0, 9}) {
		return nil, fault.New(fault.Unsupported, "version.bin is % x, expected version 9", v)
	}
	meta, err := open("meta.smoosh")
	if err != nil {
		return nil, err
	}
	return fs, fault.At(fs.readMeta(string(meta)), "[meta.smoosh]")
}

// readMeta reads lines of name,chunk,start,end after a first line of
// v1,size,chunks. Names may hold commas.
func (fs *files) readMeta(text string) error {
	first, lines, _ := strings.Cut(text, "\n")
	head := strings.Split(strings.TrimSpace(first), ",")
	if len(head) != 3 || head[0] != "v1" {
		return fault.Invalidf("begins with %q, expected v1,SIZE,CHUNKS", first)
	}
	for i, line := range strings.Split(lines, "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			continue
		}
		var n [3]int
		name := line
		for j := 2; j >= 0; j-- {
			comma := strings.LastIndexByte(name, ',')
			if comma < 0 {
				return fault.Invalidf("line %d is %q, expected name,chunk,start,end", i+2, line)
			}
			x, err := strconv.Atoi(name[comma+1:])
			if err != nil || x < 0 {
				return fault.Invalidf("line %d is %q, expected name,chunk,start,end", i+2, line)
			}
			n[j], name = x, name[:comma]
		}
		fs.parts[name] = part{n[0], n[1], n[2]}
	}
	return nil
}

func (fs *files) has(name string) bool { _, ok := fs.parts[name]; return ok }

// get is an internal file.
func (fs *files) get(name string) ([]byte, error) {
	p, ok := fs.parts[name]
	if !ok {
		return nil, fault.Invalidf("no internal file %q", name)
	}
	chunk, ok := fs.chunk[p.chunk]
	if !ok {
		var err error
		if chunk, err = fs.open(fmt.Sprintf("%05d.smoosh", p.chunk)); err != nil {
			return nil, err
		}
		fs.chunk[p.chunk] = chunk
	}
	if p.start > p.end || p.end > len(chunk) {
		return nil, fault.Invalidf("internal file %q is bytes %d to %d of %d", name, p.start, p.end, len(chunk))
	}
	return chunk[p.start:p.end:p.end], nil
}

// cursor is get to read through.
func (fs *files) cursor(name string) (*cursor, error) {
	b, err := fs.get(name)
	return &cursor{b: b}, err
}

// size is the bytes read so far.
func (fs *files) size() int64 {
	n := int64(0)
	for _, c := range fs.chunk {
		n += int64(len(c))
	}
	return n
}

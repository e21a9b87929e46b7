package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"sync"
	"syscall"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// A Storage is a directory with a file a key. A file is written beside, in
// the directory .new, synced and renamed: it is whole or not there. Nothing
// outside of the directory can be reached, also not by symbolic links. Many
// files that are put at once are synced together.
type Storage struct {
	root  *os.Root
	top   *os.File // the directory itself
	turns chan struct{}
	flusher
}

var _ cluster.Storage = (*Storage)(nil)

const unfinished = ".new"

// putsAtOnce is how many files are written or renamed at once; any number may
// wait to be durable meanwhile.
const putsAtOnce = 16

// OpenStorage opens or makes dir, which belongs to this Storage alone. Writes
// that an earlier process did not finish are removed.
func OpenStorage(dir string) (*Storage, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(root.RemoveAll(unfinished), root.Mkdir(unfinished, 0o755)); err != nil {
		root.Close()
		return nil, err
	}
	top, err := root.Open(".")
	if err != nil {
		root.Close()
		return nil, err
	}
	return &Storage{root, top, make(chan struct{}, putsAtOnce), flusher{root: root, all: flushAll(top)}}, nil
}

// Close closes the directory.
func (s *Storage) Close() error { return errors.Join(s.top.Close(), s.root.Close()) }

// Put implements cluster.Storage.
func (s *Storage) Put(ctx context.Context, key string, r io.Reader) error {
	if err := checkKey(key); err != nil {
		return err
	}
	temp := path.Join(unfinished, rand.Text())
	err := s.inTurn(func() error { return s.write(temp, bounded{ctx, r}) })
	if err == nil {
		err = s.flush(temp)
	}
	if err == nil {
		err = s.inTurn(func() error { return s.rename(temp, key) })
	}
	if err != nil {
		return errors.Join(err, s.root.RemoveAll(temp))
	}
	return s.flush(above(key)...)
}

// inTurn does f when there is room for one more.
func (s *Storage) inTurn(f func() error) error {
	s.turns <- struct{}{}
	defer func() { <-s.turns }()
	return f()
}

// rename gives a written file its name.
func (s *Storage) rename(temp, key string) error {
	dir := path.Dir(key)
	for try := 0; ; try++ { // Delete may remove a directory that was just made
		err := s.root.MkdirAll(dir, 0o755)
		if err == nil {
			err = s.root.Rename(temp, key)
		}
		if !errors.Is(err, fs.ErrNotExist) || try == 10 {
			return err
		}
	}
}

// copying are what files are copied by.
var copying = sync.Pool{New: func() any { return new([64 << 10]byte) }}

func (s *Storage) write(name string, r io.Reader) error {
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	buf := copying.Get().(*[64 << 10]byte)
	defer copying.Put(buf)
	_, err = io.CopyBuffer(struct{ io.Writer }{f}, r, buf[:])
	return errors.Join(err, f.Close())
}

// above are the directories that a key is in, the root last: to sync them makes
// the names of the file and of all of them durable.
func above(key string) (out []string) {
	for dir := path.Dir(key); ; dir = path.Dir(dir) {
		if out = append(out, dir); dir == "." {
			return out
		}
	}
}

// Open implements cluster.Storage.
func (s *Storage) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := errors.Join(checkKey(key), ctx.Err()); err != nil {
		return nil, err
	}
	f, err := s.root.Open(key)
	if err == nil {
		var info fs.FileInfo
		if info, err = f.Stat(); err == nil && info.IsDir() {
			err = fs.ErrNotExist
		}
		if err != nil {
			f.Close()
		}
	}
	if absent(err) {
		return nil, fault.New(fault.NotFound, "deep storage has no object %q", key)
	}
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{bounded{ctx, f}, f}, nil
}

// List implements cluster.Storage.
func (s *Storage) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		top := path.Dir(prefix + "x") // the directory that all of them are in
		if top != "." && checkKey(top) != nil {
			return // no key begins with this
		}
		err := fs.WalkDir(s.root.FS(), top, func(key string, e fs.DirEntry, err error) error {
			switch {
			case absent(err): // deleted meanwhile, or never there
				return nil
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case e.IsDir():
				inside := key == "." || strings.HasPrefix(key+"/", prefix) || strings.HasPrefix(prefix, key+"/")
				if !inside || key == unfinished {
					return fs.SkipDir
				}
			case strings.HasPrefix(key, prefix) && !yield(key, nil):
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield("", err)
		}
	}
}

// Delete implements cluster.Storage. Directories that it leaves empty go too.
func (s *Storage) Delete(ctx context.Context, key string) error {
	if err := errors.Join(checkKey(key), ctx.Err()); err != nil {
		return err
	}
	if info, err := s.root.Stat(key); err == nil && info.IsDir() {
		return nil // not a key
	}
	if err := s.root.Remove(key); err != nil && !absent(err) {
		return err
	}
	for dir := path.Dir(key); dir != "."; dir = path.Dir(dir) {
		if s.root.Remove(dir) != nil {
			break // not empty
		}
	}
	return nil
}

// absent says whether an error means that there is no such file.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func checkKey(key string) error {
	if !fs.ValidPath(key) || key == "." || strings.ContainsAny(key, "\\\x00") || strings.HasPrefix(key+"/", unfinished+"/") {
		return fault.Invalidf("storage key %q: expected names with \"/\" between them, none of them empty, \".\" or \"..\"", key)
	}
	return nil
}

// bounded is a reader that ends with its context.
type bounded struct {
	ctx context.Context
	r   io.Reader
}

func (b bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

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
	"syscall"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// A Storage is a directory with a file a key. A file is written beside, in
// the directory .new, synced and renamed: it is whole or not there. Nothing
// outside of the directory can be reached, also not by symbolic links.
type Storage struct{ root *os.Root }

var _ cluster.Storage = (*Storage)(nil)

const unfinished = ".new"

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
	return &Storage{root}, nil
}

// Close closes the directory.
func (s *Storage) Close() error { return s.root.Close() }

// Put implements cluster.Storage.
func (s *Storage) Put(ctx context.Context, key string, r io.Reader) error {
	if err := checkKey(key); err != nil {
		return err
	}
	temp := path.Join(unfinished, rand.Text())
	defer s.root.Remove(temp) // not there any more if all went well
	if err := s.write(temp, bounded{ctx, r}); err != nil {
		return err
	}
	dir := path.Dir(key)
	for try := 0; ; try++ { // Delete may remove a directory that was just made
		err := s.root.MkdirAll(dir, 0o755)
		if err == nil {
			err = s.root.Rename(temp, key)
		}
		if err == nil {
			return s.syncUp(dir)
		}
		if !errors.Is(err, fs.ErrNotExist) || try == 10 {
			return err
		}
	}
}

func (s *Storage) write(name string, r io.Reader) error {
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncUp makes the names in a directory durable, and its own, up to the root.
func (s *Storage) syncUp(dir string) error {
	for {
		f, err := s.root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil || dir == "." {
			return err
		}
		dir = path.Dir(dir)
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

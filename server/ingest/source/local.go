package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/unpack"
)

func init() { sources.Add("local", new(local)) }

// local is files: those listed, or those in a directory and below whose name
// matches a pattern.
type local struct {
	BaseDir string   `json:"baseDir"`
	Filter  string   `json:"filter"`
	Files   []string `json:"files"`
}

// Check looks over the members.
func (l *local) Check() error {
	switch {
	case l.BaseDir == "" && len(l.Files) == 0:
		return fault.At(fault.Invalidf("either baseDir or files is required"), "baseDir")
	case l.BaseDir != "" && len(l.Files) > 0:
		return fault.At(fault.Invalidf("baseDir and files exclude each other"), "files")
	case l.BaseDir != "" && l.Filter == "":
		return fault.At(fault.Invalidf("a pattern of names is required with baseDir: \"*\" for all files"), "filter")
	}
	_, err := filepath.Match(l.Filter, "")
	return fault.At(err, "filter")
}

// Objects lists the files by name.
func (l *local) Objects(_ context.Context, env Env) ([]Object, error) {
	var out []Object
	for _, f := range l.Files {
		path := env.path(f)
		st, err := os.Stat(path)
		if err != nil {
			return nil, fault.At(fault.New(fault.NotFound, "%v", err), "files")
		}
		out = append(out, file(path, st.Size()))
	}
	if l.BaseDir == "" {
		return out, nil
	}
	err := filepath.WalkDir(env.path(l.BaseDir), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			return err
		}
		if ok, _ := filepath.Match(l.Filter, e.Name()); !ok {
			return nil
		}
		st, err := os.Stat(path) // through links
		if err != nil {
			return err
		}
		out = append(out, file(path, st.Size()))
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.At(fault.New(fault.NotFound, "there is no directory %s", env.path(l.BaseDir)), "baseDir")
	case err != nil:
		return nil, fault.At(fault.New(fault.Internal, "%v", err), "baseDir")
	case len(out) == 0:
		return nil, fault.At(fault.New(fault.NotFound, "no file in %s matches %q", env.path(l.BaseDir), l.Filter), "filter")
	}
	return out, nil
}

func (e Env) path(p string) string {
	if filepath.IsAbs(p) || e.Base == "" {
		return p
	}
	return filepath.Join(e.Base, p)
}

func file(path string, size int64) Object {
	return Object{Name: path, Size: size, Open: func(context.Context) (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, fault.New(fault.NotFound, "%v", err)
		}
		return unpack.Reader(f, path)
	}}
}

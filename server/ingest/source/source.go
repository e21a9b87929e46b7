// Package source finds the objects that rows are read from: files, URLs, text
// in the spec itself. It owns the family of input sources and decompression;
// what is inside the objects is the business of package format.
package source

import (
	"context"
	"io"

	"github.com/ovatedb/ovate/internal/jsontype"
)

// A Source is an inputSource of an ingestion spec.
type Source interface {
	// Objects lists what there is to read, in order.
	Objects(ctx context.Context, env Env) ([]Object, error)
}

// An Env is what a source may ask of who runs it.
type Env struct {
	Base string // relative paths of local files start here; "" is the working directory
}

// An Object is a file or like one.
type Object struct {
	Name string
	Size int64 // bytes as stored, 0 if not known
	Open func(ctx context.Context) (io.ReadCloser, error)
}

var sources = jsontype.New[Source]("inputSource", "type")

// Names are the names of the input sources.
func Names() []string { return sources.Names() }

package source

import (
	"context"
	"io"
	"strings"
)

func init() { sources.Add("inline", new(inline)) }

// inline is text in the spec itself.
type inline struct {
	Data string `json:"data"`
}

// Objects is the text.
func (i *inline) Objects(context.Context, Env) ([]Object, error) {
	return []Object{{Name: "inline", Size: int64(len(i.Data)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(i.Data)), nil
	}}}, nil
}

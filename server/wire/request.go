package wire

import (
	"encoding/json"
	"io"

	"github.com/ovatedb/ovate/internal/fault"
)

// head is the JSON part of a request.
type head struct {
	*Request
	Batches int `json:"batches"` // how many Rows follow
}

// writeRequest writes r and its rows.
func writeRequest(w io.Writer, r *Request) error {
	if err := writeJSON(w, jsonPart, head{r, len(r.Rows)}); err != nil {
		return err
	}
	out := &batchWriter{w: w}
	for _, b := range r.Rows {
		if err := out.write(b); err != nil {
			return err
		}
	}
	return nil
}

// readRequest reads what writeRequest writes.
func readRequest(in io.Reader) (*Request, error) {
	p := newParts(in)
	text, err := p.want(jsonPart)
	if err != nil {
		return nil, requestError(err)
	}
	h := head{Request: new(Request)}
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, requestError(err)
	}
	if h.Version != Version {
		return nil, fault.New(fault.Unsupported, "the fragment has wire version %d, this server speaks %d", h.Version, Version)
	}
	r := &batchReader{p: p}
	for range h.Batches {
		place, err := p.want(placePart)
		if err != nil {
			return nil, requestError(err)
		}
		b, err := r.read(place)
		if err != nil {
			return nil, requestError(err)
		}
		h.Rows = append(h.Rows, b)
	}
	return h.Request, nil
}

func requestError(err error) error {
	return fault.Invalidf("the request for a fragment is broken: %v", err)
}

package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// A Source opens what a loadSpec points to.
type Source func(ctx context.Context, loadSpec json.RawMessage) (io.ReadCloser, error)

// open finds the way to a segment's file: a source for the type of its
// loadSpec, else the cluster's Storage, else what needs neither.
func (n *Node) open(ctx context.Context, d *cluster.Descriptor) (io.ReadCloser, error) {
	loc, err := d.Location()
	if err != nil {
		return nil, err
	}
	if source := n.cfg.Sources[loc.Type]; source != nil {
		return source(ctx, d.LoadSpec)
	}
	switch {
	case loc.Key != "" && n.cfg.Storage != nil:
		return n.cfg.Storage.Open(ctx, loc.Key)
	case loc.Type == "local" && loc.Path != "":
		return openLocal(loc.Path)
	case loc.Type == "http" || loc.Type == "https":
		return openWeb(ctx, d.LoadSpec)
	}
	return nil, fault.Invalidf("loadSpec of type %q: this server has no way to it; expected s3_zip with a bucket and a key, local with a path, or http with a uri", loc.Type)
}

func openLocal(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "loadSpec: there is no file %s", path)
	}
	return f, err
}

// web waits for the answer to begin, not for its end.
var web = &http.Client{Transport: &http.Transport{
	Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: 30 * time.Second, IdleConnTimeout: time.Minute,
}}

func openWeb(ctx context.Context, loadSpec json.RawMessage) (io.ReadCloser, error) {
	var at struct {
		URI string `json:"uri"`
		URL string `json:"url"`
	}
	if err := json.Unmarshal(loadSpec, &at); err != nil {
		return nil, fault.Invalidf("loadSpec: %v", err)
	}
	if at.URI == "" {
		at.URI = at.URL
	}
	if u, err := url.Parse(at.URI); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fault.Invalidf("loadSpec: uri %q; expected http://HOST/PATH or https://HOST/PATH", at.URI)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.URI, nil)
	if err != nil {
		return nil, fault.Invalidf("loadSpec: uri %q: %v", at.URI, err)
	}
	res, err := web.Do(req)
	if err != nil {
		return nil, err
	}
	switch {
	case res.StatusCode == http.StatusOK:
		return res.Body, nil
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		err = fault.New(fault.NotFound, "%s: %s", at.URI, res.Status)
	default:
		err = fmt.Errorf("%s: %s", at.URI, res.Status)
	}
	return nil, errors.Join(err, res.Body.Close())
}

// tries is how often a download is begun, and firstWait how long after the
// first failure the second begins; the pause doubles.
const (
	tries     = 4
	firstWait = 500 * time.Millisecond
)

// again does f until it succeeds, or fails for a reason that time does not
// mend, or has failed too often.
func again(ctx context.Context, f func() error, failed func(try int, err error)) error {
	wait := firstWait
	for try := 1; ; try++ {
		err := f()
		if err == nil || try == tries || final(err) || ctx.Err() != nil {
			return err
		}
		failed(try, err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait *= 2
	}
}

// final says whether to try again would be in vain.
func final(err error) bool {
	var e *fault.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Kind == fault.NotFound || e.Kind == fault.Unsupported || e.Kind == fault.Limit || e.Kind == fault.Forbidden
}

package source

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/unpack"
)

func init() { sources.Add("http", new(web)) }

// web is objects behind URLs.
type web struct {
	URIs     []string          `json:"uris"`
	User     string            `json:"httpAuthenticationUsername"`
	Password string            `json:"httpAuthenticationPassword"`
	Headers  map[string]string `json:"requestHeaders"`
}

// Check looks over the members.
func (w *web) Check() error {
	if len(w.URIs) == 0 {
		return fault.At(fault.Invalidf("at least one address is required"), "uris")
	}
	for _, u := range w.URIs {
		p, err := url.Parse(u)
		if err != nil || p.Scheme != "http" && p.Scheme != "https" || p.Host == "" {
			return fault.At(fault.Invalidf("expected an address that begins with http:// or https://, got %q", u), "uris")
		}
	}
	return nil
}

// Objects is what the addresses stand for, one an address.
func (w *web) Objects(context.Context, Env) ([]Object, error) {
	var out []Object
	for _, u := range w.URIs {
		out = append(out, Object{Name: u, Open: func(ctx context.Context) (io.ReadCloser, error) { return w.open(ctx, u) }})
	}
	return out, nil
}

func (w *web) open(ctx context.Context, address string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fault.Invalidf("%s: %v", address, err)
	}
	for k, v := range w.Headers {
		req.Header.Set(k, v)
	}
	if w.User != "" {
		req.SetBasicAuth(w.User, w.Password)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "%s: %v", address, err)
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fault.New(fault.Unavailable, "%s: the server answered %s", address, resp.Status)
	}
	return unpack.Reader(resp.Body, req.URL.Path)
}

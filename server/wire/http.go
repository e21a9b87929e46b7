package wire

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/server"
)

// Path is where a server takes fragments by POST.
const Path = "/druid/internal/v1/fragment"

// mediaType is the type of bodies.
const mediaType = "application/vnd.ovate.fragment"

// signatureHeader carries the signature of who asks, for the server that is
// asked.
const signatureHeader = "X-Ovate-Signature"

// signatureAge is how old a signature may be: clocks differ, and a body with
// rows takes its time.
const signatureAge = 5 * time.Minute

// maxRequest bounds a request with its rows, in bytes.
const maxRequest = 4 << 30

// Handler serves fragments on HTTP. If secret is not empty, only who knows it
// is served. address is the one that others know this server by.
func Handler(s Server, secret server.Secret, address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			server.WriteJSON(w, http.StatusMethodNotAllowed, fault.Invalidf("fragments are sent by POST"))
			return
		}
		if err := secret.Check(r.Header.Get(signatureHeader), signatureAge, "fragment", address); err != nil {
			server.WriteError(w, fault.New(fault.Forbidden, "the request for a fragment is refused: %v", err))
			return
		}
		req, err := readRequest(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			server.WriteError(w, err)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		out := bufio.NewWriterSize(w, 64<<10)
		control := http.NewResponseController(w)
		facts := new(planner.Facts)
		flush := func() error {
			if err := out.Flush(); err != nil {
				return err
			}
			return control.Flush()
		}
		// An error here is the client's going away: there is nobody to tell.
		_ = writeAnswer(out, s.Fragment(r.Context(), req, facts), facts, flush)
	})
}

// Client asks the server at address, host:port, for fragments.
func Client(address string, secret server.Secret, c *http.Client) Server {
	return &client{address, secret, c}
}

type client struct {
	address string
	secret  server.Secret
	http    *http.Client
}

// Fragment sends the request while it is being written, and gives rows as they
// come. To stop early is to hang up, which ends the work there too.
func (c *client) Fragment(ctx context.Context, r *Request, facts *planner.Facts) exec.Batches {
	return func(yield func(*data.Batch, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		body, in := io.Pipe()
		defer body.Close()
		go func() { in.CloseWithError(writeRequest(in, r)) }()
		res, err := c.post(ctx, body)
		if err != nil {
			yield(nil, asked(ctx, err))
			return
		}
		defer res.Body.Close()
		for b, err := range readAnswer(res.Body, facts) {
			if !yield(b, asked(ctx, err)) {
				return
			}
		}
	}
}

func (c *client) post(ctx context.Context, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.address+Path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", mediaType)
	if c.secret != "" {
		req.Header.Set(signatureHeader, c.secret.Sign("fragment", c.address))
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "a server cannot be asked: %v", err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	return nil, refusal(res)
}

// refusal is the error of an answer that is none.
func refusal(res *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	var e struct {
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(text, &e) != nil || e.Message == "" {
		e.Message = fmt.Sprintf("%.200s", text)
	}
	return fault.New(fault.Internal, "server %s refused a fragment: %s: %s", res.Request.URL.Host, res.Status, e.Message)
}

// asked is err, or what ended ctx where that is the reason.
func asked(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

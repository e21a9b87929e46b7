package s3

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/fault"
)

var bg = context.Background()

func wantKind(t *testing.T, err error, kind fault.Kind, what string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Errorf("%s: error %v, want one of kind %d", what, err, kind)
	}
}

// torn is a server that gives an object in pieces: it breaks the connection
// after so many bytes each time.
type torn struct {
	data    []byte
	piece   int
	etag    func(request int) string
	sum     uint32 // what it says that the checksum is; 0: it says nothing
	asked   []string
	corrupt int // this byte is wrong, if above 0
}

func (s *torn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, r.Header.Get("Range"))
	etag := s.etag(len(s.asked))
	if m := r.Header.Get("If-Match"); m != "" && m != etag {
		w.WriteHeader(http.StatusPreconditionFailed)
		fmt.Fprint(w, `<Error><Code>PreconditionFailed</Code></Error>`)
		return
	}
	from, status := 0, http.StatusOK
	if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); n == 1 {
		status = http.StatusPartialContent
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(s.data)-1, len(s.data)))
	}
	w.Header().Set("ETag", etag)
	if s.sum != 0 {
		w.Header().Set("x-amz-checksum-crc32c", base64sum(s.sum))
	}
	rest := bytes.Clone(s.data[from:])
	if at := s.corrupt - from; s.corrupt > 0 && at >= 0 && at < len(rest) {
		rest[at] ^= 1
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(rest)))
	w.WriteHeader(status)
	w.Write(rest[:min(s.piece, len(rest))]) // the server breaks the connection if that is less than it said
}

func TestDownload(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 10_000)
	hash := md5.Sum(data)
	same := func(int) string { return `"` + hex.EncodeToString(hash[:]) + `"` }
	other := func(n int) string { return fmt.Sprintf(`"%d-2"`, n) }
	multi := func(int) string { return `"d41d8cd98f00b204e9800998ecf8427e-2"` }
	crc := crc32.Checksum(data, castagnoli)
	for _, c := range []struct {
		what   string
		server torn
		asked  int
		kind   fault.Kind
		fails  bool
	}{
		{"at once", torn{piece: 1 << 20, etag: same}, 1, 0, false},
		{"in pieces", torn{piece: 30_000, etag: same}, 4, 0, false},
		{"in pieces, checksum", torn{piece: 30_000, etag: multi, sum: crc}, 4, 0, false},
		{"replaced", torn{piece: 30_000, etag: other}, 2, fault.Conflict, true},
		{"wrong byte, MD5", torn{piece: 1 << 20, etag: same, corrupt: 77}, 1, fault.Unavailable, true},
		{"wrong byte, checksum", torn{piece: 30_000, etag: multi, sum: crc, corrupt: 70_000}, 4, fault.Unavailable, true},
		{"nothing comes", torn{piece: 0, etag: same}, 4, fault.Unavailable, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			c.server.data = data
			server := httptest.NewServer(&c.server)
			defer server.Close()
			s, err := New(Config{Bucket: "b", Endpoint: server.URL, AccessKey: "k", SecretKey: "s", Retries: 3})
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.OpenObject(bg, "other", "a/b")
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got, err := io.ReadAll(r)
			if c.fails {
				wantKind(t, err, c.kind, "read")
			} else if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if len(c.server.asked) != c.asked {
				t.Errorf("asked %d times, want %d: %q", len(c.server.asked), c.asked, c.server.asked)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	for key, ok := range map[string]bool{"a": true, "a/b.c": true, "..a": true, "": false, "a/../b": false, "/a": false, "a\\b": false, strings.Repeat("x", 901): false} {
		if err := checkKey(key); (err == nil) != ok {
			t.Errorf("key %q: %v", key, err)
		}
	}
	for _, cfg := range []Config{{Endpoint: "localhost:9000"}, {Prefix: "a/../b"}, {AccessKey: "k"}} {
		_, err := New(cfg)
		wantKind(t, err, fault.Invalid, fmt.Sprintf("%+v", cfg))
	}
}

func TestProfile(t *testing.T) {
	text := "[default]\naws_access_key_id = a\n# x\n[ work ]\nAWS_ACCESS_KEY_ID=b=\naws_secret_access_key = c \n"
	for name, want := range map[string]string{"default": "a ", "work": "b= c", "none": " "} {
		p, err := parseProfile(strings.NewReader(text), name)
		if got := p["aws_access_key_id"] + " " + p["aws_secret_access_key"]; err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", name, got, err, want)
		}
	}
}

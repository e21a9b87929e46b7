package source

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// readAll is the names and texts of all objects of a source.
func readAll(t *testing.T, spec, base string) (names []string, texts string) {
	t.Helper()
	s, err := sources.Decode("inputSource", json.RawMessage(spec))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := s.Objects(context.Background(), Env{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		r, err := o.Open(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(o.Name))
		texts += string(b)
	}
	return names, texts
}

func pack(t *testing.T, open func(io.Writer) io.WriteCloser, text string) []byte {
	var b bytes.Buffer
	w := open(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFilesAndCompression(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a.csv", []byte("a"))
	write("b.csv.gz", pack(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, "b"))
	write("c.csv.sz", pack(t, func(w io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(w) }, "c"))
	write("d.csv.zst", pack(t, func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z }, "d"))
	write("below/f.csv", []byte("f"))
	write("other.txt", []byte("no"))
	write(".hidden.csv", []byte("no"))
	var z bytes.Buffer
	zw := zip.NewWriter(&z)
	for _, part := range []string{"1", "2"} {
		w, err := zw.Create(part)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, "e"+part)
	}
	zw.Close()
	write("e.csv.zip", z.Bytes())
	names, texts := readAll(t, `{"type":"local","baseDir":".","filter":"*.csv*"}`, dir)
	if want := "a.csv b.csv.gz f.csv c.csv.sz d.csv.zst e.csv.zip"; strings.Join(names, " ") != want || texts != "abfcde1e2" {
		t.Errorf("%v %s, expected %s", names, texts, want)
	}
}

func TestHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "u" || password != "p" || r.Header.Get("X") != "y" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write(pack(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, "rows of "+r.URL.Path))
	}))
	defer server.Close()
	spec := `{"type":"http","uris":["` + server.URL + `/a.gz?x=1"],"httpAuthenticationUsername":"u","httpAuthenticationPassword":"p","requestHeaders":{"X":"y"}}`
	if _, texts := readAll(t, spec, ""); texts != "rows of /a.gz" {
		t.Error(texts)
	}
	s, err := sources.Decode("", json.RawMessage(`{"type":"http","uris":["`+server.URL+`/a"]}`))
	if err != nil {
		t.Fatal(err)
	}
	objects, _ := s.Objects(context.Background(), Env{})
	if _, err := objects[0].Open(context.Background()); err == nil || !strings.Contains(err.Error(), "401") {
		t.Error(err)
	}
}

func TestErrors(t *testing.T) {
	for spec, want := range map[string]string{
		`{"type":"local"}`: "baseDir: either baseDir or files is required",
		`{"type":"local","baseDir":"/nowhere","filter":"*"}`: "there is no directory",
		`{"type":"local","baseDir":"."}`:                     "filter: a pattern of names is required",
		`{"type":"local","files":["/nowhere/x"]}`:            "files: ",
		`{"type":"http","uris":["ftp://x"]}`:                 "uris: expected an address",
		`{"type":"local","baseDir":".","filter":"none.*"}`:   "no file in",
	} {
		s, err := sources.Decode("", json.RawMessage(spec))
		if err == nil {
			_, err = s.Objects(context.Background(), Env{})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %s", spec, err, want)
		}
	}
}

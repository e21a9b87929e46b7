//go:build integration

package s3

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/clustertest"
	"github.com/ovatedb/ovate/internal/fault"
)

var buckets atomic.Int64

func open(t *testing.T, prefix string) *Storage {
	t.Helper()
	endpoint := os.Getenv("OVATE_S3")
	if endpoint == "" {
		t.Fatal("OVATE_S3 is not set; .ci/cluster runs these tests")
	}
	s, err := New(Config{
		Bucket: fmt.Sprintf("test-%d-%d", rand.Uint32(), buckets.Add(1)), Prefix: prefix, Endpoint: endpoint, PartSize: leastPart,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.CreateBucket(bg, &s3.CreateBucketInput{Bucket: &s.cfg.Bucket}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStorage(t *testing.T) {
	for _, prefix := range []string{"", "druid/segments"} {
		t.Run("prefix "+prefix, func(t *testing.T) {
			clustertest.Storage(t, func(t *testing.T) cluster.Storage { return open(t, prefix) })
		})
	}
}

// TestLarge uploads in parts: all, or nothing.
func TestLarge(t *testing.T) {
	s := open(t, "p")
	data := make([]byte, 5*leastPart+12345)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	for _, size := range []int{len(data), 2 * leastPart, leastPart, leastPart + 1} {
		if err := s.Put(bg, "large", bytes.NewReader(data[:size])); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		for what, read := range map[string]func() (io.ReadCloser, error){
			"by key":    func() (io.ReadCloser, error) { return s.Open(bg, "large") },
			"by bucket": func() (io.ReadCloser, error) { return s.OpenObject(bg, s.cfg.Bucket, "p/large") },
		} {
			r, err := read()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			r.Close()
			if err != nil || !bytes.Equal(got, data[:size]) {
				t.Errorf("%s: %d bytes, %v, want %d", what, len(got), err, size)
			}
			if d := r.(*download); d.sum == nil {
				t.Errorf("%d bytes came without a checksum", size)
			}
		}
	}
	broken := errors.New("broken")
	if err := s.Put(bg, "new", io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("error %v, want the reader's", err)
	}
	_, err := s.Open(bg, "new")
	wantKind(t, err, fault.NotFound, "after a failed upload")
	left, err := s.client.ListMultipartUploads(bg, &s3.ListMultipartUploadsInput{Bucket: &s.cfg.Bucket})
	if err != nil || len(left.Uploads) != 0 {
		t.Errorf("%d uploads are left, %v", len(left.Uploads), err)
	}
}

// TestPages lists more than the server gives at once.
func TestPages(t *testing.T) {
	s := open(t, "")
	const n = 1100
	for i := range n {
		if err := s.Put(bg, fmt.Sprintf("d%d/%d", i%3, i), bytes.NewReader(nil)); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for key, err := range s.List(bg, "d") {
		if err != nil {
			t.Fatal(err)
		}
		seen[key] = true
	}
	if len(seen) != n {
		t.Errorf("%d keys, want %d", len(seen), n)
	}
}

func TestRefused(t *testing.T) {
	s := open(t, "")
	wrong, err := New(Config{Bucket: s.cfg.Bucket, Endpoint: s.cfg.Endpoint, AccessKey: "x", SecretKey: "y"})
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, wrong.Put(bg, "a", bytes.NewReader(nil)), fault.Invalid, "wrong secret")
	_, err = s.OpenObject(bg, "no-such-bucket", "a")
	wantKind(t, err, fault.Invalid, "no bucket")
}

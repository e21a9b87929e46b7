package s3

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ovatedb/ovate/internal/fault"
)

// A download is an object being read. It asks again for the rest when the
// connection breaks or gives nothing for stallTime, and ends with io.EOF only
// after all bytes came and their checksum was right.
type download struct {
	s           *Storage
	ctx         context.Context
	bucket, key string

	body   io.ReadCloser
	etag   string
	size   int64
	at     int64
	sum    hash.Hash // nil: the server has no checksum of the whole
	want   []byte
	failed int   // times in a row without a byte
	err    error // the end
}

// open asks for the object from at on.
func (d *download) open() error {
	in := &s3.GetObjectInput{Bucket: &d.bucket, Key: &d.key, ChecksumMode: types.ChecksumModeEnabled}
	if d.etag != "" {
		in.IfMatch = &d.etag
	}
	if d.at > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", d.at))
	}
	out, err := d.s.client.GetObject(d.ctx, in)
	switch {
	case absent(err):
		return fault.New(fault.NotFound, "deep storage has no object %q in bucket %s", d.key, d.bucket)
	case code(err) == "PreconditionFailed" || code(err) == "InvalidRange":
		return fault.New(fault.Conflict, "object %q in bucket %s was replaced while it was read", d.key, d.bucket)
	case err != nil:
		return d.s.away(d.ctx, "read", d.bucket, d.key, err)
	}
	length := aws.ToInt64(out.ContentLength)
	if d.at > 0 {
		if err := d.resumed(out, length); err != nil {
			out.Body.Close()
			return err
		}
	} else {
		if strings.HasSuffix(d.key, "/") { // a directory of a server over a file system
			out.Body.Close()
			return fault.New(fault.NotFound, "deep storage has no object %q in bucket %s", d.key, d.bucket)
		}
		d.etag, d.size = aws.ToString(out.ETag), length
		d.sum, d.want = checksum(out)
	}
	d.body = out.Body
	return nil
}

// resumed checks that an answer is the rest of what was read.
func (d *download) resumed(out *s3.GetObjectOutput, length int64) error {
	from := fmt.Sprintf("bytes %d-", d.at)
	if d.etag != "" && aws.ToString(out.ETag) != d.etag || length != d.size-d.at || !strings.HasPrefix(aws.ToString(out.ContentRange), from) {
		return fault.New(fault.Conflict, "object %q in bucket %s was replaced while it was read", d.key, d.bucket)
	}
	return nil
}

// checksum is what the server says that the whole is, in the best form it has.
func checksum(out *s3.GetObjectOutput) (hash.Hash, []byte) {
	whole := out.ChecksumType != types.ChecksumTypeComposite
	for _, c := range []struct {
		text *string
		make func() hash.Hash
	}{
		{out.ChecksumCRC32C, func() hash.Hash { return crc32.New(castagnoli) }},
		{out.ChecksumSHA256, sha256.New},
		{out.ChecksumCRC32, func() hash.Hash { return crc32.NewIEEE() }},
	} {
		sum := c.make()
		if b, err := base64.StdEncoding.DecodeString(aws.ToString(c.text)); whole && err == nil && len(b) == sum.Size() {
			return sum, b
		}
	}
	plain := out.ServerSideEncryption == "" || out.ServerSideEncryption == types.ServerSideEncryptionAes256
	if b, err := hex.DecodeString(strings.Trim(aws.ToString(out.ETag), `"`)); plain && err == nil && len(b) == md5.Size {
		return md5.New(), b
	}
	return nil, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Read implements io.Reader.
func (d *download) Read(p []byte) (int, error) {
	for d.err == nil {
		if d.at == d.size {
			d.err = d.check()
			break
		}
		if len(p) == 0 {
			return 0, nil
		}
		n, err := d.some(p)
		if n > 0 {
			d.failed = 0
			d.at += int64(n)
			if d.sum != nil {
				d.sum.Write(p[:n])
			}
			return n, nil
		}
		if err != nil {
			d.err = d.again(err)
		}
	}
	return 0, d.err
}

// some reads from the connection, and gives it up when it stalls.
func (d *download) some(p []byte) (int, error) {
	if d.body == nil {
		return 0, io.ErrUnexpectedEOF
	}
	body := d.body
	stalled := time.AfterFunc(stallTime, func() { body.Close() })
	defer stalled.Stop()
	n, err := body.Read(p[:min(int64(len(p)), d.size-d.at)])
	if n > 0 {
		err = nil // it comes again
	}
	return n, err
}

// again opens the rest after a failure, with growing patience.
func (d *download) again(cause error) error {
	if d.body != nil {
		d.body.Close()
		d.body = nil
	}
	for {
		if d.failed++; d.failed > d.s.cfg.Retries {
			return d.s.away(d.ctx, "read", d.bucket, d.key, fmt.Errorf("at byte %d of %d: %w", d.at, d.size, cause))
		}
		d.s.cfg.Log.Warn("a download broke", "bucket", d.bucket, "key", d.key, "at", d.at, "size", d.size, "error", cause)
		select {
		case <-d.ctx.Done():
			return d.ctx.Err()
		case <-time.After(min(50*time.Millisecond<<d.failed, 5*time.Second)):
		}
		if d.at == 0 { // what comes may be another object: nothing of it was given
			d.etag = ""
		}
		err := d.open()
		var e *fault.Error
		if err == nil || !errors.As(err, &e) || e.Kind != fault.Unavailable {
			return err
		}
		cause = err
	}
}

func (d *download) check() error {
	if d.sum != nil && string(d.sum.Sum(nil)) != string(d.want) {
		return fault.New(fault.Unavailable, "object %q in bucket %s came with %d bytes whose checksum is %x, expected %x",
			d.key, d.bucket, d.size, d.sum.Sum(nil), d.want)
	}
	return io.EOF
}

// Close implements io.Closer.
func (d *download) Close() error {
	if d.err == nil {
		d.err = errors.New("read after close")
	}
	if d.body == nil {
		return nil
	}
	return d.body.Close()
}

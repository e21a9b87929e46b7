package s3

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ovatedb/ovate/internal/fault"
)

// senders is how many parts of an upload are on their way at once.
const senders = 4

// Put implements cluster.Storage: one request if one part holds all, else a
// multipart upload, which is given up on any failure.
func (s *Storage) Put(ctx context.Context, key string, r io.Reader) error {
	if err := errors.Join(checkKey(key), ctx.Err()); err != nil {
		return err
	}
	part := make([]byte, s.cfg.PartSize)
	n, err := io.ReadFull(r, part)
	switch {
	case err == nil:
		return s.away(ctx, "write", s.cfg.Bucket, key, s.multipart(ctx, s.cfg.Prefix+key, part, r))
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err // the reader's
	}
	part = part[:n]
	_, err = s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.cfg.Bucket, Key: aws.String(s.cfg.Prefix + key), Body: bytes.NewReader(part), ContentLength: aws.Int64(int64(n)),
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc32c, ChecksumCRC32C: aws.String(base64sum(crc32.Checksum(part, castagnoli))),
	})
	return s.away(ctx, "write", s.cfg.Bucket, key, err)
}

// base64sum is a checksum as S3 writes it.
func base64sum(sum uint32) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// readerError is that of the source of an upload, which stays as it is.
type readerError struct{ error }

func (e readerError) Unwrap() error { return e.error }

// multipart uploads the first part and what r still has.
func (s *Storage) multipart(ctx context.Context, key string, part []byte, r io.Reader) error {
	begun, err := s.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &s.cfg.Bucket, Key: &key,
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc32c, ChecksumType: types.ChecksumTypeFullObject,
	})
	if err != nil {
		return err
	}
	u := &upload{s: s, key: key, id: aws.ToString(begun.UploadId)}
	sum, err := u.send(ctx, part, r)
	if err == nil {
		_, err = s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: &s.cfg.Bucket, Key: &key, UploadId: &u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.done},
			ChecksumCRC32C: aws.String(base64sum(sum)), ChecksumType: types.ChecksumTypeFullObject,
		})
	}
	if err == nil {
		return nil
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if _, aborted := s.client.AbortMultipartUpload(late, &s3.AbortMultipartUploadInput{Bucket: &s.cfg.Bucket, Key: &key, UploadId: &u.id}); aborted != nil {
		s.cfg.Log.Warn("an upload could not be given up; a lifecycle rule of the bucket may remove it", "key", key, "error", aborted)
	}
	var source readerError
	if errors.As(err, &source) {
		return fault.Of(source.error)
	}
	return err
}

// An upload is a multipart upload under way.
type upload struct {
	s       *Storage
	key, id string

	mu   sync.Mutex
	done []types.CompletedPart
	err  error
}

// send uploads all parts, and gives the checksum of the whole.
func (u *upload) send(ctx context.Context, part []byte, r io.Reader) (sum uint32, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var work sync.WaitGroup
	defer work.Wait()
	free := make(chan []byte, senders)
	for range senders - 1 {
		free <- nil
	}
	for number := int32(1); ; number++ {
		if number > maxParts {
			return 0, readerError{fault.New(fault.Limit, "an object of more than %d bytes", maxParts*int64(u.s.cfg.PartSize))}
		}
		sum = crc32.Update(sum, castagnoli, part)
		u.mu.Lock()
		u.done = append(u.done, types.CompletedPart{})
		u.mu.Unlock()
		full := part
		work.Go(func() {
			if err := u.sendPart(ctx, number, full); err != nil {
				u.fail(err)
				cancel()
			}
			free <- full[:cap(full)]
		})
		next := <-free
		if next == nil {
			next = make([]byte, u.s.cfg.PartSize)
		}
		n, err := io.ReadFull(r, next)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, readerError{err}
		}
		if part = next[:n]; n == 0 {
			break
		}
		if u.failed() != nil {
			break
		}
	}
	work.Wait()
	return sum, u.failed()
}

func (u *upload) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil {
		u.err = err
	}
}

func (u *upload) failed() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}

func (u *upload) sendPart(ctx context.Context, number int32, part []byte) error {
	sum := base64sum(crc32.Checksum(part, castagnoli))
	out, err := u.s.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &u.s.cfg.Bucket, Key: &u.key, UploadId: &u.id, PartNumber: &number, Body: bytes.NewReader(part),
		ContentLength: aws.Int64(int64(len(part))), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32c, ChecksumCRC32C: &sum,
	})
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.done[number-1] = types.CompletedPart{ETag: out.ETag, PartNumber: &number, ChecksumCRC32C: &sum}
	return nil
}

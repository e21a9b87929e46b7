// Package s3 keeps sealed segments in a bucket of S3 or of a server that
// speaks its language: a cluster.Storage. It reads other buckets too, for
// segments whose loadSpec names one.
//
// What is stored has a checksum of the whole object (CRC-32C); what is read is
// compared with the checksum that the server has, in whatever form, and goes on
// where it was after a connection broke, if the object is still the same one.
package s3

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// A Config says where the objects are.
type Config struct {
	Bucket    string // where Put, Open, List and Delete work
	Prefix    string // of all keys there
	Endpoint  string // http[s]://host[:port]; default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else Amazon's
	Region    string // default AWS_REGION, AWS_DEFAULT_REGION, us-east-1
	AccessKey string // default: see credentials.go
	SecretKey string
	Retries   int // of a request, and of a download without progress; default 5
	PartSize  int // bytes of a multipart upload's parts; default 16 MiB, at least 5 MiB
	Log       *slog.Logger
}

const (
	defaultRetries = 5
	defaultPart    = 16 << 20
	leastPart      = 5 << 20 // S3's
	maxParts       = 10_000  // S3's
	stallTime      = 30 * time.Second
)

// A Storage is a bucket.
type Storage struct {
	cfg    Config
	client *s3.Client
}

var _ cluster.Storage = (*Storage)(nil)

// New makes a client; it asks the server nothing.
func New(cfg Config) (*Storage, error) {
	if cfg.Endpoint == "" {
		cfg.Endpoint = first(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"))
	}
	if cfg.Endpoint != "" && !strings.HasPrefix(cfg.Endpoint, "http://") && !strings.HasPrefix(cfg.Endpoint, "https://") {
		return nil, fault.Invalidf("S3 endpoint %q: expected http://host:port or https://host", cfg.Endpoint)
	}
	cfg.Region = first(cfg.Region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), "us-east-1")
	cfg.Prefix = strings.Trim(cfg.Prefix, "/")
	if cfg.Prefix != "" {
		if err := checkKey(cfg.Prefix); err != nil {
			return nil, err
		}
		cfg.Prefix += "/"
	}
	if cfg.Retries <= 0 {
		cfg.Retries = defaultRetries
	}
	if cfg.PartSize == 0 {
		cfg.PartSize = defaultPart
	}
	cfg.PartSize = max(cfg.PartSize, leastPart)
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	provider, err := credentials(cfg)
	if err != nil {
		return nil, err
	}
	o := s3.Options{
		Region: cfg.Region, Credentials: provider,
		HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = stallTime
			t.MaxIdleConnsPerHost = 16
		}),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = cfg.Retries + 1
			o.MaxBackoff = 5 * time.Second
		}),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired, // ours are given
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired, // see download.go
	}
	if cfg.Endpoint != "" {
		o.BaseEndpoint = aws.String(cfg.Endpoint)
		o.UsePathStyle = true
	}
	return &Storage{cfg: cfg, client: s3.New(o)}, nil
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// Open implements cluster.Storage.
func (s *Storage) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return s.OpenObject(ctx, s.cfg.Bucket, s.cfg.Prefix+key)
}

// OpenObject reads an object of any bucket, as loadSpecs of type s3_zip name
// them. One that does not exist is fault.NotFound.
func (s *Storage) OpenObject(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	if bucket == "" || key == "" {
		return nil, fault.Invalidf("object %q of bucket %q: expected both names", key, bucket)
	}
	d := &download{s: s, ctx: ctx, bucket: bucket, key: key}
	if err := d.open(); err != nil {
		return nil, err
	}
	return d, nil
}

// List implements cluster.Storage.
func (s *Storage) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if dir := path.Dir(prefix + "x"); dir != "." && checkKey(dir) != nil {
			return // no key begins with this
		}
		pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{
			Bucket: &s.cfg.Bucket, Prefix: aws.String(s.cfg.Prefix + prefix),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield("", s.away(ctx, "list", s.cfg.Bucket, prefix, err))
				return
			}
			for _, o := range page.Contents {
				key, ok := strings.CutPrefix(aws.ToString(o.Key), s.cfg.Prefix)
				if !ok || checkKey(key) != nil { // another program's: a directory, for one
					continue
				}
				if !yield(key, nil) {
					return
				}
			}
		}
	}
}

// Delete implements cluster.Storage.
func (s *Storage) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.cfg.Bucket, Key: aws.String(s.cfg.Prefix + key)})
	if absent(err) || code(err) == "DirectoryNotEmpty" { // of servers over a file system: not a key
		return nil
	}
	return s.away(ctx, "delete", s.cfg.Bucket, key, err)
}

// coded is an error that the server gave a name.
type coded interface {
	error
	ErrorCode() string
}

func code(err error) string {
	var c coded
	if errors.As(err, &c) {
		return c.ErrorCode()
	}
	return ""
}

// absent says whether an error means that there is no such object.
func absent(err error) bool {
	var noKey *types.NoSuchKey
	var notFound *types.NotFound
	return errors.As(err, &noKey) || errors.As(err, &notFound) || code(err) == "NoSuchKey" || code(err) == "NotFound" ||
		code(err) == "ObjectParentIsFile" // of servers over a file system
}

// away names what failed. Our errors and those of contexts stay.
func (s *Storage) away(ctx context.Context, what, bucket, key string, err error) error {
	var ours *fault.Error
	switch {
	case err == nil, errors.As(err, &ours):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	kind := fault.Unavailable
	var answered interface{ HTTPStatusCode() int }
	if errors.As(err, &answered) {
		status := answered.HTTPStatusCode()
		if status/100 == 4 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests {
			kind = fault.Invalid // to ask again would not help
		}
	}
	return &fault.Error{Kind: kind, Message: "deep storage: " + what + " " + bucket + "/" + key + ": " + err.Error(), Cause: err}
}

// checkKey refuses what is no path: it could mean another object to a server
// or to a file system behind it.
func checkKey(key string) error {
	bad := strings.ContainsAny(key, "\\\x00") || len(key) > 900
	for _, e := range strings.Split(key, "/") {
		bad = bad || e == "" || e == "." || e == ".."
	}
	if bad {
		return fault.Invalidf("storage key %q: expected names with \"/\" between them, none of them empty, \".\" or \"..\"", key)
	}
	return nil
}

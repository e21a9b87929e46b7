//go:build processes

package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/mysql"
	"github.com/ovatedb/ovate/cluster/s3"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// A deepStorage is where segments are published: a bucket and tables.
type deepStorage struct {
	bucket string
	store  *s3.Storage
	meta   *mysql.Metadata
	count  int // segments that were published
}

func openStorage(ctx context.Context, t *testing.T, name string) *deepStorage {
	t.Helper()
	endpoint := env(t, "OVATE_S3")
	client := sdk.New(sdk.Options{BaseEndpoint: &endpoint, UsePathStyle: true, Region: "us-east-1",
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider(env(t, "AWS_ACCESS_KEY_ID"), env(t, "AWS_SECRET_ACCESS_KEY"), ""))})
	if _, err := client.CreateBucket(ctx, &sdk.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	store, err := s3.New(s3.Config{Bucket: name, Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	meta, err := mysql.New(ctx, mysql.Config{URI: env(t, "OVATE_MYSQL"), SegmentTable: name + "_segments", RuleTable: name + "_rules",
		ConfigTable: name + "_config", DocumentTable: name + "_documents", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { meta.Close() })
	return &deepStorage{bucket: name, store: store, meta: meta}
}

// publish stores segments' files and then publishes all of them.
func (s *deepStorage) publish(ctx context.Context, list []cluster.Descriptor, paths []string) error {
	for i := range list {
		d := &list[i]
		text, err := os.ReadFile(paths[i])
		if err != nil {
			return err
		}
		key := cluster.StorageKey(d.ID(), filepath.Base(paths[i]))
		if err := s.store.Put(ctx, key, bytes.NewReader(text)); err != nil {
			return err
		}
		if d.LoadSpec, err = json.Marshal(cluster.Location{Type: "s3_zip", Bucket: s.bucket, Key: key}); err != nil {
			return err
		}
	}
	if err := s.meta.Commit(ctx, cluster.Commit{Publish: list}); err != nil {
		return err
	}
	s.count += len(list)
	return nil
}

// publishCorpus publishes what the corpus was recorded from.
func (s *deepStorage) publishCorpus(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(testdata, "segments", "segments.jsonl"))
	if err != nil {
		return err
	}
	var list []cluster.Descriptor
	var paths []string
	for line := range strings.Lines(string(text)) {
		var d cluster.Descriptor
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			return err
		}
		at, err := d.Location()
		if err != nil {
			return err
		}
		list, paths = append(list, d), append(paths, filepath.Join(testdata, at.Path))
	}
	return s.publish(ctx, list, paths)
}

// canaryRows is how many rows each segment of the source "canary" has.
const canaryRows = 3

// publishCanary publishes one small segment more of the source "canary".
func (c *crowd) publishCanary(ctx context.Context) (segment.ID, error) {
	day := chrono.Interval{Start: int64(c.canary) * 86_400_000, End: int64(c.canary+1) * 86_400_000}
	d := cluster.Descriptor{Source: "canary", Interval: day, Version: "v1", Shard: &cluster.Numbered{Partitions: 1}}
	b := data.NewBuilder(data.LongType)
	for i := range canaryRows {
		b.Append(day.Start + int64(i))
	}
	path := filepath.Join(c.dir, fmt.Sprintf("canary-%d.ovate", c.canary))
	if err := file.Write(path, d.ID(), segment.Info{TimeSorted: true}, []file.Column{{Field: data.Field{Name: segment.Time, Type: data.LongType}, Vec: b.Vec()}}); err != nil {
		return d.ID(), err
	}
	if err := c.shelf.publish(ctx, []cluster.Descriptor{d}, []string{path}); err != nil {
		return d.ID(), err
	}
	c.canary++
	return d.ID(), nil
}

// sing publishes a canary and waits until the broker counts its rows. heard is
// how long after the first announcement that was.
func (c *crowd) sing(ctx context.Context, patience time.Duration) (heard time.Duration, err error) {
	end := time.Now().Add(patience)
	var id segment.ID
	if err := within(patience, func() error { id, err = c.publishCanary(ctx); return err }); err != nil {
		return 0, fmt.Errorf("a segment cannot be published: %w", err)
	}
	err = within(time.Until(end), func() error {
		rows, err := c.sql("SELECT COUNT(*) FROM canary")
		if err == nil && rows[0][0] != float64(canaryRows*c.canary) {
			err = fmt.Errorf("%v rows of %d", rows[0][0], canaryRows*c.canary)
		}
		return err
	})
	seen := time.Now()
	if err != nil {
		return 0, fmt.Errorf("the new segment %s: %w", id, err)
	}
	first, err := c.announced(id)
	return seen.Sub(first), err
}

// announced is when a segment was first announced, as the logs have it.
func (c *crowd) announced(id segment.ID) (first time.Time, err error) {
	err = within(5*time.Second, func() error {
		for name := range c.parts {
			p, ok := c.parts[name].(*process)
			if !ok || p.role != "compute" {
				continue
			}
			text, err := os.ReadFile(p.log())
			if err != nil {
				return err
			}
			for line := range strings.Lines(string(text)) {
				if !strings.Contains(line, "Announcing segment["+id.String()+"]") {
					continue
				}
				stamp, _, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
				at, err := time.Parse(time.RFC3339Nano, stamp)
				if err == nil && (first.IsZero() || at.Before(first)) {
					first = at
				}
			}
		}
		if first.IsZero() {
			return fmt.Errorf("no log says that %s was announced", id)
		}
		return nil
	})
	return first, err
}

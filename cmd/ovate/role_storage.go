package main

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/s3"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server/compute"
)

// An objectStore is the deep storage of a cluster and where it lies.
type objectStore struct {
	*s3.Storage
	bucket string
	prefix string // of all keys, with "/" at its end unless it is empty
}

// objects is the cluster's deep storage, as the properties name it.
func objects(p *process) (objectStore, error) {
	c := p.config
	out := objectStore{bucket: c.text("", "druid.storage.bucket"), prefix: strings.Trim(c.text("", "druid.storage.baseKey"), "/")}
	var err error
	out.Storage, err = s3.New(s3.Config{
		Bucket:    out.bucket,
		Prefix:    out.prefix,
		Endpoint:  c.text("", "druid.s3.endpoint.url"),
		Region:    c.text("", "druid.s3.endpoint.signingRegion"),
		AccessKey: c.text("", "com.metamx.aws.accessKey", "druid.s3.accessKey"),
		SecretKey: c.text("", "com.metamx.aws.secretKey", "druid.s3.secretKey"),
		Log:       p.log,
	})
	if out.prefix != "" {
		out.prefix += "/"
	}
	return out, err
}

// location is how a key is written in a loadSpec.
func (o objectStore) location(key string) cluster.Location {
	return cluster.Location{Type: "s3_zip", Bucket: o.bucket, Key: o.prefix + key}
}

// erase deletes what a loadSpec names, if it is in our bucket and below our
// prefix: what lies elsewhere is somebody else's.
func (o objectStore) erase(ctx context.Context, loadSpec json.RawMessage) error {
	var at cluster.Location
	if err := json.Unmarshal(loadSpec, &at); err != nil || at.Bucket != o.bucket || at.Type != "s3_zip" && at.Type != "s3" {
		return nil
	}
	key, ours := strings.CutPrefix(at.Key, o.prefix)
	if !ours {
		return nil
	}
	return o.Delete(ctx, key)
}

// deepStorage is how a compute server gets to segments, by the type of their
// loadSpecs. What is on local disks and the web it can read by itself.
func deepStorage(p *process) (map[string]compute.Source, error) {
	store, err := objects(p)
	if err != nil {
		return nil, err
	}
	object := func(ctx context.Context, loadSpec json.RawMessage) (io.ReadCloser, error) {
		var at struct {
			Bucket string `json:"bucket"`
			Key    string `json:"key"`
		}
		if err := json.Unmarshal(loadSpec, &at); err != nil {
			return nil, fault.Invalidf("loadSpec: %v", err)
		}
		if at.Key == "" {
			return nil, fault.Invalidf("loadSpec: key is missing; expected a bucket and a key")
		}
		if at.Bucket == "" {
			return store.Open(ctx, at.Key)
		}
		return store.OpenObject(ctx, at.Bucket, at.Key)
	}
	return map[string]compute.Source{"s3_zip": object, "s3": object}, nil
}

package main

import (
	"context"
	"encoding/json"
	"io"

	"github.com/ovatedb/ovate/cluster/s3"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/server/compute"
)

// deepStorage is how a compute server gets to segments, by the type of their
// loadSpecs. What is on local disks and the web it can read by itself.
func deepStorage(p *process) (map[string]compute.Source, error) {
	c := p.config
	store, err := s3.New(s3.Config{
		Bucket:    c.text("", "druid.storage.bucket"),
		Prefix:    c.text("", "druid.storage.baseKey"),
		Endpoint:  c.text("", "druid.s3.endpoint.url"),
		Region:    c.text("", "druid.s3.endpoint.signingRegion"),
		AccessKey: c.text("", "com.metamx.aws.accessKey", "druid.s3.accessKey"),
		SecretKey: c.text("", "com.metamx.aws.secretKey", "druid.s3.secretKey"),
		Log:       p.log,
	})
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

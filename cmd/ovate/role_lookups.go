package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/server/broker"
)

// lookupsEvery is how often servers ask a master for the lookups.
const lookupsEvery = 3 * time.Second

// fetchLookups takes over the lookups that masters know, until ctx ends.
func (p *process) fetchLookups(ctx context.Context, to *broker.Lookups) error {
	client := &http.Client{Timeout: 10 * time.Second}
	var last []byte
	for {
		for _, s := range p.view.Servers() {
			if s.Type != cluster.Master {
				continue
			}
			text, err := getAll(ctx, client, "http://"+s.Host+"/druid/coordinator/v1/lookups/config/all")
			if err != nil {
				p.log.Debug("a master does not tell its lookups", "master", s.Host, "error", err)
				continue
			}
			if !bytes.Equal(text, last) {
				if err := to.Set(text); err != nil {
					p.badLookups(err)
				}
				last = text
			}
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookupsEvery):
		}
	}
}

// maxLookups bounds what is read, in bytes.
const maxLookups = 1 << 30

func getAll(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s", res.Status)
	}
	return io.ReadAll(io.LimitReader(res.Body, maxLookups))
}

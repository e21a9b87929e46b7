package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/segment"
)

// A broker keeps in mind segments that nobody serves any more: queries of them
// fail, where they would else be answered in part. lostGrace is how long a
// server must go on for it to have dropped them on purpose; lostEvery is how
// often a master is asked whether they are still to be served.
const (
	lostGrace = time.Second
	lostEvery = 2 * time.Second
)

// forgetUnused asks masters about lost segments until ctx ends.
func (p *process) forgetUnused(ctx context.Context) error {
	client := &http.Client{Timeout: 10 * time.Second}
	for ctx.Err() == nil {
		for source, ids := range p.view.Lost() {
			used, err := p.usedSegments(ctx, client, source)
			if err != nil {
				p.log.Warn("segments that nobody serves are missed until a master says that they need not be", "source", source, "segments", len(ids), "error", err)
				continue
			}
			var unused []segment.ID
			for _, id := range ids {
				if !used[id.String()] {
					unused = append(unused, id)
				}
			}
			p.view.Forget(unused...)
		}
		pause(ctx, lostEvery)
	}
	return nil
}

// usedSegments are the segments of a source that are published and used, as a
// master has it.
func (p *process) usedSegments(ctx context.Context, client *http.Client, source string) (map[string]bool, error) {
	err := fmt.Errorf("no master is there")
	for _, s := range p.view.Servers() {
		if s.Type != cluster.Master {
			continue
		}
		var ids []string
		if ids, err = listOf(ctx, client, "http://"+s.Host+"/druid/coordinator/v1/metadata/datasources/"+url.PathEscape(source)+"/segments"); err != nil {
			continue
		}
		used := map[string]bool{}
		for _, id := range ids {
			used[id] = true
		}
		return used, nil
	}
	return nil, err
}

// listOf is the JSON list at a URL; what is not found is an empty one.
func listOf(ctx context.Context, client *http.Client, url string) (list []string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusNotFound:
		return nil, nil
	case http.StatusOK:
		return list, json.NewDecoder(res.Body).Decode(&list)
	}
	return nil, fmt.Errorf("%s", res.Status)
}

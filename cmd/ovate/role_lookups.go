package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/server/broker"
)

// lookupsEvery is how often servers ask a master for the lookups;
// lookupsPatience is how long one that starts waits for the first answer.
const (
	lookupsEvery    = 3 * time.Second
	lookupsPatience = 10 * time.Second
)

// A lookupFollower takes over the lookups that masters know.
type lookupFollower struct {
	p     *process
	to    *broker.Lookups
	file  string        // what was told last is kept there; "": nowhere
	there chan struct{} // closed when a master told them
	once  sync.Once
	last  []byte
}

// followLookups makes a follower. What an earlier process left in the file
// holds until a master tells more.
func (p *process) followLookups(to *broker.Lookups, file string) *lookupFollower {
	f := &lookupFollower{p: p, to: to, file: file, there: make(chan struct{})}
	if text, err := os.ReadFile(file); err == nil && file != "" {
		if err := to.Set(text); err != nil {
			p.badLookups(err)
		}
	}
	return f
}

// run asks until ctx ends.
func (f *lookupFollower) run(ctx context.Context) error {
	client := &http.Client{Timeout: 10 * time.Second}
	for {
		changed := f.p.view.Changed()
		text, found := f.ask(ctx, client)
		next := time.After(lookupsEvery)
		if found {
			f.set(text)
			f.once.Do(func() { close(f.there) })
			changed = nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-next:
		case <-changed: // perhaps a master came
			pause(ctx, 100*time.Millisecond)
		}
	}
}

func (f *lookupFollower) ask(ctx context.Context, client *http.Client) (text []byte, found bool) {
	for _, s := range f.p.view.Servers() {
		if s.Type != cluster.Master {
			continue
		}
		text, err := getAll(ctx, client, "http://"+s.Host+"/druid/coordinator/v1/lookups/config/all")
		if err == nil {
			return text, true
		}
		f.p.log.Debug("a master does not tell its lookups", "master", s.Host, "error", err)
	}
	return nil, false
}

func (f *lookupFollower) set(text []byte) {
	if bytes.Equal(text, f.last) {
		return
	}
	f.last = text
	if err := f.to.Set(text); err != nil {
		f.p.badLookups(err)
		return
	}
	if f.file == "" {
		return
	}
	err := os.MkdirAll(filepath.Dir(f.file), 0o755)
	if err == nil {
		err = os.WriteFile(f.file+".new", text, 0o644)
	}
	if err == nil {
		err = os.Rename(f.file+".new", f.file)
	}
	if err != nil {
		f.p.log.Warn("the lookups are not kept for the next start", "error", err)
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

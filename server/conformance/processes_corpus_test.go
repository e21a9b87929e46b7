//go:build processes

package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestProcesses runs a cluster of real processes: the corpus over it must give
// what it gives in one process, and then things go wrong, one after the other.
func TestProcesses(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	c := newCrowd(t, 3)
	c.shelf = openStorage(ctx, t, c.name)
	if err := c.settle(ctx); err != nil {
		t.Fatal(err)
	}
	cases := slices.DeleteFunc(readCorpus(t), func(r recording) bool { return r.Group == "sys" })
	n := &node{url: c.url("broker0")}
	var why []string
	t.Run("Corpus", func(t *testing.T) { why = n.corpus(t, cases) })
	if why == nil { // not chosen by -run
		why = n.askAll(cases)
	}
	t.Run("Faults", func(t *testing.T) { c.faults(ctx, t, known(cases, why)) })
}

// settle gives the cluster its rule, lookups and segments and waits until all
// are there twice.
func (c *crowd) settle(ctx context.Context) error {
	master := c.url("master0") + "/druid/coordinator/v1"
	if err := within(time.Minute, func() error {
		status, text, err := c.call(master+"/rules/_default", []byte(`[{"type":"loadForever","tieredReplicants":{"_default_tier":2}}]`))
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("the rule is refused: %d %s", status, text)
		}
		return err
	}); err != nil {
		return err
	}
	lookups, err := os.ReadFile(filepath.Join(testdata, "lookups.json"))
	if err != nil {
		return err
	}
	if status, text, err := c.call(master+"/lookups/config", lookups); err != nil || status/100 != 2 {
		return fmt.Errorf("the lookups are refused: %d %s %v", status, text, err)
	}
	if err := c.shelf.publishCorpus(ctx); err != nil {
		return err
	}
	if err := within(2*time.Minute, c.replicated); err != nil {
		return err
	}
	var all map[string]map[string]json.RawMessage
	if err := json.Unmarshal(lookups, &all); err != nil {
		return err
	}
	return within(20*time.Second, func() error { // servers ask for lookups every few seconds
		rows, err := c.sql("SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'lookup'")
		if err == nil && rows[0][0] == float64(0) {
			err = fmt.Errorf("no lookups")
		}
		return err
	})
}

// replicated says whether every published segment is served twice.
func (c *crowd) replicated() error {
	rows, err := c.sql("SELECT COUNT(*), COUNT(*) FILTER (WHERE num_replicas >= 2) FROM sys.segments WHERE is_published = 1")
	if err != nil {
		return err
	}
	if want := float64(c.shelf.count); rows[0][0] != want || rows[0][1] != want {
		return fmt.Errorf("of %v published segments %v are known and %v are there twice", want, rows[0][0], rows[0][1])
	}
	return nil
}

// known are the queries with an answer that is right, and that does not depend
// on the state of the cluster.
func known(cases []recording, why []string) []recording {
	var out []recording
	for i, r := range cases {
		if why[i] == "" && r.Status == http.StatusOK && r.Quirk == "" && r.Group != "information_schema" {
			out = append(out, r)
		}
	}
	return out
}

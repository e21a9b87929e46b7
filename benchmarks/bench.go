// Package benchmarks reads suites of timed queries and runs them against a
// server over HTTP. It knows nothing of the server: whatever answers
// POST /druid/v2/sql and /druid/v2 can be timed, so the same suite races others
// too.
//
// A suite is a file of blocks between blank lines, a member a line, # comments:
//
//	name    of the query
//	sql     as it is asked of the server
//	native  or a native query, JSON
//	peer    the same for DuckDB and ClickHouse (compare.py)
//	order   of a SQL answer's rows, where it is not fixed: "any"; or the number
//	        of a column by which they are ordered, ties as they come
//	answer  rows as JSON; doubles compare to 1e-9
package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sort"
	"time"
)

// warmUps is how often a query is asked before it is timed.
const warmUps = 2

// A Result is how long a query took.
type Result struct {
	Median, Least, Most time.Duration
	Answer              json.RawMessage
	Wrong               string // what differs from the suite's answer
}

// Run asks a query runs times, after the times to warm up.
func Run(ctx context.Context, url string, q Query, runs int) (Result, error) {
	if runs < 1 {
		return Result{}, fmt.Errorf("%s: expected at least one run, got %d", q.Name, runs)
	}
	path, body, err := q.request()
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", q.Name, err)
	}
	var r Result
	var times []time.Duration
	for i := -warmUps; i < runs; i++ {
		begun := time.Now()
		if r.Answer, err = ask(ctx, url+path, body); err != nil {
			return r, fmt.Errorf("%s: %w", q.Name, err)
		}
		if i >= 0 {
			times = append(times, time.Since(begun))
		}
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	r.Median, r.Least, r.Most = times[len(times)/2], times[0], times[len(times)-1]
	if q.Answer != nil {
		r.Wrong = differs(q.Answer, r.Answer, q.Order)
	}
	return r, nil
}

// request is where a query is posted and what is: caches are off, so that what
// is timed is the query, and COUNT(DISTINCT) counts.
func (q Query) request() (path string, body []byte, err error) {
	off := map[string]any{"useCache": false, "populateCache": false, "useResultLevelCache": false, "populateResultLevelCache": false,
		"useApproximateCountDistinct": false}
	if q.Native == nil {
		body, err = json.Marshal(map[string]any{"query": q.SQL, "resultFormat": "array", "context": off})
		return "/druid/v2/sql", body, err
	}
	query, context := map[string]json.RawMessage{}, map[string]any{}
	if err := json.Unmarshal(q.Native, &query); err != nil {
		return "", nil, err
	}
	if own := query["context"]; own != nil {
		if err := json.Unmarshal(own, &context); err != nil {
			return "", nil, fmt.Errorf("context: %w", err)
		}
	}
	for k, v := range off {
		context[k] = v
	}
	if query["context"], err = json.Marshal(context); err != nil {
		return "", nil, err
	}
	body, err = json.Marshal(query)
	return "/druid/v2", body, err
}

func ask(ctx context.Context, url string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", resp.StatusCode, out)
	}
	return out, err
}

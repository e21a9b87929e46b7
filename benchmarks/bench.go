// Package benchmarks reads suites of timed queries and runs them against a
// server over HTTP. It knows nothing of the server: whatever answers
// POST /druid/v2/sql can be timed, so the same suite races others too.
//
// A suite is a file of blocks between blank lines, a member a line:
//
//	name    of the query
//	sql     as it is asked of the server
//	peer    the same for DuckDB and ClickHouse (compare.py)
//	answer  rows as JSON arrays; doubles compare to 1e-9
package benchmarks

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"sort"
	"strings"
	"time"
)

// A Query is one block of a suite.
type Query struct {
	Name, SQL, Peer string
	Answer          json.RawMessage // nil: not checked
	Line            int
}

// Read reads a suite.
func Read(path string) ([]Query, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []Query
	var q Query
	done := func() {
		if q.Name != "" {
			out = append(out, q)
		}
		q = Query{}
	}
	in := bufio.NewScanner(f)
	in.Buffer(nil, 16<<20)
	for line := 1; in.Scan(); line++ {
		text := strings.TrimSpace(in.Text())
		if text == "" {
			done()
			continue
		}
		if text[0] == '#' {
			continue
		}
		key, value, _ := strings.Cut(text, " ")
		value = strings.TrimSpace(value)
		members := map[string]*string{"name": &q.Name, "sql": &q.SQL, "peer": &q.Peer}
		switch to := members[key]; {
		case to != nil:
			*to = value
		case key == "answer" && json.Valid([]byte(value)):
			q.Answer = json.RawMessage(value)
		default:
			return nil, fmt.Errorf("%s:%d: expected name, sql, peer or answer (JSON), got %q", path, line, key)
		}
		if q.Line == 0 {
			q.Line = line
		}
	}
	done()
	return out, in.Err()
}

// A Result is how long a query took.
type Result struct {
	Median, Least, Most time.Duration
	Answer              json.RawMessage
	Wrong               string // what differs from the suite's answer
}

// Run asks a query runs times, after two times to warm up.
func Run(ctx context.Context, url string, q Query, runs int) (Result, error) {
	body, err := json.Marshal(map[string]any{"query": q.SQL, "resultFormat": "array", "context": map[string]any{"useCache": false}})
	if err != nil {
		return Result{}, err
	}
	var r Result
	var times []time.Duration
	for i := -2; i < runs; i++ {
		begun := time.Now()
		if r.Answer, err = ask(ctx, url+"/druid/v2/sql", body); err != nil {
			return r, fmt.Errorf("%s: %w", q.Name, err)
		}
		if i >= 0 {
			times = append(times, time.Since(begun))
		}
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	r.Median, r.Least, r.Most = times[len(times)/2], times[0], times[len(times)-1]
	if q.Answer != nil {
		r.Wrong = differs(q.Answer, r.Answer)
	}
	return r, nil
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

// differs says where got is not want; "" if nowhere.
func differs(want, got json.RawMessage) string {
	var w, g any
	if err := json.Unmarshal(want, &w); err != nil {
		return err.Error()
	}
	if err := json.Unmarshal(got, &g); err != nil {
		return err.Error()
	}
	return compare("", w, g)
}

func compare(at string, want, got any) string {
	switch w := want.(type) {
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: want %d values, got %v", at, len(w), got)
		}
		for i := range w {
			if d := compare(fmt.Sprintf("%s[%d]", at, i), w[i], g[i]); d != "" {
				return d
			}
		}
		return ""
	case float64:
		g, ok := got.(float64)
		if ok && math.Abs(w-g) <= 1e-9*max(math.Abs(w), math.Abs(g)) {
			return ""
		}
	default:
		if want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s: want %v, got %v", at, want, got)
}

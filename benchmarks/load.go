package benchmarks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Load is what a number of clients that ask at once got.
type Load struct {
	Clients    int
	Requests   int
	Failed     int
	FirstError error
	Took       time.Duration
	P50, P99   time.Duration
	// Share is the part of the machine's processors that the clients themselves
	// took: what a server on the same machine did not have.
	Share float64
}

// PerSecond is the throughput.
func (l *Load) PerSecond() float64 { return float64(l.Requests) / l.Took.Seconds() }

// Drive lets clients ask the queries in turn, each on a connection that stays
// open, for that long. Answers are read to their end and not looked at. The
// same process may drive any server, so that what it costs is the same for all.
func Drive(ctx context.Context, url string, queries []Query, clients int, long time.Duration) (Load, error) {
	if len(queries) == 0 || clients < 1 {
		return Load{}, fmt.Errorf("expected queries and at least one client, got %d and %d", len(queries), clients)
	}
	type request struct {
		path string
		body []byte
	}
	requests := make([]request, len(queries))
	for i, q := range queries {
		path, body, err := q.request()
		if err != nil {
			return Load{}, fmt.Errorf("%s: %w", q.Name, err)
		}
		requests[i] = request{path, body}
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var next, failed atomic.Int64
	var once sync.Once
	times := make([][]time.Duration, clients)
	out := Load{Clients: clients}
	begun, cpu := time.Now(), cpuTime()
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for ctx.Err() == nil {
				r := requests[int(next.Add(1)-1)%len(requests)]
				at := time.Now()
				err := drain(ctx, client, url+r.path, r.body)
				switch {
				case ctx.Err() != nil: // cut off by the end: neither one nor the other
				case err != nil:
					failed.Add(1)
					once.Do(func() { out.FirstError = err })
				default:
					times[c] = append(times[c], time.Since(at))
				}
			}
		})
	}
	wg.Wait()
	out.Took = time.Since(begun)
	out.Share = (cpuTime() - cpu).Seconds() / out.Took.Seconds() / float64(runtime.NumCPU())
	out.Failed = int(failed.Load())
	var all []time.Duration
	for _, t := range times {
		all = append(all, t...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	if out.Requests = len(all); len(all) > 0 {
		out.P50, out.P99 = all[len(all)/2], all[len(all)*99/100]
	}
	return out, nil
}

func drain(ctx context.Context, client *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
		return fmt.Errorf("status %d: %s", resp.StatusCode, text)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// cpuTime is what this process has taken of the processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Bandwidth reads memory with that many goroutines at once, more of it than
// caches hold, and gives the bytes a second of the best of some runs.
func Bandwidth(goroutines int) float64 {
	const words, runs = 32 << 20, 5 // 256 MiB each
	parts := make([][]int64, goroutines)
	for i := range parts {
		parts[i] = make([]int64, words)
		for j := range parts[i] {
			parts[i][j] = int64(j)
		}
	}
	best := 0.0
	for range runs {
		var wg sync.WaitGroup
		var sum atomic.Int64
		begun := time.Now()
		for _, p := range parts {
			wg.Go(func() { sum.Add(sumOf(p)) })
		}
		wg.Wait()
		took := time.Since(begun).Seconds()
		if sum.Load() != 0 {
			best = max(best, float64(8*words*goroutines)/took)
		}
	}
	return best
}

// sumOf has eight sums, so that none waits for the one before.
func sumOf(p []int64) int64 {
	var a, b, c, d, e, f, g, h int64
	for len(p) >= 8 {
		q := p[:8]
		a, b, c, d = a+q[0], b+q[1], c+q[2], d+q[3]
		e, f, g, h = e+q[4], f+q[5], g+q[6], h+q[7]
		p = p[8:]
	}
	return a + b + c + d + e + f + g + h
}

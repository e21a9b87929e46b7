package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/ovatedb/ovate/benchmarks"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// A reading tells how many bytes of columns queries must read, and how fast
// memory gives them.
type reading struct {
	perSecond float64
	bytes     map[string]map[string]float64 // by source and column
}

// newReading measures the memory and, given a list of segments, their columns.
func newReading(out io.Writer, segments string) (*reading, error) {
	r := &reading{bytes: map[string]map[string]float64{}}
	one := benchmarks.Bandwidth(1)
	r.perSecond = one
	if n := runtime.GOMAXPROCS(0); n > 1 {
		r.perSecond = max(one, benchmarks.Bandwidth(n))
	}
	fmt.Fprintf(out, "memory: %.1f GB/s to one processor, %.1f GB/s to %d\n", one/1e9, r.perSecond/1e9, runtime.GOMAXPROCS(0))
	if segments == "" {
		return r, nil
	}
	f, err := os.Open(segments)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var d struct {
			Load struct{ Path string } `json:"loadSpec"`
		}
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return nil, fmt.Errorf("%s: %w", segments, err)
		}
		path := d.Load.Path
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(segments), path)
		}
		if err := withSegment(path, r.add); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return r, lines.Err()
}

func (r *reading) add(f *file.File) error {
	by := r.bytes[f.ID().Source]
	if by == nil {
		by = map[string]float64{}
		r.bytes[f.ID().Source] = by
	}
	for _, field := range f.Schema() {
		if c, ok := f.Column(field.Name); ok {
			by[field.Name] += least(c, f.Rows())
		}
	}
	return nil
}

// least is the bytes of a column's values as they lie, or of as few bits each
// as tell them apart by their distance from the least, whichever is less.
func least(c segment.Column, rows int) float64 {
	v := c.Read(nil, 0, rows)
	stored := float64(v.MemSize())
	width := 64
	switch {
	case v.Dict != nil:
		width = bits.Len(uint(v.Dict.Len() - 1))
	case v.Coded():
		width = bits.Len32(mostCode(v))
	case v.Off != nil:
		return stored
	}
	return min(stored, float64(width)*float64(rows)/8)
}

func mostCode(v *data.Vec) uint32 {
	most := uint32(0)
	for i := range v.Stored() {
		most = max(most, v.Code(i))
	}
	return most
}

var identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*`)

// note is what a query's time is beside the least in which what it reads can
// pass through memory. It is nothing for those that join, or read a part.
func (r *reading) note(ctx context.Context, url string, q benchmarks.Query, took time.Duration) string {
	if r == nil || q.SQL == "" || len(r.bytes) == 0 {
		return ""
	}
	answer, err := benchmarks.Run(ctx, url, benchmarks.Query{Name: q.Name, SQL: "EXPLAIN " + q.SQL}, 1)
	if err != nil {
		return ""
	}
	var rows [][]string
	if json.Unmarshal(answer.Answer, &rows) != nil {
		return ""
	}
	var lines []string
	for _, row := range rows {
		lines = append(lines, strings.Split(row[0], "\n")...)
	}
	total, scans := 0.0, 0
	for _, line := range lines {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "scan ")
		if !ok {
			continue
		}
		scans++
		source, rest, _ := strings.Cut(rest, " ")
		if strings.Contains(rest, "in [") {
			return "" // a part of the rows: how large, the plan does not say
		}
		seen := map[string]bool{}
		for _, name := range identifier.FindAllString(rest, -1) {
			if !seen[name] {
				seen[name] = true
				total += r.bytes[strings.Trim(source, `"`)][name]
			}
		}
	}
	if scans != 1 || total == 0 {
		return ""
	}
	bound := total / r.perSecond
	return fmt.Sprintf("  %.1f MB to read, %.2f ms at the memory's speed: %.1f times that", total/1e6, bound*1000, took.Seconds()/bound)
}

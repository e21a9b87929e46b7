package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/file"
)

// generation is many small segments of one source, an hour each from 2020 on:
// what a cluster has long after it began, to see how it starts and is asked.
type generation struct {
	out, source    string
	segments, rows int
	columns        int
}

func segmentGenerateCommand() *cobra.Command {
	var g generation
	cmd := &cobra.Command{
		Use: "generate --out DIR", Short: "Make many small segments, an hour each, for measurements",
		Long: `Writes segments of one data source below --out, an hour each from 2020-01-01 on,
and lists them in segments.jsonl there, which quickstart --import takes. Half of
the columns are numbers, half words. The same flags make the same rows.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if g.segments < 1 || g.rows < 1 || g.columns < 1 {
				return fmt.Errorf("expected at least one segment, row and column")
			}
			begun := time.Now()
			if err := g.run(); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %d segments of %d rows in %.1f s\n", g.source, g.segments, g.rows, time.Since(begun).Seconds())
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&g.out, "out", "", "directory for the segments")
	f.StringVar(&g.source, "source", "many", "name of the data source")
	f.IntVar(&g.segments, "segments", 10000, "how many")
	f.IntVar(&g.rows, "rows", 100, "rows of each")
	f.IntVar(&g.columns, "columns", 10, "columns of each, the time among them")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

func (g *generation) run() error {
	if err := os.MkdirAll(g.out, 0o755); err != nil {
		return err
	}
	list, err := os.Create(filepath.Join(g.out, "segments.jsonl"))
	if err != nil {
		return err
	}
	defer list.Close()
	w := bufio.NewWriter(list)
	for i := range g.segments {
		d, err := g.segment(i)
		if err != nil {
			return err
		}
		line, err := json.Marshal(d)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\n", line)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return list.Close()
}

// segment writes the i-th.
func (g *generation) segment(i int) (*cluster.Descriptor, error) {
	hour := time.Hour.Milliseconds()
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() + int64(i)*hour
	id := segment.ID{Source: g.source, Interval: chrono.Interval{Start: start, End: start + hour}, Version: "2020-01-01T00:00:00.000Z"}
	r := rand.New(rand.NewPCG(1, uint64(i)))
	at := make([]int64, g.rows)
	for k := range at {
		at[k] = start + int64(k)*hour/int64(g.rows)
	}
	cols := []file.Column{{Field: data.Field{Name: segment.Time, Type: data.LongType}, Vec: &data.Vec{Type: data.LongType, N: g.rows, I64: at}}}
	info := segment.Info{MinTime: at[0], MaxTime: at[len(at)-1], TimeSorted: true}
	for c := 1; c < g.columns; c++ {
		col := g.column(r, c)
		info.Dimensions = append(info.Dimensions, col.Field.Name)
		cols = append(cols, col)
	}
	dir := fmt.Sprintf("%04d", i/1000)
	if err := os.MkdirAll(filepath.Join(g.out, dir), 0o755); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, fmt.Sprintf("%06d.ovate", i))
	path := filepath.Join(g.out, name)
	if err := file.Write(path, id, info, cols); err != nil {
		return nil, err
	}
	stat, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	d := &cluster.Descriptor{Source: g.source, Interval: id.Interval, Version: id.Version, Dimensions: cluster.JoinNames(info.Dimensions),
		Size: stat.Size(), Rows: int64(g.rows)}
	for _, c := range cols {
		d.Schema = append(d.Schema, c.Field)
	}
	d.LoadSpec, err = json.Marshal(cluster.Location{Type: "local", Path: filepath.ToSlash(name)})
	return d, err
}

func (g *generation) column(r *rand.Rand, c int) file.Column {
	if c%2 == 0 {
		v := make([]int64, g.rows)
		for k := range v {
			v[k] = r.Int64N(1000)
		}
		return file.Column{Field: data.Field{Name: fmt.Sprintf("n%d", c), Type: data.LongType}, Vec: &data.Vec{Type: data.LongType, N: g.rows, I64: v}}
	}
	b := data.NewBuilder(data.StringType)
	for range g.rows {
		b.String(fmt.Sprintf("word %d", r.IntN(50)))
	}
	return file.Column{Field: data.Field{Name: fmt.Sprintf("w%d", c), Type: data.StringType}, Vec: b.Vec()}
}

package native_test

import (
	"bytes"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/segment"
)

const hour = 3600_000

// new2024 is the first hour of 2024.
const new2024 = int64(1704067200000)

// slice is the part of a segment of wiki that the intervals of a query cut out;
// the segment's rows are from hour lo to hour hi of 2024.
func slice(ordinal int, lo, hi int64, in chrono.Interval) planner.SliceFact {
	day := chrono.Interval{Start: new2024 + lo/24*24*hour, End: new2024 + (lo/24+1)*24*hour}
	cut, _ := in.Intersect(day)
	return planner.SliceFact{
		SliceRef: planner.SliceRef{ID: segment.ID{Source: "wiki", Interval: day, Version: "v1"}, Intervals: []chrono.Interval{cut}, Ordinal: ordinal},
		MinTime:  new2024 + lo*hour, MaxTime: new2024 + hi*hour,
	}
}

// batches are columns of longs, named, as they may come from a plan.
func batches(names []string, rows ...[]int64) (data.Schema, exec.Batches) {
	var schema data.Schema
	b := &data.Batch{N: len(rows)}
	for c, name := range names {
		col := data.NewBuilder(data.LongType)
		for _, r := range rows {
			col.Long(r[c])
		}
		schema = append(schema, data.Field{Name: name, Type: data.LongType})
		b.Cols = append(b.Cols, col.Vec())
	}
	return schema, func(yield func(*data.Batch, error) bool) {
		if b.N > 0 {
			yield(b, nil)
		}
	}
}

// Answers are stamped, and filled with buckets, by when the data of the
// touched segments begins and ends within the query's intervals.
func TestStampsOfData(t *testing.T) {
	const twoDays = `"dataSource": "wiki", "intervals": "2024-01-01T02/2024-01-03", "aggregations": [{"type": "count", "name": "n"}]`
	in := chrono.Interval{Start: new2024 + 2*hour, End: new2024 + 48*hour}
	for name, c := range map[string]struct {
		query string
		names []string
		rows  [][]int64
		facts []planner.SliceFact
		want  string
	}{
		"all, from the first row": {`{"queryType": "timeseries", "granularity": "all", ` + twoDays + `}`, []string{"n"}, [][]int64{{5}},
			[]planner.SliceFact{slice(1, 24, 25, in), slice(0, 5, 7, in)}, `[{"timestamp":"2024-01-01T05:00:00.000Z","result":{"n":5}}]`},
		"all, from the interval's start": {`{"queryType": "timeseries", "granularity": "all", ` + twoDays + `}`, []string{"n"}, [][]int64{{5}},
			[]planner.SliceFact{slice(0, 1, 7, in)}, `[{"timestamp":"2024-01-01T02:00:00.000Z","result":{"n":5}}]`},
		"all, without data": {`{"queryType": "timeseries", "granularity": "all", ` + twoDays + `}`, []string{"n"}, [][]int64{{0}}, nil,
			`[{"timestamp":"2024-01-01T02:00:00.000Z","result":{"n":0}}]`},
		"hours between rows of a segment, not between segments": {`{"queryType": "timeseries", "granularity": "hour", ` + twoDays + `}`,
			[]string{"__time", "n"}, [][]int64{{new2024 + 3*hour, 1}}, []planner.SliceFact{slice(0, 1, 4, in), slice(1, 24, 24, in)},
			`[{"timestamp":"2024-01-01T02:00:00.000Z","result":{"n":0}},{"timestamp":"2024-01-01T03:00:00.000Z","result":{"n":1}},` +
				`{"timestamp":"2024-01-01T04:00:00.000Z","result":{"n":0}},{"timestamp":"2024-01-02T00:00:00.000Z","result":{"n":0}}]`},
		"descending, with a limit": {`{"queryType": "timeseries", "granularity": "hour", "descending": true, "limit": 2, ` + twoDays + `}`,
			[]string{"__time", "n"}, [][]int64{{new2024 + 3*hour, 1}}, []planner.SliceFact{slice(0, 1, 4, in)},
			`[{"timestamp":"2024-01-01T04:00:00.000Z","result":{"n":0}},{"timestamp":"2024-01-01T03:00:00.000Z","result":{"n":1}}]`},
		"empty buckets left out": {`{"queryType": "timeseries", "granularity": "hour", "context": {"skipEmptyBuckets": true}, ` + twoDays + `}`,
			[]string{"__time", "n"}, [][]int64{{new2024 + 3*hour, 1}}, []planner.SliceFact{slice(0, 1, 4, in)},
			`[{"timestamp":"2024-01-01T03:00:00.000Z","result":{"n":1}}]`},
		"segments of other sources do not count": {`{"queryType": "timeseries", "granularity": "all", ` + twoDays + `}`, []string{"n"}, [][]int64{{5}},
			[]planner.SliceFact{{SliceRef: planner.SliceRef{ID: segment.ID{Source: "other"}, Intervals: []chrono.Interval{in}}, MinTime: new2024, MaxTime: new2024 + 9*hour}},
			`[{"timestamp":"2024-01-01T02:00:00.000Z","result":{"n":5}}]`},
		"topN, a bucket without values": {`{"queryType": "topN", "granularity": "day", "dimension": "added", "metric": "n", "threshold": 2, ` + twoDays + `}`,
			[]string{"__time", "added", "n"}, [][]int64{{new2024 + 24*hour, 7, 1}}, []planner.SliceFact{slice(0, 1, 4, in), slice(1, 24, 24, in)},
			`[{"timestamp":"2024-01-01T00:00:00.000Z","result":[]},{"timestamp":"2024-01-02T00:00:00.000Z","result":[{"added":7,"n":1}]}]`},
		"by segment": {`{"queryType": "timeseries", "granularity": "all", "context": {"bySegment": true}, ` + twoDays + `}`,
			[]string{"\x00slice", "n"}, [][]int64{{1, 6}}, []planner.SliceFact{slice(1, 24, 24, in), slice(0, 5, 7, in)},
			`[{"timestamp":"2024-01-01T00:00:00.000Z","result":{"results":[{"timestamp":"2024-01-01T05:00:00.000Z","result":{"n":0}}],` +
				`"segment":"wiki_2024-01-01T00:00:00.000Z_2024-01-02T00:00:00.000Z_v1","interval":"2024-01-01T02:00:00.000Z/2024-01-02T00:00:00.000Z"}},` +
				`{"timestamp":"2024-01-02T00:00:00.000Z","result":{"results":[{"timestamp":"2024-01-02T00:00:00.000Z","result":{"n":6}}],` +
				`"segment":"wiki_2024-01-02T00:00:00.000Z_2024-01-03T00:00:00.000Z_v1","interval":"2024-01-02T00:00:00.000Z/2024-01-03T00:00:00.000Z"}}]`},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := native.Parse([]byte(c.query))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := q.Plan(catalog{}); err != nil {
				t.Fatal(err)
			}
			schema, rows := batches(c.names, c.rows...)
			facts := new(planner.Facts)
			facts.Add(c.facts...)
			var out bytes.Buffer
			if err := q.Render(&out, &native.Answer{Schema: schema, Rows: rows, Facts: facts}); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Buckets that no one could read are refused before they fill the memory.
func TestTooManyBuckets(t *testing.T) {
	q, err := native.Parse([]byte(`{"queryType": "timeseries", "granularity": "none", "dataSource": "wiki", "intervals": "2024-01-01/2024-01-03", "aggregations": []}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Plan(catalog{}); err != nil {
		t.Fatal(err)
	}
	schema, rows := batches([]string{"__time"}, []int64{new2024})
	facts := new(planner.Facts)
	facts.Add(slice(0, 0, 23, chrono.Eternity))
	var out bytes.Buffer
	if err := q.Render(&out, &native.Answer{Schema: schema, Rows: rows, Facts: facts}); err == nil || out.Len() > 0 {
		t.Errorf("got %v after %d bytes, want an error before any", err, out.Len())
	}
}

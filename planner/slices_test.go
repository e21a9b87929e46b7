package planner

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

// someSlices are hours of two sources, and slices that are like no others.
func someSlices(n int) SliceList {
	var out SliceList
	for i := range n {
		in := chrono.Interval{Start: int64(i) * 3600000, End: int64(i+1) * 3600000}
		id := segment.ID{Source: "many", Version: "2020-01-01T00:00:00.000Z", Interval: in, Partition: i % 3}
		out = append(out, SliceRef{ID: id, Ordinal: i, Intervals: []chrono.Interval{in}})
	}
	far := chrono.Interval{Start: math.MinInt64, End: math.MaxInt64}
	return append(out,
		SliceRef{ID: segment.ID{Source: "", Version: "v", Interval: far}, Ordinal: 7, Intervals: []chrono.Interval{chrono.Eternity, {Start: -5, End: 9}}},
		SliceRef{ID: segment.ID{Source: "other", Version: "many", Interval: chrono.Eternity, Partition: math.MaxInt32}, Ordinal: -1})
}

func TestSlicesTravel(t *testing.T) {
	list := someSlices(50)
	text, err := json.Marshal(list)
	var back SliceList
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	if err != nil || !reflect.DeepEqual(list, back) {
		t.Fatalf("%v: %v became %v", err, list, back)
	}
	facts := SliceFacts{}
	for i, s := range list {
		facts = append(facts, SliceFact{s, math.MinInt64 + int64(i), math.MaxInt64, i})
	}
	text, err = json.Marshal(facts)
	var told SliceFacts
	if err == nil {
		err = json.Unmarshal(text, &told)
	}
	if err != nil || !reflect.DeepEqual(facts, told) {
		t.Fatalf("%v: %v became %v", err, facts, told)
	}
	for _, bad := range []string{`5`, `"?"`, `""`, `"AAE="`, `"AP8="`, string(text[:len(text)/2/4*4+1]) + `"`} {
		if json.Unmarshal([]byte(bad), &back) == nil {
			t.Errorf("%.40s is read as %v", bad, back)
		}
	}
}

// FuzzSlices: whatever is read is written so that it reads the same.
func FuzzSlices(f *testing.F) {
	text, _ := json.Marshal(someSlices(3))
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var list, again SliceList
		if json.Unmarshal(text, &list) != nil {
			return
		}
		out, err := json.Marshal(list)
		if err == nil {
			err = json.Unmarshal(out, &again)
		}
		if err != nil || !(len(list) == 0 && len(again) == 0) && !reflect.DeepEqual(list, again) {
			t.Fatalf("%v: %v became %v", err, list, again)
		}
	})
}

// BenchmarkSlices is a fragment's list of 100,000 segments, there and back.
func BenchmarkSlices(b *testing.B) {
	list := someSlices(100_000)
	for b.Loop() {
		text, err := json.Marshal(list)
		var back SliceList
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(text)), "bytes")
	}
}

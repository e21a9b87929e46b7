package cluster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

func TestParseID(t *testing.T) {
	const at = "2020-01-01T00:00:00.000Z_2020-01-02T00:00:00.000Z_"
	for text, want := range map[string]string{
		"wiki_" + at + "v1":            "wiki|v1|0",
		"wiki_" + at + "v1_7":          "wiki|v1|7 wiki|v1_7|0",
		"a_b_" + at + "v_1_x":          "a_b|v_1_x|0",
		"a_" + at + "v_07":             "a|v_07|0",
		"a_" + at + "v_0":              "a|v_0|0",
		"a_" + at + at + "v":           "a|" + at + "v|0 a_" + at[:len(at)-1] + "|v|0",
		"wiki_2020-01-01_2020-01-02_v": "", "wiki_" + at: "", "_" + at + "v": "", at + "v": "", "": "",
		"wiki_2020-01-02T00:00:00.000Z_2020-01-01T00:00:00.000Z_v": "",
	} {
		var got []string
		for _, id := range ParseID(text) {
			got = append(got, fmt.Sprintf("%s|%s|%d", id.Source, id.Version, id.Partition))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s\n got %s\nwant %s", text, g, want)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("wiki", int64(0), int64(1), "v1", 3)
	f.Add("a_1970-01-01T00:00:00.000Z_b", int64(-1<<60), int64(1<<60), "2020-01-01T00:00:00.000Z_2", 0)
	f.Fuzz(func(t *testing.T, source string, start, end int64, version string, partition int) {
		id := segment.ID{Source: source, Interval: chrono.Interval{Start: start, End: end}, Version: version, Partition: partition}
		candidates := ParseID(id.String())
		whole := source != "" && version != "" && chrono.Eternity.Covers(id.Interval) && !id.Interval.Empty() && partition >= 0
		found := !whole
		for _, c := range candidates {
			if c.String() != id.String() {
				t.Errorf("%v came of %v", c, id)
			}
			found = found || c == id
		}
		if !found {
			t.Errorf("%v is not among %v", id, candidates)
		}
	})
}

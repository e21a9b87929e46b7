package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

// seg reads "START-END vVERSION [SHARD]", times in milliseconds. SHARD is
// N/CORE for numbered (default 0/1), linear:N, none, gone (a tombstone),
// range:N:START:END with - for open, or over:N:FIRST:LAST:MINOR:GROUP.
func seg(t testing.TB, text string) *Descriptor {
	t.Helper()
	f := strings.Fields(text)
	if len(f) == 2 {
		f = append(f, "0/1")
	}
	d := &Descriptor{Source: "s", Version: f[1]}
	if _, err := fmt.Sscanf(f[0], "%d-%d", &d.Interval.Start, &d.Interval.End); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	a := strings.FieldsFunc(f[2], func(r rune) bool { return r == ':' || r == '/' })
	n := func(i int) int { v, _ := strconv.Atoi(a[i]); return v }
	switch a[0] {
	case "none":
		d.Shard = &None{}
	case "gone":
		d.Shard = &Tombstone{}
	case "linear":
		d.Shard = &Linear{n(1)}
	case "range":
		bound := func(s string) []*string {
			if s == "-" {
				return nil
			}
			return []*string{&s}
		}
		d.Shard = &Ranged{Dimensions: []string{"x"}, Partition: n(1), Start: bound(a[2]), End: bound(a[3])}
	case "over":
		d.Shard = &Overwrite{n(1), n(2), n(3), n(4), n(5)}
	default:
		d.Shard = &Numbered{n(0), n(1)}
	}
	return d
}

func show(slices []Slice) string {
	var out []string
	for _, s := range slices {
		out = append(out, fmt.Sprintf("%d-%d:%s.%d", s.Interval.Start, s.Interval.End, s.Descriptor.Version, s.Descriptor.partition()))
	}
	return strings.Join(out, " ")
}

func TestLookup(t *testing.T) {
	for _, c := range []struct{ what, segments, in, want, hidden string }{
		{"one", "0-10 v1", "0-10", "0-10:v1.0", ""},
		{"clipped", "0-10 v1", "3-7", "3-7:v1.0", ""},
		{"clipped twice", "0-10 v1", "3-5 7-9", "3-5:v1.0 7-9:v1.0", ""},
		{"intervals that abut are one", "0-10 v1", "3-5 5-9", "3-9:v1.0", ""},
		{"ends are outside", "0-10 v1; 20-30 v1", "10-20", "", ""},
		{"empty", "0-10 v1", "5-5", "", ""},
		{"newer hides older", "0-10 v1; 0-10 v2", "0-10", "0-10:v2.0", "v1.0"},
		{"newer hides the middle", "0-10 v1; 3-5 v2", "0-10", "0-3:v1.0 3-5:v2.0 5-10:v1.0", ""},
		{"newer hides the start", "0-10 v1; 0-5 v2", "0-10", "0-5:v2.0 5-10:v1.0", ""},
		{"newer hides an end that is not asked for", "0-10 v1; 5-10 v2", "0-5", "0-5:v1.0", ""},
		{"two newer hide one", "0-10 v1; 0-5 v2; 5-10 v3", "0-10", "0-5:v2.0 5-10:v3.0", "v1.0"},
		{"not quite", "0-10 v1; 0-5 v2; 6-10 v3", "0-10", "0-5:v2.0 5-6:v1.0 6-10:v3.0", ""},
		{"three deep", "0-30 v1; 5-25 v2; 10-20 v3", "0-30", "0-5:v1.0 5-10:v2.0 10-20:v3.0 20-25:v2.0 25-30:v1.0", ""},
		{"a newer one covers many", "0-5 v1; 5-10 v1; 10-15 v1; 0-12 v2", "0-20", "0-12:v2.0 12-15:v1.0", "v1.0 v1.0"},
		{"versions are text", "0-10 v10; 0-10 v9", "0-10", "0-10:v9.0", "v10.0"},
		{"half a set falls back", "0-10 v1; 0-10 v2 0/2", "0-10", "0-10:v1.0", ""},
		{"the other half", "0-10 v1; 0-10 v2 1/2", "0-10", "0-10:v1.0", ""},
		{"a whole set", "0-10 v1; 0-10 v2 0/2; 0-10 v2 1/2", "0-10", "0-10:v2.0 0-10:v2.1", "v1.0"},
		{"with appended", "0-10 v2 0/1; 0-10 v2 7/1", "0-10", "0-10:v2.0 0-10:v2.7", ""},
		{"only appended", "0-10 v1; 0-10 v2 7/1", "0-10", "0-10:v1.0", ""},
		{"core unknown", "0-10 v2 3/0; 0-10 v2 5/0", "0-10", "0-10:v2.3 0-10:v2.5", ""},
		{"linear", "0-10 v1 linear:4", "0-10", "0-10:v1.4", ""},
		{"none", "0-10 v1 none", "0-10", "0-10:v1.0", ""},
		{"half a set below a whole one is hidden", "0-10 v1 1/2; 0-10 v2", "0-10", "0-10:v2.0", "v1.1"},
		{"ranges", "0-10 v2 range:0:-:m; 0-10 v2 range:1:m:-", "0-10", "0-10:v2.0 0-10:v2.1", ""},
		{"one range of all", "0-10 v2 range:0:-:-", "0-10", "0-10:v2.0", ""},
		{"ranges with a gap", "0-10 v1; 0-10 v2 range:0:-:c; 0-10 v2 range:1:d:-", "0-10", "0-10:v1.0", ""},
		{"ranges without an end", "0-10 v1; 0-10 v2 range:0:-:c; 0-10 v2 range:1:c:d", "0-10", "0-10:v1.0", ""},
		{"ranges and appended", "0-10 v2 range:0:-:m; 0-10 v2 range:1:m:-; 0-10 v2 2/0", "0-10", "0-10:v2.0 0-10:v2.1 0-10:v2.2", ""},
		{"tombstone", "0-10 v1; 2-4 v2 gone", "0-10", "0-2:v1.0 4-10:v1.0", ""},
		{"appended to a tombstone", "0-10 v1; 0-10 v2 gone; 0-10 v2 1/0", "0-10", "0-10:v2.1", "v1.0"},
		{"an update waits for its group", "0-10 v1 0/2; 0-10 v1 1/2; 0-10 v1 over:32768:0:2:1:2", "0-10", "0-10:v1.0 0-10:v1.1", ""},
		{"an update replaces partitions", "0-10 v1 0/3; 0-10 v1 1/3; 0-10 v1 2/3; 0-10 v1 over:32768:0:2:1:2; 0-10 v1 over:32769:0:2:1:2", "0-10",
			"0-10:v1.2 0-10:v1.32768 0-10:v1.32769", "v1.0 v1.1"},
		{"the second update", "0-10 v1 0/1; 0-10 v1 over:32768:0:1:1:1; 0-10 v1 over:32769:0:1:2:1", "0-10", "0-10:v1.32769", "v1.0 v1.32768"},
		{"an update makes up for what is gone", "0-10 v1 1/2; 0-10 v1 over:32768:0:1:1:1", "0-10", "0-10:v1.1 0-10:v1.32768", ""},
		{"one version, two lengths", "0-10 v1; 5-6 v1", "0-10", "0-5:v1.0 5-6:v1.0 6-10:v1.0", ""},
		{"all time", "-146136543-5 v1; 5-9 v2", "all", "-146136543-5:v1.0 5-9:v2.0", ""},
	} {
		var list []*Descriptor
		for _, s := range strings.Split(c.segments, "; ") {
			list = append(list, seg(t, s))
		}
		var ins []chrono.Interval
		for _, s := range strings.Fields(c.in) {
			if s != "all" {
				ins = append(ins, seg(t, s+" v").Interval)
			}
		}
		for range 4 { // the order of arrival does not matter
			line := NewTimeline()
			for _, i := range rand.Perm(len(list)) {
				line.Add(list[i], nil)
			}
			if got := show(line.Lookup(ins)); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.what, got, c.want)
			}
			var hidden []string
			for _, id := range line.Overshadowed() {
				hidden = append(hidden, fmt.Sprintf("%s.%d", id.Version, id.Partition))
			}
			if got := strings.Join(hidden, " "); got != c.hidden {
				t.Errorf("%s: hidden\n got %s\nwant %s", c.what, got, c.hidden)
			}
		}
	}
}

func TestServers(t *testing.T) {
	line, d := NewTimeline(), seg(t, "0-10 v1")
	low, high := &Server{Name: "a"}, &Server{Name: "z", Priority: 5}
	growing := &Server{Name: "0", Type: Realtime}
	names := func() (out string) {
		for _, s := range line.Lookup(nil) {
			for _, s := range s.Servers {
				out += s.Name
			}
		}
		return out
	}
	line.Add(seg(t, "0-10 v0"), nil)
	for _, s := range []*Server{growing, low, high, low} {
		line.Add(d, s)
	}
	before := line.Snapshot()
	for _, step := range []struct{ remove, want string }{
		{"-", "za0"}, {"nobody", "za0"}, {"z", "a0"}, {"0", "a"}, {"a", ""},
	} {
		line.Remove(d.ID(), step.remove)
		if got := names(); got != step.want {
			t.Errorf("without %s: %q, want %q", step.remove, got, step.want)
		}
	}
	if line.Len() != 1 {
		t.Errorf("%d segments, want the one that the other hid", line.Len())
	}
	if s, ok := before.Get(d.ID()); !ok || len(s.Servers) != 3 || before.Len() != 2 {
		t.Errorf("a snapshot changed: %v", s)
	}
	line.Remove(seg(t, "0-10 v0").ID(), "")
	if line.Len() != 0 || line.Lookup(nil) != nil {
		t.Error("something is left")
	}
}

// naive is what is shown at each of so many milliseconds, by the definition.
func naive(all map[segment.ID]*Descriptor, until int64) []string {
	out := make([]string, until)
	for at := range out {
		versions := map[string][]*Descriptor{}
		for _, d := range all {
			if d.Interval.Contains(int64(at)) {
				versions[d.Version] = append(versions[d.Version], d)
			}
		}
		best := ""
		for v, ds := range versions {
			have := map[int]bool{}
			for _, d := range ds {
				have[d.partition()] = true
			}
			whole := true
			for p := range ds[0].Shard.Core() {
				whole = whole && have[p]
			}
			if whole && v > best {
				best = v
			}
		}
		var ids []string
		for _, d := range versions[best] {
			ids = append(ids, d.ID().String())
		}
		slices.Sort(ids)
		out[at] = strings.Join(ids, " ")
	}
	return out
}

func looked(line *Timeline, until int64) []string {
	ids := make([][]string, until)
	for _, s := range line.Lookup([]chrono.Interval{{Start: 0, End: until}}) {
		for at := s.Interval.Start; at < s.Interval.End; at++ {
			ids[at] = append(ids[at], s.Descriptor.ID().String())
		}
	}
	out := make([]string, until)
	for i := range ids {
		slices.Sort(ids[i])
		out[i] = strings.Join(ids[i], " ")
	}
	return out
}

// TestTimelineModel holds timelines to the definition through random changes,
// and snapshots, which are changed too, to what they were.
func TestTimelineModel(t *testing.T) {
	const until = 24
	rng := rand.New(rand.NewPCG(1, 2))
	type state struct {
		line *Timeline
		all  map[segment.ID]*Descriptor
	}
	states := []state{{NewTimeline(), map[segment.ID]*Descriptor{}}}
	for step := range 1000 {
		s := states[rng.IntN(len(states))]
		switch rng.IntN(10) {
		case 0: // a snapshot takes some other's place
			c := state{s.line.Snapshot(), map[segment.ID]*Descriptor{}}
			for id, d := range s.all {
				c.all[id] = d
			}
			if len(states) < 5 {
				states = append(states, c)
			} else {
				states[rng.IntN(len(states))] = c
			}
		case 1, 2, 3:
			for id := range s.all {
				delete(s.all, id)
				s.line.Remove(id, "")
				break
			}
		default:
			// One length for a version, so that intervals of one do not overlap.
			version := 1 + rng.IntN(4)
			length := int64([]int{0, 8, 3, 4, 6}[version])
			start := rng.Int64N(until/length) * length
			cores := 1 + int(start)%3
			d := &Descriptor{Source: "s", Interval: chrono.Interval{Start: start, End: start + length},
				Version: fmt.Sprint(version), Shard: &Numbered{rng.IntN(cores + 1), cores}}
			s.all[d.ID()] = d
			s.line.Add(d, nil)
		}
		for i, s := range states {
			if want, got := naive(s.all, until), looked(s.line, until); !slices.Equal(got, want) || s.line.Len() != len(s.all) {
				t.Fatalf("step %d, timeline %d of %d segments\n got %v\nwant %v", step, i, len(s.all), got, want)
			}
		}
		if step%10 == 0 {
			checkHidden(t, s.line, s.all, until)
		}
	}
}

// checkHidden wants what is hidden not to be shown wherever it is, whatever
// else of it comes: even a whole set of its version.
func checkHidden(t *testing.T, line *Timeline, all map[segment.ID]*Descriptor, until int64) {
	t.Helper()
	hidden := map[segment.ID]bool{}
	for _, id := range line.Overshadowed() {
		hidden[id] = true
	}
	for id, d := range all {
		newer := true // at every instant of it
		for at := id.Interval.Start; at < id.Interval.End; at++ {
			shown := line.Lookup([]chrono.Interval{{Start: at, End: at + 1}})
			newer = newer && len(shown) > 0 && shown[0].Descriptor.Version > d.Version
		}
		if newer != hidden[id] {
			t.Fatalf("%v hidden: %v, want %v", id, hidden[id], newer)
		}
	}
}

// TestManySegments wants a day to be found among many in less than a
// millisecond, and a timeline of many to be made in little time.
func TestManySegments(t *testing.T) {
	n := 200_000
	if testing.Short() {
		n = 20_000
	}
	const hour = 3_600_000
	line, server := NewTimeline(), &Server{Name: "a"}
	shard := &Numbered{Partitions: 1}
	began := time.Now()
	for i := range n {
		at := int64(i) * hour
		line.Add(&Descriptor{Source: "s", Interval: chrono.Interval{Start: at, End: at + hour}, Version: "v1", Shard: shard}, server)
	}
	t.Logf("%d segments in %v", n, time.Since(began))
	best := time.Hour
	for range 20 {
		day := rand.Int64N(int64(n)-24) * hour
		began := time.Now()
		found := line.Lookup([]chrono.Interval{{Start: day, End: day + 24*hour}})
		best = min(best, time.Since(began))
		if len(found) != 24 {
			t.Fatalf("%d segments of a day, want 24", len(found))
		}
	}
	if t.Logf("a day in %v", best); best > time.Millisecond {
		t.Errorf("a day took %v", best)
	}
	began = time.Now()
	if all, hidden := line.Lookup(nil), line.Overshadowed(); len(all) != n || len(hidden) != 0 {
		t.Errorf("%d shown and %d hidden", len(all), len(hidden))
	}
	t.Logf("all in %v", time.Since(began))
}

package clustertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
)

// An OpenMetadata gives an empty store, and a way to end it and open it again
// with what it has.
type OpenMetadata func(t *testing.T) (m cluster.Metadata, reopen func() cluster.Metadata)

// Metadata holds a Metadata to its contract, and to that of Documents.
func Metadata(t *testing.T, open OpenMetadata) {
	for name, test := range map[string]func(*testing.T, OpenMetadata){
		"Find": testFind, "Commit": testCommit, "Changes": testChanges, "Resume": testResume,
		"Allocate": testAllocate, "AllocateAtOnce": testAllocateAtOnce,
		"Documents": testDocuments, "WatchDocuments": testWatchDocuments, "Reopen": testReopen, "Race": testRace,
	} {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

var bg = context.Background()

const (
	day1 = "wiki 2020-01-01/2020-01-02 v1 0"
	part = "wiki 2020-01-01/2020-01-02 v1 1"
	newV = "wiki 2020-01-01/2020-01-02 v2 0"
	day2 = "wiki 2020-01-02/2020-01-03 v1 0"
	zoo  = "zoo 2020-01-01/2021-01-01 v1 0"
)

func descriptors(t *testing.T, texts ...string) (ds []cluster.Descriptor) {
	for _, s := range texts {
		ds = append(ds, Segment(t, s))
	}
	return ds
}

func ids(t *testing.T, texts ...string) (out []segment.ID) {
	for _, d := range descriptors(t, texts...) {
		out = append(out, d.ID())
	}
	return out
}

func testFind(t *testing.T, open OpenMetadata) {
	m, _ := open(t)
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, zoo, day2, newV, part, day1)}))
	must(t, m.Commit(bg, cluster.Commit{Unuse: ids(t, part)}))
	on := func(s string) []chrono.Interval {
		in, err := chrono.ParseInterval(s)
		must(t, err)
		return []chrono.Interval{in}
	}
	const used = "wiki_2020-01-01_2020-01-02_v1 wiki_2020-01-01_2020-01-02_v2 wiki_2020-01-02_2020-01-03_v1"
	for _, c := range []struct {
		what string
		q    cluster.SegmentQuery
		want string
	}{
		{"all used", cluster.SegmentQuery{}, used + " zoo_2020-01-01_2021-01-01_v1"},
		{"source", cluster.SegmentQuery{Source: "wiki"}, used},
		{"unknown source", cluster.SegmentQuery{Source: "wik"}, ""},
		{"unused", cluster.SegmentQuery{State: cluster.OnlyUnused}, "wiki_2020-01-01_2020-01-02_v1_1"},
		{"both", cluster.SegmentQuery{Source: "wiki", State: cluster.UsedOrNot, Limit: 2},
			"wiki_2020-01-01_2020-01-02_v1 wiki_2020-01-01_2020-01-02_v1_1"},
		{"before now", cluster.SegmentQuery{State: cluster.OnlyUnused, Before: time.Now().Add(time.Hour)}, "wiki_2020-01-01_2020-01-02_v1_1"},
		{"long before", cluster.SegmentQuery{State: cluster.OnlyUnused, Before: time.Now().Add(-time.Hour)}, ""},
		{"time", cluster.SegmentQuery{Source: "wiki", Intervals: on("2020-01-02T12/P1Y")}, "wiki_2020-01-02_2020-01-03_v1"},
		{"two times", cluster.SegmentQuery{Intervals: append(on("2019/2020"), on("2020-12-31/2022")...)}, "zoo_2020-01-01_2021-01-01_v1"},
		{"times, limited", cluster.SegmentQuery{Intervals: on("2020-01-02/2020-01-03"), Limit: 1}, "wiki_2020-01-02_2020-01-03_v1"},
		{"end is outside", cluster.SegmentQuery{Intervals: on("2021/2022")}, ""},
		{"no times", cluster.SegmentQuery{Intervals: []chrono.Interval{}}, ""},
		{"ids", cluster.SegmentQuery{IDs: ids(t, part, zoo)}, "zoo_2020-01-01_2021-01-01_v1"},
		{"no ids", cluster.SegmentQuery{IDs: []segment.ID{}}, ""},
	} {
		got, err := names(m.Find(bg, c.q))
		must(t, err)
		equal(t, c.what, got, c.want)
	}
	for d, err := range m.Find(bg, cluster.SegmentQuery{Source: "zoo"}) { // and meanwhile
		must(t, err)
		must(t, m.Commit(bg, cluster.Commit{Unuse: []segment.ID{d.ID()}}))
		got, err := names(m.Find(bg, cluster.SegmentQuery{Source: "zoo"}))
		must(t, err)
		equal(t, "found within a find", got, "")
	}
	for d, err := range m.Find(bg, cluster.SegmentQuery{IDs: ids(t, day2)}) {
		must(t, err)
		got, _ := json.Marshal(d)
		want, _ := json.Marshal(Segment(t, day2))
		equal(t, "descriptor", string(got), string(want))
	}
}

func testCommit(t *testing.T, open OpenMetadata) {
	m, _ := open(t)
	check := func(what, want string) {
		t.Helper()
		got, err := names(m.Find(bg, cluster.SegmentQuery{}))
		must(t, err)
		equal(t, what, got, want)
	}
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, day1)}))
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, day1)}))
	check("published twice", "wiki_2020-01-01_2020-01-02_v1")
	wantKind(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, day2), Use: ids(t, zoo)}), fault.NotFound, "use unknown")
	wantKind(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, day2), Delete: ids(t, day1)}), fault.Conflict, "delete used")
	check("all or none", "wiki_2020-01-01_2020-01-02_v1")
	must(t, m.Commit(bg, cluster.Commit{Unuse: ids(t, day1, zoo), Publish: descriptors(t, day2)}))
	check("replaced", "wiki_2020-01-02_2020-01-03_v1")
	must(t, m.Commit(bg, cluster.Commit{Use: ids(t, day1), Unuse: ids(t, day2), Delete: ids(t, day2, zoo)}))
	check("back", "wiki_2020-01-01_2020-01-02_v1")
	got, err := names(m.Find(bg, cluster.SegmentQuery{State: cluster.UsedOrNot}))
	must(t, err)
	equal(t, "deleted", got, "wiki_2020-01-01_2020-01-02_v1")
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if m.Commit(ctx, cluster.Commit{Publish: descriptors(t, day2)}) == nil {
		t.Error("committed with a context that had ended")
	}
	check("ended context", "wiki_2020-01-01_2020-01-02_v1")
}

// follow gives a stream's changes as text, keeping its last mark.
func follow(t *testing.T, m cluster.Metadata, since cluster.Mark) (next func() string, mark *cluster.Mark) {
	p := pull(t, func(ctx context.Context) iter.Seq2[cluster.Change, error] { return m.Segments(ctx, since) })
	mark = new(cluster.Mark)
	return func() string {
		t.Helper()
		c := p.take()
		*mark = c.Mark
		word := [...]string{"used ", "unused ", "reset", "synced"}[c.Kind]
		if c.Kind <= cluster.Unused {
			word += name(c.Segment.ID())
		}
		return word
	}, mark
}

func testChanges(t *testing.T, open OpenMetadata) {
	m, _ := open(t)
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, day1, day2, part)}))
	must(t, m.Commit(bg, cluster.Commit{Unuse: ids(t, day2)}))
	next, _ := follow(t, m, "")
	equal(t, "what is there", sorted([]string{next(), next()}),
		"[used wiki_2020-01-01_2020-01-02_v1 used wiki_2020-01-01_2020-01-02_v1_1]")
	equal(t, "then", next(), "synced")
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, newV)}))
	equal(t, "published", next(), "used wiki_2020-01-01_2020-01-02_v2")
	must(t, m.Commit(bg, cluster.Commit{Unuse: ids(t, day1)}))
	equal(t, "unused", next(), "unused wiki_2020-01-01_2020-01-02_v1")
	must(t, m.Commit(bg, cluster.Commit{Use: ids(t, day2)}))
	equal(t, "used again", next(), "used wiki_2020-01-02_2020-01-03_v1")
}

func testResume(t *testing.T, open OpenMetadata) {
	m, reopen := open(t)
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, day1, day2)}))
	next, mark := follow(t, m, "")
	equal(t, "from the start", sorted([]string{next(), next(), next()}),
		"[synced used wiki_2020-01-01_2020-01-02_v1 used wiki_2020-01-02_2020-01-03_v1]")
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, zoo), Unuse: ids(t, day1)}))

	m = reopen()
	next, mark = follow(t, m, *mark)
	equal(t, "since", []string{next(), next(), next()},
		"[used zoo_2020-01-01_2021-01-01_v1 unused wiki_2020-01-01_2020-01-02_v1 synced]")

	// What was marked unused and deleted since the mark cannot be told.
	must(t, m.Commit(bg, cluster.Commit{Unuse: ids(t, zoo)}))
	must(t, m.Commit(bg, cluster.Commit{Delete: ids(t, zoo)}))
	next, mark = follow(t, m, *mark)
	got := next()
	for got != "reset" && got != "unused zoo_2020-01-01_2021-01-01_v1" {
		got = next()
	}
	if got == "reset" {
		equal(t, "after the reset", []string{next(), next()}, "[used wiki_2020-01-02_2020-01-03_v1 synced]")
	}
	for _, err := range m.Segments(bg, "no such mark") {
		wantKind(t, err, fault.Invalid, "a mark that is none")
		break
	}
}

func testAllocate(t *testing.T, open OpenMetadata) {
	m, reopen := open(t)
	in := Segment(t, day1).Interval
	allocate := func(source string, in chrono.Interval, sequence string) segment.ID {
		t.Helper()
		id, err := m.Allocate(bg, source, in, sequence)
		must(t, err)
		return id
	}
	a := allocate("new", in, "a")
	if a.Version == "" || a.Partition != 0 || a.Interval != in || a.Source != "new" {
		t.Errorf("first allocated: %v", a)
	}
	b := allocate("new", in, "b")
	want := a
	want.Partition = 1
	equal(t, "next", b, want)
	m = reopen()
	equal(t, "same sequence after a restart", allocate("new", in, "a"), a)

	// Appending to what is published, also by another way than allocation.
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, day1, part, zoo)}))
	equal(t, "append", name(allocate("wiki", in, "x")), "wiki_2020-01-01_2020-01-02_v1_2")
	equal(t, "append to a longer interval", name(allocate("zoo", in, "x")), "zoo_2020-01-01_2021-01-01_v1_1")
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, newV)}))
	equal(t, "append to the newest version", name(allocate("wiki", in, "y")), "wiki_2020-01-01_2020-01-02_v2_1")
	year := Segment(t, zoo).Interval
	_, err := m.Allocate(bg, "wiki", year, "x")
	wantKind(t, err, fault.Conflict, "a day within the year")
	_, err = m.Allocate(bg, "", in, "x")
	wantKind(t, err, fault.Invalid, "no source")
	_, err = m.Allocate(bg, "wiki", chrono.Interval{}, "x")
	wantKind(t, err, fault.Invalid, "no interval")

	// An ID is not given twice while its segment is known, used or not.
	must(t, m.Commit(bg, cluster.Commit{Publish: []cluster.Descriptor{{Source: "new", Interval: in, Version: a.Version, Shard: &cluster.Numbered{}}}}))
	must(t, m.Commit(bg, cluster.Commit{Unuse: []segment.ID{a, b}}))
	if c := allocate("new", in, "c"); c == a || c == b {
		t.Errorf("allocated %v again", c)
	}
	must(t, m.Commit(bg, cluster.Commit{Unuse: ids(t, newV, day1, part)}))
	far := Segment(t, "far 2020-01-01/2020-01-02 2999-01-01T00:00:00.000Z 0")
	must(t, m.Commit(bg, cluster.Commit{Publish: []cluster.Descriptor{far}}))
	must(t, m.Commit(bg, cluster.Commit{Unuse: []segment.ID{far.ID()}}))
	if id := allocate("far", in, "a"); id.Version <= far.Version {
		t.Errorf("version %s does not come after %s", id.Version, far.Version)
	}
}

func testAllocateAtOnce(t *testing.T, open OpenMetadata) {
	m, _ := open(t)
	in := Segment(t, day1).Interval
	got := make(chan segment.ID, 16)
	var wg sync.WaitGroup
	for i := range cap(got) {
		wg.Go(func() {
			id, err := m.Allocate(bg, "wiki", in, fmt.Sprint(i/2)) // each sequence twice
			if err != nil {
				t.Error(err)
			}
			got <- id
		})
	}
	wg.Wait()
	close(got)
	count := map[segment.ID]int{}
	versions := map[string]bool{}
	for id := range got {
		count[id]++
		versions[id.Version] = true
	}
	for id, n := range count {
		if n != 2 {
			t.Errorf("%v was given %d times, want 2", id, n)
		}
	}
	equal(t, "IDs and versions", []int{len(count), len(versions)}, "[8 1]")
}

func documentsOf(t *testing.T, m cluster.Metadata) cluster.Documents {
	docs, ok := m.(cluster.Documents)
	if !ok {
		t.Fatalf("%T has no documents", m)
	}
	return docs
}

func put(key, value string) []cluster.Document {
	d := cluster.Document{Key: key}
	if value != "" {
		d.Value = json.RawMessage(value)
	}
	return []cluster.Document{d}
}

func testDocuments(t *testing.T, open OpenMetadata) {
	m, _ := open(t)
	docs := documentsOf(t, m)
	get := func(key string) cluster.Document {
		t.Helper()
		d, err := docs.Get(bg, key)
		must(t, err)
		return d
	}
	none := get("rules/wiki")
	equal(t, "absent", none, cluster.Document{Key: "rules/wiki"})
	must(t, m.Commit(bg, cluster.Commit{Need: []cluster.Version{{Key: "rules/wiki"}}, Put: put("rules/wiki", `[1]`)}))
	first := get("rules/wiki")
	equal(t, "value", string(first.Value), `[1]`)
	if age := time.Since(first.Updated); first.Version <= 0 || age < -time.Minute || age > time.Minute {
		t.Errorf("version %d, updated %v", first.Version, first.Updated)
	}
	stale := cluster.Commit{Need: []cluster.Version{{Key: "rules/wiki"}}, Put: put("rules/wiki", `[2]`), Publish: descriptors(t, day1)}
	wantKind(t, m.Commit(bg, stale), fault.Conflict, "stale version")
	stale.Need[0].Version = first.Version
	must(t, m.Commit(bg, stale))
	second := get("rules/wiki")
	if got, _ := names(m.Find(bg, cluster.SegmentQuery{})); got == "" || second.Version <= first.Version {
		t.Errorf("segments %q and version %d after %d", got, second.Version, first.Version)
	}
	must(t, m.Commit(bg, cluster.Commit{Put: append(put("rules/wiki", ""), put("never/was", "")...)}))
	equal(t, "deleted", get("rules/wiki"), none)
	must(t, m.Commit(bg, cluster.Commit{Need: []cluster.Version{{Key: "rules/wiki"}}, Put: put("rules/wiki", `[3]`)}))
	if third := get("rules/wiki"); third.Version <= second.Version {
		t.Errorf("version %d after %d and deletion", third.Version, second.Version)
	}
	wantKind(t, m.Commit(bg, cluster.Commit{Put: put("config/x", `{`)}), fault.Invalid, "not JSON")
	must(t, m.Commit(bg, cluster.Commit{Put: append(put("rules/ab", `0`), append(put("rules%/é", `0`), put("config/wiki", `0`)...)...)}))
	for prefix, want := range map[string]string{
		"rules/": "[rules/ab rules/wiki]", "": "[config/wiki rules%/é rules/ab rules/wiki]", "rules/w": "[rules/wiki]", "RULES/": "[]", "rules%": "[rules%/é]",
	} {
		var got []string
		for d, err := range docs.List(bg, prefix) {
			must(t, err)
			got = append(got, d.Key)
		}
		equal(t, "list of "+prefix, got, want)
	}
}

func testWatchDocuments(t *testing.T, open OpenMetadata) {
	m, _ := open(t)
	must(t, m.Commit(bg, cluster.Commit{Put: append(put("lookups/a", `1`), put("rules/a", `1`)...)}))
	p := pull(t, func(ctx context.Context) iter.Seq2[cluster.Document, error] {
		return documentsOf(t, m).WatchDocuments(ctx, "lookups/")
	})
	next := func() string { t.Helper(); d := p.take(); return d.Key + "=" + string(d.Value) }
	equal(t, "what is there", []string{next(), next()}, "[lookups/a=1 =]")
	must(t, m.Commit(bg, cluster.Commit{Put: put("rules/a", `2`)}))
	must(t, m.Commit(bg, cluster.Commit{Put: put("lookups/b", `2`)}))
	equal(t, "new", next(), "lookups/b=2")
	must(t, m.Commit(bg, cluster.Commit{Put: put("lookups/a", ``)}))
	equal(t, "gone", next(), "lookups/a=")
	p.quiet()
}

func testReopen(t *testing.T, open OpenMetadata) {
	m, reopen := open(t)
	must(t, m.Commit(bg, cluster.Commit{Publish: descriptors(t, day1), Put: append(put("rules/a", `1`), put("rules/b", `1`)...)}))
	must(t, m.Commit(bg, cluster.Commit{Put: put("rules/b", ``)}))
	before, err := documentsOf(t, m).Get(bg, "rules/a")
	must(t, err)
	m = reopen()
	got, err := names(m.Find(bg, cluster.SegmentQuery{}))
	must(t, err)
	equal(t, "segments", got, "wiki_2020-01-01_2020-01-02_v1")
	after, err := documentsOf(t, m).Get(bg, "rules/a")
	must(t, err)
	equal(t, "document", fmt.Sprintf("%+v", after), fmt.Sprintf("%+v", before))
	gone, err := documentsOf(t, m).Get(bg, "rules/b")
	must(t, err)
	equal(t, "deleted document", gone, cluster.Document{Key: "rules/b"})
}

// testRace lets several commit under one precondition: each step, one wins.
func testRace(t *testing.T, open OpenMetadata) {
	m, _ := open(t)
	docs := documentsOf(t, m)
	const each, writers = 5, 4
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for won := 0; won < each; {
				d, err := docs.Get(bg, "count")
				if err != nil {
					t.Error(err)
					return
				}
				n := 0
				if d.Value != nil {
					_ = json.Unmarshal(d.Value, &n) // our own number
				}
				err = m.Commit(bg, cluster.Commit{Need: []cluster.Version{{Key: "count", Version: d.Version}}, Put: put("count", fmt.Sprint(n+1))})
				var e *fault.Error
				switch {
				case err == nil:
					won++
				case !errors.As(err, &e) || e.Kind != fault.Conflict:
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	d, err := docs.Get(bg, "count")
	must(t, err)
	equal(t, "count", string(d.Value), each*writers)
}

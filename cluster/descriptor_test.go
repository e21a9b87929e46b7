package cluster

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/data"
)

const druids = `{"dataSource":"wikipedia","interval":"2013-08-01T00:00:00.000Z/2013-08-02T00:00:00.000Z","version":"2013-08-08T21:22:48.989Z",` +
	`"loadSpec":{"type":"s3_zip","bucket":"b","key":"data/segments/0/index.zip"},"dimensions":"page,user","metrics":"count,added",` +
	`"shardSpec":{"type":"none"},"binaryVersion":9,"size":24664730,` +
	`"identifier":"wikipedia_2013-08-01T00:00:00.000Z_2013-08-02T00:00:00.000Z_2013-08-08T21:22:48.989Z"}`

func TestDescriptor(t *testing.T) {
	var d Descriptor
	if err := json.Unmarshal([]byte(druids), &d); err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(d); err != nil || string(b) != druids {
		t.Errorf("written %s, %v", b, err)
	}
	if l, err := d.Location(); err != nil || l != (Location{Type: "s3_zip", Bucket: "b", Key: "data/segments/0/index.zip"}) {
		t.Errorf("location %+v, %v", l, err)
	}
	if names := d.Columns().Names(); strings.Join(names, " ") != "__time page user count added" {
		t.Errorf("columns %v", names)
	}
	if key, want := StorageKey(d.ID(), "f"), "wikipedia/2013-08-01T000000.000Z_2013-08-02T000000.000Z/2013-08-08T21_22_48.989Z/0/f"; key != want {
		t.Errorf("key %s", key)
	}
	d.Schema = data.Schema{{Name: "tags", Type: data.StringType, Multi: true}, {Name: "u", Type: data.ComplexOf("hyperUnique")}}
	d.Rows, d.Shard = 5, &Numbered{3, 4}
	b, err := json.Marshal(&d)
	if err != nil {
		t.Fatal(err)
	}
	var again Descriptor
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if c, _ := json.Marshal(again); string(c) != string(b) || again.Rows != 5 || !again.Schema[0].Multi || again.ID().Partition != 3 {
		t.Errorf("read %s\nfrom %s", c, b)
	}
}

func TestDescriptorErrors(t *testing.T) {
	for change, want := range map[string]string{
		`"dataSource":"wikipedia"=>"dataSource":""`:              "dataSource is missing",
		`"version":"2013=>"v":"2013`:                             "version is missing",
		`2013-08-02T00:00:00.000Z",=>2013-08-01",`:               "is empty",
		`"type":"none"=>"type":"nune"`:                           `unknown shardSpec type "nune"; did you mean "none"?`,
		`{"type":"none"}=>3`:                                     "shardSpec",
		`{"type":"none"}=>{"type":"linear","partitionNum":-1}`:   "shardSpec: partition number is -1; expected 0 or more",
		`"size":24664730=>"size":"big"`:                          "size",
		`"size":24664730=>"schema":[{"name":"a","type":"LUNG"}]`: `schema: expected a list of columns with name and type: unknown type "LUNG"`,
	} {
		from, to, _ := strings.Cut(change, "=>")
		if !strings.Contains(druids, from) {
			t.Fatalf("%s does not change anything", change)
		}
		err := json.Unmarshal([]byte(strings.Replace(druids, from, to, 1)), new(Descriptor))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", change, err, want)
		}
	}
}

func FuzzDescriptor(f *testing.F) {
	f.Add([]byte(druids))
	for _, s := range shardSpecs {
		f.Add([]byte(strings.Replace(druids, `{"type":"none"}`, s, 1)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d, again Descriptor
		if json.Unmarshal(b, &d) != nil {
			return
		}
		line := NewTimeline()
		line.Add(&d, nil) // whatever it says, a timeline can hold it
		line.Lookup(nil)
		line.Overshadowed()
		c, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(c, &again); err != nil || again.ID() != d.ID() {
			t.Fatalf("%s: %v", c, err)
		}
	})
}

var shardSpecs = []string{
	`{"type":"none"}`,
	`{"type":"linear","partitionNum":4}`,
	`{"type":"numbered","partitionNum":1,"partitions":3}`,
	`{"type":"hashed","partitionNum":1,"partitions":2,"bucketId":1,"numBuckets":3,"partitionDimensions":["a","b"],"partitionFunction":"murmur3_32_abs"}`,
	`{"type":"hashed","partitionNum":1,"partitions":2,"partitionDimensions":[]}`,
	`{"type":"single","dimension":"d","start":null,"end":"m","partitionNum":0}`,
	`{"type":"single","dimension":"d","start":"m","end":null,"partitionNum":1,"numCorePartitions":2}`,
	`{"type":"range","dimensions":["a","b"],"start":null,"end":["m",null],"partitionNum":0,"numCorePartitions":2}`,
	`{"type":"numbered_overwrite","partitionId":32768,"startRootPartitionId":0,"endRootPartitionId":2,"minorVersion":1,"atomicUpdateGroupSize":2}`,
	`{"type":"tombstone","partitionNum":0,"partitions":1}`,
}

func TestShards(t *testing.T) {
	for _, text := range shardSpecs {
		s, err := ParseShard([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if b, err := MarshalShard(s); err != nil || string(b) != text {
			t.Errorf("written %s, %v\nfrom    %s", b, err, text)
		}
	}
	for _, absent := range []string{"", "null"} {
		if s, err := ParseShard([]byte(absent)); err != nil || s.Core() != 1 || s.Number() != 0 {
			t.Errorf("%q is %v, %v", absent, s, err)
		}
	}
}

func TestPossible(t *testing.T) {
	text := func(s string) *string { return &s }
	is := func(values ...string) Domain {
		var out []*string
		for _, v := range values {
			if v == "NULL" {
				out = append(out, nil)
			} else {
				out = append(out, text(v))
			}
		}
		return Values(out...)
	}
	below := func(s string) Domain { return Domain{[]Range{{LowOpen: true, High: text(s), HighOpen: true}}} }
	from := func(s string) Domain { return Domain{[]Range{{Low: text(s), NoHigh: true}}} }
	over := func(s string) Domain { return Domain{[]Range{{Low: text(s), LowOpen: true, NoHigh: true}}} }
	const (
		first  = `{"type":"single","dimension":"d","end":"g"}`
		middle = `{"type":"single","dimension":"d","start":"g","end":"m"}`
		last   = `{"type":"single","dimension":"d","start":"m"}`
		tuples = `{"type":"range","dimensions":["d","e"],"start":["g","x"],"end":["g","z"]}`
		wide   = `{"type":"range","dimensions":["d","e"],"start":["g","x"],"end":["h","b"]}`
	)
	for _, c := range []struct {
		shard, column string
		domain        Domain
		want          bool
	}{
		{first, "d", is("a"), true}, {first, "d", is("g"), false}, {first, "d", is("NULL"), true}, {first, "other", is("z"), true},
		{first, "d", Domain{}, false}, {first, "d", from("f"), true}, {first, "d", from("g"), false}, {first, "d", below("a"), true},
		{middle, "d", is("g"), true}, {middle, "d", is("m"), false}, {middle, "d", is("a", "k"), true}, {middle, "d", is("a", "z"), false},
		{middle, "d", is("NULL"), false}, {middle, "d", below("g"), false}, {middle, "d", below("gg"), true},
		{middle, "d", over("lz"), true}, {middle, "d", over("m"), false}, {middle, "d", from("m"), false},
		{last, "d", is("NULL", "a"), false}, {last, "d", is("z"), true}, {last, "d", from("zz"), true}, {last, "d", below("m"), false},
		{tuples, "d", is("g"), true}, {tuples, "d", is("h"), false}, {tuples, "e", is("y"), true}, {tuples, "e", is("a"), false}, {tuples, "e", is("z"), false},
		{wide, "d", is("h"), true}, {wide, "d", is("hh"), false}, {wide, "e", is("m"), true},
		{`{"type":"tombstone"}`, "d", is("a"), false}, {`{"type":"linear"}`, "d", is("a"), true},
	} {
		s, err := ParseShard([]byte(c.shard))
		if err != nil {
			t.Fatal(err)
		}
		got := s.Possible(func(column string) (Domain, bool) { return c.domain, column == c.column })
		if got != c.want {
			t.Errorf("%s with %s in %+v: %v", c.shard, c.column, c.domain, got)
		}
	}
}

// TestHashed wants each combination of values to be possible in one bucket.
func TestHashed(t *testing.T) {
	for in, want := range map[string]uint32{"": 0, "test": 0xba6bd213, "Hello, world!": 0xc0363e43, "The quick brown fox jumps over the lazy dog": 0x2e4ff723} {
		if got := murmur3([]byte(in)); got != want {
			t.Errorf("murmur3(%q) = %#x, want %#x", in, got, want)
		}
	}
	if got := string(appendJackson(nil, "a\"\\\n\x1f/é\u2028")); got != `"a\"\\\n\u001F/é`+"\u2028"+`"` {
		t.Errorf("escaped %s", got)
	}
	function := HashFunction
	const buckets = 7
	for _, d := range []*string{nil, new(string), &function} {
		hits := 0
		for b := range buckets {
			s := &Hashed{Partition: b, Partitions: buckets, Dimensions: []string{"d", "e"}, Function: &function}
			domain := func(string) (Domain, bool) { return Values(d), true }
			if s.Possible(domain) {
				hits++
				if HashBucket([]*string{d, d}, buckets) != b {
					t.Error("possible in another bucket")
				}
			}
			if half := func(c string) (Domain, bool) { return Values(d), c == "d" }; !s.Possible(half) {
				t.Error("a condition on one of two dimensions decides nothing")
			}
		}
		if hits != 1 {
			t.Errorf("possible in %d buckets, want 1", hits)
		}
	}
}

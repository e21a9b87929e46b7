package file

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/segment/encoding"
)

// TestVersion1 reads a file that was written when footers were JSON.
func TestVersion1(t *testing.T) {
	const path = "testdata/version1.ovate"
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Verify(); err != nil {
		t.Fatal(err)
	}
	if f.ID() != testID || f.Rows() != 40 || fmt.Sprint(f.Info().Dimensions) != "[d]" {
		t.Errorf("%v, %d rows, %+v", f.ID(), f.Rows(), f.Info())
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range sampleColumns() {
		compare(t, r, c.Field.Name, f, c)
	}
	if it, err := Peek(path); err != nil || !reflect.DeepEqual(it.Schema, f.Schema()) {
		t.Errorf("peek: %+v %v", it, err)
	}
	old, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if now := len(sample(t)); int64(now) > old.Size() {
		t.Errorf("a file has %d bytes that had %d", now, old.Size())
	}
}

// footers are what footers may say.
func footers() map[string]*footer {
	yes, no, buf := true, false, 3
	long := &encoding.Node{Codec: "narrow", Type: data.LongType, Rows: 7, Width: 4, Base: math.MinInt64, Buffers: []int{0}}
	words := &encoding.Node{Codec: "list", Type: data.StringType, Rows: 7, Valid: &buf, Buffers: []int{1}, Parts: []*encoding.Node{
		{Codec: "dictionary", Type: data.StringType, Rows: 9, Width: 1, Buffers: []int{2}, Parts: []*encoding.Node{{Codec: "bytes", Type: data.StringType, Buffers: []int{0, 1}}}}}}
	decimal := &encoding.Node{Codec: "decimal", Type: data.DoubleType, Rows: 7, Scale: 18, Base: -1, Width: 8, Buffers: []int{4}}
	buffers := []buffer{{64, 0, 1}, {64, 65, math.MaxUint32}, {192, 64, 0}, {256, 1, 5}, {320, 3, 6}}
	return map[string]*footer{
		"nothing": {Buffers: []buffer{}, Columns: []columnMeta{}},
		"all": {
			ID: segment.ID{Source: "a\x00ü", Interval: chrono.Interval{Start: math.MinInt64 / 2, End: math.MaxInt64 / 2}, Version: "v", Partition: math.MaxInt32},
			Info: segment.Info{MinTime: -5, MaxTime: 1 << 60, TimeSorted: true, Dimensions: []string{}, Metrics: []string{"m", ""}, Rollup: &yes,
				QueryGranularity: json.RawMessage(`"DAY"`), Aggregators: json.RawMessage(`[{}]`), TimestampSpec: json.RawMessage(`null`)},
			Rows: 7, Buffers: buffers,
			Columns: []columnMeta{
				{Field: data.Field{Name: "__time", Type: data.LongType}, Encoding: long, Zones: &buf},
				{Field: data.Field{Name: "w", Type: data.StringType, Multi: true}, Encoding: words, Index: &index{0, 1, 2}},
				{Field: data.Field{Name: "j", Type: data.JSONType}, Encoding: long, Paths: []columnMeta{
					{Field: data.Field{Name: "j", Type: data.DoubleType}, Path: "$.a", Encoding: decimal, Zones: &buf},
					{Field: data.Field{Name: "j", Type: data.StringType}, Path: "$.b", Encoding: words, Index: &index{4, 4, 4}}}},
			},
		},
		"not rolled up": {Info: segment.Info{Rollup: &no}, Buffers: []buffer{}, Columns: []columnMeta{}},
	}
}

func TestFooter(t *testing.T) {
	for name, f := range footers() {
		b := f.bytes()
		got := new(footer)
		if err := got.decode(string(b), 1<<20); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := got.whole(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got.codecs, got.types = nil, nil
		if !reflect.DeepEqual(got, f) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, f)
		}
		for n := range b {
			cut := new(footer)
			if err := cut.decode(string(b[:n]), 1<<20); err == nil && cut.whole() == nil {
				t.Errorf("%s: cut to %d bytes unnoticed", name, n)
			}
		}
		if err := new(footer).decode(string(b)+"x", 1<<20); err == nil {
			t.Errorf("%s: a byte more unnoticed", name)
		}
	}
	if err := new(footer).decode(string(footers()["all"].bytes()), 200); err == nil {
		t.Error("buffers beyond the footer unnoticed")
	}
}

// TestOpenVerified asks for columns of a file of which one makes no sense.
func TestOpenVerified(t *testing.T) {
	f := write(t, sampleColumns())
	if err := f.foot.whole(); err != nil {
		t.Fatal(err)
	}
	f.foot.Columns[1].Encoding.Codec = "unheard"
	foot := f.foot.bytes()
	b := append([]byte(nil), f.mem...)
	h, err := readHeader(b[:headerSize], int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	b = append(b[:h.at], foot...)
	copy(b, header{version, int64(len(b)), h.at, int64(len(foot)), crc32.Checksum(foot, castagnoli)}.bytes())
	path := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "unheard") {
		t.Errorf("opened: %v", err)
	}
	g, err := OpenVerified(path)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if err := g.Verify(); err == nil {
		t.Error("verified")
	}
	if _, ok := g.Column(f.foot.Columns[0].Field.Name); !ok {
		t.Error("the first column is lost")
	}
	defer func() {
		if e, ok := recover().(*fault.Error); !ok || e.Kind != fault.Invalid {
			t.Errorf("%v", e)
		}
	}()
	g.Column(f.foot.Columns[1].Field.Name)
	t.Error("a column of an unknown codec was made")
}

// FuzzFooter reads any bytes as a footer: what is read is written so that it
// reads the same.
func FuzzFooter(f *testing.F) {
	for _, foot := range footers() {
		f.Add(foot.bytes())
	}
	whole := sample(f)
	h, err := readHeader(whole[:headerSize], int64(len(whole)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[h.at:])
	f.Fuzz(func(t *testing.T, b []byte) {
		one := new(footer)
		if one.decode(string(b), 1<<40) != nil || one.whole() != nil {
			return
		}
		two := new(footer)
		if err := two.decode(string(one.bytes()), 1<<40); err != nil {
			t.Fatal(err)
		}
		if err := two.whole(); err != nil {
			t.Fatal(err)
		}
		one.codecs, one.types, two.codecs, two.types = nil, nil, nil, nil
		if !reflect.DeepEqual(one.Columns, two.Columns) || !reflect.DeepEqual(one.Info, two.Info) || one.ID != two.ID {
			t.Errorf("%+v\n%+v", one, two)
		}
	})
}

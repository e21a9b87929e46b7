package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// specText makes a spec over inline rows; more replaces parts of it.
func specText(dims, format, rows, more string) string {
	quoted, _ := json.Marshal(rows)
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"type":"index","spec":{"dataSchema":{"dataSource":"x","timestampSpec":{"column":"t"},
		"dimensionsSpec":%s,"granularitySpec":{"rollup":false}%s},
		"ioConfig":{"inputSource":{"type":"inline","data":%s},"inputFormat":%s}}}`, dims, more, quoted, format)
}

const (
	csvHeader = `{"type":"csv","findColumnsFromHeader":true}`
	jsonRows  = `{"type":"json"}`
)

func TestRows(t *testing.T) {
	for _, c := range []struct{ name, dims, format, rows, more, want string }{
		{"an empty field is null, a quoted one is not",
			`{"dimensions":["a","b"]}`, csvHeader, "t,a,b\n2024-01-01,,\"\"\n2024-01-01,\"x \"\"y\"\", z\",1\r\n2024-01-01,only\n", "",
			"2024-01-01/2024-01-02 a:STRING b:STRING\n2024-01-01T00:00:00 <nil> \n2024-01-01T00:00:00 only <nil>\n2024-01-01T00:00:00 x \"y\", z 1\n"},
		{"numbers of text",
			`{"dimensions":[{"type":"long","name":"l"},{"type":"double","name":"d"},{"type":"float","name":"f"}]}`, csvHeader,
			"t,l,d,f\n2024-01-01,12,1.5,0.1\n2024-01-01,13.0,-0.0,1e3\n2024-01-01,1.5,abc,\n2024-01-01,9223372036854775807,123456789.123456789,NaN\n", "",
			"2024-01-01/2024-01-02 l:LONG d:DOUBLE f:FLOAT\n2024-01-01T00:00:00 <nil> <nil> <nil>\n2024-01-01T00:00:00 12 1.5 0.1\n" +
				"2024-01-01T00:00:00 13 -0 1000\n2024-01-01T00:00:00 9223372036854775807 1.2345678912345679e+08 NaN\n"},
		{"tsv has no quotes; lists; columns given; rows to skip",
			`{"dimensions":["a","b"]}`, `{"type":"tsv","columns":["t","a","b"],"skipHeaderRows":1,"listDelimiter":"|"}`,
			"junk\n2024-01-01\t\"q\"\tz|y|x\n2024-01-02\t\t|\n", "",
			"2024-01-01/2024-01-02 a:STRING b:STRING\n2024-01-01T00:00:00 \"q\" [x y z]\n2024-01-02/2024-01-03 a:NULL b:STRING\n2024-01-02T00:00:00 <nil> [ ]\n"},
		{"lists of JSON are sorted, or kept, or sets",
			`{"dimensions":["a",{"name":"b","type":"string","multiValueHandling":"ARRAY"},{"name":"c","type":"string","multiValueHandling":"SORTED_SET"}]}`, jsonRows,
			`{"t":"2024-01-01","a":["b","a","b"],"b":["b","a","b"],"c":["b","a","b"]}` + "\n" + `{"t":"2024-01-01T01:00:00","a":[],"b":null,"c":1.50}`, "",
			"2024-01-01/2024-01-02 a:STRING b:STRING c:STRING\n2024-01-01T00:00:00 [a b b] [b a b] [a b]\n2024-01-01T01:00:00 [] [<nil>] [1.5]\n"},
		{"fields that nobody names become dimensions, as they are met",
			`{"dimensionExclusions":["no"]}`, jsonRows, `{"t":"2024-01-01","z":1,"a":"x","no":2,"o":{"x":1}}` + "\n" + `{"t":"2024-01-01","b":true}`, "",
			"2024-01-01/2024-01-02 z:STRING a:STRING b:STRING\n2024-01-01T00:00:00 <nil> <nil> true\n2024-01-01T00:00:00 1 x <nil>\n"},
		{"and have types with schema discovery",
			`{"useSchemaDiscovery":true}`, jsonRows, `{"t":"2024-01-01","l":1,"d":1,"s":"x","al":[1,2],"as":["x",1],"o":{"k":[{"v":1}]},"n":null}` + "\n" + `{"t":"2024-01-01T01:00:00","d":2.5,"l":null}`, "",
			"2024-01-01/2024-01-02 l:LONG d:DOUBLE s:STRING al:ARRAY<LONG> as:ARRAY<STRING> o:COMPLEX<json> n:NULL\n" +
				"2024-01-01T00:00:00 1 1 x [1 2] [x 1] {\"k\":[{\"v\":1}]} <nil>\n2024-01-01T01:00:00 <nil> 2.5 <nil> <nil> <nil> <nil> <nil>\n"},
		{"fields out of nested objects",
			`{"dimensions":["p","q","r","k"]}`, `{"type":"json","flattenSpec":{"fields":[{"type":"path","name":"p","expr":"$.a.b[1]"},
				{"type":"tree","name":"q","nodes":["a","c"]},{"type":"path","name":"r","expr":"$.l[*].v"},{"type":"root","name":"k","expr":"x.y"}]}}`,
			`{"t":"2024-01-01","a":{"b":[1,"\u00e9\n"],"c":true},"l":[{"v":2},{"w":0},{"v":1}],"x.y":"dot"}`, "",
			"2024-01-01/2024-01-02 p:STRING q:STRING r:STRING k:STRING\n2024-01-01T00:00:00 é\n true [1 2] dot\n"},
		{"groups of a regular expression",
			`{"dimensions":["a","column_3"]}`, `{"type":"regex","pattern":"^(\\S+) (\\w*) (.*)$","columns":["t","a"],"listDelimiter":"|"}`,
			"2024-01-01 x 1|2\nbad\n2024-01-01  y\n", "",
			"2024-01-01/2024-01-02 a:STRING column_3:STRING\n2024-01-01T00:00:00 <nil> [y]\n2024-01-01T00:00:00 x [1 2]\n"},
		{"transforms see the fields as they were read; a filter sees them transformed",
			`{"dimensions":["a",{"type":"long","name":"n"}]}`, csvHeader, "t,a,n\n2024-01-01,x,1\n2024-01-01,y,2\n2024-01-01,z,3\n",
			`"transformSpec":{"transforms":[{"type":"expression","name":"a","expression":"upper(a)"},{"type":"expression","name":"n","expression":"strlen(a) + n * 10"}],
				"filter":{"type":"not","field":{"type":"selector","dimension":"a","value":"Y"}}}`,
			"2024-01-01/2024-01-02 a:STRING n:LONG\n2024-01-01T00:00:00 X 11\n2024-01-01T00:00:00 Z 31\n"},
		{"a transform may set the time",
			`{"dimensions":["a"]}`, csvHeader, "t,a\nx,1704067200000\n",
			`"transformSpec":{"transforms":[{"type":"expression","name":"__time","expression":"cast(a, 'LONG') + 1000"}]}`,
			"2024-01-01/2024-01-02 a:STRING\n2024-01-01T00:00:01 1704067200000\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := build(t, specText(c.dims, c.format, c.rows, c.more), Config{})
			if got := rowsText(t, res); got != c.want {
				t.Errorf("got\n%sexpected\n%s", got, c.want)
			}
		})
	}
}

// TestRollup merges rows of one minute and one dimension, whatever the order.
func TestRollup(t *testing.T) {
	rows := "t,a,n\n2024-01-01T00:00:30,x,1\n2024-01-01T00:00:10,y,5\n2024-01-01T00:00:59,x,2\n2024-01-01T00:01:00,x,7\n2024-01-01T00:00:00,x,\n"
	text := strings.Replace(specText(`{"dimensions":["a"]}`, csvHeader, rows,
		`"metricsSpec":[{"type":"count","name":"rows"},{"type":"longSum","name":"n","fieldName":"n"},{"type":"doubleMax","name":"most","fieldName":"n"}]`),
		`{"rollup":false}`, `{"queryGranularity":"minute","segmentGranularity":"hour"}`, 1)
	res := build(t, text, Config{})
	want := "2024-01-01/2024-01-01 a:STRING most:DOUBLE n:LONG rows:LONG\n2024-01-01T00:00:00 x 2 3 3\n2024-01-01T00:00:00 y 5 5 1\n2024-01-01T00:01:00 x 7 7 1\n"
	if got := rowsText(t, res); got != want {
		t.Errorf("got\n%sexpected\n%s", got, want)
	}
	if res.Counts.Processed != 5 {
		t.Errorf("%+v", res.Counts)
	}
}

// TestBadRows counts what is no row, and gives up where the spec says so.
func TestBadRows(t *testing.T) {
	rows := `{"t":"2024-01-01","a":1}` + "\n{\"t\":\n" + `{"t":"yesterday","a":1}` + "\n" + `{"t":"2025-01-01","a":1}` + "\n" + `[1]` + "\n"
	text := specText(`{"dimensions":["a"]}`, jsonRows, rows, "")
	text = strings.Replace(text, `{"rollup":false}`, `{"rollup":false,"intervals":["2024-01-01/2024-02-01"]}`, 1)
	res := build(t, text, Config{})
	if c := res.Counts; c.Processed != 1 || c.Unparseable != 3 || c.Thrown != 1 || len(res.Bad) != 3 {
		t.Errorf("%+v %v", c, res.Bad)
	}
	strict := strings.Replace(text, `"ioConfig"`, `"tuningConfig":{"type":"index","maxParseExceptions":2},"ioConfig"`, 1)
	spec, err := ParseSpec([]byte(strict))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Build(context.Background(), spec, Config{Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "could not be read") {
		t.Errorf("3 bad rows where 2 are allowed: %v", err)
	}
}

// TestPartitions deals rows and says how.
func TestPartitions(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("t,a,b\n")
	for i := range 100 {
		fmt.Fprintf(&rows, "2024-01-01,v%02d,%d\n", i%20, i)
	}
	for _, c := range []struct {
		spec  string
		rows  []int64
		shard string
	}{
		{`{"type":"dynamic","maxRowsPerSegment":40}`, []int64{40, 40, 20}, `"type":"numbered","partitionNum":0,"partitions":3`},
		{`{"type":"hashed","numShards":2,"partitionDimensions":["a"]}`, nil, `"numBuckets":2,"partitionDimensions":["a"]`},
		{`{"type":"range","partitionDimensions":["a","b"],"targetRowsPerSegment":50}`, []int64{50, 50}, `"start":null,"end":["v10","10"]`},
		{`{"type":"single_dim","partitionDimension":"a","targetRowsPerSegment":30}`, []int64{30, 30, 30, 10}, `"start":null,"end":"v06"`},
	} {
		text := specText(`{"dimensions":["a","b"]}`, csvHeader, rows.String(), "")
		text = strings.Replace(text, `"ioConfig"`, `"tuningConfig":{"type":"index","partitionsSpec":`+c.spec+`},"ioConfig"`, 1)
		res := build(t, text, Config{})
		var got []int64
		total := int64(0)
		for _, s := range res.Segments {
			got = append(got, s.Rows)
			total += s.Rows
		}
		b, _ := json.Marshal(res.Segments[0].Descriptor)
		if total != 100 || c.rows != nil && fmt.Sprint(got) != fmt.Sprint(c.rows) || !strings.Contains(string(b), c.shard) {
			t.Errorf("%s: rows %v, expected %v; %s", c.spec, got, c.rows, b)
		}
	}
}

// TestWorkersAgree builds the same rows with one worker and with several.
func TestWorkersAgree(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("t,a,b,c\n")
	for i := range 120_000 {
		fmt.Fprintf(&rows, "2024-01-%02d,w%d,%d,unique text number %d\n", i%3+1, i*7919%1000, i%7, i)
	}
	text := specText(`{"dimensions":["a",{"type":"long","name":"b"},"c"]}`, csvHeader, rows.String(), "")
	one, many := rowsText(t, build(t, text, Config{Workers: 1})), rowsText(t, build(t, text, Config{Workers: 4}))
	if one != many {
		t.Error("rows depend on the number of workers")
	}
	if n := strings.Count(one, "\n"); n != 120_003 {
		t.Errorf("%d lines", n)
	}
}

func TestSpecErrors(t *testing.T) {
	good := specText(`{"dimensions":["a"]}`, jsonRows, "", "")
	for _, c := range []struct{ old, new, want string }{
		{`"dimensions":["a"]`, `"dimensions":["a",{"type":"strin","name":"b"}]`, `spec.dataSchema.dimensionsSpec.dimensions[1].type: unknown dimension type "strin"; did you mean "string"?`},
		{`"dimensions":["a"]`, `"dimensions":["a","a"]`, `spec.dataSchema.dimensionsSpec.dimensions: dimension "a" has the name of another dimension`},
		{`"type":"inline"`, `"type":"inlin"`, `spec.ioConfig.inputSource.type: unknown inputSource type "inlin"; did you mean "inline"?`},
		{`"type":"json"`, `"type":"csv"`, `spec.ioConfig.inputFormat.columns: either columns or findColumnsFromHeader must be given`},
		{`{"rollup":false}`, `{"segmentGranularity":"dya"}`, `spec.dataSchema.granularitySpec.segmentGranularity: unknown granularity "dya"; did you mean "day"?`},
		{`"dataSource":"x"`, `"dataSource":""`, `spec.dataSchema.dataSource: a name is required`},
		{`"type":"index"`, `"type":"indx"`, `unknown task type "indx"`},
	} {
		_, err := ParseSpec([]byte(strings.Replace(good, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nexpected %s", c.new, err, c.want)
		}
	}
}

// TestSpill writes rows before all are read, and numbers the segments as one set.
func TestSpill(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("t,a,b\n")
	for i := range 60_000 {
		fmt.Fprintf(&rows, "2024-01-%02d,w%d,%s\n", i%2+1, i%1000, strings.Repeat("x", 60))
	}
	res := build(t, specText(`{"dimensions":["a","b"]}`, csvHeader, rows.String(), ""), Config{Memory: 1 << 20, Workers: 2})
	total, last := int64(0), res.Segments[len(res.Segments)-1]
	for _, s := range res.Segments {
		total += s.Rows
	}
	shard, _ := json.Marshal(last.Descriptor)
	n := len(res.Segments) / 2
	if total != 60_000 || n < 3 || !strings.Contains(string(shard), fmt.Sprintf(`"partitionNum":%d,"partitions":%d`, n-1, n)) {
		t.Errorf("%d rows in %d segments; the last: %s", total, len(res.Segments), shard)
	}
}

// TestFirstOfRollup takes the first by the time as it was read.
func TestFirstOfRollup(t *testing.T) {
	rows := "t,a,n\n2024-01-01T00:00:30,x,3\n2024-01-01T00:00:10,x,1\n2024-01-01T00:00:50,x,5\n"
	text := strings.Replace(specText(`{"dimensions":["a"]}`, csvHeader, rows,
		`"metricsSpec":[{"type":"longFirst","name":"first","fieldName":"n"},{"type":"longLast","name":"last","fieldName":"n"}]`),
		`{"rollup":false}`, `{"queryGranularity":"hour"}`, 1)
	if got := rowsText(t, build(t, text, Config{})); !strings.Contains(got, "2024-01-01T00:00:00 x 1 5\n") {
		t.Error(got)
	}
}

// FuzzSpec reads any text as a spec; what is read can be built, or says why not.
func FuzzSpec(f *testing.F) {
	f.Add(specText(`{"dimensions":["a",{"type":"auto","name":"b"}]}`, jsonRows, `{"t":1,"a":[1],"b":{"c":[]}}`, `"metricsSpec":[{"type":"count","name":"n"}]`))
	f.Add(specText(`{"useSchemaDiscovery":true}`, csvHeader, "t,a\n1,2\n", `"transformSpec":{"transforms":[{"type":"expression","name":"x","expression":"a + 1"}]}`))
	f.Add(`{"type":"index","spec":{"tuningConfig":{"partitionsSpec":{"type":"hashed","numShards":3}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := ParseSpec([]byte(text))
		if err != nil || !strings.Contains(text, `"inline"`) {
			return
		}
		if _, ok := spec.Tuning.Partitions.V.(*hashed); ok || strings.Contains(text, `"local"`) {
			return
		}
		_, _ = Build(context.Background(), spec, Config{Dir: t.TempDir(), Workers: 1})
	})
}

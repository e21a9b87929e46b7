package native_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/planner/rule"
)

// nothing is a catalog without tables.
type nothing struct{}

func (nothing) Table(string) (planner.Table, bool)     { return planner.Table{}, false }
func (nothing) Tables() []string                       { return nil }
func (nothing) Lookup(string) (expr.LookupTable, bool) { return nil, false }
func (nothing) Lookups() []string                      { return nil }

// answer runs a query over rows that it brings along.
func answer(body string) (string, error) {
	q, err := native.Parse([]byte(body))
	if err != nil {
		return "", err
	}
	n, err := q.Plan(nothing{})
	if err != nil {
		return "", err
	}
	env := &planner.Env{Exec: &exec.Env{Expr: &expr.Env{}}, Facts: new(planner.Facts)}
	if n, err = rule.Optimize(n, env.Exec.Expr); err != nil {
		return "", err
	}
	op, rows, err := planner.Run(context.Background(), env, n)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = q.Render(&out, &native.Answer{Schema: op.Schema(), Rows: rows, Facts: env.Facts})
	return out.String(), err
}

// shop is five rows with a time, a text, a number and a multi-value column.
const shop = `"intervals": "2024-01-01/2024-02-01", "dataSource": {"type": "inline",
	"columnNames": ["__time", "name", "n", "tags"], "columnTypes": ["LONG", "STRING", "LONG", "STRING"],
	"rows": [[1704067200000, "pear", 3, ["red", "ripe"]], [1704070800000, "apple", 10, ["red"]], [1704074400000, null, 7, null],
		[1704078000000, "Apple", null, []], [1706745599999, "fig", -1, ["ripe"]], [1706745600000, "late", 5, null]]}`

func TestRows(t *testing.T) {
	const dummy = `"inline_-146136543-09-08T08:23:32.096Z_146140482-04-24T15:36:27.903Z_dummy_version"`
	const nameSig = `"rowSignature":[{"name":"name","type":"STRING"}]}`
	for name, c := range map[string]struct{ query, want string }{
		"scan of lists": {`{"queryType": "scan", ` + shop + `, "columns": ["tags", "name"], "resultFormat": "compactedList"}`,
			`[{"segmentId":` + dummy + `,"columns":["tags","name"],"events":[[["red","ripe"],"pear"],["red","apple"],[null,null],[null,"Apple"],["ripe","fig"]],` +
				`"rowSignature":[{"name":"tags","type":"STRING"},{"name":"name","type":"STRING"}]}]`},
		"scan of batches": {`{"queryType": "scan", ` + shop + `, "columns": ["name"], "batchSize": 2, "offset": 1, "limit": 3}`,
			`[{"segmentId":` + dummy + `,"columns":["name"],"events":[{"name":"apple"},{"name":null}],` + nameSig +
				`,{"segmentId":` + dummy + `,"columns":["name"],"events":[{"name":"Apple"}],` + nameSig + `]`},
		"scan in order": {`{"queryType": "scan", ` + shop + `, "columns": ["name"], "orderBy": [{"columnName": "__time", "order": "descending"}], "limit": 2}`,
			`[{"segmentId":null,"columns":["name"],"events":[{"name":"fig"},{"name":"Apple"}],` + nameSig + `]`},
		"scan in any order": {`{"queryType": "scan", ` + shop + `, "columns": ["name"], "orderBy": [{"columnName": "n", "order": "descending"}], "limit": 1}`,
			`[{"segmentId":null,"columns":["name"],"events":[{"name":"apple"}],` + nameSig + `]`},
		"scan of a column twice, and of none": {`{"queryType": "scan", ` + shop + `, "columns": ["n", "n", "what"], "limit": 1}`,
			`[{"segmentId":` + dummy + `,"columns":["n","n","what"],"events":[{"n":3,"what":null}],"rowSignature":[{"name":"n","type":"LONG"},{"name":"n","type":"LONG"},{"name":"what"}]}]`},
		"scan of nothing": {`{"queryType": "scan", ` + shop + `, "filter": {"type": "selector", "dimension": "name", "value": "?"}}`, `[]`},
		"search": {`{"queryType": "search", ` + shop + `, "query": {"type": "insensitive_contains", "value": "R"}}`,
			`[{"timestamp":"-146136543-09-08T08:23:32.096Z","result":[{"dimension":"name","value":"pear","count":1},{"dimension":"tags","value":"red","count":2},{"dimension":"tags","value":"ripe","count":2}]}]`},
		"search for all": {`{"queryType": "search", ` + shop + `, "searchDimensions": ["name"], "sort": {"type": "strlen"}, "limit": 3}`,
			`[{"timestamp":"-146136543-09-08T08:23:32.096Z","result":[{"dimension":"name","value":null,"count":1},{"dimension":"name","value":"pear","count":1},{"dimension":"name","value":"apple","count":1}]}]`},
		"search by day": {`{"queryType": "search", ` + shop + `, "granularity": "day", "searchDimensions": ["name"], "query": {"type": "regex", "pattern": "^[a-f]"}}`,
			`[{"timestamp":"-146136543-09-08T08:23:32.096Z","result":[{"dimension":"name","value":"apple","count":1},{"dimension":"name","value":"fig","count":1}]}]`},
		"time boundary": {`{"queryType": "timeBoundary", ` + shop + `}`,
			`[{"timestamp":"2024-01-01T00:00:00.000Z","result":{"maxTime":"2024-01-31T23:59:59.999Z","minTime":"2024-01-01T00:00:00.000Z"}}]`},
		"time boundary of what is left": {`{"queryType": "timeBoundary", "bound": "maxTime", ` + shop + `, "filter": {"type": "selector", "dimension": "tags", "value": "red"}}`,
			`[{"timestamp":"2024-01-01T01:00:00.000Z","result":{"maxTime":"2024-01-01T01:00:00.000Z"}}]`},
		"metadata of nothing": {`{"queryType": "dataSourceMetadata", "dataSource": "what"}`, `[]`},
		"segments of nothing": {`{"queryType": "segmentMetadata", "dataSource": "what"}`, `[]`},
		"ranks": {`{"queryType": "windowOperator", ` + shop + `, "outputSignature": [{"name": "name"}, {"name": "r"}, {"name": "b"}], "operatorDefinition": [
			{"type": "naiveSort", "columns": [{"column": "n", "direction": "DESC"}]},
			{"type": "window", "processor": {"type": "composing", "processors": [
				{"type": "rank", "group": ["n"], "outputColumn": "r"}, {"type": "percentile", "numBuckets": 2, "outputColumn": "b"}]}}]}`,
			`[["apple",1,1],[null,2,1],["pear",3,1],["fig",4,2],["Apple",5,2]]`},
		"sorted partitions": {`{"queryType": "windowOperator", ` + shop + `, "outputSignature": [{"name": "n"}, {"name": "s"}], "operatorDefinition": [
			{"type": "scan", "filter": {"type": "null", "column": "tags"}, "virtualColumns": [{"type": "expression", "name": "p", "expression": "nvl(n, 0) > 6"}], "projectedColumns": ["n", "p"]},
			{"type": "naivePartition", "partitionColumns": ["p"]}, {"type": "partitionSort", "columns": [{"column": "n"}]},
			{"type": "window", "processor": {"type": "framedAgg", "frame": {"type": "rows", "lowerOffset": -1, "upperOffset": 0},
				"aggregations": [{"type": "longSum", "name": "s", "fieldName": "n"}]}}]}`,
			`[[7,7],[null,null]]`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answer(c.query)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestRowsRefused(t *testing.T) {
	for query, want := range map[string]string{
		`{"queryType": "scan", "dataSource": "x"}`:                                                                                                                           "intervals: missing",
		`{"queryType": "scan", ` + shop + `, "resultFormat": "valueVector"}`:                                                                                                 "resultFormat: valueVector is not supported",
		`{"queryType": "scan", ` + shop + `, "limit": -1}`:                                                                                                                   "limit: ",
		`{"queryType": "scan", ` + shop + `, "batchSize": -1}`:                                                                                                               "batchSize: ",
		`{"queryType": "scan", ` + shop + `, "orderBy": [{"columnName": "n", "order": "up"}]}`:                                                                               "orderBy[0].order: unknown order",
		`{"queryType": "timeseries", ` + shop + `, "granularity": "all", "context": {"skipEmptyBuckets": 1}}`:                                                                "context.skipEmptyBuckets: expected true or false",
		`{"queryType": "groupBy", ` + shop + `, "granularity": "all", "context": {"resultAsArray": [true]}}`:                                                                 "context.resultAsArray: expected true or false",
		`{"queryType": "search", ` + shop + `, "query": {"type": "contain"}}`:                                                                                                "query.type: unknown",
		`{"queryType": "search", ` + shop + `, "sort": "size"}`:                                                                                                              "sort: unknown order",
		`{"queryType": "timeBoundary", "dataSource": "x", "bound": "min"}`:                                                                                                   "bound: unknown bound",
		`{"queryType": "segmentMetadata", ` + shop + `}`:                                                                                                                     "dataSource: segmentMetadata describes",
		`{"queryType": "segmentMetadata", "dataSource": "x", "analysisTypes": ["sizes"]}`:                                                                                    "did you mean \"size\"",
		`{"queryType": "segmentMetadata", "dataSource": "x", "toInclude": {"type": "list"}}`:                                                                                 "toInclude.columns: missing",
		`{"queryType": "select", "dataSource": "x"}`:                                                                                                                         "a scan query gives rows",
		`{"queryType": "windowOperator", ` + shop + `, "operatorDefinition": [{"type": "glueingPartition", "partitionColumns": ["n"]}]}`:                                     "operatorDefinition[0].maxRowsMaterialized: missing",
		`{"queryType": "windowOperator", ` + shop + `, "operatorDefinition": [{"type": "window", "processor": {"type": "first", "inputColumn": "m", "outputColumn": "x"}}]}`: "operatorDefinition[0].processor.inputColumn[0]: there is no column \"m\"",
		`{"queryType": "timeseries", ` + shop + `, "granularity": "all", "context": {"finalize": 0}}`:                                                                        "context.finalize: expected true or false",
		`{"queryType": "groupBy", ` + shop + `, "granularity": "all", "context": {"deferExpressionDimensions": "foo"}}`:                                                      "context.deferExpressionDimensions: expected one of never",
		`{"queryType": "scan", ` + shop + `, "context": {"maxRowsQueuedForOrdering": 0}}`:                                                                                    "context.maxRowsQueuedForOrdering: expected a whole number above 0",
		`{"queryType": "windowOperator", ` + shop + `, "operatorDefinition": [{"type": "window", "processor": {"type": "rank"}}]}`:                                           "processor.outputColumn: missing",
	} {
		_, err := answer(query)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  got %v\n want %s", query, err, want)
		}
	}
}

// FuzzQuery wants queries of any text to be answered or refused.
func FuzzQuery(f *testing.F) {
	for _, kind := range native.Names() {
		f.Add(`{"queryType": "` + kind + `", ` + shop + `}`)
	}
	f.Add(`{"queryType": "scan", ` + shop + `, "virtualColumns": [{"type": "expression", "name": "v", "expression": "n + 1"}]}`)
	f.Fuzz(func(t *testing.T, body string) { _, _ = answer(body) })
}

package conformance

import (
	"encoding/json"
	"fmt"
	"strings"
)

// What DuckDB lacks, or means otherwise, is asked of ourselves alone, in
// several plans. All of it is over edge.

// owns are expressions of SQL; %s stands for arguments, of the kinds of forms
// and v: a multi-value string, a: an array of texts, y: one of numbers.
var owns = []form{
	own("ACOS(%s / 1000000.0)", "i"), own("ASIN(%s / 1000000.0)", "i"), own("COSH(%s / 1000000.0)", "i"), own("SINH(%s / 1000000.0)", "i"), own("TANH(%s)", "n"), own("TAN(%s)", "i"), own("COT(%s + 1)", "i"),
	own("LOG2(ABS(%s) + 1)", "n"), own("PI() * %s", "n"), own("SIGN(%s)", "n"), own("ROUND(%s, 1)", "n"), own("ROUND(%s)", "i"),
	own("BITWISE_SHIFT_LEFT(%s, 3)", "i"), own("BITWISE_SHIFT_RIGHT(%s, 2)", "i"), own("BITWISE_CONVERT_DOUBLE_TO_LONG_BITS(%s)", "n"), own("BITWISE_CONVERT_LONG_BITS_TO_DOUBLE(%s)", "i"),
	own("ARRAY_APPEND(%s, %s)", "at"), own("ARRAY_CONCAT(%s, %s)", "aa"), own("ARRAY_CONTAINS(%s, %s)", "at"), own("ARRAY_LENGTH(%s)", "a"), own("ARRAY_OFFSET(%s, 1)", "a"), own("ARRAY_OFFSET_OF(%s, %s)", "at"),
	own("ARRAY_ORDINAL(%s, 2)", "a"), own("%s[1]", "a"), own("ARRAY_ORDINAL_OF(%s, %s)", "at"), own("ARRAY_OVERLAP(%s, %s)", "aa"), own("ARRAY_PREPEND(%s, %s)", "ta"), own("ARRAY_SLICE(%s, 0, 2)", "a"),
	own("ARRAY_QUANTILE(%s, 0.4)", "y"), own("ARRAY_TO_MV(%s)", "a"), own("ARRAY_TO_STRING(%s, '-')", "a"), own("SCALAR_IN_ARRAY(%s, %s)", "ta"), own("STRING_TO_ARRAY(%s, '1')", "t"), own("STRING_TO_MV(%s, 'a')", "t"),
	own("ARRAY[%s, %s]", "tt"), own("MV_TO_ARRAY(%s)", "v"), own("MV_LENGTH(%s)", "v"), own("MV_CONTAINS(%s, 'red')", "v"), own("MV_OVERLAP(%s, ARRAY['red', 'blue'])", "v"), own("MV_FILTER_ONLY(%s, ARRAY['red', 'blue'])", "v"),
	own("MV_FILTER_NONE(%s, ARRAY['red'])", "v"), own("MV_FILTER_PREFIX(%s, 'r')", "v"), own("MV_FILTER_REGEX(%s, '.*e.*')", "v"), own("MV_APPEND(%s, 'x')", "v"), own("MV_PREPEND('x', %s)", "v"), own("MV_CONCAT(%s, %s)", "vv"),
	own("MV_OFFSET(%s, 0)", "v"), own("MV_ORDINAL(%s, 1)", "v"), own("MV_OFFSET_OF(%s, 'red')", "v"), own("MV_ORDINAL_OF(%s, 'red')", "v"), own("MV_SLICE(%s, 0, 1)", "v"), own("MV_TO_STRING(%s, '|')", "v"), own("UPPER(%s)", "v"),
	own("CONCAT_WS('-', %s, %s)", "tt"), own("INITCAP(%s)", "t"), own("SPLIT_PART(%s, 'a', 1)", "t"), own("STARTS_WITH(%s, 'k')", "t"), own("ENDS_WITH(%s, '1')", "t"), own("(%s ILIKE '%%A%%')", "t"),
	own("REGEXP_EXTRACT(%s, '([a-z])([0-9])', 2)", "t"), own("STRING_FORMAT('%%s|%%05d', %s, %s)", "ti"), own("DECODE_BASE64_UTF8('aGFs' || 'bG8=') || %s", "t"), own("LOOKUP(%s, 's2_name')", "t"), own("LOOKUP(%s, 'country_code', 'x')", "t"),
	own("PARSE_LONG(%s)", "t"), own("PARSE_LONG(%s, 16)", "t"), own("HUMAN_READABLE_BINARY_BYTE_FORMAT(%s)", "i"), own("HUMAN_READABLE_DECIMAL_BYTE_FORMAT(%s, 1)", "i"), own("HUMAN_READABLE_DECIMAL_FORMAT(%s)", "i"),
	own("IPV4_PARSE('10.0.0.' || %s)", "t"), own("IPV4_STRINGIFY(%s)", "i"), own("IPV4_MATCH('10.0.0.' || %s, '10.0.0.0/29')", "m"), own("IPV6_MATCH('2001:db8::' || %s, '2001:db8::/126')", "m"),
	own("BLOOM_FILTER_TEST(%s, 'BAAAAAgAAAAAABAEQQAAAAABAAAAAAAAAAIAgAAAAIAAAAAAEAAAAAAAAAAAAAAQAAAEAAAAAABAAAAAAAAECBAAAAAg')", "t"),
	own("JSON_KEYS(%s, '$')", "j"), own("JSON_MERGE(%s, '{\"z\":1}')", "j"), own("JSON_OBJECT('a' : %s, 'b' : %s)", "it"), own("JSON_PATHS(%s)", "j"), own("JSON_QUERY(%s, '$.b')", "j"), own("JSON_QUERY_ARRAY(%s, '$.b')", "j"),
	own("JSON_VALUE(%s, '$.a' RETURNING BIGINT)", "j"), own("TO_JSON_STRING(%s)", "j"), own("PARSE_JSON('[' || CAST(%s AS VARCHAR) || ']')", "i"), own("TRY_PARSE_JSON(%s)", "t"),
	own("TIME_CEIL(%s, 'PT6H')", "w"), own("CEIL(%s TO MONTH)", "w"), own("TIME_PARSE(CAST(%s AS VARCHAR))", "w"), own("TIME_SHIFT(%s, 'P1D', -3, 'Europe/Paris')", "w"), own("TIMESTAMPDIFF(MONTH, %s, TIMESTAMP '2025-03-01')", "w"),
	own("MILLIS_TO_TIMESTAMP(%s * 1000)", "i"), own("TIME_FLOOR(%s, 'P1W', NULL, 'America/New_York')", "w"), own("CURRENT_TIMESTAMP > %s", "w"), own("TIMESTAMP_REWRITE(%s, 'yyyy', 'EEE d MMM yy')", "t"), own("CASE %s WHEN 'k1' THEN 1 WHEN 'k2' THEN 2 END", "t"), own("IF(%s, 1, 2)", "b"),
	own("CAST(%s AS VARCHAR)", "b"), own("FLOOR(%s * 1.25e0)", "i"), own("CEIL(%s * 0.75e0)", "i"), own("(%s IS NOT TRUE)", "b"), own("(%s IS FALSE)", "b"), own("NVL(%s, %s)", "tt"), own("(%s NOT IN ('k1', NULL))", "t"), own("(%s BETWEEN SYMMETRIC 100 AND -100)", "i"), own("(%s LIKE 'a!_%%' ESCAPE '!')", "t"),
	own("COMPLEX_DECODE_BASE64('json', 'e30=') IS NULL OR %s", "b"),
}

func own(text, args string) form {
	return form{text[:max(strings.IndexAny(text[1:], "(%[ '")+1, 1)] + " own", text, "", args, 'x'}
}

// ownArguments are what owns' arguments of further kinds may be.
var ownArguments = map[byte][]string{
	'v': {"tags"}, 'a': {"ARRAY[s2, flag]", "MV_TO_ARRAY(tags)", "ARRAY['red', 'k1']", "STRING_TO_ARRAY(s2, 'k')"}, 'y': {"ARRAY[l, id]", "ARRAY[1, 2, 7]", "ARRAY[d, 1.5e0]"},
	'j': {"JSON_OBJECT('a' : id, 'b' : ARRAY[s2, flag])", `PARSE_JSON('{"a":5,"b":{"c":[1,2]}}')`},
}

// ownAggregates are what SQL has beyond DuckDB, with what takes it further. The
// sketches are large enough to keep every value, so that no estimate hangs on
// how the rows are dealt.
var ownAggregates = []string{
	"APPROX_COUNT_DISTINCT(s2)", "APPROX_COUNT_DISTINCT_DS_HLL(s2, 14)", "APPROX_COUNT_DISTINCT_DS_THETA(s, 4096)", "APPROX_QUANTILE_DS(d, 0.3, 1024)", "APPROX_QUANTILE_FIXED_BUCKETS(l, 0.5, 10, -10000, 10000)",
	"TDIGEST_QUANTILE(id, 0.5, 1000)", "PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY d)", "PERCENTILE_DISC(0.4) WITHIN GROUP (ORDER BY l)", "MEDIAN(l)", "EARLIEST(l)", "LATEST(s2)", "EARLIEST_BY(d, __time)", "LATEST_BY(l, __time)",
	"ARRAY_LENGTH(ARRAY_AGG(l, 1000000))", "ARRAY_AGG(DISTINCT s2)", "ARRAY_LENGTH(ARRAY_CONCAT_AGG(ARRAY[s2, flag], 1000000))", "ARRAY_CONCAT_AGG(DISTINCT ARRAY[s2, flag])", "LENGTH(STRING_AGG(s2, ',', 100000))", "STRING_AGG(DISTINCT s2, '-')",
	"ANY_VALUE(1 + 0 * id)", "BLOOM_FILTER(s2, 100)", "(SELECT MAX(id) FROM edge)",
	"HLL_SKETCH_ESTIMATE(DS_HLL(s2), TRUE)", "HLL_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS(DS_HLL(s), 1)", "HLL_SKETCH_TO_STRING(DS_HLL(s2))", "HLL_SKETCH_ESTIMATE(HLL_SKETCH_UNION(DS_HLL(s), DS_HLL(s2)))",
	"DS_GET_QUANTILE(DS_QUANTILES_SKETCH(id, 1024), 0.5)", "DS_GET_QUANTILES(DS_QUANTILES_SKETCH(d, 1024), 0.1, 0.9)", "DS_CDF(DS_QUANTILES_SKETCH(l, 1024), 0, 100)", "DS_HISTOGRAM(DS_QUANTILES_SKETCH(l, 1024), 0, 100)", "DS_RANK(DS_QUANTILES_SKETCH(l, 1024), 5)",
	"LENGTH(DS_QUANTILE_SUMMARY(DS_QUANTILES_SKETCH(l, 1024))) > 0",
	"THETA_SKETCH_ESTIMATE(DS_THETA(s2))", "THETA_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS(DS_THETA(s), 2)", "THETA_SKETCH_ESTIMATE(THETA_SKETCH_UNION(DS_THETA(s), DS_THETA(s2)))", "THETA_SKETCH_ESTIMATE(THETA_SKETCH_INTERSECT(DS_THETA(s), DS_THETA(num_str)))",
	"THETA_SKETCH_ESTIMATE(THETA_SKETCH_NOT(DS_THETA(s), DS_THETA(s2)))", "LENGTH(THETA_SKETCH_TO_STRING(DS_THETA(s2))) > 0", "DS_TUPLE_DOUBLES_METRICS_SUM_ESTIMATE(DS_TUPLE_DOUBLES(s2, l, 4096))",
	"DS_TUPLE_DOUBLES_METRICS_SUM_ESTIMATE(DS_TUPLE_DOUBLES_UNION(DS_TUPLE_DOUBLES(s2, l, 4096), DS_TUPLE_DOUBLES(s, l, 4096)))", "DS_TUPLE_DOUBLES_METRICS_SUM_ESTIMATE(DS_TUPLE_DOUBLES_INTERSECT(DS_TUPLE_DOUBLES(s2, l, 4096), DS_TUPLE_DOUBLES(s2, id, 4096)))",
	"DS_TUPLE_DOUBLES_METRICS_SUM_ESTIMATE(DS_TUPLE_DOUBLES_NOT(DS_TUPLE_DOUBLES(s2, l, 4096), DS_TUPLE_DOUBLES(s, l, 4096)))", "TDIGEST_GENERATE_SKETCH(id, 1000) IS NOT NULL", "APPROX_QUANTILE(l, 0.5, 500)",
}

func (d *drawer) ownScalar() string {
	f := turned(d, "own", owns)
	var args []any
	for i := range f.args {
		k := f.args[i]
		if list := ownArguments[k]; list != nil {
			args = append(args, d.one(list...))
		} else {
			args = append(args, d.value(k, d.IntN(2)).ours)
		}
	}
	return fmt.Sprintf(f.ours, args...)
}

// turned gives each of a list in its turn.
func turned[T any](d *drawer, name string, list []T) T {
	n := d.turns[name]
	d.turns[name]++
	return list[n%len(list)]
}

// ownRows, ownGroups and ownAggregated are queries of which DuckDB is not asked.
func (d *drawer) ownRows() drawn {
	d.about = append(d.about, "ours alone")
	q := fmt.Sprintf("SELECT id, %s AS c0, %s AS c1, %s AS c2 FROM edge WHERE %s", d.ownScalar(), d.ownScalar(), d.ownScalar(), d.condition().ours)
	return drawn{ours: q}
}

func (d *drawer) ownGroups() drawn {
	d.about = append(d.about, "ours alone, grouped")
	return drawn{ours: fmt.Sprintf("SELECT %s AS k, COUNT(*) AS c, SUM(id) AS s FROM edge WHERE %s GROUP BY 1", d.ownScalar(), d.condition().ours)}
}

func (d *drawer) ownAggregated() drawn {
	d.about = append(d.about, "ours alone, aggregates")
	a, b := turned(d, "aggregate", ownAggregates), turned(d, "aggregate", ownAggregates)
	q := fmt.Sprintf("SELECT %s AS a, %s AS b FROM edge WHERE %s", a, b, d.condition().ours)
	if key := d.one("", "s2", "flag", "FLOOR(__time TO DAY)"); key != "" {
		q = fmt.Sprintf("SELECT %s AS k, %s AS a, %s AS b FROM edge WHERE %s GROUP BY 1", key, a, b, d.condition().ours)
	}
	return drawn{ours: q}
}

// nativeExpressions call what SQL has no name for.
var nativeExpressions = []string{
	"any(x -> x == 'red', array(s2, flag))", "all(x -> x != 'red', array(s2, flag))", "filter(x -> x > 'a', array(s2, flag))", "map(x -> concat(x, '!'), array(s2, flag))", "fold((x, acc) -> acc + x, array(l, id), 0)",
	"cartesian_map((x, y) -> concat(x, y), array(s2), array(flag, s2))", "cartesian_fold((x, y, acc) -> acc + x * y, array(l, id), array(1, 2), 0)", "array_set_add(array(s2, flag), s)", "array_set_add_all(array(s2), array(flag, s2))",
	"case_simple(s2, 'k1', 1, 'k2', 2, 3)", "cast(num_str, 'DOUBLE')", "copysign(d, -1.0)", "divide_or_zero(l, id)", "exact_number(num_str, 'DOUBLE')", "expm1(id / 1000.0)", "float_text(d)", "getexponent(d)", "hypot(d, 3)",
	"is_finite(d)", "log1p(id)", "map_values(s2, array('k1', 'k2'), array('one', 'two'))", "max(l, id)", "min(l, d)", "mv_given(tags, s2)", "mv_harmonize_nulls(tags)", "mv_mapped(tags)", "mv_present(tags)", "negate(l)", "nextafter(d, 100.0)", "nextup(d)",
	"number_bucket(num_str, 5.0, 0.0)", "number_of(num_str, 0.0)", "only_row(s2, 1)", "order_key('numeric', num_str)", "order_key('alphanumeric', s)", "p_value_two_tailed(d)", "power(id, 2)", "remainder(d, 3)", "rint(d)", "scalb(d, 2)", "some(array(l > 0, id > 5))",
	"timestamp('2024-01-01')", "unix_timestamp('2024-01-01')", "ulp(d)", "within_radius(num_str, [3.0], [5.0])", "within_rectangle(num_str, [1.0], [9.0])", "within_polygon('1,1', [0.0, 4.0, 0.0], [0.0, 0.0, 4.0])", "pair_value(json_object('lhs', 5, 'rhs', l), 'LONG')",
	"json_query_array(json_object('a', array(l, id)), '$.a')", "time_in_interval(__time, '2024-01-01/P1D')", "timestamp_millis(id)",
}

// A nativePost is an aggregator, as JSON, and expressions over its value a.
type nativePost struct {
	aggregator string
	exprs      []string
}

var nativePosts = []nativePost{
	{`"type":"approxHistogram","fieldName":"id","resolution":500`, []string{"histogram_max(a)", "histogram_min(a)", "histogram_quantile(a, 0.5)", "histogram_quantiles(a, 0.2, 0.8)", "approx_histogram_between(a, 0, 50, 100)", "approx_histogram_buckets(a, 4)", "approx_histogram_steps(a, 50, 0)"}},
	{`"type":"fixedBucketsHistogram","fieldName":"id","numBuckets":10,"lowerLimit":0,"upperLimit":300,"outlierHandlingMode":"overflow"`, []string{"fixed_buckets_text(a)", "histogram_max(a)"}},
	{`"type":"histogram","fieldName":"id","breaks":[0,50,100]`, []string{"histogram_of_state(a)"}}, {`"type":"doubleMean","fieldName":"d"`, []string{"mean_of_state(a)"}}, {`"type":"variance","fieldName":"d"`, []string{"variance_of_state(a)"}},
	{`"type":"quantilesDoublesSketch","fieldName":"id","k":1024`, []string{"ds_count(a)", "ds_equal_histogram(a, 5)", "sketch_to_base64(a) != ''"}},
	{`"type":"KllDoublesSketch","fieldName":"id","k":1024`, []string{"ds_get_quantile(a, 0.5)"}}, {`"type":"KllFloatsSketch","fieldName":"id","k":1024`, []string{"ds_rank(a, 50)"}},
	{`"type":"tDigestSketch","fieldName":"id","compression":1000`, []string{"t_digest_get_quantile(a, 0.5)", "t_digest_get_quantiles(a, 0.2, 0.7)"}},
	{`"type":"arrayOfDoublesSketch","fieldName":"s2","metricColumns":["id"],"nominalEntries":4096`, []string{"ds_tuple_doubles_estimate(a)", "ds_tuple_doubles_estimate_with_error_bounds(a, 1)", "ds_tuple_doubles_means(a)", "ds_tuple_doubles_num_entries(a)",
		"ds_count(ds_tuple_doubles_quantiles_sketch(a, 1, 128))", "ds_tuple_doubles_to_string(a) != ''", "ds_tuple_doubles_ttest(a, a)", "ds_tuple_doubles_variances(a)"}},
	{`"type":"hyperUnique","fieldName":"s2"`, nil}, {`"type":"cardinality","fields":["s2","flag"],"byRow":true`, []string{"hyper_unique_estimate(a)"}}, {`"type":"cardinality","fields":["s2","flag"]`, []string{"hyper_unique_estimate(a, 1)"}},
	{`"type":"longFirst","fieldName":"l"`, []string{"pair_value(a, 'LONG')"}}, {`"type":"stringLast","fieldName":"s2"`, []string{"pair_value(a, 'STRING')"}},
	{`"type":"histogram","fieldName":"id","breaks":[0,50,100]`, nil}, {`"type":"doubleMean","fieldName":"d"`, nil}, {`"type":"expression","fields":["l"],"initialValue":"0","fold":"__acc + nvl(l, 0)","combine":"__acc + a"`, nil}, {`"type":"singleValue","name":"a","fieldName":"l","columnType":"LONG"`, nil},
	{`"type":"bloom","field":{"type":"default","dimension":"s2","outputName":"s2"}`, nil},
}

// nativeOne is a native query over virtual columns or of aggregators.
func (d *drawer) nativeOne() drawn {
	body := fields{"dataSource": "edge", "intervals": []string{"2023-01-01/2025-01-01"}, "granularity": "all"}
	if d.IntN(2) == 0 {
		d.about = append(d.about, "native expressions")
		var virtual []any
		names := []string{"id"}
		for i := range 4 {
			names = append(names, fmt.Sprint("v", i))
			virtual = append(virtual, fields{"type": "expression", "name": names[i+1], "expression": turned(d, "expression", nativeExpressions)})
		}
		body["queryType"], body["virtualColumns"], body["columns"], body["resultFormat"] = "scan", virtual, names, "compactedList"
		return drawn{native: body}
	}
	d.about = append(d.about, "native aggregators")
	p := turned(d, "post", nativePosts)
	upper := d.one("50", "120", "400")
	if strings.Contains(p.aggregator, "singleValue") {
		upper = "0"
	}
	body["queryType"], body["dimensions"], body["aggregations"] = "groupBy", []string{d.one("s2", "flag")}, []any{json.RawMessage(`{"name":"a",` + p.aggregator + `}`)}
	body["filter"] = fields{"type": "bound", "dimension": "id", "upper": upper, "ordering": "numeric"}
	if len(p.exprs) == 0 {
		return drawn{native: body}
	}
	// The query within gives states, and that around it what is made of them.
	var virtual, names []any
	for i, e := range p.exprs {
		names = append(names, fmt.Sprint("v", i))
		virtual = append(virtual, fields{"type": "expression", "name": names[i], "expression": e})
	}
	body["context"] = fields{"finalize": false}
	body = fields{"queryType": "scan", "context": body["context"], "dataSource": fields{"type": "query", "query": body}, "intervals": []string{"1970/2100"}, "virtualColumns": virtual, "columns": names, "resultFormat": "compactedList"}
	return drawn{native: body}
}

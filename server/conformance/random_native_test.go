package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/exec/agg"
	"github.com/ovatedb/ovate/exec/filter"
)

type fields = map[string]any

// nativeFilters draws a filter of each type that the registry has.
var nativeFilters map[string]func(r *random, depth int) fields

func init() {
	nativeFilters = map[string]func(r *random, depth int) fields{
		"true":  func(*random, int) fields { return fields{} },
		"false": func(*random, int) fields { return fields{} },
		"and": func(r *random, n int) fields {
			return fields{"fields": []fields{r.filter(n - 1), r.filter(n - 1)}}
		},
		"or": func(r *random, n int) fields {
			return fields{"fields": []fields{r.filter(n - 1), r.filter(n - 1)}}
		},
		"not":     func(r *random, n int) fields { return fields{"field": r.filter(n - 1)} },
		"istrue":  func(r *random, n int) fields { return fields{"field": r.filter(n - 1)} },
		"isfalse": func(r *random, n int) fields { return fields{"field": r.filter(n - 1)} },
		"selector": func(r *random, _ int) fields {
			return fields{"dimension": r.column(), "value": pick[any](r, nil, "", "a", "10", "red")}
		},
		"in": func(r *random, _ int) fields {
			return fields{"dimension": r.column(), "values": pick(r, []any{"a", "b"}, []any{nil, "red", "9"}, []any{"0", "5"})}
		},
		"inType": func(r *random, _ int) fields {
			return fields{"column": r.column(), "matchValueType": "STRING", "sortedValues": []any{"10", "9", "a"}}
		},
		"bound": func(r *random, _ int) fields {
			return fields{"dimension": r.column(), "lower": pick(r, "1", "a", ""), "upper": pick(r, "50", "x", "user3"),
				"lowerStrict": r.IntN(2) == 0, "ordering": pick(r, "lexicographic", "numeric", "alphanumeric", "strlen")}
		},
		"range": func(r *random, _ int) fields {
			return fields{"column": pick(r, "l", "d", "f"), "matchValueType": pick(r, "LONG", "DOUBLE"), "lower": 1, "upper": 300}
		},
		"equals": func(r *random, _ int) fields {
			return fields{"column": pick(r, "s", "tags", "u"), "matchValueType": "STRING", "matchValue": pick(r, "a", "red", "user012")}
		},
		"null": func(r *random, _ int) fields { return fields{"column": r.column()} },
		"like": func(r *random, _ int) fields {
			return fields{"dimension": r.column(), "pattern": pick(r, "%r%", "user0%", "_", "1%")}
		},
		"regex": func(r *random, _ int) fields {
			return fields{"dimension": r.column(), "pattern": pick(r, "^[a-b]$", "r.d", "0$", "5")}
		},
		"search": func(r *random, _ int) fields {
			return fields{"dimension": r.column(), "query": fields{"type": pick(r, "insensitive_contains", "contains"), "value": pick(r, "R", "1", "er")}}
		},
		"columnComparison": func(r *random, _ int) fields { return fields{"dimensions": []any{r.column(), r.column()}} },
		"expression": func(r *random, _ int) fields {
			return fields{"expression": pick(r, "l > d", "strlen(s) == 1", "s == 'a' || u > 'user2'", "isnull(l + d)")}
		},
		"interval": func(r *random, _ int) fields {
			return fields{"dimension": "__time", "intervals": []any{pick(r, "2023-11-15T03/2023-11-15T09", "2023-11-15T20/P1D")}}
		},
		"arrayContainsElement": func(*random, int) fields {
			return fields{"column": "tags", "elementMatchValueType": "STRING", "elementMatchValue": "red"}
		},
		"extraction": func(r *random, _ int) fields {
			return fields{"dimension": "u", "value": pick(r, "user", "012"), "extractionFn": fields{"type": "substring", "index": pick(r, 0, 4), "length": pick(r, 3, 4)}}
		},
		"spatial": func(r *random, _ int) fields {
			return fields{"dimension": pick(r, "s", "l", "tags"), "bound": fields{"type": "radius", "coords": []int{3}, "radius": pick(r, 1, 20)}}
		},
		"bloom": func(r *random, _ int) fields { // of "foo", "" and null, among others
			return fields{"dimension": r.column(), "bloomKFilter": "BAAAAAgAAAAAABAEQQAAAAABAAAAAAAAAAIAgAAAAIAAAAAAEAAAAAAAAAAAAAAQAAAEAAAAAABAAAAAAAAECBAAAAAg"}
		},
	}
	nativeFilters["equality"] = nativeFilters["equals"]
}

// refused filters are known by name only.
var refused = []string{"javascript"}

func (r *random) column() string { return pick(r, "s", "u", "tags", "l", "d", "f", "none", "missing") }

func (r *random) filter(depth int) fields {
	names := filter.Names()
	for {
		name := names[r.IntN(len(names))]
		draw := nativeFilters[name]
		nests := name == "and" || name == "or" || name == "not" || name == "istrue" || name == "isfalse"
		if draw == nil || nests && depth <= 0 {
			continue
		}
		f := draw(r, depth)
		f["type"] = r.use(name)
		return f
	}
}

// dealtNatives are aggregators whose value hangs on how the rows are dealt, as
// dealt says.
func dealtNatives(name string) bool {
	n := strings.ToLower(name)
	for _, part := range []string{"any", "quantile", "expression", "sample", "filtered", "approxhistogram", "digest", "javascript"} {
		if strings.Contains(n, part) {
			return true
		}
	}
	return false
}

func (r *random) aggregators() []fields {
	names := slices.DeleteFunc(agg.Natives(), dealtNatives)
	var out []fields
	for i := range 1 + r.IntN(3) {
		a := fields{"type": r.use(names[r.IntN(len(names))]), "name": fmt.Sprint("a", i)}
		column := pick(r, "l", "d", "f", "s", "u", "tags")
		a["fieldName"], a["fields"], a["fieldNames"] = column, []string{column}, []string{column}
		if r.IntN(4) == 0 {
			a = fields{"type": r.use("filtered"), "filter": r.filter(1), "aggregator": a}
		}
		out = append(out, a)
	}
	return out
}

func (r *random) native(kind, granularity string, more fields) *question {
	body := fields{"queryType": kind, "dataSource": "@", "intervals": []string{"2023-11-15/2023-11-16"},
		"granularity": granularity, "aggregations": r.aggregators()}
	if r.IntN(3) > 0 {
		body["filter"] = r.filter(2)
	}
	for k, v := range more {
		body[k] = v
	}
	return &question{kind: "native", body: body, ordered: true}
}

func (r *random) timeseries() *question {
	return r.native("timeseries", pick(r, "all", "hour", "six_hour", "day"), fields{
		"descending": r.IntN(2) == 0, "context": fields{"skipEmptyBuckets": r.IntN(2) == 0}})
}

// topN by the words: which of several with the same metric are among the first
// is nobody's promise.
func (r *random) topN() *question {
	return r.native("topN", pick(r, "all", "six_hour"), fields{"dimension": pick(r, "s", "u", "tags"), "threshold": pick(r, 1, 3, 600),
		"metric": fields{"type": "dimension", "ordering": "lexicographic"}})
}

func (r *random) groupBy() *question {
	dims := []any{}
	for _, i := range r.Perm(5)[:r.IntN(4)] {
		dims = append(dims, []any{"s", "tags", "none", fields{"type": "default", "dimension": "l", "outputName": "l2", "outputType": "LONG"}, "u"}[i])
	}
	return r.native("groupBy", pick(r, "all", "six_hour"), fields{"dimensions": dims})
}

package native

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// Context is the members of a query's context.
type Context map[string]json.RawMessage

// Flag is a member of the context that says yes or no, also as a string, of
// which all but "true" is no; fallback if there is none.
func (c Context) Flag(key string, fallback bool) bool {
	raw, ok := c[key]
	if !ok || string(raw) == "null" {
		return fallback
	}
	return strings.EqualFold(contextText(raw), "true")
}

// flags wants members to be what Flag reads.
func (c Context) flags(keys ...string) error {
	for _, key := range keys {
		raw, ok := c[key]
		if ok && !slices.Contains([]string{"true", "false", "null"}, string(raw)) && raw[0] != '"' {
			return badContext(key, "true or false", raw)
		}
	}
	return nil
}

// Text is a member of the context that is a string; "" if there is none.
func (c Context) Text(key string) (string, error) {
	raw, ok := c[key]
	if !ok || string(raw) == "null" {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", badContext(key, "a string", raw)
	}
	return s, nil
}

// Whole is a member of the context that is a whole number; 0 if there is none.
func (c Context) Whole(key string) int64 {
	f, err := strconv.ParseFloat(contextText(c[key]), 64)
	if err != nil {
		return 0
	}
	return int64(f)
}

// A contextForm is what a member of the context must be for some kinds of
// queries, all if none is named, though it may be that nothing here asks for
// it. Other queries do not look at the member.
type contextForm struct {
	ok       func(raw json.RawMessage) bool
	expected string
	kinds    []string
}

var contextForms = map[string]contextForm{}

func init() {
	forms := func(ok func(json.RawMessage) bool, expected string, kinds []string, keys ...string) {
		for _, k := range keys {
			contextForms[k] = contextForm{ok, expected, kinds}
		}
	}
	groupBy, scan, topN := []string{"groupBy"}, []string{"scan"}, []string{"topN"}
	forms(isWhole, "a whole number", nil, "priority", "maxScatterGatherBytes", "maxQueuedBytes", "maxSubqueryRows",
		"uncoveredIntervalsLimit", "numRetriesOnMissingSegments", "vectorSize", "maxNumericInFilters", "parallelMergeParallelism",
		"joinFilterRewriteMaxSize")
	forms(isWhole, "a whole number", topN, "minTopNThreshold")
	forms(isWhole, "a whole number", groupBy, "maxOnDiskStorage", "bufferGrouperMaxSize", "bufferGrouperInitialBuckets",
		"numParallelCombineThreads", "intermediateCombineDegree", "maxMergingDictionarySize", "maxSelectorDictionarySize")
	forms(isPositive, "a whole number above 0", scan, "maxRowsQueuedForOrdering", "maxSegmentPartitionsOrderedInMemory")
	forms(isLoad, "a number from 0 to 1", groupBy, "bufferGrouperMaxLoadFactor")
	forms(isFlag, "true or false", nil, "finalize", "bySegment", "setProcessingThreadNames")
	forms(isFlag, "true or false", groupBy, "forceLimitPushDown", "applyLimitPushDown", "groupByIsSingleThreaded", "forceHashAggregation")
	forms(isText, "a string", nil, "queryId", "subQueryId", "sqlQueryId")
	forms(oneOf("false", "true", "force"), "one of false, true, force", []string{"groupBy", "timeseries"}, "vectorize", "vectorizeVirtualColumns")
	forms(oneOf("never", "fixedWidth", "fixedWidthNonNumeric", "always"), "one of never, fixedWidth, fixedWidthNonNumeric, always", groupBy,
		"deferExpressionDimensions")
}

// isWhole says that a member is a number, whose fraction does not count, or
// the text of a whole one.
func isWhole(raw json.RawMessage) bool {
	f, err := strconv.ParseFloat(contextText(raw), 64)
	return err == nil && (raw[0] != '"' || f == float64(int64(f)))
}

func isPositive(raw json.RawMessage) bool {
	f, err := strconv.ParseFloat(contextText(raw), 64)
	return err == nil && f >= 1 && isWhole(raw)
}

func isLoad(raw json.RawMessage) bool {
	f, err := strconv.ParseFloat(contextText(raw), 64)
	return err == nil && f < 1
}

func isFlag(raw json.RawMessage) bool {
	return raw[0] == '"' || string(raw) == "true" || string(raw) == "false"
}

func isText(raw json.RawMessage) bool { return raw[0] == '"' }

func oneOf(known ...string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool {
		return slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, contextText(raw)) })
	}
}

// check looks the members over whose form is known.
func (c Context) check(kind string) error {
	for _, key := range slices.Sorted(maps.Keys(c)) {
		f, ok := contextForms[key]
		if raw := c[key]; ok && string(raw) != "null" && (f.kinds == nil || slices.Contains(f.kinds, kind)) && !f.ok(raw) {
			return badContext(key, f.expected, raw)
		}
	}
	return nil
}

// contextText is the text of a string, or the JSON of another value.
func contextText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func badContext(key, expected string, raw json.RawMessage) error {
	return &fault.Error{Kind: fault.Invalid, Path: "context." + key, Code: "legacyQueryException", Word: "Query context parse failed",
		Message: "expected " + expected + ", got " + string(raw)}
}

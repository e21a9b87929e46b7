package native

import (
	"encoding/json"
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

// wholeNumbers are members that must be whole numbers, though it may be that
// nothing here asks for them.
var wholeNumbers = []string{
	"priority", "maxScatterGatherBytes", "maxQueuedBytes", "maxSubqueryRows", "minTopNThreshold", "uncoveredIntervalsLimit",
	"numRetriesOnMissingSegments", "maxRowsQueuedForOrdering", "maxSegmentPartitionsOrderedInMemory", "vectorSize",
	"inSubQueryThreshold", "maxNumericInFilters", "parallelMergeParallelism", "joinFilterRewriteMaxSize", "maxOnDiskStorage",
	"bufferGrouperMaxSize", "bufferGrouperInitialBuckets", "numParallelCombineThreads", "intermediateCombineDegree",
}

// choices are members that must be one of some words.
var choices = map[string][]string{
	"vectorize":               {"false", "true", "force"},
	"vectorizeVirtualColumns": {"false", "true", "force"},
	"cloneQueryMode":          {"excludeclones", "includeclones", "preferclones"},
}

// check looks the members over whose form is known.
func (c Context) check() error {
	for _, key := range wholeNumbers {
		raw, ok := c[key]
		if !ok || string(raw) == "null" {
			continue
		}
		if f, err := strconv.ParseFloat(contextText(raw), 64); err != nil || f != float64(int64(f)) {
			return badContext(key, "a whole number", raw)
		}
	}
	for key, known := range choices {
		raw, ok := c[key]
		if ok && string(raw) != "null" && !slices.Contains(known, strings.ToLower(contextText(raw))) {
			return badContext(key, "one of "+strings.Join(known, ", "), raw)
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

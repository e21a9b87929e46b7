package sql

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// settings are the keys of the context that binding reads.
type settings struct {
	zone       *chrono.Zone
	now        int64
	outerLimit int64 // < 0: none
	approx     bool  // COUNT(DISTINCT x) may estimate
	finalize   bool  // sketches that are selected are shown as what they estimate
	padded     bool  // groups by a bucket of time have a row for buckets without rows
}

// overridden is the context with what SET says.
func overridden(context map[string]json.RawMessage, set []parse.Setting) (map[string]json.RawMessage, error) {
	if len(set) == 0 {
		return context, nil
	}
	out := map[string]json.RawMessage{}
	for k, v := range context {
		out[k] = v
	}
	for _, s := range set {
		raw, err := json.Marshal(settingValue(s.Value))
		if err != nil {
			return nil, at(err, s)
		}
		out[s.Name.Text] = raw
	}
	return out, nil
}

func settingValue(l *parse.Literal) any {
	switch l.Kind {
	case parse.Null, parse.Unknown:
		return nil
	case parse.True, parse.False:
		return l.Kind == parse.True
	case parse.Integer:
		return l.Int
	case parse.Decimal, parse.Double:
		return l.Float
	}
	return l.Text
}

func readSettings(context map[string]json.RawMessage) (settings, error) {
	out := settings{zone: chrono.UTC, now: time.Now().UnixMilli(), outerLimit: -1}
	for key, read := range settingReaders {
		raw, ok := context[key]
		if !ok || string(raw) == "null" {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		if err := read(&out, text); err != nil {
			return out, fault.Invalidf("context %s: %v", key, err)
		}
	}
	return out, nil
}

// settingReaders read the keys; numbers and booleans may come as strings.
var settingReaders = map[string]func(*settings, string) error{
	"sqlTimeZone": func(s *settings, text string) (err error) {
		s.zone, err = chrono.LoadZone(text)
		return err
	},
	"sqlOuterLimit": func(s *settings, text string) error {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fault.Invalidf("expected a whole number, got %s", text)
		}
		s.outerLimit = n
		return nil
	},
	"sqlCurrentTimestamp": func(s *settings, text string) (err error) {
		s.now, err = chrono.ParseTime(text)
		return err
	},
	"sqlFinalizeOuterSketches": func(s *settings, text string) error {
		s.finalize = strings.EqualFold(text, "true")
		return nil
	},
	"skipEmptyBuckets": func(s *settings, text string) error {
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return fault.Invalidf("expected true or false, got %s", text)
		}
		s.padded = !strings.EqualFold(text, "true")
		return nil
	},
	"useApproximateCountDistinct": func(s *settings, text string) error {
		s.approx = strings.EqualFold(text, "true")
		return nil
	},
}

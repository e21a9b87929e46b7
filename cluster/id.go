package cluster

import (
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

// ParseID gives the IDs that a segment's identifier may stand for, likeliest
// first: source_start_end_version, with _partition unless that is 0. Sources
// and versions may have "_" in them, so that there may be several; none means
// that it is no identifier.
func ParseID(text string) (out []segment.ID) {
	parts := strings.Split(text, "_")
	for i := 1; i+2 < len(parts); i++ {
		id := segment.ID{Source: strings.Join(parts[:i], "_")}
		var ok bool
		if id.Interval.Start, ok = parseInstant(parts[i]); !ok || id.Source == "" {
			continue
		}
		if id.Interval.End, ok = parseInstant(parts[i+1]); !ok || id.Interval.Empty() {
			continue
		}
		last := len(parts) - 1
		if n, err := strconv.Atoi(parts[last]); err == nil && n > 0 && last > i+2 && parts[last] == strconv.Itoa(n) {
			numbered := id
			numbered.Version, numbered.Partition = strings.Join(parts[i+2:last], "_"), n
			out = append(out, numbered)
		}
		if id.Version = strings.Join(parts[i+2:], "_"); id.Version != "" {
			out = append(out, id)
		}
	}
	return out
}

// parseInstant reads a time exactly as identifiers have it.
func parseInstant(s string) (int64, bool) {
	ms, err := chrono.ParseTime(s)
	return ms, err == nil && chrono.FormatTime(ms, chrono.UTC) == s
}

package native

import (
	"encoding/json"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// grouping tells the rows of subtotals apart: a number with a bit for each of
// its dimensions, the first the highest, that is set if the row is a total over
// that dimension.
type grouping struct {
	Name      string   `json:"name"`
	Groupings []string `json:"groupings"`
}

// readGrouping reads a grouping aggregator; nil if raw is another one.
func readGrouping(raw json.RawMessage) (*grouping, error) {
	var head struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(raw, &head) != nil || head.Type != "grouping" {
		return nil, nil
	}
	g := &grouping{}
	if err := jsontype.Decode("", raw, g); err != nil {
		return nil, err
	}
	switch {
	case g.Groupings == nil:
		return nil, missing("groupings", "names of dimensions")
	case len(g.Groupings) > 63:
		return nil, fault.At(fault.Invalidf("expected at most 63 dimensions, got %d", len(g.Groupings)), "groupings")
	}
	return g, nil
}

// mask is the number for rows whose groups have some dimensions.
func (g *grouping) mask(has func(string) bool) (out int64) {
	for _, d := range g.Groupings {
		out <<= 1
		if has != nil && !has(d) {
			out |= 1
		}
	}
	return out
}

package cluster

import (
	"encoding/json"
	"sync"
	"unique"

	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// share gives the one copy of a string that many descriptors have.
func share(s string) string { return unique.Make(s).Value() }

// shared holds the schemas read last, by their JSON: the segments of a source
// have few, and parsing them is most of the work of reading descriptors.
var shared = struct {
	sync.Mutex
	schemas map[string]data.Schema
}{schemas: map[string]data.Schema{}}

const maxShared = 4096

func shareSchema(raw json.RawMessage) (data.Schema, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	shared.Lock()
	defer shared.Unlock()
	if s, ok := shared.schemas[string(raw)]; ok {
		return s, nil
	}
	var s data.Schema
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fault.Invalidf("expected a list of columns with name and type: %v", err)
	}
	if len(shared.schemas) >= maxShared {
		clear(shared.schemas)
	}
	shared.schemas[string(raw)] = s
	return s, nil
}

package broker

import (
	"encoding/json"
	"sort"
	"sync"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
)

// Lookups is the lookups that this server knows. It is safe for concurrent
// use.
type Lookups struct {
	mu     sync.RWMutex
	byName map[string]*mapLookup
	raw    map[string]json.RawMessage // by tier/name: as they were given
}

// NewLookups knows none.
func NewLookups() *Lookups {
	return &Lookups{byName: map[string]*mapLookup{}, raw: map[string]json.RawMessage{}}
}

// Get is the lookup of that name.
func (l *Lookups) Get(name string) (expr.LookupTable, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	m, ok := l.byName[name]
	if !ok {
		return nil, false
	}
	return m, true
}

// Names are the names of all lookups, sorted.
func (l *Lookups) Names() []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := make([]string, 0, len(l.byName))
	for n := range l.byName {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Set replaces all lookups by those of a document of tiers, as Druid's lookup
// configuration writes it: {tier: {name: {version, lookupExtractorFactory}}}.
func (l *Lookups) Set(config []byte) error {
	var tiers map[string]map[string]struct {
		Version string `json:"version"`
		Factory struct {
			Type     string            `json:"type"`
			Map      map[string]string `json:"map"`
			OneToOne bool              `json:"isOneToOne"`
		} `json:"lookupExtractorFactory"`
	}
	if err := json.Unmarshal(config, &tiers); err != nil {
		return fault.Invalidf("lookups: %v", err)
	}
	out := map[string]*mapLookup{}
	for tier, byName := range tiers {
		for name, spec := range byName {
			if spec.Factory.Type != "map" {
				return fault.At(fault.New(fault.Unsupported, "lookups of type %q are not supported; known: map", spec.Factory.Type), tier+"."+name)
			}
			out[name] = newMapLookup(spec.Factory.Map, spec.Factory.OneToOne)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byName = out
	return nil
}

// A mapLookup is a lookup held in memory.
type mapLookup struct {
	m        map[string]string
	keys     []string
	oneToOne bool
}

func newMapLookup(m map[string]string, oneToOne bool) *mapLookup {
	l := &mapLookup{m: m, oneToOne: oneToOne}
	for k := range m {
		l.keys = append(l.keys, k)
	}
	sort.Strings(l.keys)
	return l
}

// Get maps a key.
func (l *mapLookup) Get(key string) (string, bool) { v, ok := l.m[key]; return v, ok }

// OneToOne says whether no two keys share a value.
func (l *mapLookup) OneToOne() bool { return l.oneToOne }

// Each visits all pairs by key.
func (l *mapLookup) Each(visit func(key, value string)) {
	for _, k := range l.keys {
		visit(k, l.m[k])
	}
}

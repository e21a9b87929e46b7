package broker

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// lookupTiers is the configuration: lookups by tier and name. Every server
// loads those of all tiers; of two with the same name, that of the last tier.
type lookupTiers map[string]map[string]lookupSpec

// A lookupSpec is a lookup as it was given.
type lookupSpec struct {
	Version string          `json:"version,omitempty"` // a later one compares greater
	Factory json.RawMessage `json:"lookupExtractorFactory"`
}

func parseTiers(config []byte) (lookupTiers, error) {
	t := lookupTiers{}
	if err := json.Unmarshal(config, &t); err != nil {
		return nil, fault.Invalidf("lookups: expected {tier: {name: {version, lookupExtractorFactory}}}: %v", err)
	}
	if t == nil {
		t = lookupTiers{}
	}
	return t, nil
}

func (t lookupTiers) clone() lookupTiers {
	out := lookupTiers{}
	for tier, byName := range t {
		out[tier] = maps.Clone(byName)
	}
	return out
}

// add puts more in. If newer, it must not take the place of a lookup whose
// version is the same or later.
func (t lookupTiers) add(more lookupTiers, newer bool) error {
	for _, tier := range slices.Sorted(maps.Keys(more)) {
		if t[tier] == nil {
			t[tier] = map[string]lookupSpec{}
		}
		for name, spec := range more[tier] {
			old, there := t[tier][name]
			if newer && there && spec.Version <= old.Version {
				return fault.At(fault.Invalidf("version %q is not later than %q, which is there", spec.Version, old.Version), tier+"."+name)
			}
			t[tier][name] = spec
		}
	}
	return nil
}

// build makes the lookups.
func (t lookupTiers) build() (map[string]*mapLookup, error) {
	out := map[string]*mapLookup{}
	for _, tier := range slices.Sorted(maps.Keys(t)) {
		for name, spec := range t[tier] {
			path := tier + "." + name
			if len(spec.Factory) == 0 {
				return nil, fault.At(fault.Invalidf("lookupExtractorFactory is missing"), path)
			}
			f, err := lookupFactories.Decode(path+".lookupExtractorFactory", spec.Factory)
			if err != nil {
				return nil, err
			}
			if out[name], err = f.lookup(); err != nil {
				return nil, fault.At(err, path)
			}
			out[name].version = spec.Version
		}
	}
	return out, nil
}

// A lookupFactory is a lookupExtractorFactory: where pairs come from.
type lookupFactory interface {
	lookup() (*mapLookup, error)
}

var lookupFactories = jsontype.New[lookupFactory]("lookupExtractorFactory", "type")

func init() {
	lookupFactories.Add("map", new(mapFactory))
	lookupFactories.Add("cachedNamespace", new(cachedFactory))
	lookupNamespaces.Add("staticMap", new(staticMap))
}

// mapFactory has the pairs in the configuration.
type mapFactory struct {
	Map      map[string]*string `json:"map"`
	OneToOne bool               `json:"isOneToOne"`
}

func (f *mapFactory) lookup() (*mapLookup, error) {
	if f.Map == nil {
		return nil, fault.At(fault.Invalidf("is missing"), "lookupExtractorFactory.map")
	}
	return newMapLookup(pairsOf(f.Map), f.OneToOne), nil
}

// pairsOf leaves out keys without a value: they are as unknown as others.
func pairsOf(m map[string]*string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		if v != nil {
			out[k] = *v
		}
	}
	return out
}

// cachedFactory has the pairs in a namespace.
type cachedFactory struct {
	Namespace jsontype.Of[lookupNamespace] `json:"extractionNamespace"`
	Injective bool                         `json:"injective"`
}

// Check wants a namespace.
func (f *cachedFactory) Check() error {
	if f.Namespace.V == nil {
		return fault.At(fault.Invalidf("is missing"), "extractionNamespace")
	}
	return nil
}

func (f *cachedFactory) lookup() (*mapLookup, error) {
	pairs, err := f.Namespace.V.pairs()
	return newMapLookup(pairs, f.Injective), err
}

// A lookupNamespace is a source of pairs.
type lookupNamespace interface {
	pairs() (map[string]string, error)
}

var lookupNamespaces = jsontype.New[lookupNamespace]("extractionNamespace", "type")

type staticMap struct {
	Map map[string]*string `json:"map"`
}

func (s *staticMap) pairs() (map[string]string, error) { return pairsOf(s.Map), nil }

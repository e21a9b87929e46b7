package broker

import (
	"context"
	"encoding/json"
	"sort"
	"sync"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/fault"
)

// Lookups is the lookups that this server knows: those of a configuration,
// which may be kept in the cluster's documents. It is safe for concurrent use.
type Lookups struct {
	mu     sync.RWMutex
	tiers  lookupTiers
	byName map[string]*mapLookup
	made   int // how often byName was
	store  LookupStore
}

// A LookupStore keeps the configuration: a cluster.Metadata with documents.
type LookupStore interface {
	cluster.Documents
	Commit(ctx context.Context, c cluster.Commit) error
}

// lookupsKey is the document with the configuration of all tiers.
const lookupsKey = "lookups/config"

// NewLookups knows none, and keeps what it is told in memory.
func NewLookups() *Lookups {
	return &Lookups{tiers: lookupTiers{}, byName: map[string]*mapLookup{}}
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
// What is kept in a store is not changed.
func (l *Lookups) Set(config []byte) error {
	t, err := parseTiers(config)
	if err != nil {
		return err
	}
	return l.use(t)
}

func (l *Lookups) use(t lookupTiers) error {
	built, err := t.build()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tiers, l.byName = t, built
	l.made++
	return nil
}

// Generation is another number whenever a lookup may have changed.
func (l *Lookups) Generation() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.made
}

// Keep loads what the store has, and keeps changes there from now on.
func (l *Lookups) Keep(ctx context.Context, store LookupStore) error {
	d, err := store.Get(ctx, lookupsKey)
	if err != nil {
		return err
	}
	if d.Value != nil {
		if err := l.Set(d.Value); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.store = store
	return nil
}

// Follow takes over what other servers change in the store, until ctx ends.
// bad is told of configurations that make no sense; they are not used.
func (l *Lookups) Follow(ctx context.Context, bad func(error)) error {
	for d, err := range l.store.WatchDocuments(ctx, lookupsKey) {
		switch {
		case err != nil:
			return err
		case d.Key != lookupsKey:
		case d.Value == nil:
			_ = l.use(lookupTiers{}) // none are built without an error
		default:
			if err := l.Set(d.Value); err != nil {
				bad(err)
			}
		}
	}
	return ctx.Err()
}

// Merge adds the lookups of a document as Set reads it, over those of the same
// tier and name whatever their versions.
func (l *Lookups) Merge(ctx context.Context, config []byte) error {
	more, err := parseTiers(config)
	if err != nil {
		return err
	}
	return l.change(ctx, func(t lookupTiers) error { return t.add(more, false) })
}

// attempts is how often a change is tried that collides with others.
const attempts = 5

// change edits a copy of the configuration, checks, keeps and uses it.
func (l *Lookups) change(ctx context.Context, edit func(lookupTiers) error) error {
	l.mu.RLock()
	store, now := l.store, l.tiers.clone()
	l.mu.RUnlock()
	if store == nil {
		if err := edit(now); err != nil {
			return err
		}
		return l.use(now)
	}
	var err error
	for range attempts {
		if err = l.changeKept(ctx, store, edit); fault.Of(err) == nil || fault.Of(err).Kind != fault.Conflict {
			return err
		}
	}
	return err
}

func (l *Lookups) changeKept(ctx context.Context, store LookupStore, edit func(lookupTiers) error) error {
	d, err := store.Get(ctx, lookupsKey)
	if err != nil {
		return err
	}
	t := lookupTiers{}
	if d.Value != nil {
		if t, err = parseTiers(d.Value); err != nil {
			return err
		}
	}
	if err := edit(t); err != nil {
		return err
	}
	if _, err := t.build(); err != nil {
		return err
	}
	value, err := json.Marshal(t)
	if err != nil {
		return err
	}
	err = store.Commit(ctx, cluster.Commit{
		Need: []cluster.Version{{Key: lookupsKey, Version: d.Version}},
		Put:  []cluster.Document{{Key: lookupsKey, Value: value}},
	})
	if err != nil {
		return err
	}
	return l.use(t)
}

// A mapLookup is a lookup held in memory.
type mapLookup struct {
	m        map[string]string
	keys     []string
	oneToOne bool
	version  string
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

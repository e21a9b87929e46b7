package assign

import (
	"encoding/json"
	"fmt"
	"sort"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

// A Rule says what becomes of the segments it matches. The rules of a source
// are tried in order, then those of DefaultRules; the first that matches counts.
type Rule interface {
	// Matches says whether the rule is about segments of that interval, now in
	// milliseconds since 1970.
	Matches(in chrono.Interval, now int64) bool
	Fate() Fate
}

// A Fate is what is to become of a segment.
type Fate struct {
	Drop      bool           // it is not to be used any more
	Broadcast bool           // every server is to have it
	Replicas  map[string]int // else: how many servers of each tier
}

// DefaultRules is the name that the rules for all sources go by.
const DefaultRules = "_default"

// Forever is the rule for what no other rule matches, until there are others.
func Forever() []Rule {
	r := &loadForever{}
	r.fill()
	return []Rule{r}
}

var rules = jsontype.New[Rule]("rule", "type")

// ParseRules reads a list of rules.
func ParseRules(raw []byte) ([]Rule, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fault.Invalidf("expected a list of rules: %v", err)
	}
	out := make([]Rule, len(list))
	for i, r := range list {
		var err error
		if out[i], err = rules.Decode(fmt.Sprintf("[%d]", i), r); err != nil {
			return nil, err
		}
		if f, ok := out[i].(interface{ fill() }); ok {
			f.fill()
		}
		for tier, n := range out[i].Fate().Replicas {
			if n < 0 {
				return nil, fault.At(fault.Invalidf("%d replicas; expected 0 or more", n), fmt.Sprintf("[%d].tieredReplicants.%s", i, tier))
			}
		}
	}
	return out, nil
}

// MarshalRules writes what ParseRules reads.
func MarshalRules(list []Rule) ([]byte, error) {
	out := make([]json.RawMessage, len(list))
	for i, r := range list {
		var err error
		if out[i], err = rules.Encode(r); err != nil {
			return nil, err
		}
	}
	return json.Marshal(out)
}

func init() {
	rules.Add("loadForever", new(loadForever))
	rules.Add("loadByPeriod", &loadByPeriod{recent: recent{Future: true}})
	rules.Add("loadByInterval", new(loadByInterval))
	rules.Add("dropForever", new(dropForever))
	rules.Add("dropByPeriod", &dropByPeriod{Future: true})
	rules.Add("dropBeforeByPeriod", new(dropBeforeByPeriod))
	rules.Add("dropByInterval", new(dropByInterval))
	rules.Add("broadcastForever", new(broadcastForever))
	rules.Add("broadcastByPeriod", &broadcastByPeriod{recent: recent{Future: true}})
	rules.Add("broadcastByInterval", new(broadcastByInterval))
}

// A member of the family is a when and a what.
type (
	loadForever struct {
		forever
		load
	}
	loadByPeriod struct {
		recent
		load
	}
	loadByInterval struct {
		touching
		load
	}
	dropForever struct {
		forever
		drop
	}
	dropByPeriod struct {
		Period chrono.Period `json:"period"`
		Future bool          `json:"includeFuture"`
		drop
	}
	dropBeforeByPeriod struct {
		Period chrono.Period `json:"period"`
		drop
	}
	dropByInterval struct {
		Interval chrono.Interval `json:"interval"`
		drop
	}
	broadcastForever struct {
		forever
		broadcast
	}
	broadcastByPeriod struct {
		recent
		broadcast
	}
	broadcastByInterval struct {
		touching
		broadcast
	}
)

type forever struct{}

func (forever) Matches(chrono.Interval, int64) bool { return true }

// recent is what reaches into the last Period; with Future, or after it.
type recent struct {
	Period chrono.Period `json:"period"`
	Future bool          `json:"includeFuture"`
}

func (r recent) Matches(in chrono.Interval, now int64) bool {
	last := ago(r.Period, now)
	return last.Start < in.End && (r.Future || in.Start < last.End)
}

// Check wants a period.
func (r recent) Check() error { return checkPeriod(r.Period) }

// touching is what overlaps Interval.
type touching struct {
	Interval chrono.Interval `json:"interval"`
}

func (r touching) Matches(in chrono.Interval, _ int64) bool { return r.Interval.Overlaps(in) }

// Check wants an interval.
func (r touching) Check() error { return checkInterval(r.Interval) }

// Matches what lies in the last period; with Future, or after it.
func (r *dropByPeriod) Matches(in chrono.Interval, now int64) bool {
	last := ago(r.Period, now)
	return last.Start <= in.Start && (r.Future || in.End <= last.End)
}

// Check wants a period.
func (r *dropByPeriod) Check() error { return checkPeriod(r.Period) }

// Matches what ended before the last period.
func (r *dropBeforeByPeriod) Matches(in chrono.Interval, now int64) bool {
	return in.End <= ago(r.Period, now).Start
}

// Check wants a period.
func (r *dropBeforeByPeriod) Check() error { return checkPeriod(r.Period) }

// Matches what lies in Interval.
func (r *dropByInterval) Matches(in chrono.Interval, _ int64) bool { return r.Interval.Covers(in) }

// Check wants an interval.
func (r *dropByInterval) Check() error { return checkInterval(r.Interval) }

func ago(p chrono.Period, now int64) chrono.Interval {
	return chrono.Interval{Start: p.Add(now, -1, chrono.UTC), End: now}
}

func checkPeriod(p chrono.Period) error {
	if p.IsZero() {
		return fault.At(fault.Invalidf("is missing; expected a period such as P1M"), "period")
	}
	return nil
}

func checkInterval(in chrono.Interval) error {
	if in.Empty() {
		return fault.At(fault.Invalidf("is missing or empty; expected start/end"), "interval")
	}
	return nil
}

type load struct {
	Tiers map[string]int `json:"tieredReplicants,omitzero"`
	Usual *bool          `json:"useDefaultTierForNull,omitzero"` // nil Tiers mean usualReplicas; nil is true
}

// usualReplicas is how many servers of the default tier have a segment whose
// rule does not say.
const usualReplicas = 2

// fill writes out what was left out.
func (l *load) fill() {
	usual := l.Usual == nil || *l.Usual
	if l.Tiers == nil && usual {
		l.Tiers = map[string]int{cluster.DefaultTier: usualReplicas}
	}
	l.Usual = &usual
}

// Fate is that of loading. An empty Tiers keeps a segment in deep storage only.
func (l load) Fate() Fate {
	if l.Tiers == nil && (l.Usual == nil || *l.Usual) {
		return Fate{Replicas: map[string]int{cluster.DefaultTier: usualReplicas}}
	}
	return Fate{Replicas: l.Tiers}
}

type drop struct{}

func (drop) Fate() Fate { return Fate{Drop: true} }

type broadcast struct{}

func (broadcast) Fate() Fate { return Fate{Broadcast: true} }

// tiers are the tiers of a fate, by name.
func (f Fate) tiers() []string {
	out := make([]string, 0, len(f.Replicas))
	for t := range f.Replicas {
		out = append(out, t)
	}
	sort.Strings(out)
	return out
}

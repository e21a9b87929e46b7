package assign

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/segment"
)

var rewrite = flag.Bool("rewrite", false, "write what is instead of what was expected")

// A script is cases with a blank line between them:
//
//	# what it is about
//	rules SOURCE JSON
//	limits queue=N replicas=N moves=N
//	segment NAME SOURCE DAYS VERSION [size=N] [part=N/CORE]    days of 2020, from 1: 3 or 3-7
//	server NAME [tier=T] [max=N] [type=T] [serves=NAME,…] [loading=…] [dropping=…] [refused=…] [draining]
//	run N                                                      carry out N rounds first
//	=
//	the moves: DO SEGMENT SERVER: WHY
//
// Now is day 100. A segment's name with a "-" in front is not a used one.
type script struct {
	t     *testing.T
	state State
	known map[string]*cluster.Descriptor
	names map[segment.ID]string
	runs  int
}

func TestScripts(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
			given, want, _ := strings.Cut(c, "\n=")
			title, _, _ := strings.Cut(given, "\n")
			t.Run(title, func(t *testing.T) {
				got := run(t, given)
				if want = strings.TrimSpace(want); got != want && !*rewrite {
					t.Errorf("%s\n got\n%s\nwant\n%s", given, got, want)
				}
				out = append(out, strings.TrimRight(given+"\n=\n"+got, "\n"))
			})
		}
		if *rewrite {
			if err := os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(files) == 0 {
		t.Error("no scripts")
	}
}

const newYear = 1577836800000 // 2020-01-01

func run(t *testing.T, given string) string {
	s := &script{t: t, known: map[string]*cluster.Descriptor{}, names: map[segment.ID]string{}}
	s.state = State{Now: newYear + 99*day, Rules: map[string][]Rule{}}
	for _, line := range strings.Split(given, "\n") {
		f := strings.Fields(line)
		switch f[0] {
		case "rules":
			var err error
			if s.state.Rules[f[1]], err = ParseRules([]byte(strings.Join(f[2:], " "))); err != nil {
				t.Fatal(err)
			}
		case "limits":
			o := options(f[1:])
			s.state.Limits = Limits{Queue: number(o["queue"]), Replicas: number(o["replicas"]), Moves: number(o["moves"])}
		case "segment":
			s.segment(f[1:])
		case "server":
			s.server(f[1:])
		case "run":
			s.runs = number(f[1])
		}
	}
	var out []string
	for range s.runs {
		carryOut(&s.state, Plan(s.state))
	}
	for _, m := range Plan(s.state) {
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%v %s %s: %s", m.Do, s.names[m.Segment.ID()], m.Server, m.Why)), " "))
	}
	missing := Missing(s.state)
	for _, source := range slices.Sorted(maps.Keys(missing)) {
		if tiers := missing[source]; len(tiers) > 0 {
			out = append(out, fmt.Sprintf("missing of %s: %v", source, tiers))
		}
	}
	return strings.ReplaceAll(strings.Join(out, "\n"), " :", ":")
}

func options(fields []string) map[string]string {
	out := map[string]string{}
	for _, f := range fields {
		k, v, _ := strings.Cut(f, "=")
		out[k] = v
	}
	return out
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

func (s *script) segment(f []string) {
	name, unused := strings.CutPrefix(f[0], "-")
	from, to, long := strings.Cut(f[2], "-")
	if !long {
		to = from
	}
	o := options(f[4:])
	d := cluster.Descriptor{Source: f[1], Version: f[3], Size: 10, Shard: &cluster.Numbered{Partitions: 1}}
	d.Interval = chrono.Interval{Start: newYear + int64(number(from)-1)*day, End: newYear + int64(number(to))*day}
	if o["size"] != "" {
		d.Size = int64(number(o["size"]))
	}
	if n, core, ok := strings.Cut(o["part"], "/"); ok {
		d.Shard = &cluster.Numbered{Partition: number(n), Partitions: number(core)}
	}
	s.known[name], s.names[d.ID()] = &d, name
	if !unused {
		s.state.Segments = append(s.state.Segments, &d)
	}
}

func (s *script) server(f []string) {
	o := options(f[1:])
	n := Server{Server: cluster.Server{Name: f[0], Type: cluster.Historical, Tier: o["tier"], MaxSize: 1000}}
	if o["max"] != "" {
		n.MaxSize = int64(number(o["max"]))
	}
	if o["type"] != "" {
		n.Type = o["type"]
	}
	_, n.Draining = o["draining"]
	n.Serves, n.Loading = s.list(o["serves"]), s.list(o["loading"])
	for _, d := range s.list(o["dropping"]) {
		n.Dropping = append(n.Dropping, d.ID())
	}
	for _, d := range s.list(o["refused"]) {
		n.Refused = append(n.Refused, d.ID())
	}
	s.state.Servers = append(s.state.Servers, n)
}

func (s *script) list(names string) (out []*cluster.Descriptor) {
	for _, n := range strings.FieldsFunc(names, func(r rune) bool { return r == ',' }) {
		if s.known[n] == nil {
			s.t.Fatalf("unknown segment %q", n)
		}
		out = append(out, s.known[n])
	}
	return out
}

// carryOut does all moves, and what was ordered before.
func carryOut(s *State, moves []Move) {
	for i := range s.Servers {
		n := &s.Servers[i]
		n.Serves = append(n.Serves, n.Loading...)
		drop := n.Dropping
		n.Loading, n.Dropping = nil, nil
		for _, m := range moves {
			switch {
			case m.Server != n.Name:
			case m.Do == Load:
				n.Serves = append(n.Serves, m.Segment)
			default:
				drop = append(drop, m.Segment.ID())
			}
		}
		var left []*cluster.Descriptor
		for _, d := range n.Serves {
			if !contains(drop, d.ID()) {
				left = append(left, d)
			}
		}
		n.Serves = left
	}
	var used []*cluster.Descriptor
	for _, d := range s.Segments {
		gone := false
		for _, m := range moves {
			gone = gone || m.Do == Unuse && m.Segment.ID() == d.ID()
		}
		if !gone {
			used = append(used, d)
		}
	}
	s.Segments = used
}

func contains(ids []segment.ID, id segment.ID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

// TestSettles wants random clusters to come to rest, with every segment served
// as often as its rule says and the servers about equally full.
func TestSettles(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for try := range 12 {
		s := State{Now: newYear, Rules: map[string][]Rule{"a": {&loadForever{load: load{Tiers: map[string]int{cluster.DefaultTier: 2}}}},
			"b": {&loadForever{load: load{Tiers: map[string]int{cluster.DefaultTier: 1, "hot": 1}}}}}}
		s.Limits = Limits{Queue: 5 + rng.IntN(50), Replicas: 20, Moves: 10}
		for i := range 120 {
			d := cluster.Descriptor{Source: []string{"a", "b"}[i%2], Version: "v", Size: 1 + rng.Int64N(20), Shard: &cluster.Numbered{Partition: i}}
			d.Interval = chrono.Interval{Start: newYear + int64(rng.IntN(30))*day}
			d.Interval.End = d.Interval.Start + day
			s.Segments = append(s.Segments, &d)
		}
		for i := range 5 {
			n := Server{Server: cluster.Server{Name: fmt.Sprint(i), Type: cluster.Historical, MaxSize: 4000, Tier: []string{"", "hot"}[i/4]}}
			for j := range s.Segments {
				if try%2 == 0 && i%4 == 0 || rng.IntN(10) == 0 { // all of it on few servers, or anywhere
					n.Serves = append(n.Serves, s.Segments[j])
				}
			}
			s.Servers = append(s.Servers, n)
		}
		rounds := 0
		for moves := Plan(s); len(moves) > 0; moves = Plan(s) {
			if again := Plan(s); !reflect.DeepEqual(again, moves) {
				t.Fatal("two plans of one state")
			}
			if rounds++; rounds > 100 {
				t.Fatalf("try %d does not settle: %v", try, moves)
			}
			carryOut(&s, moves)
		}
		least, most, copies := 1.0, 0.0, 0
		for i, n := range newRound(s).nodes {
			copies += len(n.has)
			if i < 4 {
				least, most = min(least, n.full()), max(most, n.full())
			}
		}
		if copies != 240 || most-least > slack+0.01 {
			t.Errorf("try %d: %d copies, want 240; servers from %.2f to %.2f full", try, copies, least, most)
		}
		for source, tiers := range Missing(s) {
			if len(tiers) > 0 {
				t.Errorf("try %d: %s misses %v", try, source, tiers)
			}
		}
	}
}

func TestMany(t *testing.T) {
	s := State{Now: newYear, Limits: Limits{Queue: 1000}}
	for i := range 20_000 {
		d := cluster.Descriptor{Source: "a", Version: "v", Size: 10, Shard: &cluster.Numbered{Partition: i % 10}}
		d.Interval = chrono.Interval{Start: newYear + int64(i/10)*day}
		d.Interval.End = d.Interval.Start + day
		s.Segments = append(s.Segments, &d)
	}
	for i := range 10 {
		s.Servers = append(s.Servers, Server{Server: cluster.Server{Name: fmt.Sprint(i), Type: cluster.Historical, MaxSize: 1 << 40}})
	}
	began := time.Now()
	moves := Plan(s)
	if took := time.Since(began); len(moves) != 10_000 || took > 10*time.Second {
		t.Errorf("%d moves in %v", len(moves), took)
	}
}

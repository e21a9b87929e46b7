//go:build processes

package conformance

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	rounds    = flag.Int("rounds", 1, "how often every fault is made")
	onlyFault = flag.String("fault", "", "faults to make: those whose name has this in it")
)

const (
	pace     = 50 * time.Millisecond // between two queries
	recovery = 30 * time.Second      // after what went wrong is over, until all is well
	hearing  = time.Second           // from a segment's announcement to the broker
)

// A trouble is something that goes wrong. begin makes it so; after hold, end
// (if any) is the return of what was away.
type trouble struct {
	name    string
	hold    time.Duration
	refuses bool // queries may be refused until the end
	begin   func(c *crowd) (end func() error, err error)
}

// An entry is what the ledger says of a trouble.
type entry struct {
	name                         string
	asked, right, refused, wrong int
	slowest, healed, heard       time.Duration
	broken                       []string // demands that were
}

// An answered query. Without why it is right.
type answered struct {
	begun, ended time.Time
	refused      bool
	why          string
}

// faults makes every trouble, under queries whose answers are known.
func (c *crowd) faults(ctx context.Context, t *testing.T, cases []recording) {
	var ledger []entry
	defer func() {
		text := showLedger(ledger)
		t.Log("\n" + text)
		if path := os.Getenv("OVATE_LEDGER"); path != "" {
			must(nil, os.WriteFile(path, []byte(text), 0o644))
		}
	}()
	calm := entry{name: "no fault"}
	for range 3 {
		heard, err := c.sing(ctx, recovery)
		calm.heard = max(calm.heard, heard)
		if err != nil {
			calm.broken = append(calm.broken, err.Error())
		}
	}
	if calm.heard > hearing {
		calm.broken = append(calm.broken, "a segment was heard of late")
	}
	all := append([]trouble{{name: calm.name, hold: 3 * time.Second, begin: func(*crowd) (func() error, error) { return nil, nil }}}, troubles()...)
	for range *rounds {
		for _, tr := range all {
			if !strings.Contains(tr.name, *onlyFault) {
				continue
			}
			e := c.suffer(ctx, t, tr, cases)
			if tr.name == calm.name {
				e.heard, e.broken = max(e.heard, calm.heard), append(e.broken, calm.broken...)
			}
			ledger = append(ledger, e)
			t.Log("\n" + showLedger([]entry{e}))
			for _, b := range e.broken {
				t.Errorf("%s: %s", tr.name, b)
			}
		}
	}
}

// suffer makes one trouble and waits until all is well again.
func (c *crowd) suffer(ctx context.Context, t *testing.T, tr trouble, cases []recording) entry {
	e := entry{name: tr.name}
	if err := within(recovery, c.replicated); err != nil {
		e.broken = append(e.broken, "before it: "+err.Error())
		return e
	}
	q := newInquiry(c, cases)
	time.Sleep(time.Second)
	end, err := tr.begin(c)
	if err == nil {
		time.Sleep(tr.hold)
		if end != nil {
			err = end()
		}
	}
	over := time.Now()
	if err == nil {
		e.heard, err = c.sing(ctx, 4*recovery)
	}
	if err == nil {
		err = within(3*recovery, func() error { return errors.Join(c.replicated(), q.well(over)) })
	}
	e.healed = time.Since(over)
	e.tally(t, q.stop())
	switch {
	case err != nil:
		e.broken = append(e.broken, "it does not get well: "+err.Error())
	case e.healed > recovery:
		e.broken = append(e.broken, fmt.Sprintf("it took %v to get well", e.healed.Round(time.Second)))
	}
	if e.wrong > 0 {
		e.broken = append(e.broken, fmt.Sprintf("%d wrong answers", e.wrong))
	}
	if e.refused > 0 && !tr.refuses {
		e.broken = append(e.broken, fmt.Sprintf("%d queries were refused", e.refused))
	}
	return e
}

func (e *entry) tally(t *testing.T, all []answered) {
	shown := map[string]int{}
	for _, a := range all {
		e.asked++
		e.slowest = max(e.slowest, a.ended.Sub(a.begun))
		switch {
		case a.why == "":
			e.right++
			continue
		case a.refused:
			e.refused++
		default:
			e.wrong++
		}
		if kind := fmt.Sprintf("%v %.40s", a.refused, a.why); shown[kind] < 2 {
			shown[kind]++
			t.Logf("%s, %s: refused %v: %s", e.name, a.begun.Format("15:04:05.000"), a.refused, a.why)
		}
	}
}

// An inquiry is queries that are asked at an even pace.
type inquiry struct {
	c       *crowd
	cases   []recording
	end     chan struct{}
	asking  sync.WaitGroup
	mu      sync.Mutex
	answers []answered
}

func newInquiry(c *crowd, cases []recording) *inquiry {
	q := &inquiry{c: c, cases: cases, end: make(chan struct{})}
	q.asking.Go(func() {
		tick := time.NewTicker(pace)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-q.end:
				return
			case <-tick.C:
			}
			r := &q.cases[i*7919%len(q.cases)]
			q.asking.Go(func() {
				a := c.question(r)
				q.mu.Lock()
				defer q.mu.Unlock()
				q.answers = append(q.answers, a)
			})
		}
	})
	return q
}

func (q *inquiry) stop() []answered {
	close(q.end)
	q.asking.Wait()
	return q.answers
}

// well says whether the last second's worth of queries that were asked since
// then is right.
func (q *inquiry) well(since time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for i := len(q.answers) - 1; i >= 0 && n < int(time.Second/pace); i-- {
		if a := q.answers[i]; a.begun.After(since) {
			if n++; a.why != "" {
				return errors.New(a.why)
			}
		}
	}
	if n < int(time.Second/pace) {
		return fmt.Errorf("only %d queries were answered", n)
	}
	return nil
}

// question asks a query and judges its answer.
func (c *crowd) question(r *recording) (a answered) {
	a.begun = time.Now()
	body := with(r.Body, map[string]any{"useResultLevelCache": false, "populateResultLevelCache": false}) // servers are to answer
	status, text, err := c.call(c.url("broker0")+path(r.Kind), body)
	a.ended = time.Now()
	switch {
	case err != nil: // no answer, or one that is visibly broken off
		a.refused, a.why = true, err.Error()
	case status != http.StatusOK && clear(text):
		a.refused, a.why = true, fmt.Sprintf("%s: %d %.600s", r.ID, status, text)
	default:
		if why := r.verdict(status, text); why != "" {
			a.why = fmt.Sprintf("%s: %s\n\tasked  %s\n\texpect %.600s\n\tgot    %d %.600s", r.ID, why, r.Body, r.Answer, status, text)
		}
	}
	return a
}

// clear says whether an error says what is the matter.
func clear(text []byte) bool {
	e, ok := parseJSON(text).(*object)
	if !ok {
		return false
	}
	message, _ := e.member["errorMessage"].(string)
	return len(message) > 10 && !bytes.Contains(text, []byte("internal error"))
}

// showLedger is a table.
func showLedger(all []entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %-44s | asked | right | refused | wrong | slowest | well after | segment heard after |\n", "fault")
	b.WriteString("|---|---|---|---|---|---|---|---|\n")
	for _, e := range all {
		fmt.Fprintf(&b, "| %-44s | %5d | %5d | %7d | %5d | %6.1fs | %9.1fs | %18.0fms |", e.name, e.asked, e.right, e.refused, e.wrong,
			e.slowest.Seconds(), e.healed.Seconds(), float64(e.heard.Milliseconds()))
		for _, s := range e.broken {
			b.WriteString(" BROKEN: " + strings.SplitN(s, "\n", 2)[0])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

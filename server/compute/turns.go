package compute

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// turns let few fragments begin at once: as many as there are processors, the
// others in the order in which they came. A small one then runs undisturbed and
// ends, where 64 that share the processors all end late. A fragment has its turn
// for a moment only: one that takes longer goes on, and so does the next, so that
// large ones delay nobody by more than that, and who waits for another cannot
// wait for ever.
type turns struct {
	mu      sync.Mutex
	free    int
	waiting []chan struct{} // who came first in front
}

// turn is how long a fragment has others wait.
const turn = 20 * time.Millisecond

func newTurns() *turns { return &turns{free: runtime.GOMAXPROCS(0)} }

// begin waits for a turn; end is to be called when it is no longer needed. If ctx
// ends first, end does nothing.
func (t *turns) begin(ctx context.Context) (end func()) {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return t.bounded()
	}
	mine := make(chan struct{})
	t.waiting = append(t.waiting, mine)
	t.mu.Unlock()
	select {
	case <-mine:
		return t.bounded()
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, w := range t.waiting {
		if w == mine {
			t.waiting = append(t.waiting[:i], t.waiting[i+1:]...)
			return func() {}
		}
	}
	t.next() // it was given just now
	return func() {}
}

// bounded gives the turn on when its time is over, or it is ended.
func (t *turns) bounded() (end func()) {
	var once sync.Once
	give := func() {
		once.Do(func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.next()
		})
	}
	timer := time.AfterFunc(turn, give)
	return func() {
		timer.Stop()
		give()
	}
}

// next is called with the lock held.
func (t *turns) next() {
	if len(t.waiting) == 0 {
		t.free++
		return
	}
	close(t.waiting[0])
	t.waiting[0] = nil
	t.waiting = t.waiting[1:]
}

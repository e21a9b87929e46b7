package compute

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestTurns: small fragments end in the order in which they came, a large one
// holds nobody up, and who gives up takes no turn along.
func TestTurns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		var mu sync.Mutex
		var ended []int
		var all sync.WaitGroup
		begun := time.Now()
		for i, takes := range []time.Duration{time.Hour, time.Millisecond, time.Millisecond, time.Millisecond} {
			all.Go(func() {
				ctx := t.Context()
				if i == 2 { // gives up before its turn
					var cancel func()
					ctx, cancel = context.WithTimeout(ctx, time.Millisecond)
					defer cancel()
				}
				end := turns.begin(ctx)
				defer end()
				if ctx.Err() != nil {
					return
				}
				time.Sleep(takes)
				mu.Lock()
				defer mu.Unlock()
				if ended = append(ended, i); i == 3 && time.Since(begun) > turn+5*time.Millisecond {
					t.Errorf("the last small one ended after %v", time.Since(begun))
				}
			})
			synctest.Wait() // they come one after the other
		}
		all.Wait()
		if len(ended) != 3 || ended[0] != 1 || ended[1] != 3 || ended[2] != 0 {
			t.Errorf("ended in the order %v", ended)
		}
		if turns.free != 1 || len(turns.waiting) != 0 {
			t.Errorf("%d turns are free, %d wait", turns.free, len(turns.waiting))
		}
	})
}

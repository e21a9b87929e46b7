package cluster_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/clustertest"
)

// TestLost plays servers that die and servers that drop segments: what the dead
// had is missed, what was dropped is not.
func TestLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, func(v *cluster.View) { v.KeepLost(time.Second) })
		const first, second = "wiki 2020-01-01/2020-01-02 v1 0", "wiki 2020-01-02/2020-01-03 v1 0"
		process := func(name string, started int64) (die func()) {
			return f.announce(cluster.ServerKey(name), cluster.Server{Name: name, Host: name, Type: cluster.Historical, Started: started})
		}
		state := func() string {
			synctest.Wait()
			lost := 0
			for _, ids := range f.v.Lost() {
				lost += len(ids)
			}
			shown := "nothing"
			if tl := f.v.Timeline("wiki"); tl != nil {
				shown = ""
				for _, s := range tl.Lookup(nil) {
					shown += fmt.Sprint(s.Descriptor.Version, " by ", len(s.Servers), ", ")
				}
			}
			return fmt.Sprint(shown, " lost ", lost, " settled ", f.v.Settled())
		}
		is := func(when, want string) {
			t.Helper()
			if got := state(); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
		aFirst, bFirst, bSecond := f.serve("a", first, "x:LONG"), f.serve("b", first, "x:LONG"), f.serve("b", second, "x:LONG")
		aDies, bDies := process("a", 1), process("b", 2)
		is("all there", "v1 by 2, v1 by 1,  lost 0 settled true")
		aFirst()
		is("a drops a copy", "v1 by 1, v1 by 1,  lost 0 settled true")
		bFirst()
		is("b drops the last", "v1 by 0, v1 by 1,  lost 0 settled false")
		time.Sleep(2 * time.Second)
		is("and goes on", "v1 by 1,  lost 0 settled true")
		bSecond()
		bDies()
		is("b dies", "v1 by 0,  lost 0 settled false")
		time.Sleep(2 * time.Second)
		is("that is a loss", "v1 by 0,  lost 1 settled true")
		if !slices.Equal(f.v.Sources(), []string{"wiki"}) {
			t.Errorf("sources %v", f.v.Sources())
		}
		aSecond := f.serve("a", second, "x:LONG")
		is("a takes over", "v1 by 1,  lost 0 settled true")
		aDies()
		aAgain := process("a", 3) // which has nothing
		aSecond()
		time.Sleep(2 * time.Second)
		is("a came back empty", "v1 by 0,  lost 1 settled true")
		newer := f.serve("a", "wiki 2020-01-02/2020-01-03 v2 0", "x:LONG")
		is("something newer", "v2 by 1,  lost 1 settled true")
		newer()
		gone, dropped := clustertest.Segment(t, second), clustertest.Segment(t, first)
		f.v.Forget(gone.ID(), dropped.ID())
		time.Sleep(2 * time.Second)
		is("it need not be", "nothing lost 0 settled true")
		aAgain()
	})
}

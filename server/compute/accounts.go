package compute

import (
	"sync"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/spill"
	"github.com/ovatedb/ovate/server/wire"
)

// accounts are what queries hold here: all fragments of one share its memory
// and its disk.
type accounts struct {
	mu sync.Mutex
	of map[string]*account
}

// An account is one query's.
type account struct {
	memory *exec.Memory
	disk   *spill.Space
	users  int
}

// open gives the account of a request; close when its fragment is done.
func (a *accounts) open(r *wire.Request, dir string) (acc *account, close func()) {
	fresh := func() *account {
		return &account{memory: &exec.Memory{Limit: r.Memory}, disk: &spill.Space{Dir: dir, Limit: r.Disk}}
	}
	if r.Run == "" {
		return fresh(), func() {}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	acc = a.of[r.Run]
	if acc == nil {
		acc = fresh()
		if a.of == nil {
			a.of = map[string]*account{}
		}
		a.of[r.Run] = acc
	}
	acc.users++
	return acc, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if acc.users--; acc.users == 0 {
			delete(a.of, r.Run)
		}
	}
}

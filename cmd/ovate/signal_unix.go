//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// A file that may grow no more (ulimit -f) is an error of the write, not the
// end of the process.
func init() { signal.Ignore(syscall.SIGXFSZ) }

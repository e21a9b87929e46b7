// Command ovate is the whole of Ovate: every role of the server and the tools
// around it, chosen by subcommand. This package only reads flags and wires
// packages together; nothing imports it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := &cobra.Command{
		Use:           "ovate",
		Short:         "An analytics server for events: native queries and SQL over columnar segments",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(roleCommands()...)
	root.AddCommand(quickstartCommand(), segmentCommand(), benchCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "ovate:", err)
		os.Exit(1)
	}
}

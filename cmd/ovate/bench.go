package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/benchmarks"
)

func benchCommand() *cobra.Command {
	var url, only string
	var runs int
	var record bool
	cmd := &cobra.Command{
		Use:   "bench SUITE...",
		Short: "Time the queries of benchmark suites against a running server, and check their answers",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			wrong := 0
			for _, path := range args {
				queries, err := benchmarks.Read(path)
				if err != nil {
					return err
				}
				for _, q := range queries {
					if !strings.Contains(q.Name, only) {
						continue
					}
					r, err := benchmarks.Run(c.Context(), url, q, runs)
					if err != nil {
						return err
					}
					fmt.Fprintf(c.OutOrStdout(), "%-24s %9.2f ms  (%.2f to %.2f)\n", q.Name, ms(r.Median), ms(r.Least), ms(r.Most))
					if record {
						fmt.Fprintf(c.OutOrStdout(), "answer %s\n", r.Answer)
					}
					if r.Wrong != "" {
						wrong++
						fmt.Fprintf(c.OutOrStdout(), "  wrong answer: %s\n", r.Wrong)
					}
				}
			}
			if wrong > 0 {
				return fmt.Errorf("%d queries gave a wrong answer", wrong)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&url, "url", "http://127.0.0.1:8888", "the server")
	cmd.Flags().IntVar(&runs, "runs", 7, "timed runs of each query")
	cmd.Flags().StringVar(&only, "only", "", "only queries whose name contains this")
	cmd.Flags().BoolVar(&record, "record", false, "print the answers too")
	return cmd
}

func ms(d interface{ Seconds() float64 }) float64 { return d.Seconds() * 1000 }

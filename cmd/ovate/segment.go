package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/segment/file"
)

func segmentCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "segment", Short: "Look at and make segment files"}
	cmd.AddCommand(segmentBuildCommand())
	cmd.AddCommand(&cobra.Command{
		Use: "verify FILE...", Short: "Check every byte of segment files", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			for _, path := range args {
				f, err := file.Open(path)
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				err = f.Verify()
				f.Close()
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				fmt.Fprintf(c.OutOrStdout(), "%s: %d rows, sound\n", path, f.Rows())
			}
			return nil
		},
	})
	return cmd
}

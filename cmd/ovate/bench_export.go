package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ovatedb/ovate/server/flight"
)

// export times an answer of many rows: over Flight, in turns with a bare Flight
// server that has the same record batches ready and only sends them, and as text
// in the formats of SQL over HTTP.
func (b *benching) export(c *cobra.Command) error {
	ctx, out := c.Context(), c.OutOrStdout()
	ticket, err := b.exportBody("")
	if err != nil {
		return err
	}
	t, err := flight.BesideBare(ctx, b.flight, ticket, b.runs)
	if err != nil {
		return err
	}
	ours, bare := t.Ours, t.Bare
	slices.Sort(ours)
	slices.Sort(bare)
	fmt.Fprintf(out, "flight: %d rows in %.0f ms (least %.0f); a bare server %.0f ms (least %.0f); ratio %.2f (of the least %.2f)\n", t.Rows,
		ms(ours[len(ours)/2]), ms(ours[0]), ms(bare[len(bare)/2]), ms(bare[0]),
		ours[len(ours)/2].Seconds()/bare[len(bare)/2].Seconds(), ours[0].Seconds()/bare[0].Seconds())
	for _, format := range []string{"array", "objectLines", "csv"} {
		if err := b.exportText(ctx, out, format); err != nil {
			return err
		}
	}
	return nil
}

// exportBody is the statement as a request.
func (b *benching) exportBody(format string) ([]byte, error) {
	body := map[string]any{"query": b.exports, "context": map[string]any{"useCache": false, "useResultLevelCache": false}}
	if format != "" {
		body["resultFormat"] = format
	}
	return json.Marshal(body)
}

// exportText times the answer in one format.
func (b *benching) exportText(ctx context.Context, out io.Writer, format string) error {
	body, err := b.exportBody(format)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	best := 0.0
	size := int64(0)
	for range b.runs {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+"/druid/v2/sql", bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		begun := time.Now()
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		size, err = io.Copy(io.Discard, res.Body)
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", format, res.Status)
		}
		res.Body.Close()
		if err != nil {
			return err
		}
		best = max(best, float64(size)/1e6/time.Since(begun).Seconds())
	}
	fmt.Fprintf(out, "%-12s %8.1f MB, at best %.0f MB/s\n", format+":", float64(size)/1e6, best)
	return nil
}

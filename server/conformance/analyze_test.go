package conformance

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/ovatedb/ovate/server/single"
)

// TestAnalyze wants the rows that EXPLAIN ANALYZE counts, on one server and
// summed over several.
func TestAnalyze(t *testing.T) {
	for _, servers := range []int{1, 3} {
		n := recorded(t, single.Config{Compute: servers})
		plan := n.lines(t, "EXPLAIN ANALYZE SELECT o_orderpriority, COUNT(*) FROM orders WHERE o_totalprice > 0 GROUP BY 1")
		var total []struct{ C int }
		_, text := n.ask("sql", []byte(`{"query":"SELECT COUNT(*) AS C FROM orders WHERE o_totalprice > 0"}`))
		if err := json.Unmarshal(text, &total); err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`(?m)^5 rows in [0-9.]+ ms, at most \d+ bytes of memory on a server$`).MatchString(plan) {
			t.Errorf("with %d servers the first line is not of 5 rows:\n%s", servers, plan)
		}
		scan := regexp.MustCompile(`scan orders .*\(rows (\d+), batches \d+, time [0-9.]+ ms, bytes (\d+), segments (\d+)`).FindStringSubmatch(plan)
		if scan == nil || scan[2] == "0" || scan[3] == "0" {
			t.Fatalf("with %d servers there is no scan with rows, bytes and segments:\n%s", servers, plan)
		}
		if want, _ := json.Marshal(total[0].C); scan[1] != string(want) {
			t.Errorf("with %d servers the scan gave %s rows, not %s:\n%s", servers, scan[1], want, plan)
		}
	}
}

// lines are the rows of a statement of one column of texts.
func (n *node) lines(t *testing.T, query string) string {
	body, err := json.Marshal(map[string]string{"query": query, "resultFormat": "array"})
	if err != nil {
		t.Fatal(err)
	}
	status, text := n.ask("sql", body)
	var rows [][]string
	if err := json.Unmarshal(text, &rows); err != nil || status != 200 {
		t.Fatalf("%s: %d %s", query, status, text)
	}
	var out []string
	for _, r := range rows {
		out = append(out, r[0])
	}
	return strings.Join(out, "\n")
}

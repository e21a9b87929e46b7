package conformance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A table is a data source as DuckDB has it, too: the columns of plain types.
type table struct {
	name    string
	key     string // columns by which no two rows are equal; "": there are none
	few     string // a condition that a few hundred rows pass
	columns [][2]string
	leaves  map[byte][]twin
}

// tableFacts is what the schema does not say. Weight is how often the table is
// asked, of all.
var tableFacts = map[string]struct {
	key, few string
	weight   int
}{
	"edge": {"id", "TRUE", 12}, "edge_auto_frontcoded": {"id", "TRUE", 3}, "edge_concise_lzf": {"id", "TRUE", 2}, "edge_frontcoded_v0": {"id", "TRUE", 2}, "edge_uncompressed": {"id", "TRUE", 2},
	"nested": {"id", "TRUE", 4}, "nation": {"n_nationkey", "TRUE", 2}, "region": {"r_regionkey", "TRUE", 1}, "supplier": {"s_suppkey", "TRUE", 2},
	"customer": {"c_custkey", "c_custkey < 250", 2}, "part": {"p_partkey", "p_partkey < 250", 2}, "partsupp": {"ps_partkey, ps_suppkey", "ps_partkey < 70", 2},
	"orders": {"o_orderkey", "o_orderkey < 1000", 2}, "lineitem": {"l_orderkey, l_linenumber", "l_orderkey < 250", 2},
	"wikipedia": {"", "added > 5000", 3}, "wiki_rollup": {"", "added > 8000", 2}, "wikipedia_seed": {"", "added > 8000", 2},
}

// unlike are columns that DuckDB has nothing for (multi-value strings), and free
// texts, which are grouped and compared but given to no function: the case of
// letters in all the world's scripts is not what is asked here.
var unlike, freeTexts = []string{"tags", "allnull"}, []string{"page", "user", "comment", "cityName", "regionName", "city", "region"}

var duckTypes = map[string]string{"BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "FLOAT": "FLOAT", "VARCHAR": "VARCHAR", "TIMESTAMP": "TIMESTAMP"}

// tables reads the schema and writes the rows of each table to a file in dir.
func tables(t *testing.T, n *node, dir string) (out []*table) {
	status, text := n.sql("SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'druid' ORDER BY 1, ORDINAL_POSITION", nil)
	var rows [][3]string
	if err := json.Unmarshal(text, &rows); status != 200 || err != nil {
		t.Fatal(status, string(text), err)
	}
	for _, r := range rows {
		facts, known := tableFacts[r[0]]
		if !known {
			t.Errorf("nothing is known of table %s", r[0])
			continue
		}
		if len(out) == 0 || out[len(out)-1].name != r[0] {
			out = append(out, &table{name: r[0], key: facts.key, few: facts.few, leaves: map[byte][]twin{}})
		}
		if kind := duckTypes[r[2]]; kind != "" && !slices.Contains(unlike, r[1]) {
			out[len(out)-1].add(r[1], kind)
		}
	}
	for _, tab := range out {
		tab.finish()
		tab.write(t, n, dir)
	}
	return out
}

func (t *table) add(name, kind string) {
	t.columns = append(t.columns, [2]string{name, kind})
	quoted := `"` + name + `"`
	leaf := func(kinds, text string) {
		for i := range kinds {
			t.leaves[kinds[i]] = append(t.leaves[kinds[i]], twin{text, text})
		}
	}
	switch {
	case kind == "TIMESTAMP":
		leaf("w", quoted)
	case kind == "DOUBLE":
		leaf("nns", quoted)
	case kind == "FLOAT":
		leaf("n", "CAST("+quoted+" AS DOUBLE)")
	case name == "big": // of which every sum is too large
		leaf("I", quoted)
	case kind == "BIGINT":
		leaf("niI", quoted)
	case slices.Contains(freeTexts, name):
		leaf("p", quoted)
	default:
		leaf("pt", quoted)
		if name != "s" && name != "namespace" { // with letters of several code points
			leaf("u", quoted)
		}
		if name == "num_str" {
			leaf("m", quoted)
		}
	}
}

// finish adds literals, and conditions.
func (t *table) finish() {
	for _, x := range []struct {
		kind  byte
		texts []string
	}{
		{'n', []string{"2", "0.5", "-3", "CAST(NULL AS DOUBLE)"}}, {'i', []string{"5", "0", "CAST(NULL AS BIGINT)"}}, {'I', []string{"7"}},
		{'t', []string{"'alpha'", "''"}}, {'u', []string{"'k1'"}}, {'p', []string{"'k1'"}}, {'m', []string{"'12.5'", "'x1'"}}, {'w', []string{"TIMESTAMP '2023-12-31 05:06:07'"}},
	} {
		for _, text := range x.texts {
			t.leaves[x.kind] = append(t.leaves[x.kind], twin{text, text})
		}
	}
	for _, c := range t.columns {
		quoted := `"` + c[0] + `"`
		text := "(" + quoted + " > 3)"
		switch c[1] {
		case "VARCHAR":
			text = "(" + quoted + " < 'm')"
		case "TIMESTAMP":
			text = "(" + quoted + " >= TIMESTAMP '2023-12-31 12:00:00')"
		}
		t.leaves['b'] = append(t.leaves['b'], twin{text, text})
	}
	for i, v := range t.leaves['t'] {
		array := list(v, t.leaves['t'][(i+1)%len(t.leaves['t'])])
		t.leaves['A'] = append(t.leaves['A'], twin{"ARRAY[" + array.ours + "]", "ARRAY[" + array.duck + "]"})
	}
	if len(t.leaves['s']) == 0 {
		t.leaves['s'] = t.leaves['i']
	}
}

// of are two columns or more: of these types, or else of any.
func (t *table) of(types ...string) (out []string) {
	for _, c := range t.columns {
		if slices.Contains(types, c[1]) && c[0] != "big" {
			out = append(out, `"`+c[0]+`"`)
		}
	}
	if len(out) < 2 && len(types) < 3 {
		return t.of("BIGINT", "DOUBLE", "VARCHAR")
	}
	return out
}

// write writes the rows, a JSON object a line.
func (t *table) write(tt *testing.T, n *node, dir string) {
	var names []string
	for _, c := range t.columns {
		names = append(names, `"`+c[0]+`"`)
	}
	status, text := n.ask("sql", must(json.Marshal(map[string]any{"query": "SELECT " + strings.Join(names, ", ") + " FROM " + t.name, "resultFormat": "objectLines"})))
	if status != 200 {
		tt.Fatalf("%s: %d %.300s", t.name, status, text)
	}
	if err := os.WriteFile(filepath.Join(dir, t.name+".json"), text, 0o644); err != nil {
		tt.Fatal(err)
	}
}

// partners are columns by which tables are joined.
var partners = [][4]string{
	{"edge", "id", "edge", "id"}, {"edge", "s2", "edge_auto_frontcoded", "s2"}, {"edge", "l", "edge", "l"}, {"edge", "id", "edge_concise_lzf", "l"}, {"edge", "num_str", "edge_uncompressed", "num_str"},
	{"edge", "id", "nested", "id"}, {"edge_frontcoded_v0", "s", "edge", "s"}, {"nested", "id", "nation", "n_nationkey"}, {"edge", "d", "edge", "l"}, {"edge", "flag", "edge", "sparse"},
	{"lineitem", "l_orderkey", "orders", "o_orderkey"}, {"lineitem", "l_partkey", "part", "p_partkey"}, {"lineitem", "l_suppkey", "supplier", "s_suppkey"},
	{"orders", "o_custkey", "customer", "c_custkey"}, {"customer", "c_nationkey", "nation", "n_nationkey"}, {"supplier", "s_nationkey", "nation", "n_nationkey"},
	{"nation", "n_regionkey", "region", "r_regionkey"}, {"partsupp", "ps_partkey", "part", "p_partkey"}, {"partsupp", "ps_suppkey", "supplier", "s_suppkey"},
	{"wikipedia", "countryName", "wiki_rollup", "countryName"}, {"wikipedia", "added", "wiki_rollup", "added"}, {"wikipedia_seed", "page", "wikipedia", "page"},
}

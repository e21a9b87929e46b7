package format

import (
	"encoding/json"
	"testing"
)

// FuzzParse feeds any text to every format: each column has a cell for every
// row, within the text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a,b\n1,\"x\"\"y\"\n,\n", `{"a":[1,{"b":"\u00e9\ud83d\ude00"}],"c":1e5,"a":null}` + "\n{\n", "\"unclosed,\n\x01,\x01\n", `{"a":"\`, "[]", `{"a":{"b":[[],{}]}}`} {
		f.Add([]byte(s))
	}
	var all []Format
	for _, raw := range []string{`{"type":"csv","columns":["a","b","a"],"tryParseNumbers":true}`, `{"type":"tsv","findColumnsFromHeader":true}`,
		`{"type":"json","flattenSpec":{"fields":[{"type":"path","name":"f","expr":"$..b"},{"type":"path","name":"g","expr":"$.a[-1]"}]}}`} {
		x, err := formats.Decode("", json.RawMessage(raw))
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, x)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, x := range all {
			skip, p, err := x.Begin(text, Want{Names: []string{"b", "f"}, All: true})
			if err != nil || skip > len(text) {
				t.Fatal(skip, err)
			}
			rows := &Rows{}
			p.Parse(append([]byte(nil), text[skip:]...), rows)
			for i := range rows.Cols {
				c := &rows.Cols[i]
				if len(c.Tags) != rows.N || len(c.Lo) != rows.N || len(c.Hi) != rows.N {
					t.Fatalf("column %s: %d cells for %d rows", c.Name, len(c.Tags), rows.N)
				}
				for k, tag := range c.Tags {
					cell := rows.Text[c.Lo[k]:c.Hi[k]]
					if (tag == List || tag == Object) && !json.Valid(cell) {
						t.Fatalf("column %s row %d: %q is no JSON", c.Name, k, cell)
					}
					if tag == List {
						Elements(nil, cell)
					}
				}
			}
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"$.a.b[0]['c']", "$..x[*]", "$", "$[", "$.", "$['a"} {
		f.Add(s, `{"a":{"b":[{"c":1}]}}`)
	}
	f.Fuzz(func(t *testing.T, path, text string) {
		steps, err := parsePath(path)
		if err != nil || !json.Valid([]byte(text)) {
			return
		}
		s := scan{b: []byte(text)}
		if b := s.compact(nil, 0); s.bad == "" {
			find(ParseCompact(b), steps)
		}
	})
}

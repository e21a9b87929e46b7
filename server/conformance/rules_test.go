package conformance

import (
	"encoding/json"
	"testing"
)

// TestVerdict tries the rules by which answers are compared.
func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		name, recording string
		status          int
		got             string
		fails           bool
	}{
		{"long", `{"status":200,"answer":[{"a":1}]}`, 200, `[{"a":1}]`, false},
		{"long is not double", `{"status":200,"answer":[{"a":1}]}`, 200, `[{"a":1.0}]`, true},
		{"unless approximate", `{"status":200,"approx":0.1,"answer":[{"a":10}]}`, 200, `[{"a":10.5}]`, false},
		{"approximate has an end", `{"status":200,"approx":0.1,"answer":[{"a":10}]}`, 200, `[{"a":12}]`, true},
		{"doubles round", `{"status":200,"answer":[0.1]}`, 200, `[0.10000000000000002]`, false},
		{"doubles differ", `{"status":200,"answer":[0.1]}`, 200, `[0.1000001]`, true},
		{"longs are exact", `{"status":200,"answer":[9007199254740993]}`, 200, `[9007199254740992]`, true},
		{"exponents", `{"status":200,"answer":[1.0E10]}`, 200, `[10000000000.0]`, false},
		{"true is not 1", `{"status":200,"answer":[true]}`, 200, `[1]`, true},
		{"null is not a list", `{"status":200,"answer":[null]}`, 200, `[[]]`, true},
		{"native members have no order", `{"kind":"native","status":200,"answer":[{"a":1,"b":2}]}`, 200, `[{"b":2,"a":1}]`, false},
		{"columns of SQL do", `{"kind":"sql","status":200,"answer":[{"a":1,"b":2}]}`, 200, `[{"b":2,"a":1}]`, true},
		{"one more member", `{"status":200,"answer":[{"a":1}]}`, 200, `[{"a":1,"b":2}]`, true},
		{"order", `{"status":200,"answer":[1,2]}`, 200, `[2,1]`, true},
		{"any order", `{"order":"any","status":200,"answer":[1,2,0.3]}`, 200, `[0.30000000000000004,2,1]`, false},
		{"any order counts", `{"order":"any","status":200,"answer":[1,1,2]}`, 200, `[1,2,2]`, true},
		{"text", `{"status":200,"answer":"a,b\n1,2\n"}`, 200, "a,b\n1,2\n", false},
		{"made-up ids", `{"status":200,"answer":["x_merged"]}`, 200, `["y"]`, false},
		{"expected rows", `{"status":200,"answer":[]}`, 400, `{"error":"x"}`, true},
		{"expected an error", `{"status":400,"answer":{}}`, 200, `[]`, true},
		{"class of status", `{"status":400,"answer":{}}`, 404, `{"error":"x"}`, false},
		{"wrong class", `{"status":400,"answer":{}}`, 500, `{"error":"x"}`, true},
		{"its 500 is our 4xx", `{"status":500,"answer":{"errorCode":"a"}}`, 400, `{"error":"x"}`, false},
		{"or a refusal", `{"status":500,"answer":{}}`, 501, `{"error":"x"}`, false},
		{"and no 500", `{"status":500,"answer":{}}`, 500, `{"error":"x"}`, true},
		{"code", `{"status":400,"answer":{"errorCode":"a"}}`, 400, `{"errorCode":"b","error":"x"}`, true},
		{"it says something", `{"status":400,"answer":{}}`, 400, `{"error":""}`, true},
		{"no answer", `{"status":400,"answer":{}}`, 0, `EOF`, true},
	} {
		var r recording
		if err := json.Unmarshal([]byte(c.recording), &r); err != nil {
			t.Fatal(c.name, err)
		}
		if why := r.verdict(c.status, []byte(c.got)); (why != "") != c.fails {
			t.Errorf("%s: verdict %q", c.name, why)
		}
	}
}

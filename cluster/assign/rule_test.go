package assign

import (
	"fmt"
	"strings"
	"testing"
)

const oneOfEach = `[{"type":"loadForever","tieredReplicants":{"hot":1}},` +
	`{"type":"loadForever","tieredReplicants":{}},` +
	`{"type":"loadForever","useDefaultTierForNull":false},` +
	`{"type":"loadByPeriod","period":"P1M","includeFuture":false,"tieredReplicants":{"hot":1}},` +
	`{"type":"loadByInterval","interval":"2020-01-01T00:00:00.000Z/2021-01-01T00:00:00.000Z"},` +
	`{"type":"dropForever"},` +
	`{"type":"dropByPeriod","period":"P1M","includeFuture":true},` +
	`{"type":"dropBeforeByPeriod","period":"P1Y"},` +
	`{"type":"dropByInterval","interval":"2020-01-01T00:00:00.000Z/2021-01-01T00:00:00.000Z"},` +
	`{"type":"broadcastForever"},` +
	`{"type":"broadcastByPeriod","period":"P1M","includeFuture":true},` +
	`{"type":"broadcastByInterval","interval":"2020-01-01T00:00:00.000Z/2021-01-01T00:00:00.000Z"}]`

func TestRules(t *testing.T) {
	list, err := ParseRules([]byte(oneOfEach))
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.NewReplacer( // what was left out is written
		`"tieredReplicants":{"hot":1}`, `"tieredReplicants":{"hot":1},"useDefaultTierForNull":true`,
		`"tieredReplicants":{}`, `"tieredReplicants":{},"useDefaultTierForNull":true`,
		`"interval":"2020-01-01T00:00:00.000Z/2021-01-01T00:00:00.000Z"},{"type":"dropForever"}`,
		`"interval":"2020-01-01T00:00:00.000Z/2021-01-01T00:00:00.000Z","tieredReplicants":{"_default_tier":2},"useDefaultTierForNull":true},{"type":"dropForever"}`,
	).Replace(oneOfEach)
	if b, err := MarshalRules(list); err != nil || string(b) != whole {
		t.Errorf("written %s, %v", b, err)
	}
	var got []string
	for _, r := range list {
		f := r.Fate()
		got = append(got, fmt.Sprintf("%t %t %v", f.Drop, f.Broadcast, f.Replicas))
	}
	const load, drop, everywhere = "false false map", "true false map[]", "false true map[]"
	want := []string{load + "[hot:1]", load + "[]", load + "[]", load + "[hot:1]", load + "[_default_tier:2]",
		drop, drop, drop, drop, everywhere, everywhere, everywhere}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("fates\n got %q\nwant %q", got, want)
	}
	for _, name := range rules.Names() {
		if !strings.Contains(oneOfEach, `"`+name+`"`) {
			t.Errorf("rule %s is not tested", name)
		}
	}
}

func TestRuleErrors(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                                      "expected a list of rules",
		`[{"type":"loadForever"},{}]`:                             "[1]: a rule must name its type",
		`[{"type":"loadForevr"}]`:                                 `did you mean "loadForever"?`,
		`[{"type":"loadByPeriod"}]`:                               "period: is missing",
		`[{"type":"dropByPeriod"}]`:                               "period: is missing",
		`[{"type":"dropBeforeByPeriod"}]`:                         "period: is missing",
		`[{"type":"loadByInterval"}]`:                             "interval: is missing or empty",
		`[{"type":"dropByInterval"}]`:                             "interval: is missing or empty",
		`[{"type":"broadcastByInterval"}]`:                        "interval: is missing or empty",
		`[{"type":"broadcastByPeriod"}]`:                          "period: is missing",
		`[{"type":"loadByPeriod","period":1}]`:                    "[0].period",
		`[{"type":"loadForever","tieredReplicants":{"hot":-1}}]`:  "[0].tieredReplicants.hot: -1 replicas; expected 0 or more",
		`[{"type":"loadForever","tieredReplicants":{"hot":"x"}}]`: "[0].tieredReplicants",
	} {
		if list, err := ParseRules([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v, %v\nwant %s", text, list, err, want)
		}
	}
}

func FuzzRules(f *testing.F) {
	f.Add([]byte(oneOfEach))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ParseRules(b)
		if err != nil {
			return
		}
		c, err := MarshalRules(list)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseRules(c); err != nil {
			t.Fatalf("%s: %v", c, err)
		}
	})
}

package expr_test

import (
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"1 + 2 * 3":                 "plus(1, times(2, 3))",
		"10 - 4 - 3":                "minus(minus(10, 4), 3)",
		"100 / 10 % 2":              "modulo(divide(100, 10), 2)",
		"2 ^ 3 ^ 2":                 "power(2, power(3, 2))",
		"-2 ^ 2":                    "power(-2, 2)",
		"-x ^ 2":                    "power(negate(x), 2)",
		"2 ^ -1 * 3":                "times(power(2, -1), 3)",
		"- -3":                      "negate(-3)",
		"a - -1 -1":                 "minus(minus(a, -1), 1)",
		"-9223372036854775808":      "-9223372036854775808",
		"!a == b":                   "equals(not(a), b)",
		"a < b == c":                "equals(less(a, b), c)",
		"a || b && c":               "and(or(a, b), c)",
		"a && b && c || d":          "or(and(a, b, c), d)",
		"a && (b && c)":             "and(a, and(b, c))",
		"(a && b) && c":             "and(and(a, b), c)",
		"a + 1 >= b * 2 && !c":      "and(greaterequal(plus(a, 1), times(b, 2)), not(c))",
		"a != b":                    "notequals(a, b)",
		"1. + .5 + 1e3 + 1.5E-3":    "plus(plus(plus(1.0, 0.5), 1000.0), 0.0015)",
		"NaN":                       "NaN",
		"-Infinity":                 "-Infinity",
		"null":                      "null",
		"true":                      "true",
		`'it\'s' `:                  `'it\'s'`,
		`'a\n\\\u00e9\uD83D\uDE00'`: `'a\n\\é😀'`,
		`"odd ""name"`:              "",
		`"odd \"name\" é" + _x$1`:   `plus("odd \"name\" é", _x$1)`,
		"[1, -2, null]":             "[1, -2, null]",
		"[1, 2.5]":                  "[1.0, 2.5]",
		"['a', null]":               "['a', null]",
		"[]":                        "[]",
		"<LONG>[]":                  "[]",
		"ARRAY<DOUBLE>[1, 2]":       "[1.0, 2.0]",
		"array<string>[1]":          "['1']",
		"IF(a > 1, 'x', 'y')":       "if(greater(a, 1), 'x', 'y')",
		"coalesce(a,b,c)":           "coalesce(a, b, c)",
		"pi()":                      "pi()",
		"(((a)))":                   "a",
		"if + 1":                    "plus(if, 1)",
	} {
		e, err := expr.Parse(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%s: got %s, want an error", text, e)
		case want == "":
		case err != nil:
			t.Errorf("%s: %v", text, err)
		case e.String() != want:
			t.Errorf("%s: got %s, want %s", text, e, want)
		}
	}
	for text, want := range map[string][]string{
		"x -> x + 1":       {"x"},
		"(x) -> x":         {"x"},
		"(x, acc) -> x":    {"x", "acc"},
		"() -> 1":          {},
		`("a b", y) -> y`:  {"a b", "y"},
		"x -> map(y -> y)": nil,
	} {
		e, err := expr.Parse("coalesce(" + text + ", [1])")
		if want == nil {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		l, ok := e.(*expr.Call).Args[0].(*expr.Lambda)
		if !ok || strings.Join(l.Params, "|") != strings.Join(want, "|") {
			t.Errorf("%s: got %s", text, e)
		}
	}
}

// Types of literals do not show in the text.
func TestParseTypes(t *testing.T) {
	for text, want := range map[string]string{
		"1": "LONG", "1.0": "DOUBLE", "'a'": "STRING", "null": "NULL", "[]": "ARRAY<STRING>", "[null]": "ARRAY<STRING>",
		"<LONG>[]": "ARRAY<LONG>", "[1]": "ARRAY<LONG>", "[1, 'a']": "ARRAY<STRING>", "ARRAY<DOUBLE>[1]": "ARRAY<DOUBLE>",
		"1 + 1": "LONG", "1 + 1.0": "DOUBLE", "1 > 2": "BOOL", "'a' + 'b'": "STRING",
	} {
		e, err := expr.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := expr.TypeOf(e, nil); err != nil || got.String() != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
		}
	}
}

// Errors say where and what.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "at character 1: expected a value, found the end",
		"id +":                  "at character 5: expected a value, found the end",
		"id > > 1":              `at character 6: expected a value, found ">"`,
		"(a":                    `at character 3: expected ")", found the end`,
		"a b":                   `at character 3: expected an operator or the end, found "b"`,
		"é = 1":                 `at character 1: unexpected character 'é'`,
		"a = 1":                 `at character 3: unexpected "="; write == to compare`,
		"'é' & 1":               `at character 5: unexpected "&"; write &&`,
		"'abc":                  `at character 1: the closing ' is missing`,
		`"abc\`:                 `at character 1: the closing " is missing`,
		`'\q'`:                  `at character 1: unknown escape \q`,
		`'\u12'`:                `needs 4 hexadecimal digits`,
		"9223372036854775808":   "does not fit a LONG",
		"1e999":                 "does not fit a DOUBLE",
		"2days":                 `"2days" is neither a number nor a name`,
		"1 + nosuchfn(2)":       `at character 5: unknown function "nosuchfn"`,
		"1 + coalesc(2)":        `did you mean "coalesce"?`,
		"1 + if(2)":             "at character 5: if takes 3 arguments, got 1",
		"if(1, 2":               `at character 8: expected "," or ")", found the end`,
		"if(1, 2,)":             `at character 9: expected a value, found ")"`,
		"[1, x]":                "at character 5: the elements of an array in brackets are literals",
		"[1, [2]]":              "literals",
		"ARRAY<LANG>[1]":        `unknown type "LANG"`,
		"coalesce((x, x) -> 1)": `two parameters "x"`,
		"x -> 1":                `expected an operator or the end, found "->"`,
		strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000): "nested more than 500 deep",
		strings.Repeat("!", 1000) + "1":                             "nested more than 500 deep",
	} {
		e, err := expr.Parse(text)
		if len(text) > 30 {
			text = text[:30]
		}
		if err == nil {
			t.Errorf("%s: got %s, want an error", text, e)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// A thousand conditions are no deep tree.
func TestParseLong(t *testing.T) {
	e, err := expr.Parse(strings.Repeat("a == 1 || ", 20000) + "b")
	if err != nil {
		t.Fatal(err)
	}
	if got := len(e.(*expr.Call).Args); got != 20001 {
		t.Errorf("got %d arguments", got)
	}
}

// What was read prints as a text that reads the same, and nothing panics.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1 + x * -2", "if(a > 'b', [1, null], <STRING>[])", `"q\"" ^ 'x\u00e9'`, "coalesce((x, y) -> x, ARRAY<LONG>[1])", "!a && b || NaN", "1e-3 % .5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := expr.Parse(text)
		if err != nil {
			return
		}
		again, err := expr.Parse(e.String())
		if err != nil {
			if strings.Contains(err.Error(), "nested") {
				return // calls nest where operators did not
			}
			t.Fatalf("%q reads as %s, which does not read: %v", text, e, err)
		}
		if again.String() != e.String() {
			t.Errorf("%q: %s became %s", text, e, again)
		}
	})
}

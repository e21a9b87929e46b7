package regex

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestFind(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		// What both engines do.
		{`b+`, "abbc", "bb"}, {`^b`, "ab", "-"}, {`a|ab`, "ab", "a"}, {`(a+)(b?)`, "caab", "aab,aa,b"},
		{`[0-9]{2,3}?`, "12345", "12"}, {`\d+`, "٣x12", "12"}, {`[^\W\d]+`, "12ab_3", "ab_"}, {`\p{L}\d`, "a1", "a1"},
		{`^(.)(.*)$`, "é日本", "é日本,é,日本"}, {`^(.)(.*)$`, "", "-"}, {`^$`, "", ""}, {`x{2000}`, strings.Repeat("x", 2000), strings.Repeat("x", 2000)},
		// Look-around, references, atoms.
		{`(?<=X)b`, "aXbX", "b"}, {`(?<!X)b`, "XbYb", "b"}, {`a(?=b)`, "acab", "a"}, {`a(?!b)`, "abac", "a"},
		{`(a)\1`, "aa", "aa,a"}, {`(?<q>['"]).*?\k<q>`, `x'a"b'`, `'a"b','`}, {`(?>a+)ab`, "aaab", "-"}, {`a++b`, "aab", "aab"},
		{`a*+a`, "aaa", "-"}, {`(?i)(a)\1`, "aA", "aA,a"}, {`(?<=a|bc)d`, "bcd", "d"}, {`\w+(?<=é)`, "été", "-"},
		{`(?:(a)|b)*`, "ab", "ab,a"}, {`(a*)*`, "aa", "aa,"}, {`(a|ab)(c|bcd)(d*)`, "abcd", "abcd,a,bcd,"}, {`(.)\1(?=\1)`, "abbb", "bb,b"},
		// Lines.
		{`c$`, "abc\n", "c"}, {`c$`, "abc\r\n", "c"}, {`c\z`, "abc\n", "-"}, {`b$`, "b\nc", "-"}, {`(?m)b$`, "ab\nc", "b"}, {`(?m)^c`, "ab\rc", "c"},
		{`a.b`, "a\u2028b", "-"}, {`(?s)a.b`, "a\nb", "a\nb"}, {`(?d)a.b`, "a\rb", "a\rb"}, {`a\Rb`, "a\r\nb", "a\r\nb"}, {`\s\v`, " \u000b", " \u000b"},
		// Cases and words.
		{`(?i)foo`, "FOO", "FOO"}, {`(?i)É`, "é", "-"}, {`(?iu)É`, "é", "é"}, {`a(?i)b(?-i)c`, "aBc", "aBc"}, {`(?i:a)b`, "AB", "-"},
		{`\bé`, "aé é", "é"}, {`\bb`, "a b", "b"}, {`\Bb`, "ab", "b"}, {`(?U)\w+`, "été", "été"}, {`\w+`, "été", "t"},
		// Classes.
		{`[a-z&&[^aeiou]]+`, "aebcd", "bcd"}, {`[a-d[m-p]]+`, "xamy", "am"}, {`[a-z&&[def]&&[ef]]`, "dexx", "e"}, {`[]a]+`, "a]", "a]"},
		{`[\Qa-c\E]+`, "-ab", "-a"}, {`\p{IsLatin}+`, "日é", "é"}, {`\p{Punct}`, "a!", "!"}, {`\P{Lu}`, "Ab", "b"}, {`[^-a]`, "-ab", "b"},
		{`\x41\u00e9\x{1F600}\011\cA`, "Aé😀\t\x01", "Aé😀\t\x01"}, {`\ud83d\ude00`, "😀", "😀"}, {`\Qa.b\E+`, "a.bb", "a.bb"},
		{`(?x) a b # comment`, "ab", "ab"}, {`\p{javaLowerCase}`, "Aé", "é"}, {`\p{sc=Greek}`, "aα", "α"}, {`.`, "\xff", "\xff"},
	} {
		r, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		for _, engine := range []string{"chosen", "backtracking"} {
			g, err := r.Find(c.text)
			if engine == "backtracking" {
				g, err = r.backtrack(c.text, 0, false)
			}
			if got := show(c.text, g); err != nil || got != c.want {
				t.Errorf("%s on %q (%s): got %q, want %q (%v)", c.pattern, c.text, engine, got, c.want, err)
			}
		}
	}
}

// show writes a match and its groups with commas; "-" for none.
func show(s string, g []int) string {
	if g == nil {
		return "-"
	}
	var out []string
	for i := 0; i < len(g); i += 2 {
		if g[i] >= 0 {
			out = append(out, s[g[i]:g[i+1]])
		}
	}
	return strings.Join(out, ",")
}

func TestReplace(t *testing.T) {
	for _, c := range []struct{ pattern, text, with, want string }{
		{`[0-9]`, "foo123", "#", "foo###"}, {`(\w+) (\w+)`, "John Smith", "$2, $1", "Smith, John"}, {`x`, "abc", "y", "abc"},
		{``, "abc", "-", "-a-b-c-"}, {`x*`, "xab", "-", "--a-b-"}, {`(?<n>b)`, "abc", "[${n}]", "a[b]c"}, {`b`, "abc", `\$\\`, `a$\c`},
		{`(a)`, "a", "$12", "a2"}, {`(?<=a)b`, "abab", "x", "axax"}, {`^`, "ab", "x", "xab"}, {`(a)|b`, "ab", "<$1>", "<a><>"}, {``, "é", "-", "-é-"},
	} {
		r, err := Compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Replace(c.text, c.with); err != nil || got != c.want {
			t.Errorf("%s on %q: got %q, want %q (%v)", c.pattern, c.text, got, c.want, err)
		}
	}
	r, _ := Compile("(a)")
	for _, with := range []string{"$2", "${x}", "$", `\`, "$x"} {
		if got, err := r.Replace("a", with); err == nil {
			t.Errorf("replacement %q gave %q, want an error", with, got)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{"[0-9]+", "a1b22c", "a|b|c"}, {",", "a,b,,", "a|b"}, {",", "", ""}, {"", "abc", "a|b|c"}, {",", ",a", "|a"}, {"x", "abc", "abc"}, {"(?=b)", "abab", "a|ba|b"},
	} {
		r, err := Compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Split(c.text); err != nil || strings.Join(got, "|") != c.want {
			t.Errorf("%s on %q: got %q, want %q (%v)", c.pattern, c.text, got, c.want, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for pattern, place := range map[string]string{
		"(": "character 1", "a)": "character 2", "*a": "character 1", "[a": "character 1", `\`: "character 1", `\y`: "character 1", "a{2": "character 3",
		"a{3,2}": "character 3", `\p{Nope}`: "character 9", "[b-a]": "character 5", "(?<1>a)": "character 4", "(?y)": "character 3", `\k<n>`: "character 4", "a**": "character 3",
	} {
		if _, err := Compile(pattern); err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("%s: got %v, want an error at %s", pattern, err, place)
		}
	}
}

// The budget ends what would take longer than anyone waits.
func TestBudget(t *testing.T) {
	for pattern, text := range map[string]string{
		`(a|a)*\1b`: strings.Repeat("a", 40), `(?:ab(?=a|$))*c`: strings.Repeat("ab", 1<<20), `(?=(x+x+)+y)x`: strings.Repeat("x", 60),
	} {
		r, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if found, err := r.Match(text); err == nil {
			t.Errorf("%s gave %v, want an error", pattern, found)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s took %s", pattern, d)
		}
	}
}

// FuzzCompile checks that no pattern breaks the parser, and that the two
// engines agree on what they find.
func FuzzCompile(f *testing.F) {
	for _, p := range []string{`(a|b)*c`, `(?<x>a)\k<x>`, `[a-z&&[^b]]+?`, `(?i)\bx$`, `a{2,3}+`, `\p{L}(?!b)`} {
		f.Add(p, "aabxyc")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 30 || len(text) > 30 {
			return
		}
		r, err := Compile(pattern)
		if err != nil {
			return
		}
		if _, err := regexp.Compile(pattern); r.linear == nil || err != nil || !r.linearFor(text) {
			r.Match(text)
			return
		}
		a, errA := r.Match(text)
		b, errB := r.backtrack(text, 0, false)
		if errA == nil && errB == nil && a != (b != nil) {
			t.Errorf("%q on %q: linear %v, backtracking %v", pattern, text, a, b)
		}
	})
}

package zookeeper

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// A family is where the keys of one kind are. This file is the only place
// that knows both sides:
//
//	servers/SERVER       BASE/announcements/SERVER
//	served/SERVER/ID     BASE/segments/SERVER/BATCH, with others; see batch.go
//	load/SERVER/ID       BASE/loadQueue/SERVER/ID
//	leader/ELECTION      BASE/leader/ELECTION
//	anything else        BASE/keys/KEY, the key being one name
//
// An element of a key is one name of a path, as it is but for what znodes may
// not have in their names.
type family struct {
	prefix  string // of its keys
	depth   int    // elements of a key after the prefix; 0: all of the key is one name
	root    string // path
	batched bool
}

// layout is the families of a configuration; the last takes all keys.
type layout []family

func newLayout(cfg Config) layout {
	return layout{
		{prefix: cluster.ServersPrefix, depth: 1, root: cfg.Announcements},
		{prefix: cluster.ServedPrefix, depth: 2, root: cfg.Segments, batched: true},
		{prefix: cluster.LoadPrefix, depth: 2, root: cfg.LoadQueue},
		{prefix: cluster.LeaderPrefix, depth: 1, root: cfg.Base + "/leader"},
		{root: cfg.Base + "/keys"},
	}
}

// place gives a key's family and path; of a batched one, the path of the
// directory of its batches.
func (l layout) place(key string) (family, string, error) {
	if key == "" || len(key) > 8000 {
		return family{}, "", fault.Invalidf("coordination key of %d bytes: expected 1 to 8000", len(key))
	}
	for _, f := range l[:len(l)-1] {
		rest, ok := strings.CutPrefix(key, f.prefix)
		if !ok {
			continue
		}
		elements := strings.Split(rest, "/")
		if len(elements) != f.depth || strings.Contains("/"+rest+"/", "//") {
			break
		}
		if f.batched {
			elements = elements[:f.depth-1]
		}
		path := f.root
		for _, e := range elements {
			path += "/" + znode(e)
		}
		return f, path, nil
	}
	f := l[len(l)-1]
	return f, f.root + "/" + znode(key), nil
}

// key is the key of a path that place gave for a family that is not batched.
func (f family) key(path string) string {
	names := strings.Split(strings.TrimPrefix(path, f.root+"/"), "/")
	for i, n := range names {
		names[i] = element(n)
	}
	return f.prefix + strings.Join(names, "/")
}

// A target is a path to watch, and how many levels of names are below it.
type target struct {
	family family
	path   string
	levels int
}

// targets is where the keys that begin with prefix may be.
func (l layout) targets(prefix string) (out []target) {
	for _, f := range l {
		levels := max(f.depth, 1)
		rest, inside := strings.CutPrefix(prefix, f.prefix)
		switch {
		case !inside && !strings.HasPrefix(f.prefix, prefix):
		case inside && f.depth == 2 && strings.Contains(rest, "/"):
			if first, _, _ := strings.Cut(rest, "/"); first != "" {
				out = append(out, target{f, f.root + "/" + znode(first), levels - 1})
			}
		default:
			out = append(out, target{f, f.root, levels})
		}
	}
	return out
}

// latch is the directory of an election's candidates.
func (cfg Config) latch(election string) string {
	if election == "master" {
		return cfg.Master + "/_MASTER"
	}
	return cfg.Base + "/elections/" + znode(election)
}

// znode makes any text one name: "/" and what znodes may not be called becomes
// "%%" and two hexadecimal digits a byte, and so does a "%" before another or
// before what becomes one.
func znode(text string) string {
	if text == "." || text == ".." || text == "" {
		return "%%2E" + text // one dot more than it is; nothing else looks so
	}
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if next, _ := utf8.DecodeRuneInString(text[n:]); forbidden(r) || r == '%' && n < len(text) && (next == '%' || forbidden(next)) {
			for _, c := range []byte(text[:n]) {
				fmt.Fprintf(&b, "%%%%%02X", c)
			}
		} else {
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

// forbidden says whether a letter may not be in a znode's name. The letters
// above 16 bits are two in Java, neither of which may be.
func forbidden(r rune) bool {
	return r == '/' || r < 0x20 || r >= 0x7f && r <= 0x9f || r >= 0xd800 && r <= 0xf8ff || r >= 0xfff0
}

// element is what znode made a name from.
func element(name string) string {
	if name == "%%2E" || name == "%%2E." || name == "%%2E.." {
		return name[len("%%2E"):]
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(name, "%%")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		c, err := strconv.ParseUint(after[:min(2, len(after))], 16, 8)
		if err != nil || len(after) < 2 {
			b.WriteString("%%") // not ours
			name = after
			continue
		}
		b.WriteByte(byte(c))
		name = after[2:]
	}
}

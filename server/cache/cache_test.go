package cache

import "testing"

func key(s string) Key { return KeyOf([]byte(s)) }

// TestEviction: what was asked for longest ago goes first, and what is too large
// does not come in at all.
func TestEviction(t *testing.T) {
	c := New[string](10)
	c.Put(key("a"), "A", 4)
	c.Put(key("b"), "B", 4)
	if v, ok := c.Get(key("a")); !ok || v != "A" {
		t.Fatalf("a: %q %v", v, ok)
	}
	c.Put(key("c"), "C", 4)
	if _, ok := c.Get(key("b")); ok {
		t.Fatal("b was asked for longest ago and is still there")
	}
	if _, ok := c.Get(key("a")); !ok {
		t.Fatal("a was asked for last and is gone")
	}
	c.Put(key("large"), "L", 11)
	if _, ok := c.Get(key("large")); ok {
		t.Fatal("a value beyond the limit is kept")
	}
	c.Put(key("a"), "A2", 6)
	if v, _ := c.Get(key("a")); v != "A2" {
		t.Fatalf("a is %q after it was put again", v)
	}
	if s := c.Stats(); s.Entries != 2 || s.Bytes != 10 || s.Evictions != 1 {
		t.Fatalf("stats %+v", s)
	}
}

// TestNil: without room there is no cache, and nobody has to ask.
func TestNil(t *testing.T) {
	c := New[int](0)
	c.Put(key("a"), 1, 0)
	if _, ok := c.Get(key("a")); ok || c.Stats() != (Stats{}) {
		t.Fatal("nothing keeps something")
	}
}

// TestKeyOf: how parts are cut is part of the key.
func TestKeyOf(t *testing.T) {
	if KeyOf([]byte("ab"), []byte("c")) == KeyOf([]byte("a"), []byte("bc")) {
		t.Fatal("the same key for other parts")
	}
}

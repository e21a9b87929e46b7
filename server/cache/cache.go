// Package cache keeps what was costly to compute, within a number of bytes, and
// forgets what was not asked for longest. It owns no key and no meaning: whoever
// uses it makes a key of everything that the value depends on, so that a value
// never has to be invalidated.
package cache

import (
	"container/list"
	"crypto/sha256"
	"sync"
)

// A Key is the hash of all that a value depends on.
type Key [sha256.Size]byte

// KeyOf hashes parts; how they are cut counts.
func KeyOf(parts ...[]byte) Key {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		for i := range n {
			n[i] = byte(len(p) >> (8 * i))
		}
		h.Write(n[:])
		h.Write(p)
	}
	return Key(h.Sum(nil))
}

// A Cache holds values up to limit bytes in all. It is safe for concurrent use;
// values must not be changed once they are in it. A nil Cache holds nothing.
type Cache[V any] struct {
	limit int64

	mu    sync.Mutex
	byKey map[Key]*list.Element // of entry[V]
	used  *list.List            // the one asked for last first
	stats Stats
}

type entry[V any] struct {
	key  Key
	v    V
	size int64
}

// Stats counts since the start, but for Bytes and Entries, which are held now.
type Stats struct {
	Hits, Misses, Evictions int64
	Entries, Bytes          int64
}

// New holds up to limit bytes; nil if that is none.
func New[V any](limit int64) *Cache[V] {
	if limit <= 0 {
		return nil
	}
	return &Cache[V]{limit: limit, byKey: map[Key]*list.Element{}, used: list.New()}
}

// Get is the value of that key.
func (c *Cache[V]) Get(k Key) (v V, ok bool) {
	if c == nil {
		return v, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[k]
	if e == nil {
		c.stats.Misses++
		return v, false
	}
	c.stats.Hits++
	c.used.MoveToFront(e)
	return e.Value.(entry[V]).v, true
}

// Put keeps a value of size bytes, unless that alone is more than the limit.
func (c *Cache[V]) Put(k Key, v V, size int64) {
	if c == nil || size > c.limit {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byKey[k]; e != nil {
		c.drop(e)
	}
	c.byKey[k] = c.used.PushFront(entry[V]{k, v, size})
	c.stats.Bytes += size
	c.stats.Entries++
	for c.stats.Bytes > c.limit {
		c.stats.Evictions++
		c.drop(c.used.Back())
	}
}

func (c *Cache[V]) drop(e *list.Element) {
	old := c.used.Remove(e).(entry[V])
	delete(c.byKey, old.key)
	c.stats.Bytes -= old.size
	c.stats.Entries--
}

// Stats are the counts so far.
func (c *Cache[V]) Stats() Stats {
	if c == nil {
		return Stats{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

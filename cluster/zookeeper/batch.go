package zookeeper

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/internal/fault"
)

// Bounds of a batch. The server takes 1 MB.
const (
	batchKeys  = 50
	batchBytes = 512 << 10
	valueBytes = 1_000_000
)

// wrapped is a value in a batch that is not the description of a segment.
type wrapped struct {
	Key   string `json:"ovateKey"` // without the path of the batch's directory
	Value []byte `json:"value"`
}

// encodeItem gives a value's form in a batch. A batch is a JSON array, as
// Druid's are: a segment's description, whose identifier is the key's last
// element, stands as it is, anything else is wrapped.
func encodeItem(name string, value []byte) []byte {
	if id, ok := identifier(value); ok && url.PathEscape(id) == name {
		return value
	}
	b, err := json.Marshal(wrapped{name, value})
	if err != nil {
		panic(err) // text and bytes
	}
	return b
}

func identifier(value []byte) (string, bool) {
	if !bytes.HasPrefix(value, []byte("{")) || !bytes.HasSuffix(value, []byte("}")) {
		return "", false
	}
	var d struct {
		Identifier string  `json:"identifier"`
		Key        *string `json:"ovateKey"`
	}
	if err := json.Unmarshal(value, &d); err != nil || d.Key != nil {
		return "", false
	}
	return d.Identifier, d.Identifier != ""
}

// decodeBatch gives the values by the last element of their keys. Items that
// it does not know are left out.
func decodeBatch(data []byte) (map[string][]byte, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		return nil, fault.Invalidf("a batch of announcements: %v", err)
	}
	out := make(map[string][]byte, len(items))
	for _, item := range items {
		if id, ok := identifier(item); ok {
			out[url.PathEscape(id)] = item
			continue
		}
		var w wrapped
		if err := json.Unmarshal(item, &w); err == nil && w.Key != "" {
			out[w.Key] = append([]byte{}, w.Value...)
		}
	}
	return out, nil
}

// An item is an announcement in a batch.
type item struct {
	batch *batch
	name  string
	form  []byte
}

// A batch is a znode with up to batchKeys announcements.
type batch struct {
	dir   *batchDir
	path  string
	items []*item
	size  int
}

// A batchDir is the batches of this process in one directory.
type batchDir struct {
	batches []*batch
	items   map[string]*item // by name
}

// add puts an item into a batch that has room, or into a new one of the path
// that name gives.
func (d *batchDir) add(it *item, name func() string) {
	i := slices.IndexFunc(d.batches, func(b *batch) bool {
		return len(b.items) < batchKeys && b.size+len(it.form) < batchBytes
	})
	if i < 0 {
		i = len(d.batches)
		d.batches = append(d.batches, &batch{dir: d, path: name(), size: 2})
	}
	b := d.batches[i]
	b.items = append(b.items, it)
	b.size += len(it.form) + 1
	it.batch = b
	d.items[it.name] = it
}

// remove takes an item out.
func (d *batchDir) remove(it *item) {
	b := it.batch
	b.items = slices.DeleteFunc(b.items, func(x *item) bool { return x == it })
	b.size -= len(it.form) + 1
	if d.items[it.name] == it {
		delete(d.items, it.name)
	}
	if len(b.items) == 0 {
		d.batches = slices.DeleteFunc(d.batches, func(x *batch) bool { return x == b })
	}
}

// replace puts one item where another of the same name is, if there is room.
func (b *batch) replace(old, it *item) bool {
	if b.size+len(it.form)-len(old.form) >= batchBytes && len(b.items) > 1 {
		return false
	}
	b.items[slices.Index(b.items, old)] = it
	b.size += len(it.form) - len(old.form)
	it.batch = b
	b.dir.items[it.name] = it
	return true
}

// data is what the znode holds; nil if it should not be.
func (b *batch) data() []byte {
	if len(b.items) == 0 {
		return nil
	}
	out := make([]byte, 0, b.size)
	for i, it := range b.items {
		out = append(out, "[,"[min(i, 1)])
		out = append(out, it.form...)
	}
	return append(out, ']')
}

// lastElement is a key's.
func lastElement(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }

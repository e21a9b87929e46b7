package cluster

import (
	"net/url"
	"strings"

	"github.com/ovatedb/ovate/segment"
)

// The keys of a Coordinator:
//
//	servers/SERVER       announced by the server: Server as JSON
//	served/SERVER/ID     announced by the server: Descriptor as JSON, with Schema and Rows
//	load/SERVER/ID       set by the master, deleted by the server when done: Order as JSON
//	leader/ELECTION      announced by who leads: its name
//
// Elements are escaped as in URLs, so that one with a "/" stays one element.
const (
	ServersPrefix = "servers/"
	ServedPrefix  = "served/"
	LoadPrefix    = "load/"
	LeaderPrefix  = "leader/"
)

// An Order tells a server to load a segment or to drop it. Failed is set by
// the server in place of deleting the order when it cannot do it: the reason.
type Order struct {
	Action    string     `json:"action"` // Load or Drop
	Segment   Descriptor `json:"segment"`
	Signature string     `json:"signature,omitempty"` // of SignedOrder, in a cluster with a secret
	Failed    string     `json:"failed,omitempty"`
	Passing   bool       `json:"passing,omitempty"` // what Failed says may be over soon
}

// SignedOrder is what the signature of an order under a key is of: its action
// and the bytes of its segment. Anyone who can write to the Coordinator can
// write an order; only a master can sign one.
func SignedOrder(key, action string, segment []byte) []string {
	return []string{"order", key, action, string(segment)}
}

// The actions of an Order.
const (
	Load = "load"
	Drop = "drop"
)

// ServerKey is the key that a server announces itself by.
func ServerKey(server string) string { return ServersPrefix + url.PathEscape(server) }

// ServedKey is the key that a server announces a segment by.
func ServedKey(server string, id segment.ID) string {
	return ServedPrefix + url.PathEscape(server) + "/" + url.PathEscape(id.String())
}

// LoadKey is the key of an order to a server; its orders begin with
// LoadPrefixOf.
func LoadKey(server string, id segment.ID) string {
	return LoadPrefixOf(server) + url.PathEscape(id.String())
}

// LoadPrefixOf is what the keys of all orders to a server begin with.
func LoadPrefixOf(server string) string { return LoadPrefix + url.PathEscape(server) + "/" }

// SplitKey takes the prefix off a key and gives its other elements, unescaped.
func SplitKey(prefix, key string) []string {
	rest, ok := strings.CutPrefix(key, prefix)
	if !ok {
		return nil
	}
	parts := strings.Split(rest, "/")
	for i, p := range parts {
		if u, err := url.PathUnescape(p); err == nil {
			parts[i] = u
		}
	}
	return parts
}

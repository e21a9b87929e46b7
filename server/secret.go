package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Secret is what the servers of one cluster know and nobody else. It does
// not travel: what a server asks of another carries a signature, which says
// who is meant and when it was made, so that one that was overheard is of no
// use elsewhere or later. The empty Secret signs nothing and trusts everyone.
type Secret string

// Sign gives the signature of a text of several parts, made now.
func (s Secret) Sign(parts ...string) string {
	if s == "" {
		return ""
	}
	at := strconv.FormatInt(time.Now().UnixMilli(), 10)
	return at + "." + s.code(at, parts)
}

// Check refuses, as fault.Forbidden, what is not the signature of these parts
// or is older, or further in the future, than age.
func (s Secret) Check(signature string, age time.Duration, parts ...string) error {
	if s == "" {
		return nil
	}
	if signature == "" {
		return fault.New(fault.Forbidden, "it is not signed; only servers that know the secret of this cluster (ovate.cluster.secret) are heard")
	}
	at, code, _ := strings.Cut(signature, ".")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !hmac.Equal([]byte(code), []byte(s.code(at, parts))) {
		return fault.New(fault.Forbidden, "its signature was made with another secret (ovate.cluster.secret) or for something else")
	}
	if d := time.Since(time.UnixMilli(ms)); d > age || d < -age {
		return fault.New(fault.Forbidden, "its signature was made %v ago by our clock, expected at most %v; do the clocks agree?", d.Round(time.Second), age)
	}
	return nil
}

// code is the parts' HMAC, each with its length before it.
func (s Secret) code(at string, parts []string) string {
	h := hmac.New(sha256.New, []byte(s))
	var size [8]byte
	for _, p := range append([]string{at}, parts...) {
		binary.LittleEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/magiconair/properties"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/fault"
)

// A configuration is the properties of a role: those of the files that it was
// read from and of the command line. Each look-up notes the key, so that those
// nobody asked for can be told from the others.
type configuration struct {
	values map[string]setting
	asked  map[string]bool
	errs   []error
}

// A setting is a value and where it was written.
type setting struct {
	value string
	from  string // file:line, or the flag
}

// readConfiguration reads dir/runtime.properties; a file common.runtime.properties
// beside it, or in _common beside dir, gives what it does not say. set are
// key=value pairs that win over both.
func readConfiguration(dir string, set []string) (*configuration, error) {
	c := &configuration{values: map[string]setting{}, asked: map[string]bool{}}
	main := filepath.Join(dir, "runtime.properties")
	for _, path := range []string{
		filepath.Join(dir, "..", "_common", "common.runtime.properties"),
		filepath.Join(dir, "common.runtime.properties"), main,
	} {
		if err := c.readFile(path); err != nil && (path == main || !errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
	}
	for _, pair := range set {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--set %q: expected key=value", pair)
		}
		c.values[strings.TrimSpace(key)] = setting{strings.TrimSpace(value), "--set"}
	}
	return c, nil
}

func (c *configuration) readFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	loader := properties.Loader{Encoding: properties.UTF8, DisableExpansion: true}
	p, err := loader.LoadBytes(text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	lines := linesOf(text)
	for _, key := range p.Keys() {
		value, _ := p.Get(key)
		c.values[key] = setting{strings.TrimSpace(value), fmt.Sprintf("%s:%d", path, lines[key])}
	}
	return nil
}

// linesOf is the line that each key was last set on, counted from 1.
func linesOf(text []byte) map[string]int {
	out := map[string]int{}
	goesOn := false
	for i, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.TrimRight(bytes.TrimLeft(line, " \t\f"), "\r")
		backslashes := len(line) - len(bytes.TrimRight(line, `\`))
		if !goesOn && len(line) > 0 && line[0] != '#' && line[0] != '!' {
			key := line
			if at := bytes.IndexAny(line, " \t\f=:"); at >= 0 {
				key = line[:at]
			}
			out[string(key)] = i + 1
		}
		goesOn = backslashes%2 == 1
	}
	return out
}

// find is the setting of the first of these keys that is there: one meaning has
// a name of 2013 and today's.
func (c *configuration) find(keys []string) (key string, s setting, ok bool) {
	for _, k := range keys {
		c.asked[k] = true
	}
	for _, k := range keys {
		if s, ok := c.values[k]; ok {
			return k, s, true
		}
	}
	return "", setting{}, false
}

// text is the value under the first of these keys that is there, or usual.
func (c *configuration) text(usual string, keys ...string) string {
	if _, s, ok := c.find(keys); ok {
		return s.value
	}
	return usual
}

// parsed reads a value; one that cannot be read is noted with its place.
func parsed[T any](c *configuration, usual T, read func(string) (T, error), keys ...string) T {
	key, s, ok := c.find(keys)
	if !ok {
		return usual
	}
	v, err := read(s.value)
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %s: %w", s.from, key, err))
		return usual
	}
	return v
}

// number is a whole number that is not negative.
func (c *configuration) number(usual int64, keys ...string) int64 {
	return parsed(c, usual, func(s string) (int64, error) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("expected a whole number that is not negative, got %q", s)
		}
		return n, nil
	}, keys...)
}

// whole is any whole number.
func (c *configuration) whole(usual int, keys ...string) int {
	return parsed(c, usual, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0, fmt.Errorf("expected a whole number, got %q", s)
		}
		return n, nil
	}, keys...)
}

// size is a number of bytes: 10000000, 300g, 64MiB.
func (c *configuration) size(usual int64, keys ...string) int64 {
	return parsed(c, usual, parseSize, keys...)
}

func parseSize(s string) (int64, error) {
	bad := fmt.Errorf("expected a number of bytes such as 10000000, 300g or 64MiB, got %q", s)
	at := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	digits, unit := s, ""
	if at >= 0 {
		digits, unit = s[:at], strings.ToLower(strings.TrimSpace(s[at:]))
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, bad
	}
	step := int64(1000)
	if i, ok := strings.CutSuffix(unit, "ib"); ok && i != "" {
		unit, step = i, 1024
	}
	power := strings.Index("kmgtp", unit)
	if unit == "" {
		return n, nil
	}
	if len(unit) != 1 || power < 0 {
		return 0, bad
	}
	for range power + 1 {
		if n > (1<<63-1)/step {
			return 0, bad
		}
		n *= step
	}
	return n, nil
}

// period is a time such as PT60S; a plain number is milliseconds.
func (c *configuration) period(usual time.Duration, keys ...string) time.Duration {
	return parsed(c, usual, func(s string) (time.Duration, error) {
		if ms, err := strconv.ParseInt(s, 10, 64); err == nil && ms >= 0 {
			return time.Duration(ms) * time.Millisecond, nil
		}
		p, err := chrono.ParsePeriod(s)
		if err != nil {
			return 0, fmt.Errorf("expected a period such as PT60S, got %q", s)
		}
		ms, ok := p.FixedMillis()
		if !ok || ms < 0 {
			return 0, fmt.Errorf("expected a period of fixed length such as PT60S, got %q", s)
		}
		return time.Duration(ms) * time.Millisecond, nil
	}, keys...)
}

// flag is true or false.
func (c *configuration) flag(usual bool, keys ...string) bool {
	return parsed(c, usual, func(s string) (bool, error) {
		b, err := strconv.ParseBool(strings.ToLower(s))
		if err != nil {
			return false, fmt.Errorf("expected true or false, got %q", s)
		}
		return b, nil
	}, keys...)
}

// oneOf is one of some words, whatever their case.
func (c *configuration) oneOf(words []string, usual string, keys ...string) string {
	return parsed(c, usual, func(s string) (string, error) {
		if low := strings.ToLower(s); slices.Contains(words, low) {
			return low, nil
		}
		return "", fmt.Errorf("expected one of %s, got %q%s", strings.Join(words, ", "), s, fault.Suggest(s, words))
	}, keys...)
}

// check gives what could not be read, and warns of keys that have no meaning
// here. known are keys that others roles, or Druid, give a meaning.
func (c *configuration) check(log *slog.Logger, known []string) error {
	if len(c.errs) > 0 {
		return errors.Join(c.errs...)
	}
	all := append(slices.Sorted(maps.Keys(c.asked)), known...)
	for _, key := range slices.Sorted(maps.Keys(c.values)) {
		if c.asked[key] || slices.Contains(known, key) {
			continue
		}
		log.Warn("unknown property"+fault.Suggest(key, all), "key", key, "at", c.values[key].from)
	}
	return nil
}

// shown is what /status/properties shows: all but secrets.
func (c *configuration) shown() map[string]string {
	out := map[string]string{}
	for key, s := range c.values {
		low := strings.ToLower(key)
		hide := strings.Contains(low, "password") || strings.Contains(low, "secret") || strings.Contains(low, "accesskey")
		if hide {
			out[key] = "(hidden)"
		} else {
			out[key] = s.value
		}
	}
	return out
}

// Package fault is errors by who is at fault. Every error that reaches a
// client is a *Error (or is wrapped into one as Internal); its Kind alone
// decides the HTTP status and the fields of Druid's error JSON. The package
// owns that table and knows nothing of queries.
package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// A Kind says who is at fault, and so what the client should do.
type Kind uint8

// The kinds; see table for the status and words each one has on the wire.
const (
	Internal     Kind = iota // a bug or a broken part of ours
	Invalid                  // the request makes no sense
	Unsupported              // it makes sense, and is refused
	NotFound                 // it names what does not exist
	Unauthorized             // nobody said who asks
	Forbidden                // who asks may not
	Conflict                 // it collides with another request
	Limit                    // it wants more than a query may have
	Capacity                 // too many ask at once
	Timeout                  // it took longer than it may
	Canceled                 // somebody cancelled it
	Unavailable              // a part that is needed is away
)

var table = [...]struct {
	status                    int
	code, category, word, who string
}{
	Internal:     {500, "general", "RUNTIME_FAILURE", "Unknown exception", "OPERATOR"},
	Invalid:      {400, "invalidInput", "INVALID_INPUT", "druidException", "USER"},
	Unsupported:  {501, "general", "UNSUPPORTED", "druidException", "USER"},
	NotFound:     {404, "notFound", "NOT_FOUND", "druidException", "USER"},
	Unauthorized: {401, "general", "UNAUTHORIZED", "druidException", "USER"},
	Forbidden:    {403, "forbidden", "FORBIDDEN", "druidException", "USER"},
	Conflict:     {409, "general", "CONFLICT", "druidException", "USER"},
	Limit:        {400, "legacyQueryException", "INVALID_INPUT", "Resource limit exceeded", "USER"},
	Capacity:     {429, "legacyQueryException", "CAPACITY_EXCEEDED", "Query capacity exceeded", "USER"},
	Timeout:      {504, "legacyQueryException", "TIMEOUT", "Query timeout", "USER"},
	Canceled:     {500, "legacyQueryException", "CANCELED", "Query cancelled", "USER"},
	Unavailable:  {503, "general", "SERVICE_UNAVAILABLE", "druidException", "OPERATOR"},
}

// Error is an error with its Kind and, where known, the place in the request.
type Error struct {
	Kind    Kind
	Message string
	Code    string // overrides the kind's errorCode where set
	Word    string // overrides the kind's "error" where set
	Path    string // JSON path in a native query: aggregations[2].fieldName
	Line    int    // 1-based position in a SQL text; 0 if unknown
	Column  int    // 1-based, in characters
	Cause   error
}

// Error gives the message with its place.
func (e *Error) Error() string {
	switch {
	case e.Path != "":
		return e.Path + ": " + e.Message
	case e.Line > 0:
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
	}
	return e.Message
}

// Unwrap gives the cause, if any.
func (e *Error) Unwrap() error { return e.Cause }

// Status is the HTTP status of the error.
func (e *Error) Status() int { return table[e.Kind].status }

// New makes an error of a kind.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Invalidf says what is wrong with a request.
func Invalidf(format string, args ...any) *Error { return New(Invalid, format, args...) }

// Of makes any error a *Error: itself if it is one, Timeout or Canceled for
// the errors of a context, else Internal. Of(nil) is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: Timeout, Message: "the query took longer than its timeout", Cause: err}
	case errors.Is(err, context.Canceled):
		return &Error{Kind: Canceled, Message: "the query was cancelled", Cause: err}
	}
	return &Error{Kind: Internal, Message: err.Error(), Cause: err}
}

// At puts a step in front of the error's JSON path. A step is a member's name
// or an index such as "[2]". Errors of other kinds than *Error become Invalid.
func At(err error, step string) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Kind: Invalid, Message: err.Error(), Cause: err}
	}
	c := *e
	switch {
	case step == "":
	case c.Path == "" || c.Path[0] == '[':
		c.Path = step + c.Path
	default:
		c.Path = step + "." + c.Path
	}
	return &c
}

// AtLine sets the position in a SQL text, unless the error has one.
func AtLine(err error, line, column int) error {
	if err == nil {
		return nil
	}
	e := *Of(err)
	if e.Kind == Internal && e.Cause != nil {
		e.Kind = Invalid
	}
	if e.Line == 0 {
		e.Line, e.Column = line, column
	}
	return &e
}

// MarshalJSON writes Druid's error object. Its fields are a superset of the
// old form, so that old clients read it too.
func (e *Error) MarshalJSON() ([]byte, error) {
	t := table[e.Kind]
	if e.Code != "" {
		t.code = e.Code
	}
	if e.Word != "" {
		t.word = e.Word
	}
	out := struct {
		Error    string            `json:"error"`
		Code     string            `json:"errorCode"`
		Persona  string            `json:"persona"`
		Category string            `json:"category"`
		Message  string            `json:"errorMessage"`
		Context  map[string]string `json:"context,omitempty"`
	}{t.word, t.code, t.who, t.category, e.Error(), nil}
	switch {
	case e.Line > 0:
		out.Context = map[string]string{"line": fmt.Sprint(e.Line), "column": fmt.Sprint(e.Column)}
	case e.Path != "":
		out.Context = map[string]string{"path": e.Path}
	}
	return json.Marshal(out)
}

// Nearest returns the known name closest to name, or "" when none is near:
// at most a third of the letters differ. It is for "did you mean".
func Nearest(name string, known []string) string {
	best, at := "", len([]rune(name))/3+1
	low := strings.ToLower(name)
	sorted := append([]string(nil), known...)
	sort.Strings(sorted)
	for _, k := range sorted {
		if d := distance(low, strings.ToLower(k)); d < at {
			best, at = k, d
		}
	}
	return best
}

// Suggest is `; did you mean "x"?`, or "" when no known name is near.
func Suggest(name string, known []string) string {
	if n := Nearest(name, known); n != "" {
		return fmt.Sprintf("; did you mean %q?", n)
	}
	return ""
}

// distance is the edit distance where a swap of neighbours counts one.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	prev2, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(y)]
}

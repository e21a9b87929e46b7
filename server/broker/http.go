package broker

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/server"
)

// Routes adds the broker's endpoints.
func (b *Broker) Routes(mux *http.ServeMux) {
	for _, path := range []string{"/druid/v2", "/druid/v2/{$}"} {
		mux.HandleFunc("POST "+path, b.postNative)
	}
	for _, path := range []string{"/druid/v2/sql", "/druid/v2/sql/{$}"} {
		mux.HandleFunc("POST "+path, b.postSQL)
	}
	mux.HandleFunc("DELETE /druid/v2/{id}", b.deleteNative)
	mux.HandleFunc("DELETE /druid/v2/sql/{id}", b.deleteSQL)
	b.sourceRoutes(mux)
}

// jsonBody reads the body of a request whose content must be JSON.
func jsonBody(r *http.Request) ([]byte, error) {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Header.Get("Content-Type") != "" && (err != nil || t != "application/json") {
		return nil, &mediaError{t}
	}
	return server.ReadBody(r)
}

// A mediaError is a body of a type that is not read.
type mediaError struct{ got string }

func (e *mediaError) Error() string {
	return "content type " + e.got + " is not supported; send application/json"
}

func writeError(w http.ResponseWriter, err error) {
	if m, ok := err.(*mediaError); ok {
		server.WriteJSON(w, http.StatusUnsupportedMediaType, fault.Invalidf("%s", m))
		return
	}
	server.WriteError(w, err)
}

func (b *Broker) postNative(w http.ResponseWriter, r *http.Request) {
	body, err := jsonBody(r)
	if err != nil {
		writeError(w, err)
		return
	}
	if err := wellFormed(body); err != nil {
		writeError(w, err)
		return
	}
	q, err := native.Parse(body)
	if err != nil {
		writeError(w, err)
		return
	}
	s, err := b.settings(q.Settings())
	if err != nil {
		writeError(w, err)
		return
	}
	out := server.NewStream(w, r, func(h http.Header) {
		h.Set("Content-Type", "application/json")
		h.Set("X-Druid-Query-Id", s.ID)
	})
	out.End(b.Answer(r.Context(), q, s, out))
}

// wellFormed says where a body stops being JSON.
func wellFormed(body []byte) error {
	var any json.RawMessage
	err := json.Unmarshal(body, &any)
	var syntax *json.SyntaxError
	if e, ok := err.(*json.SyntaxError); ok {
		syntax = e
	}
	if syntax == nil {
		return err
	}
	before := body[:min(int(syntax.Offset), len(body))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n') - 1
	return &fault.Error{Kind: fault.Invalid, Word: "Json parse failed", Code: "legacyQueryException",
		Message: "the body is not JSON: " + syntax.Error(), Line: line, Column: column}
}

func (b *Broker) deleteNative(w http.ResponseWriter, r *http.Request) {
	b.Cancel(r.PathValue("id"))
	w.WriteHeader(http.StatusAccepted)
}

func (b *Broker) deleteSQL(w http.ResponseWriter, r *http.Request) {
	if !b.Cancel(r.PathValue("id")) {
		server.WriteError(w, fault.New(fault.NotFound, "no query %q is running", r.PathValue("id")))
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

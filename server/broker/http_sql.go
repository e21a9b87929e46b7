package broker

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/server"
	"github.com/ovatedb/ovate/sql"
	"github.com/ovatedb/ovate/sql/parse"
)

// A sqlRequest is the body of POST /druid/v2/sql.
type sqlRequest struct {
	Query          string                     `json:"query"`
	ResultFormat   string                     `json:"resultFormat"`
	Header         bool                       `json:"header"`
	TypesHeader    bool                       `json:"typesHeader"`
	SQLTypesHeader bool                       `json:"sqlTypesHeader"`
	Context        map[string]json.RawMessage `json:"context"`
	Parameters     []sqlParameter             `json:"parameters"`
}

type sqlParameter struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

// readSQL reads the statement: a JSON object, or as plain text just the query.
func readSQL(r *http.Request) (*sqlRequest, error) {
	q := &sqlRequest{ResultFormat: "object"}
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t == "text/plain" {
		body, err := server.ReadBody(r)
		q.Query = string(body)
		return q, err
	}
	body, err := jsonBody(r)
	if err == nil {
		err = wellFormed(body)
	}
	if err == nil {
		err = jsontype.Decode("", body, q)
	}
	if err == nil {
		err = listed(body)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case strings.TrimSpace(q.Query) == "":
		return nil, fault.At(fault.Invalidf("a statement is required"), "query")
	case q.TypesHeader && !q.Header:
		return nil, fault.At(fault.Invalidf("typesHeader needs header: true"), "typesHeader")
	case q.SQLTypesHeader && !q.Header:
		return nil, fault.At(fault.Invalidf("sqlTypesHeader needs header: true"), "sqlTypesHeader")
	}
	return q, nil
}

// listed refuses parameters that are no list, where native queries take one
// thing for a list of it.
func listed(body []byte) error {
	var q struct {
		Parameters json.RawMessage `json:"parameters"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return fault.Invalidf("%v", err)
	}
	if p := q.Parameters; len(p) > 0 && p[0] != '[' && string(p) != "null" {
		return fault.At(fault.Invalidf(`expected a list such as [{"type": "VARCHAR", "value": "a"}], got %s`, p), "parameters")
	}
	return nil
}

func (b *Broker) postSQL(w http.ResponseWriter, r *http.Request) {
	req, err := readSQL(r)
	if err != nil {
		writeError(w, err)
		return
	}
	s, q, err := b.prepareSQL(req)
	if err != nil {
		writeError(w, err)
		return
	}
	if q.Explain != parse.ExplainNone {
		if q, err = b.explained(r.Context(), q, s); err != nil {
			writeError(w, err)
			return
		}
	}
	out, err := newResult(req.ResultFormat, q, headers{req.Header, req.TypesHeader, req.SQLTypesHeader}, stringify(q.Context))
	if err != nil {
		writeError(w, err)
		return
	}
	stream := server.NewStream(w, r, func(h http.Header) {
		h.Set("Content-Type", out.contentType)
		h["X-Druid-SQL-Query-Id"] = []string{s.ID} // as Druid spells it, which Set does not
		if req.Header {
			h["X-Druid-SQL-Header-Included"] = []string{"yes"}
		}
	})
	stream.End(b.Answer(r.Context(), &statement{q, out}, s, stream))
}

// prepareSQL binds the statement and reads how it is to be run.
func (b *Broker) prepareSQL(req *sqlRequest) (Settings, *sql.Question, error) {
	var params []sql.Parameter
	for _, p := range req.Parameters {
		params = append(params, sql.Parameter(p))
	}
	q, err := sql.Prepare(sql.Request{Query: req.Query, Parameters: params, Context: req.Context}, b, b.systemTables())
	if err != nil {
		return Settings{}, nil, err
	}
	s, err := b.settings(q.Context)
	s.Zone, s.Now = q.Zone, q.Now
	if s.ID == "" {
		s.ID = uuid.NewString()
	}
	return s, q, err
}

// stringify says whether arrays are written as strings: the default over HTTP.
func stringify(c map[string]json.RawMessage) bool {
	raw, ok := c["sqlStringifyArrays"]
	return !ok || strings.Trim(string(raw), `"`) != "false"
}

// A statement is a SQL question with the format of its answer.
type statement struct {
	q   *sql.Question
	out *result
}

func (s *statement) Plan(planner.Catalog) (planner.Node, error) { return s.q.Plan, nil }
func (s *statement) Render(w io.Writer, a *native.Answer) error { return s.out.write(w, a) }

package broker

import (
	"context"
	"encoding/json"
	"runtime/debug"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/segment"
	"github.com/ovatedb/ovate/sql"
	"github.com/ovatedb/ovate/sql/parse"
)

// A plannedQuery is a query of either language, ready to run, whose answer is
// rows and not text.
type plannedQuery struct {
	plan     planner.Node
	cols     []sql.Column
	settings Settings
}

// Stream answers a query, of either language and as HTTP takes it, by rows as
// they come: send gets the columns, their fields in the plan (who know which
// may hold several strings) and the rows, whose batches are valid until the
// next. What renderers of native queries add to rows is not in them.
func (b *Broker) Stream(ctx context.Context, body []byte, send func(cols []sql.Column, fields data.Schema, rows exec.Batches) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b.cfg.Log.Error("query failed in us", "panic", r, "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "internal error: %v", r)
		}
	}()
	q, err := b.planned(ctx, body)
	if err != nil {
		return err
	}
	if q.settings.BatchRows == 0 && inOrder(q.plan) {
		q.settings.BatchRows = messageRows(len(q.cols))
	}
	return b.Execute(ctx, q.plan, q.settings, func(a *native.Answer) error { return send(q.cols, a.Schema, a.Rows) })
}

// messageRows is how many rows a batch should have that is read to be passed
// on, by its columns: as a message of about a megabyte it costs sender and
// receiver a fifth less than in the pieces that are best to compute with.
func messageRows(columns int) int {
	const bytes, least, most = 5 << 18, exec.DefaultBatchRows, 4 * exec.DefaultBatchRows
	return max(least, min(most, bytes/(8*max(1, columns))))
}

// Describe gives the columns of a query's answer, without running it.
func (b *Broker) Describe(ctx context.Context, body []byte) ([]sql.Column, data.Schema, error) {
	q, err := b.planned(ctx, body)
	if err != nil {
		return nil, nil, err
	}
	fields, err := q.plan.Schema()
	return q.cols, fields, err
}

func (b *Broker) planned(ctx context.Context, body []byte) (*plannedQuery, error) {
	if err := wellFormed(body); err != nil {
		return nil, err
	}
	var is struct {
		Native json.RawMessage `json:"queryType"`
	}
	if err := json.Unmarshal(body, &is); err != nil {
		return nil, fault.Invalidf("expected an object with queryType or with query")
	}
	if is.Native != nil {
		return b.plannedNative(body)
	}
	return b.plannedSQL(ctx, body)
}

func (b *Broker) plannedNative(body []byte) (*plannedQuery, error) {
	q, err := native.Parse(body)
	if err != nil {
		return nil, err
	}
	out := new(plannedQuery)
	if out.settings, err = b.settings(q.Settings()); err != nil {
		return nil, err
	}
	if out.plan, err = q.Plan(b); err != nil {
		return nil, err
	}
	fields, err := out.plan.Schema()
	for _, f := range fields {
		c := sql.Column{Name: f.Name, Type: f.Type}
		if f.Name == segment.Time && f.Type == data.LongType {
			c.SQL = "TIMESTAMP"
		}
		out.cols = append(out.cols, c)
	}
	return out, err
}

func (b *Broker) plannedSQL(ctx context.Context, body []byte) (*plannedQuery, error) {
	req := new(sqlRequest)
	if err := jsontype.Decode("", body, req); err != nil {
		return nil, err
	}
	if strings.TrimSpace(req.Query) == "" {
		return nil, fault.At(fault.Invalidf("a statement is required"), "query")
	}
	s, q, err := b.prepareSQL(req)
	if err != nil {
		return nil, err
	}
	if q.Explain != parse.ExplainNone {
		if q, err = b.explained(ctx, q, s); err != nil {
			return nil, err
		}
	}
	return &plannedQuery{q.Plan, q.Columns, s}, nil
}

package native

import (
	"io"
	"slices"
	"strings"

	"github.com/ovatedb/ovate/exec"
	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/planner"
	"github.com/ovatedb/ovate/segment"
)

func init() { queries.Add("scan", &scan{BatchSize: defaultBatch, Format: "list", Order: "none"}) }

// scan shows rows as they are, in blocks: of one segment each where the rows
// are in no order. Ordered rows without a limit come one in a block, so that
// the block can still name the segment.
type scan struct {
	common
	Columns   []string  `json:"columns"`
	Format    string    `json:"resultFormat"`
	BatchSize int64     `json:"batchSize"`
	Limit     int64     `json:"limit"` // 0: all
	Offset    int64     `json:"offset"`
	Order     string    `json:"order"`
	OrderBy   []scanKey `json:"orderBy"`

	keys  []exec.SortKey
	shown []scanColumn
	name  string // of rows that are no segment's
	own   bool   // rows are of segments
}

// A scanKey is a column to order by.
type scanKey struct {
	Column string `json:"columnName"`
	Order  string `json:"order"`
}

// A scanColumn is a column of the answer.
type scanColumn struct {
	name     string
	typ      string // as the signature has it; "" if unknown
	repeated bool   // it was shown before
}

const (
	defaultBatch = 20480
	sliceColumn  = "\x00slice"
	mappedColumn = "\x00mapped\x00" // and the name of a column: whether its values are lists
)

// Check wants intervals, a format, an order and numbers that make sense.
func (q *scan) Check() error {
	if err := q.check(true); err != nil {
		return err
	}
	switch {
	case q.Limit < 0:
		return invalidLimit(q.Limit)
	case q.Offset < 0:
		return fault.At(fault.Invalidf("expected a number of rows that is not negative, got %d", q.Offset), "offset")
	case q.BatchSize < 0:
		return fault.At(fault.Invalidf("expected a number of rows above 0, got %d", q.BatchSize), "batchSize")
	case q.Format == "valueVector":
		return fault.At(fault.Invalidf("valueVector is not supported; use list or compactedList"), "resultFormat")
	case q.Format != "list" && q.Format != "compactedList":
		return fault.At(fault.Invalidf("unknown format %q: expected list or compactedList", q.Format), "resultFormat")
	}
	if q.BatchSize == 0 {
		q.BatchSize = defaultBatch
	}
	return q.checkOrder()
}

// checkOrder makes keys of order, or of orderBy.
func (q *scan) checkOrder() error {
	desc, none, ok := direction(q.Order)
	if !ok {
		return fault.At(fault.Invalidf("unknown order %q: expected none, ascending or descending", q.Order), "order")
	}
	if !none {
		q.keys = []exec.SortKey{{Column: segment.Time, Desc: desc}}
		if len(q.Columns) > 0 && !slices.Contains(q.Columns, segment.Time) {
			return fault.At(fault.Invalidf("rows ordered by %s must show it: add it to the columns", segment.Time), "columns")
		}
	}
	if len(q.OrderBy) > 0 && !none {
		if first := q.OrderBy[0]; len(q.OrderBy) > 1 || first.Column != segment.Time {
			return fault.At(fault.Invalidf("order and orderBy exclude each other"), "orderBy")
		}
	}
	if len(q.OrderBy) > 0 {
		q.keys = nil
	}
	for i, k := range q.OrderBy {
		desc, none, ok := direction(k.Order)
		switch {
		case k.Column == "":
			return fault.At(missing("columnName", "the name of a column"), index("orderBy", i))
		case !ok || none && k.Order != "":
			return fault.At(fault.Invalidf("unknown order %q: expected ascending or descending", k.Order), index("orderBy", i)+".order")
		}
		q.keys = append(q.keys, exec.SortKey{Column: k.Column, Desc: desc})
	}
	return nil
}

func direction(word string) (desc, none, ok bool) {
	switch strings.ToLower(word) {
	case "", "none":
		return false, true, true
	case "ascending":
		return false, false, true
	case "descending":
		return true, false, true
	}
	return false, false, false
}

// single says that rows are ordered and each shows its segment.
func (q *scan) single() bool { return len(q.keys) > 0 && q.Limit == 0 }

// Plan projects the columns and orders or limits the rows.
func (q *scan) Plan(cat planner.Catalog) (planner.Node, error) {
	n, _, err := q.plan(cat, q.single())
	return n, err
}

// Rows is the answer as rows.
func (q *scan) Rows(cat planner.Catalog) (planner.Node, error) {
	n, shown, err := q.plan(cat, false)
	if err != nil {
		return nil, err
	}
	return planner.NewProject(n, columns(shown...)...), nil
}

// plan gives the rows and the names of the columns that are shown; there are
// more where they are needed to sort or to tell segments.
func (q *scan) plan(cat planner.Catalog, withSlices bool) (planner.Node, []string, error) {
	b, err := q.rows(cat)
	if err != nil {
		return nil, nil, err
	}
	q.name, q.own = b.Name, len(b.Tables) > 0
	exprs, err := q.columns(b)
	if err != nil {
		return nil, nil, err
	}
	var shown []string
	for _, e := range exprs {
		shown = append(shown, e.Name)
	}
	n := b.node
	if withSlices {
		n = planner.NewOrigin(n, sliceColumn)
		exprs = append(exprs, column(sliceColumn))
	}
	keys := append([]exec.SortKey(nil), q.keys...)
	if len(keys) > 0 {
		exprs = append(exprs, q.mapped(b, exprs)...)
	}
	for i := range keys {
		exprs, keys[i].Column = q.sortable(b, exprs, keys[i].Column)
	}
	n = planner.NewProject(n, exprs...)
	limit := int64(-1)
	if q.Limit > 0 {
		limit = q.Limit
	}
	if len(keys) > 0 || limit >= 0 || q.Offset > 0 {
		n = planner.NewSort(n, keys, limit, q.Offset)
	}
	return n, shown, nil
}

// mapped tell, for numbers computed of multi-value strings, whether these are
// lists in the row's segment: sorting makes one column of both.
func (q *scan) mapped(b *base, exprs []exec.Named) []exec.Named {
	var out []exec.Named
	for _, e := range exprs {
		if c, ok := e.Expr.(*expr.Call); ok && expr.Multi(c, b.Schema) {
			if t, err := b.scope.Type(c); err == nil && (t.Numeric() || t.Kind == data.Bool) {
				out = append(out, exec.Named{Name: mappedColumn + e.Name, Expr: expr.Of("mv_mapped", c)})
			}
		}
	}
	return out
}

// sortable is the column to sort by, added if it is not shown.
func (q *scan) sortable(b *base, exprs []exec.Named, name string) ([]exec.Named, string) {
	for _, e := range exprs {
		if e.Name == name {
			return exprs, name
		}
	}
	hidden := "\x00" + name
	return append(exprs, exec.Named{Name: hidden, Expr: b.scope.Column(name)}), hidden
}

// columns are those of the answer, each once; without names, all.
func (q *scan) columns(b *base) ([]exec.Named, error) {
	names := q.Columns
	if len(names) == 0 {
		names = b.Schema.Names()
		for _, v := range q.Virtual {
			if b.Schema.Index(v.V.OutputName()) < 0 {
				names = append(names, v.V.OutputName())
			}
		}
	}
	q.shown = nil
	var out []exec.Named
	seen := map[string]bool{}
	for _, name := range names {
		e := q.found(b, name)
		t, err := b.scope.Type(e)
		if err != nil {
			return nil, err
		}
		q.shown = append(q.shown, scanColumn{name, q.signature(b, name, t), seen[name]})
		if seen[name] {
			continue
		}
		seen[name] = true
		if t.Kind == data.Null {
			e = &expr.Lit{Type: data.StringType}
		}
		if b.scope.Virtual[name] != nil {
			e = asChosen(e, b.scope)
		}
		out = append(out, exec.Named{Name: name, Expr: e})
	}
	return out, nil
}

// found is a column as the answer shows it.
func (q *scan) found(b *base, name string) expr.Expr {
	e := b.scope.Column(name)
	for _, v := range q.Virtual {
		if n, ok := v.V.(*virtualNested); ok && n.Name == name {
			return n.found(e)
		}
	}
	return e
}

// signature is the type of a column as the answer describes it: that of its
// values or, where these have none, the one that the query gives it.
func (q *scan) signature(b *base, name string, t data.Type) string {
	for _, v := range q.Virtual {
		if v.V.OutputName() == name {
			if t = b.described(v.V, t); t.Kind == data.Null {
				return ""
			}
			return t.String()
		}
	}
	if t.Kind == data.Null {
		return ""
	}
	for _, u := range b.Untyped {
		if u == name && b.scope.Virtual[name] == nil {
			return ""
		}
	}
	return t.String()
}

// Render writes the blocks as the rows come.
func (q *scan) Render(w io.Writer, a *Answer) error {
	r, err := newScanText(q, w, a)
	if err != nil {
		return err
	}
	for b, err := range a.Rows {
		if err != nil {
			return err
		}
		if err := r.batch(b); err != nil {
			return err
		}
	}
	return r.close()
}

package tables

import (
	"context"
	"database/sql"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/ovatedb/ovate/cluster"
)

// Get implements cluster.Documents.
func (m *Metadata) Get(ctx context.Context, key string) (cluster.Document, error) {
	docs, err := m.documents(ctx, m.db, `{key} = ? AND value IS NOT NULL`, key)
	if err != nil || len(docs) == 0 {
		return cluster.Document{Key: key}, m.d.Explain(ctx, err)
	}
	return docs[0], nil
}

// List implements cluster.Documents.
func (m *Metadata) List(ctx context.Context, prefix string) iter.Seq2[cluster.Document, error] {
	return func(yield func(cluster.Document, error) bool) {
		docs, err := m.ListIn(ctx, m.db, prefix)
		if err != nil {
			yield(cluster.Document{}, m.d.Explain(ctx, err))
			return
		}
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// A Queryer is a database or a transaction.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// ListIn is what List gives, as q has it. Errors are the driver's.
func (m *Metadata) ListIn(ctx context.Context, q Queryer, prefix string) ([]cluster.Document, error) {
	return m.documents(ctx, q, `{key} >= ? AND {key} < ? AND value IS NOT NULL ORDER BY {key}`, prefix, after(prefix))
}

// WatchDocuments implements cluster.Documents. A deleted document stays as a
// row without value, so that those who watch hear of it.
func (m *Metadata) WatchDocuments(ctx context.Context, prefix string) iter.Seq2[cluster.Document, error] {
	return func(yield func(cluster.Document, error) bool) {
		at := int64(0)
		for first := true; ; first = false {
			changed := m.wait()
			docs, err := m.documents(ctx, m.db, `{key} >= ? AND {key} < ? AND changed > ? ORDER BY changed`, prefix, after(prefix), at)
			for _, d := range docs {
				at = d.Version
				if first && d.Value == nil {
					continue
				}
				if d.Value == nil {
					d.Version = 0
				}
				if !yield(d, nil) {
					return
				}
			}
			if err == nil && first && !yield(cluster.Document{}, nil) {
				return
			}
			if err == nil {
				err = m.await(ctx, changed)
			}
			if err != nil {
				yield(cluster.Document{}, m.d.Explain(ctx, err))
				return
			}
		}
	}
}

func (m *Metadata) documents(ctx context.Context, q Queryer, where string, args ...any) ([]cluster.Document, error) {
	rows, err := q.QueryContext(ctx, m.d.SQL(`SELECT {key}, value, updated_ms, changed FROM {documents} WHERE `+where), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []cluster.Document
	for rows.Next() {
		var d cluster.Document
		var value []byte
		var updated int64
		if err := rows.Scan(&d.Key, &value, &updated, &d.Version); err != nil {
			return nil, err
		}
		d.Value, d.Updated = value, time.UnixMilli(updated).UTC()
		out = append(out, d)
	}
	return out, rows.Err()
}

// after is a string after all those that begin with prefix.
func after(prefix string) string { return prefix + string(utf8.MaxRune) }

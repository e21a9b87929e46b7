package tables

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/internal/fault"
)

// page is how many rows a stream of changes reads at once. Between pages it
// holds nothing open.
const page = 1000

// row is a row of segments in a stream.
type row struct {
	payload []byte
	used    bool
	changed int64
}

// Segments implements cluster.Metadata. A Mark is the number of a change.
func (m *Metadata) Segments(ctx context.Context, since cluster.Mark) iter.Seq2[cluster.Change, error] {
	return func(yield func(cluster.Change, error) bool) {
		s := stream{m: m}
		if since != "" {
			var err error
			if s.at, err = strconv.ParseInt(string(since), 10, 64); err != nil || s.at < 0 {
				yield(cluster.Change{}, fault.Invalidf("mark %q: not a mark of this metadata store", since))
				return
			}
		}
		if err := s.run(ctx, since == "", yield); err != nil {
			yield(cluster.Change{}, m.d.Explain(ctx, err))
		}
	}
}

// A stream is where a reader of changes has come to.
type stream struct {
	m      *Metadata
	at     int64 // changes up to this one were given
	from   int64 // at the beginning, unused rows up to this one need not be told
	purged int64 // deletions up to this one are known
}

func (s *stream) run(ctx context.Context, fresh bool, yield func(cluster.Change, error) bool) error {
	if fresh {
		if err := s.begin(ctx); err != nil {
			return err
		}
	}
	for synced := false; ; {
		changed := s.m.wait()
		if _, purged, err := s.m.state(ctx); err != nil {
			return err
		} else if purged > max(s.at, s.purged) {
			// A row that we were not yet told of as unused is gone.
			if err := s.begin(ctx); err != nil {
				return err
			}
			if synced = false; !yield(cluster.Change{Kind: cluster.Reset, Mark: s.mark()}, nil) {
				return nil
			}
		}
		rows, err := s.read(ctx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			c := cluster.Change{Kind: cluster.Unused}
			if r.used {
				c.Kind = cluster.Used
			}
			if err := json.Unmarshal(r.payload, &c.Segment); err != nil {
				return err
			}
			s.at = r.changed
			if c.Mark = s.mark(); !yield(c, nil) {
				return nil
			}
		}
		if len(rows) == page {
			continue
		}
		if !synced {
			if synced = true; !yield(cluster.Change{Kind: cluster.Synced, Mark: s.mark()}, nil) {
				return nil
			}
		}
		if err := s.m.await(ctx, changed); err != nil {
			return err
		}
	}
}

// begin goes to the start of the stream.
func (s *stream) begin(ctx context.Context) (err error) {
	s.at = 0
	s.from, s.purged, err = s.m.state(ctx)
	return err
}

func (s *stream) mark() cluster.Mark { return cluster.Mark(strconv.FormatInt(s.at, 10)) }

// state is the numbers of the last change and of the last row that is gone.
func (m *Metadata) state(ctx context.Context) (changed, purged int64, err error) {
	err = m.db.QueryRowContext(ctx, m.d.SQL(`SELECT
		(SELECT value FROM {state} WHERE name = 'changed'),
		(SELECT value FROM {state} WHERE name = 'purged')`)).Scan(&changed, &purged)
	return changed, purged, err
}

func (s *stream) read(ctx context.Context) ([]row, error) {
	rows, err := s.m.db.QueryContext(ctx, s.m.d.SQL(`SELECT payload, {seen}, changed FROM {segments}
		WHERE changed > ? AND {known} AND ({seen} = 1 OR changed > ?) ORDER BY changed LIMIT ?`), s.at, s.from, page)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.payload, &r.used, &r.changed); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

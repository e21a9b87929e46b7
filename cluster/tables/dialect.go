package tables

import (
	"context"
	"database/sql"

	"github.com/ovatedb/ovate/cluster"
)

// A Dialect is what differs between databases. The statements and the
// functions but SQL may use all that SQL replaces. Of the functions, SQL is
// needed; the others may be nil, and do then nothing more.
type Dialect struct {
	// SQL replaces, in a statement, the names of the tables ({segments},
	// {pending}, {documents}, {state}) and
	//
	//	{key}    the column of a document's key
	//	{known}  the condition on rows of segments that are to be given out
	//	{seen}   the column of segments that says whether such a row is used
	//	{lock}   what follows a SELECT to lock its rows until the transaction ends
	SQL func(string) string

	// Publish writes a used row of segments in place of what has its id. It
	// takes the first nine columns of segments but used, then the other five.
	Publish string
	// Mark takes used, used_changed_ms, changed and the id of a segment.
	Mark string
	// Put writes a document in place of what has its key. It takes the columns
	// of documents; the value is NULL for one that is deleted.
	Put string

	// Tx is how transactions that write begin.
	Tx *sql.TxOptions
	// Write runs a transaction: as often as that helps, and no more of them at
	// once than the database likes.
	Write func(ctx context.Context, once func(context.Context) error) error
	// Begin is called in each transaction before what it is for.
	Begin func(*Tx) error
	// Counted is told how many rows of segments are more, or less.
	Counted func(t *Tx, n int) error
	// Written is told of each document that Commit writes, and its version.
	Written func(t *Tx, d cluster.Document, version int64) error
	// Plain refuses text that the database would not keep as it is.
	Plain func(what, text string) error
	// Explain makes the driver's errors ours.
	Explain func(context.Context, error) error
}

func (d *Dialect) setDefaults() {
	if d.Write == nil {
		d.Write = func(ctx context.Context, once func(context.Context) error) error { return once(ctx) }
	}
	if d.Begin == nil {
		d.Begin = func(*Tx) error { return nil }
	}
	if d.Counted == nil {
		d.Counted = func(*Tx, int) error { return nil }
	}
	if d.Written == nil {
		d.Written = func(*Tx, cluster.Document, int64) error { return nil }
	}
	if d.Plain == nil {
		d.Plain = func(string, string) error { return nil }
	}
	if d.Explain == nil {
		d.Explain = func(_ context.Context, err error) error { return err }
	}
}

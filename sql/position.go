package sql

import (
	"errors"

	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/sql/parse"
)

// at gives an error the place of a node of the text, unless it has one.
func at(err error, n parse.Node) error {
	if err == nil || n == nil {
		return err
	}
	p := n.Pos()
	if p.Line == 0 {
		return err
	}
	return fault.AtLine(err, p.Line, p.Column)
}

// pictured adds the line of the text and a caret to an error with a place.
func pictured(err error, text string) error {
	var e *fault.Error
	if !errors.As(err, &e) || e.Line == 0 {
		return err
	}
	out := *e
	out.Message += parse.Picture(text, e.Line, e.Column)
	return &out
}

package sql

import (
	"errors"
	"fmt"
	"strings"

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

// among is the name of a list that a misspelt one may have been meant as or,
// of a short list, what is there.
func among(name string, list []string) string {
	if hint := fault.Suggest(name, list); hint != "" || len(list) == 0 || len(list) > 5 {
		return hint
	}
	return "; FROM has " + strings.Join(list, ", ")
}

// counted is a number of things: 1 item, 2 items.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

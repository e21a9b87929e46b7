package parse_test

import (
	"fmt"

	"github.com/ovatedb/ovate/sql/parse"
)

func ExampleParse() {
	s, err := parse.Parse("select Page, count(*) c from wiki\nwhere __time >= timestamp '2015-09-12 00:00:00' group by 1")
	if err != nil {
		panic(err)
	}
	sel := s.Body.(*parse.Select)
	for _, item := range sel.Items {
		fmt.Println(parse.Format(item.Expr), "at column", item.Pos().Column)
	}
	fmt.Println(parse.Format(sel.Where), "at line", sel.Where.Pos().Line)

	_, err = parse.Parse("SELECT page FORM wiki")
	fmt.Println(err)
	// Output:
	// Page at column 8
	// COUNT(*) at column 14
	// __time >= TIMESTAMP '2015-09-12 00:00:00' at line 2
	// line 1, column 13: "FORM" was read as an alias, but "wiki" cannot follow it; did you mean FROM?
	//   SELECT page FORM wiki
	//               ^
}

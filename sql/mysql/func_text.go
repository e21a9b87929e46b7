package mysql

import (
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/sql/parse"
)

func init() {
	renamed(map[string]string{
		"ifnull": "COALESCE", "ucase": "UPPER", "lcase": "LOWER", "ceiling": "CEIL", "std": "STDDEV_POP", "stddev": "STDDEV_POP",
		"variance": "VAR_POP", "power": "POWER", "pow": "POWER", "character_length": "CHAR_LENGTH", "json_extract": "JSON_QUERY",
	})
	means(map[string]string{
		"if":       `CASE WHEN "1" THEN "2" ELSE "3" END`,
		"isnull":   `"1" IS NULL`,
		"space":    `REPEAT(' ', "1")`,
		"strcmp":   `CASE WHEN "1" < "2" THEN -1 WHEN "1" = "2" THEN 0 WHEN "1" > "2" THEN 1 END`,
		"instr":    `POSITION("2" IN "1")`,
		"locate":   `POSITION("1" IN "2")`,
		"log":      `LN("1")`,
		"mod":      `MOD("1", NULLIF("2", 0))`,
		"database": `'druid'`,
		"schema":   `'druid'`,
		"version":  `'8.0.33'`,
		"user":     `'druid@%'`,
	})
	means(map[string]string{
		"current_user": `'druid@%'`, "session_user": `'druid@%'`, "system_user": `'druid@%'`, "connection_id": `0`,
		"weight_string": `"1"`, "json_unquote": `JSON_VALUE("1", '$')`, "any_value": `ANY_VALUE("1")`, "char_length": `CHAR_LENGTH("1")`,
	})
	functions["locate"] = over(functions["locate"], 3, template(`POSITION("1" IN "2" FROM "3")`))
	functions["log"] = over(functions["log"], 2, template(`LN("2") / LN("1")`))
	functions["greatest"], functions["least"] = strict("GREATEST"), strict("LEAST")
	functions["field"] = field
	functions["substring"] = substring
	functions[callTrim], functions["trim"] = trim, trimBlanks
	functions[callCast] = func(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
		if len(args) != 2 {
			return nil, refuse(at, "CAST takes an expression and a type")
		}
		return cast(at, number(args[0]), args[1].(*parse.Literal).Text)
	}
	refused(map[string]string{
		"length":          "it counts bytes there; CHAR_LENGTH counts characters",
		"octet_length":    "CHAR_LENGTH counts characters",
		"bit_length":      "CHAR_LENGTH counts characters",
		"format":          "it writes numbers with commas there; use ROUND",
		"insert":          "use CONCAT and SUBSTRING",
		"char":            "it makes a string of codes there",
		"last_insert_id":  "nothing is inserted by statements",
		"row_count":       "nothing is changed by statements",
		"found_rows":      "ask COUNT(*) instead",
		"substring_index": "use REGEXP_EXTRACT or SPLIT_PART",
	})
}

// over is f, and a template where there are n arguments.
func over(f function, n int, t func(parse.At, ...parse.Expr) parse.Expr) function {
	return func(c *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
		if len(args) == n {
			return t(at, args...), nil
		}
		return f(c, at, args)
	}
}

// strict is a function that is NULL if one of its arguments is; the engine's
// passes over nulls.
func strict(name string) function {
	return func(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
		out := &parse.Call{At: at, Name: name, Spelled: name, Args: args}
		var any parse.Expr
		for _, a := range args {
			if l, ok := a.(*parse.Literal); ok && l.Kind == parse.Null {
				return l, nil
			} else if ok {
				continue
			}
			null := parse.Expr(&parse.Is{At: at, Arg: a, What: parse.Null})
			if any != nil {
				null = &parse.Binary{At: at, Op: "OR", Left: any, Right: null}
			}
			any = null
		}
		if any == nil {
			return out, nil
		}
		when := parse.When{At: at, Conds: []parse.Expr{&parse.Unary{At: at, Op: "NOT", Arg: any}}, Then: out}
		return &parse.Case{At: at, Whens: []parse.When{when}}, nil
	}
}

// field is FIELD(x, a, b, …): the number of the first that x equals, or 0.
func field(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
	if len(args) < 2 {
		return nil, refuse(at, "FIELD takes at least 2 arguments, got %d", len(args))
	}
	out := &parse.Case{At: at, Operand: args[0], Else: zero(at)}
	for i, a := range args[1:] {
		n, err := wholeNumber(at, strconv.Itoa(i+1), 10)
		if err != nil {
			return nil, err
		}
		out.Whens = append(out.Whens, parse.When{At: at, Conds: []parse.Expr{a}, Then: n})
	}
	return out, nil
}

var (
	fromEnd    = template(`CASE WHEN CHAR_LENGTH("1") >= "2" THEN RIGHT("1", "2") ELSE '' END`)
	partOfEnd  = template(`CASE WHEN CHAR_LENGTH("1") >= "2" THEN LEFT(RIGHT("1", "2"), "3") ELSE '' END`)
	emptyOfAny = template(`CASE WHEN "1" IS NOT NULL THEN '' END`)
)

// substring converts SUBSTRING, where a position below 0 counts from the end
// and 0 is nowhere.
func substring(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
	if len(args) != 2 && len(args) != 3 {
		return nil, refuse(at, "SUBSTRING takes 2 to 3 arguments, got %d", len(args))
	}
	l, ok := args[1].(*parse.Literal)
	switch {
	case !ok || l.Kind != parse.Integer || l.Int > 0:
		return &parse.Call{At: at, Name: "SUBSTRING", Spelled: "SUBSTRING", Args: args}, nil
	case l.Int == 0:
		return emptyOfAny(at, args[0]), nil
	}
	n, err := wholeNumber(at, strings.TrimPrefix(strconv.FormatInt(l.Int, 10), "-"), 10)
	if err != nil {
		return nil, err
	}
	if len(args) == 2 {
		return fromEnd(at, args[0], n), nil
	}
	return partOfEnd(at, args[0], n, args[2]), nil
}

func trimBlanks(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
	if len(args) != 1 {
		return nil, refuse(at, "TRIM takes a string, as in TRIM(x) or TRIM(BOTH 'c' FROM x)")
	}
	return &parse.Trim{At: at, Arg: args[0]}, nil
}

var trimSides = map[string]parse.TrimSide{"both": parse.TrimBoth, "leading": parse.TrimLeading, "trailing": parse.TrimTrailing}

// trim is TRIM([side] chars FROM x). MySQL cuts whole copies of chars, which
// is the same for one character.
func trim(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
	if len(args) != 3 {
		return nil, refuse(at, "TRIM takes what to cut and a string")
	}
	side := trimSides[args[0].(*parse.Literal).Text]
	if l, ok := args[1].(*parse.Literal); !ok || len([]rune(l.Text)) != 1 {
		return nil, refuse(at, "TRIM cuts one character here, given as a string")
	}
	return &parse.Trim{At: at, Side: side, Chars: args[1], Arg: args[2]}, nil
}

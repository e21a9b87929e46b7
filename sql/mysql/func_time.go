package mysql

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/ovatedb/ovate/sql/parse"
)

func init() {
	means(map[string]string{
		"now": `CURRENT_TIMESTAMP`, "sysdate": `CURRENT_TIMESTAMP`, "localtime": `CURRENT_TIMESTAMP`, "utc_timestamp": `CURRENT_TIMESTAMP`,
		"curdate": `CURRENT_DATE`, "utc_date": `CURRENT_DATE`,
		"date":           `CAST("1" AS DATE)`,
		"timestamp":      `CAST("1" AS TIMESTAMP)`,
		"datediff":       `TIMESTAMPDIFF(DAY, CAST("2" AS DATE), CAST("1" AS DATE))`,
		"last_day":       `CAST(TIMESTAMPADD(DAY, -1, TIMESTAMPADD(MONTH, 1, FLOOR(CAST("1" AS TIMESTAMP) TO MONTH))) AS DATE)`,
		"monthname":      `TIME_FORMAT(CAST("1" AS TIMESTAMP), 'MMMM')`,
		"dayname":        `TIME_FORMAT(CAST("1" AS TIMESTAMP), 'EEEE')`,
		"unix_timestamp": `TIMESTAMP_TO_MILLIS(CAST("1" AS TIMESTAMP)) / 1000`,
		"from_unixtime":  `MILLIS_TO_TIMESTAMP(CAST("1" AS BIGINT) * 1000)`,
		"dayofweek":      `MOD(EXTRACT(DOW FROM CAST("1" AS TIMESTAMP)), 7) + 1`,
		"weekday":        `EXTRACT(DOW FROM CAST("1" AS TIMESTAMP)) - 1`,
	})
	means(map[string]string{"unix_timestamp": `TIMESTAMP_TO_MILLIS(CURRENT_TIMESTAMP) / 1000`})
	for name, unit := range map[string]string{
		"year": "YEAR", "quarter": "QUARTER", "month": "MONTH", "weekofyear": "WEEK", "day": "DAY", "dayofmonth": "DAY", "dayofyear": "DOY",
		"hour": "HOUR", "minute": "MINUTE", "second": "SECOND",
	} {
		means(map[string]string{name: `EXTRACT(` + unit + ` FROM CAST("1" AS TIMESTAMP))`})
	}
	functions["week"] = week
	functions["timestampadd"], functions["timestampdiff"] = unitFirst("TIMESTAMPADD"), unitFirst("TIMESTAMPDIFF")
	functions[callExtract] = extract
	functions["date_format"] = dateFormat
	functions["str_to_date"] = strToDate
	functions["from_unixtime"] = fromUnixTime(functions["from_unixtime"])
	for word, kind := range map[string]parse.LiteralKind{":date": parse.Date, ":time": parse.Time, ":timestamp": parse.Timestamp} {
		functions[word] = func(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
			return &parse.Literal{At: at, Kind: kind, Text: args[0].(*parse.Literal).Text}, nil
		}
	}
	for name, back := range shifts {
		functions[name] = func(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
			if len(args) != 2 {
				return nil, refuse(at, "%s takes a time and an INTERVAL", strings.ToUpper(name))
			}
			return shift(at, args[0], args[1], *back)
		}
	}
	refused(map[string]string{
		"yearweek": "use EXTRACT(YEAR FROM x) and WEEKOFYEAR(x)", "curtime": "there is no type TIME", "current_time": "there is no type TIME",
		"utc_time": "there is no type TIME", "time": "there is no type TIME", "timediff": "there is no type TIME; use TIMESTAMPDIFF",
		"time_format": "there is no type TIME; use DATE_FORMAT", "makedate": "use DATE_ADD", "to_days": "use DATEDIFF", "convert_tz": "set sqlTimeZone",
	})
}

var forward, backward = false, true

// shifts are the functions that add an INTERVAL, or take it away.
var shifts = map[string]*bool{"date_add": &forward, "adddate": &forward, "date_sub": &backward, "subdate": &backward}

// An interval travels as an argument: a call of its unit with its number.
const callInterval = ":interval"

// intervalUnits are the units of INTERVAL n unit and EXTRACT.
var intervalUnits = map[string]bool{"SECOND": true, "MINUTE": true, "HOUR": true, "DAY": true, "WEEK": true, "MONTH": true, "QUARTER": true, "YEAR": true}

func (c *converter) interval(e *sqlparser.IntervalExpr) (parse.Expr, error) {
	at := c.place("interval")
	n, err := c.expr(e.Expr)
	if err != nil {
		return nil, err
	}
	unit := strings.ToUpper(e.Unit)
	if !intervalUnits[unit] {
		return nil, refuse(c.place(e.Unit), "INTERVAL of %s is not supported; known: SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR", unit)
	}
	if l, ok := n.(*parse.Literal); ok && l.Kind == parse.String {
		if n, err = wholeNumber(at, strings.TrimSpace(l.Text), 10); err != nil {
			return nil, refuse(at, "INTERVAL %q is no whole number of %ss", l.Text, strings.ToLower(unit))
		}
	}
	return &parse.Call{At: at, Name: callInterval, Args: []parse.Expr{&parse.Unit{At: at, Name: unit}, n}}, nil
}

// shifted is a time plus or minus an INTERVAL.
func (c *converter) shifted(time sqlparser.Expr, iv *sqlparser.IntervalExpr, back bool) (parse.Expr, error) {
	x, err := c.expr(time)
	if err != nil {
		return nil, err
	}
	i, err := c.interval(iv)
	if err != nil {
		return nil, err
	}
	return shift(parse.At{Where: x.Pos()}, x, i, back)
}

func shift(at parse.At, time, interval parse.Expr, back bool) (parse.Expr, error) {
	iv, ok := interval.(*parse.Call)
	if !ok || iv.Name != callInterval { // ADDDATE(x, days)
		iv = &parse.Call{Args: []parse.Expr{&parse.Unit{At: at, Name: "DAY"}, interval}}
	}
	n := iv.Args[1]
	if back {
		n = negative(at, n)
	}
	return &parse.Call{At: at, Name: "TIMESTAMPADD", Spelled: "INTERVAL", Args: []parse.Expr{iv.Args[0], n, asTime(at, time)}}, nil
}

var asTimestamp = template(`CAST("1" AS TIMESTAMP)`)

// asTime is a text as the time that it says.
func asTime(at parse.At, x parse.Expr) parse.Expr {
	if l, ok := x.(*parse.Literal); ok && l.Kind == parse.String {
		return asTimestamp(at, x)
	}
	return x
}

// unitFirst is TIMESTAMPADD or TIMESTAMPDIFF.
func unitFirst(name string) function {
	return func(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
		if len(args) != 3 {
			return nil, refuse(at, "%s takes a unit and 2 arguments", name)
		}
		l, ok := args[0].(*parse.Literal)
		if !ok || !intervalUnits[strings.TrimPrefix(l.Text, "SQL_TSI_")] {
			return nil, refuse(at, "%s takes a unit of time first; known: SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR", name)
		}
		unit := &parse.Unit{At: at, Name: strings.TrimPrefix(l.Text, "SQL_TSI_")}
		from := args[1]
		if name == "TIMESTAMPDIFF" {
			from = asTime(at, from)
		}
		return &parse.Call{At: at, Name: name, Spelled: name, Args: []parse.Expr{unit, from, asTime(at, args[2])}}, nil
	}
}

func extract(_ *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
	unit := args[0].(*parse.Literal).Text
	if len(args) != 2 || !intervalUnits[unit] {
		return nil, refuse(at, "EXTRACT of %s is not supported; known: SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR", unit)
	}
	if unit == "WEEK" {
		return nil, refuse(at, "weeks that begin on Sundays are not supported: use WEEKOFYEAR, whose weeks are ISO's")
	}
	return &parse.Extract{At: at, Unit: &parse.Unit{At: at, Name: unit}, Arg: asTime(at, args[1])}, nil
}

// week is WEEK(x, 3), whose weeks are ISO's; others are not supported.
func week(c *converter, at parse.At, args []parse.Expr) (parse.Expr, error) {
	if len(args) == 2 {
		if l, ok := args[1].(*parse.Literal); ok && l.Int == 3 {
			return functions["weekofyear"](c, at, args[:1])
		}
	}
	return nil, refuse(at, "weeks that begin on Sundays are not supported: use WEEKOFYEAR(x) or WEEK(x, 3), whose weeks are ISO's")
}

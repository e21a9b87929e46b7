package conformance

import (
	"fmt"
	"strings"
)

// moreForms are functions that DuckDB has, too, of which some are rather asked
// of ourselves as well (owns): over other arguments. A stands for an array of texts.
var moreForms = []form{
	alike("TAN", "TAN(%s)", "i", 'n'), alike("SIGN", "SIGN(%s)", "n", 'n'), alike("ROUND", "ROUND(%s)", "i", 'i'), alike("TANH", "TANH(%s)", "n", 'n'), alike("COT", "COT(%s + 0.5e0)", "i", 'n'), alike("LOG2", "LOG2(ABS(%s) + 1)", "n", 'n'),
	alike("ASIN", "ASIN(COS(%s))", "n", 'n'), alike("ACOS", "ACOS(SIN(%s))", "n", 'n'), alike("SINH", "SINH(SIN(%s))", "n", 'n'), alike("COSH", "COSH(SIN(%s))", "n", 'n'), alike("PI", "(PI() * %s)", "n", 'n'),
	{"BITWISE_SHIFT_RIGHT", "BITWISE_SHIFT_RIGHT(%s, 2)", "(CAST(%s AS BIGINT) >> 2)", "i", 'i'}, {"BITWISE_SHIFT_LEFT", "BITWISE_SHIFT_LEFT(ABS(%s), 3)", "(ABS(%s) * 8)", "i", 'i'}, alike("IF", "IF(%s, %s, %s)", "bii", 'i'),
	alike("GREATEST of three", "GREATEST(%s, %s, %s)", "iii", 'i'), alike("LEAST of three", "LEAST(%s, %s, %s)", "nnn", 'n'), alike("COALESCE of three", "COALESCE(%s, %s, %s)", "nin", 'n'), alike("CASE of numbers", "CASE %s WHEN 5 THEN 1 WHEN 0 THEN 2 WHEN %s THEN 3 ELSE %s END", "iii", 'i'),
	alike("CASE of texts in numbers", "CASE %s WHEN 'k1' THEN 1 WHEN '' THEN 2 WHEN %s THEN 3 END", "tt", 'i'), alike("EXTRACT SECOND", "EXTRACT(SECOND FROM %s)", "w", 'i'), {"EXTRACT ISOYEAR", "EXTRACT(ISOYEAR FROM %s)", "EXTRACT(YEAR FROM %s)", "w", 'i'},
	alike("EXTRACT DECADE", "EXTRACT(DECADE FROM %s)", "w", 'i'), {"TIMESTAMPDIFF DAY", "TIMESTAMPDIFF(DAY, %s, TIMESTAMP '2024-01-05 06:00:00')", "date_sub('day', %s, TIMESTAMP '2024-01-05 06:00:00')", "w", 'i'},
	{"TIMESTAMPDIFF HOUR", "TIMESTAMPDIFF(HOUR, TIMESTAMP '2023-06-05 06:30:00', %s)", "date_sub('hour', TIMESTAMP '2023-06-05 06:30:00', %s)", "w", 'i'},
	{"ARRAY_LENGTH", "ARRAY_LENGTH(%s)", "len(%s)", "A", 'i'}, {"ARRAY_OFFSET_OF", "ARRAY_OFFSET_OF(%s, 'k1')", "COALESCE(list_position(%s, 'k1') - 1, NULL)", "A", 'i'}, {"REGEXP_EXTRACT as a number", "CAST(REGEXP_EXTRACT(%s, '[0-9]+') AS BIGINT)", "TRY_CAST(NULLIF(REGEXP_EXTRACT(%s, '[0-9]+'), '') AS BIGINT)", "t", 'i'},

	alike("CONCAT_WS", "CONCAT_WS('-', %s, %s)", "tt", 't'), alike("SPLIT_PART", "SPLIT_PART(%s, 'a', 1)", "u", 't'), {"REGEXP_EXTRACT", "REGEXP_EXTRACT(%s, '([a-z])([0-9])', 2)", "NULLIF(REGEXP_EXTRACT(%s, '([a-z])([0-9])', 2), '')", "t", 't'},
	{"NVL of texts", "NVL(%s, %s)", "COALESCE(%s, %s)", "tt", 't'}, alike("NULLIF of texts", "NULLIF(%s, 'k1')", "t", 't'), alike("IF of texts", "IF(%s, %s, 'no')", "bt", 't'), {"ARRAY_OFFSET", "ARRAY_OFFSET(%s, 1)", "%s[2]", "A", 't'}, {"ARRAY_ORDINAL", "ARRAY_ORDINAL(%s, 1)", "%s[1]", "A", 't'},
	{"SUBSTRING with FROM", "SUBSTRING(%s FROM 2)", "NULLIF(SUBSTRING(%s FROM 2), '')", "u", 't'}, {"TRIM BOTH", "TRIM(BOTH 'k' FROM %s)", "TRIM(%s, 'k')", "u", 't'}, {"TRIM LEADING", "TRIM(LEADING 'k' FROM %s)", "LTRIM(%s, 'k')", "u", 't'},
	{"ARRAY_TO_STRING", "ARRAY_TO_STRING(%s, '-')", "array_to_string(list_transform(%s, lambda x: COALESCE(x, 'null')), '-')", "A", 't'},

	alike("STARTS_WITH", "STARTS_WITH(%s, 'k')", "t", 'b'), alike("ENDS_WITH", "ENDS_WITH(%s, '1')", "t", 'b'), alike("ILIKE", "(%s ILIKE '%%A%%')", "t", 'b'), alike("LIKE ESCAPE", "(%s LIKE 'k!_%%' ESCAPE '!')", "t", 'b'), alike("LIKE a prefix", "(%s LIKE 'k1%%')", "t", 'b'),
	alike("IS NOT TRUE", "(%s IS NOT TRUE)", "b", 'b'), alike("IS FALSE", "(%s IS FALSE)", "b", 'b'), alike("NOT IN with NULL", "(%s NOT IN ('k1', NULL))", "t", 'b'), alike("BETWEEN expressions", "(%s BETWEEN %s AND %s)", "iii", 'b'), alike("NOT BETWEEN", "(%s NOT BETWEEN 3 AND %s)", "ni", 'b'),
	alike("IN numbers", "(%s IN (1, 2, 5, 77, 100))", "i", 'b'), alike("IN expressions", "(%s IN (%s, %s, 5))", "iii", 'b'), alike("= of conditions", "(%s = %s)", "bb", 'b'), alike("CASE of conditions", "CASE WHEN %s THEN %s ELSE %s END", "bbb", 'b'), {"a row IN rows", "((%s, %s) IN ((1, 'k1'), (2, 'k2'), (5, '')))", "((%[1]s = 1 AND %[2]s = 'k1') OR (%[1]s = 2 AND %[2]s = 'k2') OR (%[1]s = 5 AND %[2]s = ''))", "it", 'b'},
	alike("BETWEEN times", "(%s BETWEEN TIMESTAMP '2023-12-31 06:00:00' AND TIMESTAMP '2024-01-03 00:00:00')", "w", 'b'), alike("IN times", "(%s IN (TIMESTAMP '2023-12-31 05:06:07', TIMESTAMP '2024-01-01 00:00:00'))", "w", 'b'), alike("< between times", "(%s < %s)", "ww", 'b'),
	alike("IS NULL of times", "(%s IS NULL)", "w", 'b'), alike("LIKE of free texts", "(%s LIKE '%%e%%')", "p", 'b'), alike("IN free texts", "(%s NOT IN ('k1', 'alpha', 'London'))", "p", 'b'), alike("> of free texts", "(%s >= %s)", "pp", 'b'), alike("BETWEEN texts", "(%s BETWEEN 'a' AND 'k3')", "t", 'b'),
	{"CEIL TO MONTH", "CEIL(%[1]s TO MONTH)", "CASE WHEN DATE_TRUNC('month', %[1]s) = %[1]s THEN %[1]s ELSE DATE_TRUNC('month', %[1]s) + INTERVAL 1 MONTH END", "w", 'w'}, {"TIME_FLOOR QUARTER", "TIME_FLOOR(%s, 'P3M')", "DATE_TRUNC('quarter', %s)", "w", 'w'}, {"FLOOR TO YEAR", "FLOOR(%s TO YEAR)", "DATE_TRUNC('year', %s)", "w", 'w'},
	alike("- INTERVAL", "(%s - INTERVAL '3' DAY)", "w", 'w'), alike("- months", "(%s - INTERVAL '2' MONTH)", "w", 'w'), alike("COALESCE of times", "COALESCE(%s, %s)", "ww", 'w'), alike("CASE of times", "CASE WHEN %s THEN %s END", "bw", 'w'), {"TIME_FLOOR of minutes", "TIME_FLOOR(%s, 'PT15M')", "time_bucket(INTERVAL 15 MINUTE, %s)", "w", 'w'},
	{"TIME_CEIL", "TIME_CEIL(%[1]s, 'PT1H')", "CASE WHEN DATE_TRUNC('hour', %[1]s) = %[1]s THEN %[1]s ELSE DATE_TRUNC('hour', %[1]s) + INTERVAL 1 HOUR END", "w", 'w'},
	{"ARRAY_CONCAT", "ARRAY_CONCAT(%s, %s)", "list_concat(%s, %s)", "AA", 'A'}, {"ARRAY_APPEND", "ARRAY_APPEND(%s, %s)", "list_append(%s, %s)", "At", 'A'}, {"ARRAY_PREPEND", "ARRAY_PREPEND(%s, %s)", "list_prepend(%s, %s)", "tA", 'A'},
}

// moreAggregates are written alike where there is nothing for DuckDB.
var moreAggregates = []struct{ ours, duck, kind string }{
	{"MIN(%s)", "", "p"}, {"MAX(%s)", "", "p"}, {"SUM(DISTINCT %s)", "", "i"}, {"COUNT(DISTINCT %s)", "", "i"}, {"COUNT(DISTINCT %s)", "", "w"}, {"AVG(DISTINCT %s)", "", "i"}, {"COUNT(%s)", "", "n"},
	{"MEDIAN(%s)", "", "n"}, {"PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY %s)", "", "n"}, {"PERCENTILE_DISC(0.4) WITHIN GROUP (ORDER BY %s)", "", "i"}, {"STDDEV(%s)", "", "s"}, {"VARIANCE(%s)", "", "s"},
	{"STRING_AGG(DISTINCT %s, '-')", "STRING_AGG(DISTINCT %[1]s, '-' ORDER BY %[1]s)", "p"}, {"LISTAGG(%[1]s, ',') WITHIN GROUP (ORDER BY %[1]s)", "STRING_AGG(%[1]s, ',' ORDER BY %[1]s)", "u"}, {"ARRAY_LENGTH(ARRAY_AGG(DISTINCT %s))", "len(ARRAY_AGG(DISTINCT %s))", "t"},
	{"ARRAY_LENGTH(ARRAY_AGG(%s, 1000000))", "len(ARRAY_AGG(%s))", "i"}, {"SUM(CASE WHEN %s THEN 1 ELSE 0 END)", "", "b"}, {"MAX(CASE WHEN %s THEN 7 END)", "", "b"}, {"MIN(%s)", "", "w"}, {"COUNT(DISTINCT %s)", "", "n"},
}

func init() { forms = append(forms, moreForms...) }

// moreAggregate draws one of them.
func (d *drawer) moreAggregate() twin {
	a := turned(d, "more aggregates", moreAggregates)
	d.about = append(d.about, a.ours)
	if a.duck == "" {
		a.duck = a.ours
	}
	v := d.value(a.kind[0], d.IntN(2))
	out := twin{fmt.Sprintf(a.ours, v.ours), fmt.Sprintf(a.duck, v.duck)}
	if a.ours == a.duck && strings.HasSuffix(a.ours, ")") && d.IntN(4) == 0 {
		out = both("%s FILTER (WHERE %s)", out, d.value('b', 1))
	}
	return out
}

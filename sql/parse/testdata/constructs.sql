# Constructs that must parse, one a line: name, then SQL.
dq_ident SELECT "page" FROM "wikipedia"
dq_schema_table SELECT * FROM "druid"."wikipedia"
dq_time_kw SELECT "__time", "count", "user", "language", "added" FROM wikipedia
bare_kw_cols SELECT __time, user, language, added, channel, "timestamp" FROM wikipedia
kw_count_bare SELECT count FROM wikipedia
ts_literal SELECT * FROM w WHERE __time >= TIMESTAMP '2015-09-12 00:00:00'
ts_literal_sel SELECT TIMESTAMP '2015-09-12 00:00:00'
date_literal SELECT * FROM w WHERE __time >= DATE '2015-09-12'
interval_calcite SELECT CURRENT_TIMESTAMP - INTERVAL '1' DAY
interval_compound SELECT CURRENT_TIMESTAMP - INTERVAL '1 02' DAY TO HOUR
cast_bigint SELECT CAST(x AS BIGINT) FROM w
cast_varchar SELECT CAST(x AS VARCHAR) FROM w
cast_double SELECT CAST(x AS DOUBLE) FROM w
cast_timestamp SELECT CAST(x AS TIMESTAMP) FROM w
cast_varchar_array SELECT CAST(x AS VARCHAR ARRAY) FROM w
cast_char SELECT CAST(x AS CHAR) FROM w
extract SELECT EXTRACT(DAY FROM __time) FROM w
floor_to SELECT FLOOR(__time TO DAY) FROM w
ceil_to SELECT CEIL(__time TO HOUR) FROM w
floor_num SELECT FLOOR(x), CEIL(y) FROM w
timestampadd SELECT TIMESTAMPADD(DAY, 1, __time) FROM w
timestampdiff SELECT TIMESTAMPDIFF(MONTH, a, b) FROM w
time_floor SELECT TIME_FLOOR(__time, 'PT1H', NULL, 'America/Los_Angeles') FROM w
concat_op SELECT a || '-' || b FROM w
filter_where SELECT COUNT(*) FILTER (WHERE a = 'x') FROM w
with_cte WITH t AS (SELECT a FROM w) SELECT * FROM t
with_cols WITH t(x) AS (SELECT a FROM w) SELECT x FROM t
over_partition SELECT SUM(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM w
over_empty SELECT ROW_NUMBER() OVER () FROM w
named_window SELECT SUM(a) OVER win FROM w WINDOW win AS (PARTITION BY b)
qualify SELECT a, RANK() OVER (ORDER BY b) r FROM w QUALIFY r = 1
grouping_sets SELECT a, b, COUNT(*) FROM w GROUP BY GROUPING SETS ((a, b), (a), ())
rollup SELECT a, b, COUNT(*) FROM w GROUP BY ROLLUP (a, b)
cube SELECT a, b, COUNT(*) FROM w GROUP BY CUBE (a, b)
grouping_fn SELECT a, GROUPING(a) FROM w GROUP BY a
group_by_ord SELECT a, COUNT(*) FROM w GROUP BY 1 ORDER BY 2 DESC
group_by_empty SELECT COUNT(*) FROM w GROUP BY ()
nulls_first SELECT a FROM w ORDER BY a DESC NULLS FIRST
limit_offset SELECT a FROM w LIMIT 10 OFFSET 5
offset_limit SELECT a FROM w OFFSET 5 LIMIT 10
offset_fetch SELECT a FROM w OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY
full_outer SELECT * FROM a FULL OUTER JOIN b ON a.x = b.x
full_join SELECT * FROM a FULL JOIN b ON a.x = b.x
left_join SELECT * FROM a LEFT JOIN b ON a.x = b.x
right_join SELECT * FROM a RIGHT OUTER JOIN b ON a.x = b.x
cross_join SELECT * FROM a CROSS JOIN b
join_using SELECT * FROM a JOIN b USING (x)
join_complex SELECT * FROM a JOIN b ON a.x = b.x AND LOWER(a.y) = b.y AND b.z > 3
join_subq SELECT * FROM a JOIN (SELECT x FROM c) b ON a.x = b.x
in_subq SELECT * FROM a WHERE x IN (SELECT y FROM b)
not_in_subq SELECT * FROM a WHERE x NOT IN (SELECT y FROM b)
exists SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b)
scalar_subq SELECT a, (SELECT MAX(b) FROM c) FROM d
union_all SELECT a FROM b UNION ALL SELECT c FROM d
union_all_paren SELECT * FROM (SELECT a FROM b UNION ALL SELECT a FROM d) t
union_all_paren2 (SELECT a FROM b) UNION ALL (SELECT a FROM d)
intersect SELECT a FROM b INTERSECT SELECT a FROM d
values_top VALUES (1, 'a'), (2, 'b')
values_from SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (x, y)
unnest_cross SELECT d FROM w CROSS JOIN UNNEST(MV_TO_ARRAY(dim)) AS u(d)
unnest_comma SELECT d FROM w, UNNEST(MV_TO_ARRAY(dim)) AS u(d)
table_extern SELECT * FROM TABLE(EXTERN('{"type":"inline"}', '{"type":"json"}', '[{"name":"a","type":"string"}]'))
table_extern_ext SELECT * FROM TABLE(EXTERN('{}', '{}')) EXTEND (a VARCHAR, b BIGINT)
table_append SELECT * FROM TABLE(APPEND('a', 'b'))
table_named_args SELECT * FROM TABLE(HTTP(userName => 'bob', uris => ARRAY['http://x']))
insert_partitioned INSERT INTO w SELECT * FROM s PARTITIONED BY DAY CLUSTERED BY a, b
insert_part_all INSERT INTO w (a, b) SELECT a, b FROM s PARTITIONED BY ALL TIME
replace_all REPLACE INTO w OVERWRITE ALL SELECT * FROM s PARTITIONED BY FLOOR(__time TO DAY)
replace_where REPLACE INTO w OVERWRITE WHERE __time >= TIMESTAMP '2000-01-01' SELECT * FROM s PARTITIONED BY MONTH
param SELECT * FROM w WHERE a = ? AND b > ?
case_search SELECT CASE WHEN a = 1 THEN 'x' ELSE 'y' END FROM w
case_simple SELECT CASE a WHEN 1 THEN 'x' END FROM w
between SELECT * FROM w WHERE a BETWEEN 1 AND 2
between_sym SELECT * FROM w WHERE a BETWEEN SYMMETRIC 2 AND 1
like_escape SELECT * FROM w WHERE a LIKE 'x!%%' ESCAPE '!'
similar_to SELECT * FROM w WHERE a SIMILAR TO 'x%'
is_distinct SELECT * FROM w WHERE a IS DISTINCT FROM b
is_not_distinct SELECT * FROM w WHERE a IS NOT DISTINCT FROM b
is_true SELECT * FROM w WHERE (a = 1) IS TRUE
is_unknown SELECT * FROM w WHERE (a = 1) IS UNKNOWN
bool_value SELECT a = 1 AND b > 2 AS z FROM w
trim_both SELECT TRIM(BOTH 'x' FROM a) FROM w
trim_from SELECT TRIM(a) FROM w
position_in SELECT POSITION('x' IN a) FROM w
position_from SELECT POSITION('x' IN a FROM 3) FROM w
substring_from_for SELECT SUBSTRING(a FROM 1 FOR 2) FROM w
substring_from SELECT SUBSTRING(a FROM 2) FROM w
substring_expr SELECT SUBSTRING(LOWER(a), 1, 2) FROM w
overlay SELECT OVERLAY(a PLACING 'x' FROM 1 FOR 2) FROM w
array_lit SELECT ARRAY[1, 2] FROM w
array_idx SELECT a[1] FROM w
array_agg_order SELECT ARRAY_AGG(DISTINCT a ORDER BY b) FROM w
array_agg_distinct SELECT ARRAY_AGG(DISTINCT a, 1024) FROM w
listagg_within SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY a) FROM w
string_agg SELECT STRING_AGG(DISTINCT a, ',', 1024) FROM w
json_value_ret SELECT JSON_VALUE(x, '$.a' RETURNING BIGINT) FROM w
json_value SELECT JSON_VALUE(x, '$.a') FROM w
json_object SELECT JSON_OBJECT(KEY 'a' VALUE 1, 'b':x) FROM w
fn_left SELECT LEFT(a, 2), RIGHT(a, 2) FROM w
fn_replace SELECT REPLACE(a, 'x', 'y') FROM w
fn_mod SELECT MOD(a, 2), a % 3 FROM w
fn_truncate SELECT TRUNCATE(a, 2), CHAR_LENGTH(a), CHARACTER_LENGTH(a) FROM w
fn_kw_misc SELECT REPEAT(a, 2), REVERSE(a), ROUND(a), USER, CURRENT_DATE FROM w
count_distinct SELECT COUNT(DISTINCT a) FROM w
approx_cd SELECT APPROX_COUNT_DISTINCT(a), APPROX_QUANTILE_DS(b, 0.5) FROM w
any_value SELECT ANY_VALUE(a, 1024), EARLIEST_BY(a, b, 128), LATEST(a) FROM w
info_schema SELECT * FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'w'
info_schema_tables SELECT * FROM INFORMATION_SCHEMA.TABLES
sys_segments SELECT * FROM sys.segments
three_part SELECT druid.w.a FROM druid.w
unicode_str SELECT * FROM w WHERE a = U&'fo\00F6'
sci_num SELECT 1e10, 1.5E-3, .5
backslash_str SELECT 'a\b' FROM w
quote_escape SELECT 'it''s', "a""b" FROM w
explain_plan EXPLAIN PLAN FOR SELECT a FROM w
set_stmt SET x = 'y'
set_then_select SET timeout = 100; SELECT 1
select_no_from SELECT 1 + 1
select_distinct SELECT DISTINCT a, b FROM w
alias_quoted SELECT a AS "My Col" FROM w AS "t x"
hint SELECT /*+ sort_merge */ a FROM w
select_all_qual SELECT t.*, t."x" FROM w t
row_in SELECT * FROM w WHERE (a, b) IN ((1, 2), (3, 4))
not_expr SELECT * FROM w WHERE NOT (a = 1 OR b IS NOT NULL)
compare_bool SELECT * FROM w WHERE (a > 1) = TRUE
unicode_ident SELECT größe FROM w
quoted_unicode SELECT "größe" FROM w
mv_contains SELECT * FROM w WHERE MV_CONTAINS(a, ARRAY['x','y'])
in_array_fn SELECT * FROM w WHERE SCALAR_IN_ARRAY(a, ARRAY['x','y'])
lateral_lookup SELECT LOOKUP(a, 'x'), l.v FROM w JOIN lookup.x l ON w.a = l.k
nested_agg SELECT AVG(c) FROM (SELECT a, COUNT(*) AS c FROM w GROUP BY 1)
pivot SELECT * FROM w PIVOT (SUM(c) FOR d IN ('a', 'b'))

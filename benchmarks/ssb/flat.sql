-- The flat table of the star schema benchmark, made of TPC-H's tables, which must be there: a row for each line of an
-- order. Amounts are whole cents; discounts whole percents. TPC-H has no cities, so a city is the first nine letters of
-- its nation and a digit of the key; manufacturer, category and brand come of TPC-H's brand (Brand#12 is category
-- MFGR#12 of manufacturer MFGR#1) and, of the brand, the part's key. (DuckDB's SQL.)
create or replace table ssb_flat as
select
  o_orderdate as lo_orderdate,
  l_quantity::bigint as lo_quantity,
  round(l_extendedprice * 100)::bigint as lo_extendedprice,
  round(l_discount * 100)::bigint as lo_discount,
  round(l_extendedprice * (100 - round(l_discount * 100)))::bigint as lo_revenue,
  round(ps_supplycost * 100)::bigint as lo_supplycost,
  year(o_orderdate)::bigint as d_year,
  (year(o_orderdate) * 100 + month(o_orderdate))::bigint as d_yearmonthnum,
  ((dayofyear(o_orderdate) - 1) // 7 + 1)::bigint as d_weeknuminyear,
  strftime(o_orderdate, '%b%Y') as d_yearmonth,
  rpad(substr(cn.n_name, 1, 9), 9, ' ') || (c_custkey % 10) as c_city,
  cn.n_name as c_nation,
  cr.r_name as c_region,
  rpad(substr(sn.n_name, 1, 9), 9, ' ') || (s_suppkey % 10) as s_city,
  sn.n_name as s_nation,
  sr.r_name as s_region,
  'MFGR#' || substr(p_brand, 7, 1) as p_mfgr,
  'MFGR#' || substr(p_brand, 7, 2) as p_category,
  'MFGR#' || substr(p_brand, 7, 2) || (p_partkey % 40 + 1) as p_brand1
from lineitem
join orders on o_orderkey = l_orderkey
join customer on c_custkey = o_custkey
join nation cn on cn.n_nationkey = c_nationkey
join region cr on cr.r_regionkey = cn.n_regionkey
join supplier on s_suppkey = l_suppkey
join nation sn on sn.n_nationkey = s_nationkey
join region sr on sr.r_regionkey = sn.n_regionkey
join part on p_partkey = l_partkey
join partsupp on ps_partkey = l_partkey and ps_suppkey = l_suppkey

-- Every form of a query that QuestDB 9.3.4 takes, a line each; the tables are those of test_parser.py.
DECLARE @x := 5 SELECT @x
DECLARE @x := 5, @y := @x + 1 SELECT @y FROM form_t WHERE a > @x
DECLARE @from := dateadd('h',-1,now()), @to := now() SELECT ts, avg(p) FROM form_t WHERE ts BETWEEN @from AND @to SAMPLE BY 1m
DECLARE @form_u := 1m SELECT ts, avg(p) FROM form_t SAMPLE BY @form_u
WITH c AS (DECLARE @x := 1 SELECT @x AS one) SELECT * FROM c
DECLARE @x := 1 WITH c AS (SELECT @x AS one) SELECT * FROM c
WITH c AS (SELECT 1 AS one) SELECT * FROM c
SELECT * FROM (DECLARE @x := 2 SELECT @x)
DECLARE OVERRIDABLE @x := 2 SELECT @x
form_t
form_t WHERE a > 1
form_t ORDER BY ts LIMIT 5
form_t LATEST ON ts PARTITION BY s
(form_t)
(SELECT * FROM form_t) ORDER BY ts
(SELECT * FROM form_t) LIMIT 3
(SELECT a FROM form_t) UNION (SELECT a FROM form_u)
(SELECT a FROM form_t) UNION ALL (SELECT a FROM form_u) ORDER BY a LIMIT 3
SELECT a FROM form_t UNION SELECT a FROM form_u EXCEPT SELECT a FROM form_t INTERSECT ALL SELECT a FROM form_u
SELECT a, sum(p) OVER (PARTITION BY s ORDER BY ts CUMULATIVE) FROM form_t
SELECT a, sum(p) OVER (PARTITION BY s ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM form_t
SELECT a, sum(p) OVER (ORDER BY ts ROWS 5 PRECEDING) FROM form_t
SELECT a, avg(p) OVER (PARTITION BY s ORDER BY ts RANGE BETWEEN 5 minutes PRECEDING AND CURRENT ROW) FROM form_t
SELECT a, avg(p) OVER (PARTITION BY s ORDER BY ts RANGE BETWEEN '5' MINUTE PRECEDING AND CURRENT ROW) FROM form_t
SELECT a, avg(p) OVER (PARTITION BY s ORDER BY ts RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM form_t
SELECT a, avg(p) OVER (PARTITION BY s ORDER BY ts RANGE 5 minutes PRECEDING) FROM form_t
SELECT a, avg(p) OVER (ROWS UNBOUNDED PRECEDING EXCLUDE NO OTHERS) FROM form_t
SELECT first_value(p) IGNORE NULLS OVER (PARTITION BY s ORDER BY ts) FROM form_t
SELECT lag(p, 1) RESPECT NULLS OVER (PARTITION BY s ORDER BY ts) FROM form_t
SELECT lag(p, 1, 0.0) OVER (PARTITION BY s ORDER BY ts) FROM form_t
SELECT avg(p) OVER w FROM form_t WINDOW w AS (PARTITION BY s ORDER BY ts)
SELECT avg(p) OVER (w ORDER BY ts) FROM form_t WINDOW w AS (PARTITION BY s)
SELECT avg(p) OVER w a1, sum(p) OVER v FROM form_t WINDOW w AS (PARTITION BY s), v AS (ORDER BY ts)
SELECT row_number() OVER (), rank() OVER (ORDER BY p DESC), dense_rank() OVER (PARTITION BY s ORDER BY p) FROM form_t
SELECT * FROM form_t ASOF JOIN form_u
SELECT * FROM form_t ASOF JOIN form_u ON (s)
SELECT * FROM form_t ASOF JOIN form_u ON s TOLERANCE 5s
SELECT * FROM form_t ASOF JOIN form_u ON form_t.s = form_u.s TOLERANCE 1m
SELECT * FROM form_t ASOF JOIN form_u TOLERANCE 1m WHERE form_t.p > 1
SELECT * FROM form_t LT JOIN form_u ON (s)
SELECT * FROM form_t LT JOIN form_u ON (s) TOLERANCE 5s
SELECT * FROM form_t SPLICE JOIN form_u ON (s)
SELECT * FROM form_t SPLICE JOIN form_u
SELECT * FROM form_t JOIN form_u ON s
SELECT * FROM form_t JOIN form_u ON (s)
SELECT * FROM form_t JOIN form_u ON (s, a)
SELECT * FROM form_t INNER JOIN form_u ON form_t.s = form_u.s AND form_t.a = form_u.a
SELECT * FROM form_t LEFT JOIN form_u ON form_t.s = form_u.s
SELECT * FROM form_t LEFT OUTER JOIN form_u ON form_t.s = form_u.s
SELECT * FROM form_t RIGHT JOIN form_u ON form_t.s = form_u.s
SELECT * FROM form_t RIGHT OUTER JOIN form_u ON form_t.s = form_u.s
SELECT * FROM form_t FULL JOIN form_u ON form_t.s = form_u.s
SELECT * FROM form_t FULL OUTER JOIN form_u ON form_t.s = form_u.s
SELECT * FROM form_t CROSS JOIN form_u
SELECT * FROM form_t x, form_u y WHERE x.s = y.s
SELECT form_t.s, sum(form_u.p) FROM form_t WINDOW JOIN form_u ON (form_t.s = form_u.s) RANGE BETWEEN 1 minute PRECEDING AND 1 minute FOLLOWING
SELECT form_t.ts, sum(form_u.p) AS x FROM form_t WINDOW JOIN form_u ON (form_t.s = form_u.s) RANGE BETWEEN 1 second PRECEDING AND 1 second FOLLOWING INCLUDE PREVAILING
SELECT form_t.ts, sum(form_u.p) AS x FROM form_t WINDOW JOIN form_u ON form_t.s = form_u.s RANGE BETWEEN 1 second PRECEDING AND CURRENT ROW EXCLUDE PREVAILING WHERE form_t.p > 1 ORDER BY form_t.ts
SELECT h.offset, avg(form_u.p) FROM form_t HORIZON JOIN form_u ON (form_t.s = form_u.s) RANGE FROM -1m TO 1m STEP 10s AS h
SELECT h.offset, avg(form_u.p) FROM form_t HORIZON JOIN form_u ON (form_t.s = form_u.s) LIST (0, 1s, 5s) AS h
SELECT extract(hour FROM ts), extract(epoch from ts) FROM form_t
SELECT extract('hour' FROM ts) FROM form_t
SELECT ARRAY[1.0,2.0][1], ARRAY[[1.0,2.0],[3.0,4.0]], arr[1], arr[1:2], arr[2:] FROM form_t
SELECT array_sum(arr), array_avg(ARRAY[p, p]) FROM form_t
SELECT count FROM form_t
SELECT s, count FROM form_t
SELECT count() FROM form_t
SELECT count(*), count(DISTINCT s), count_distinct(s) FROM form_t
SELECT max(p) p FROM form_t
SELECT ts, round(avg(p),2) p FROM form_t SAMPLE BY 1m
SELECT to_timezone(ts,'Europe/Berlin') ts, p FROM form_t
SELECT ts AS timestamp, p FROM form_t
SELECT ts, avg(p) FROM form_t SAMPLE BY 1h FROM '2024' TO '2025' FILL(NULL) ALIGN TO CALENDAR TIME ZONE 'Europe/Berlin' WITH OFFSET '00:15'
SELECT ts, avg(p), sum(p) FROM form_t SAMPLE BY 1h FILL(PREV, 0)
SELECT ts, avg(p) FROM form_t SAMPLE BY 1h FILL(LINEAR) ALIGN TO FIRST OBSERVATION
SELECT ts, avg(p) FROM form_t SAMPLE BY 1h ALIGN TO CALENDAR WITH OFFSET '00:15'
SELECT ts, avg(p) FROM form_t SAMPLE BY 1h ALIGN TO CALENDAR TIME ZONE 'UTC'
SELECT ts, avg(p) FROM form_t WHERE a > 0 SAMPLE BY 500T ORDER BY ts DESC LIMIT -5
SELECT * FROM form_t LIMIT 1,5
SELECT * FROM form_t LIMIT -10,-5
SELECT * FROM form_t LIMIT 5,
SELECT * FROM form_t WHERE ts IN '2024'
SELECT * FROM form_t WHERE ts IN '2024-01;1d'
SELECT * FROM form_t WHERE ts IN '$now - 1h..$now'
SELECT * FROM form_t WHERE ts IN '[$today]T09:00;30m'
SELECT * FROM form_t WHERE ts NOT IN '2024'
SELECT * FROM form_t WHERE ts IN ('2024-01-01', '2024-01-02')
SELECT * FROM form_t WHERE s IN ('a','b') AND s NOT IN ('c')
SELECT * FROM form_t WHERE s IN (SELECT s FROM form_u)
SELECT * FROM form_t WHERE ts BETWEEN '2024' AND '2025' AND a > 1
SELECT * FROM form_t WHERE ts NOT BETWEEN '2024' AND '2025'
SELECT * FROM form_t WHERE s IS NULL OR s IS NOT NULL
SELECT * FROM form_t WHERE s LIKE 'a%' AND s NOT LIKE 'b%' OR s ILIKE 'c_'
SELECT * FROM form_t WHERE s ~ 'a' AND s !~ 'b'
SELECT * FROM form_t WHERE NOT a > 1 AND NOT (a = 2)
SELECT * FROM form_t WHERE NOT b
SELECT * FROM form_t WHERE b
SELECT * FROM form_t WHERE not(b)
SELECT ip << '10.0.0.0/8', ip <<= '10.0.0.0/8' FROM form_t
SELECT s || 'x' || a FROM form_t
SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END AS c, CASE s WHEN 'a' THEN 1 WHEN 'b' THEN 2 END FROM form_t
SELECT CASE WHEN a > 1 THEN 'x' END c FROM form_t
SELECT cast(a AS DOUBLE), a::double, p::int::string, '2024'::timestamp, cast('2024' as timestamp) FROM form_t
SELECT timestamp '2024-01-01', date '2024-01-01' FROM form_t
SELECT timestamp with time zone '2024-01-01' FROM form_t
SELECT cast('u33d8b' AS geohash(6c)), #u33d8b, ##1011, #u33d/12 FROM form_t
SELECT * FROM form_g WHERE geo within (#u33, #u34)
SELECT a AS "Count A", s AS 'x y' FROM form_t
SELECT "a", form_t."s" FROM "form_t"
SELECT * FROM 'form_t'
SELECT x.* FROM form_t x
SELECT x.*, a FROM form_t AS x
SELECT *, a + 1 AS b1 FROM form_t
SELECT DISTINCT s FROM form_t
SELECT DISTINCT s, a FROM form_t ORDER BY 1, 2 DESC
SELECT s, sum(p) FROM form_t GROUP BY s
SELECT s, sum(p) FROM form_t GROUP BY 1
SELECT sum(p) FROM form_t LATEST ON ts PARTITION BY s
SELECT * FROM form_t LATEST ON ts PARTITION BY s, a
SELECT * FROM form_t LATEST BY s
SELECT * FROM form_t LATEST BY s WHERE a > 1
SELECT * FROM form_t WHERE a > 1 LATEST ON ts PARTITION BY s
SELECT * FROM form_t TIMESTAMP(ts)
SELECT * FROM (SELECT * FROM form_t ORDER BY ts) TIMESTAMP(ts)
SELECT ts, avg(p) FROM (SELECT ts, p FROM form_t) TIMESTAMP(ts) SAMPLE BY 1m
SELECT ts, avg(p) FROM (SELECT ts, p FROM form_t) x TIMESTAMP(ts) SAMPLE BY 1m
SELECT * FROM long_sequence(5)
SELECT x FROM long_sequence(5) s
SELECT * FROM tables()
SELECT table_name FROM tables() ORDER BY 1
SELECT 1
SELECT now(), 'a', 1.5e3, 0x1f, 100L, 1_000, null, true, 5.0f
SELECT * FROM (SELECT * FROM (SELECT a FROM form_t))
SELECT first(p), last(p) FROM form_t WHERE ts > dateadd('h', -1, now())
SELECT * FROM form_t PIVOT (avg(p) FOR s IN ('a' AS x,'b' AS y) GROUP BY a)
EXPLAIN SELECT * FROM form_t
SELECT * FROM form_t;
SELECT a, FROM form_t
SELECT timestamp FROM (SELECT ts AS timestamp FROM form_t)
SELECT ts timestamp FROM form_t
SELECT a latest, s left FROM form_t
SELECT string_agg(s, ',') FROM form_t
SELECT approx_percentile(p, 0.5, 3) FROM form_t
SELECT date_trunc('hour', ts) h, count() FROM form_t GROUP BY h ORDER BY h
SELECT datediff('s', ts, now()) FROM form_t
SELECT interval(ts, ts) FROM form_t
SELECT s FROM form_t WHERE s = 'a' -- comment
SELECT /*+ hint(x) */ a FROM form_t
SELECT sum(CASE WHEN b THEN 1 ELSE 0 END) FROM form_t
SELECT a FROM form_t WHERE (a > 1 OR a < 0) AND (s = 'x')
SELECT a FROM form_t WHERE ((a > 1))
SELECT a BETWEEN 1 AND 5 AS ok FROM form_t
SELECT a IN (1,2) AS ok FROM form_t
SELECT u1 = '11111111-1111-1111-1111-111111111111' FROM form_g
SELECT ts + 1000000, ts - 5 FROM form_t
SELECT ts::long / 1000 FROM form_t
SELECT 5::decimal(10,2), '1.5'::decimal(10,2), 1.5m
SELECT form_t.a + form_u.a AS x FROM form_t JOIN form_u ON (s) WHERE form_t.ts IN today()
SELECT * FROM form_t WHERE ts IN today()
SELECT count_distinct(s) FROM form_t
SELECT vwap(p, a) FROM form_t
SELECT twap(p, ts) FROM form_t
SELECT a a, p p FROM form_t
SELECT json_extract('{}', '.a')::varchar
SELECT * FROM generate_series(1, 5)
SELECT * FROM generate_series('2024-01-01', '2024-01-02', '1h')
SELECT 'it''s'
SELECT s from form_t where s in ('a' , 'b') order by s asc limit 10
SELECT x.a FROM form_t x ASOF JOIN (form_u WHERE p > 1) y ON (s)
WITH a AS (SELECT s FROM form_t) SELECT a.s, form_u.p FROM a JOIN form_u ON a.s = form_u.s
SELECT ts, first(p) AS open, max(p) AS high, min(p) AS low, last(p) AS close FROM form_t SAMPLE BY 15m
SELECT sum(a) "sample" FROM form_t
SELECT a AS "group", a AS "order", a AS "limit" FROM form_t
SELECT x.a FROM form_t x JOIN (SELECT s FROM form_u) y ON x.s = y.s JOIN form_u z ON z.s = y.s
SELECT * FROM (SELECT ts, s, p FROM form_t) PIVOT (avg(p) AS v, max(p) FOR s IN ('a','b'))
(SELECT a FROM form_t ORDER BY a LIMIT 1) UNION ALL SELECT a FROM form_u
SELECT (a + 1) * 2 - -a FROM form_t WHERE NOT a = 1 AND NOT (b OR a < 2) OR a BETWEEN 1 AND 2 + 3
SELECT a = 1, NOT b, a IN (1) = b, s || a || 'x' = s FROM form_t
SELECT a FROM form_t WHERE ts > '2024' AND ts < dateadd('d', -1, now()) AND s IN ('x') = true
SELECT ts FROM form_t WHERE ts = '2024-01-01' OR ts IN '2024-01-01T00' OR ts >= now() - 1000000
DECLARE @a := 1, @b := 'x', @c := dateadd('h', -1, now()) SELECT s, sum(p) FROM form_t WHERE ts > @c AND s = @b LIMIT 5
WITH x AS (SELECT * FROM form_t WHERE a > 1), y AS (SELECT * FROM form_u) SELECT x.a FROM x ASOF JOIN y ON s TOLERANCE 2h
SELECT sum(p) OVER (PARTITION BY s ORDER BY ts RANGE BETWEEN 1 HOUR PRECEDING AND 10 MINUTE PRECEDING) FROM form_t
SELECT max(p) OVER (PARTITION BY s, a % 2 ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS m FROM form_t
SELECT lead(p) OVER (PARTITION BY s ORDER BY ts DESC) - p AS d FROM form_t
SELECT last_value(p) OVER (PARTITION BY s ORDER BY ts ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) FROM form_t
SELECT s, first(p) FROM form_t WHERE a > 1 GROUP BY s, ts ORDER BY s LIMIT 10
SELECT hour(ts) AS "hour", day(ts), timestamp_floor('1h', ts) AS t1 FROM form_t
SELECT ts, sum(p) FROM form_t WHERE ts IN '2024-01' SAMPLE BY 1n
SELECT ts, s, avg(p) FROM form_t SAMPLE BY 1M
SELECT x.s, y.p FROM form_t AS x INNER JOIN form_u AS y ON x.s = y.s WHERE x.a > y.a
SELECT coalesce(a, 0), nullif(a, 1), least(a, 2), greatest(a, 3), abs(-a) FROM form_t
SELECT s FROM form_t WHERE s = 'a' OR s = 'b' AND a = 1
SELECT 'a' || cast(a AS STRING) || ' b' FROM form_t
SELECT rnd_int(), rnd_symbol('a', 'b'), rnd_double() FROM long_sequence(3)
SELECT * FROM (SELECT a FROM form_t UNION ALL SELECT a FROM form_u) ORDER BY a DESC
SELECT to_str(ts, 'yyyy-MM-dd') d, count() c FROM form_t GROUP BY d ORDER BY c DESC, d
SELECT * FROM form_t x LT JOIN form_u y WHERE x.a > 1
SELECT form_t.ts, form_t.s, form_u.p FROM form_t ASOF JOIN form_u ON (s) WHERE form_u.p > 1 ORDER BY form_t.ts LIMIT 3
SELECT ts, count FROM form_t SAMPLE BY 1h
((SELECT ts, a FROM form_t) timestamp(ts))
SELECT * FROM ((SELECT ts, a FROM form_t ORDER BY ts) timestamp(ts))
(SELECT s, a FROM form_t) x JOIN (SELECT s, p FROM form_u) y ON x.s = y.s
((form_t))
SELECT * FROM ((form_t) UNION ALL (form_t))
DECLARE @x := form_t SELECT a FROM @x
DECLARE @x := form_t, @y := @x SELECT z.a FROM form_u u JOIN @y z ON u.s = z.s
DECLARE @x := 'form_t' SELECT count() FROM @x
DECLARE @x := "form_t" @x
DECLARE @x := (SELECT s, p FROM form_t) SELECT z.s, sum(z.p) FROM @x z
DECLARE @x := c WITH c AS (SELECT a FROM form_t) SELECT a FROM @x
DECLARE @x := long_sequence(3) SELECT x FROM @x
DECLARE @x := form_t SELECT a FROM (SELECT a FROM @x)
DECLARE @x := 1 SELECT a FROM form_t UNION ALL DECLARE @y := 2 SELECT a FROM form_u WHERE a > @y

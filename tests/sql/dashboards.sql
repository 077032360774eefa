-- Forms of queries that public dashboards over QuestDB have, written anew. Each is followed by the tables that it reads.
SELECT "*" FROM "sensor_data" WHERE  $__timeFilter(timestamp) LIMIT -20
-- sensor_data
SELECT ts AS time,  count() per_second FROM "events" SAMPLE BY 1s FROM $__fromTime TO $__toTime FILL(NULL) LIMIT -50
-- events
select area, avg(value) from readings WHERE value is not null and $__timeFilter(ts)
-- readings
SELECT ts AS "time", area, avg(value) AS metric, FROM readings WHERE $__timeFilter(ts) sample by 30s ORDER BY 1,2
-- readings
SELECT login, count(*) as total FROM commits WHERE $__timeFilter(ts) GROUP BY login ORDER BY total DESC LIMIT 10;
-- commits
select ts time, left(symbol, strpos(symbol,'-')-1) asset, sum(abs(amount)) from trades where $__timeFilter(ts) and right(symbol, length(symbol)-strpos(symbol,'-'))= 'EUR' sample by 5s order by time, asset
-- trades
SELECT $__timeGroup(created,'$every') as time, avg(value) as value, 'begun' as metric FROM payments WHERE $__timeFilter(created) AND kind = 'a.b' GROUP BY $__timeGroup(created,'$every') ORDER BY 1
-- payments
SELECT $__timeGroup("created",'$every'), max(value) as "value", node as "metric" FROM usage WHERE $__timeFilter("created") AND node IN($node) GROUP BY time, metric ORDER BY time
-- usage
SELECT count(*) FROM shop.orders WHERE kind = '${kind}' AND ( begun  >= $__fromTime AND begun <= $__toTime ) AND n > 0 AND total/n > ${threshold}
-- shop.orders
SELECT begun, name, avgIf(total/n, n > 0) "Time taken" FROM shop."orders" WHERE kind like '%$kind%' AND (name IN ($name)) GROUP BY begun, name ORDER BY begun ASC
-- shop.orders
WITH lately AS (SELECT count(*) as n FROM meters WHERE $__timeFilter(ts)), ever AS (SELECT count(*) as all_n FROM meters) select * from lately cross join ever
-- meters
SELECT ts, symbol, price, lag(price) OVER (PARTITION BY symbol ORDER BY ts) AS before FROM trades WHERE symbol = '$symbol' AND $__timeFilter(ts)
-- trades
SELECT * FROM trades WHERE $__timeFilter(ts) LATEST ON ts PARTITION BY symbol
-- trades
SELECT ts, first(price) AS open, max(price) AS high, min(price) AS low, last(price) AS close FROM trades WHERE symbol IN (${symbols:sqlstring}) AND $__timeFilter(ts) SAMPLE BY $__sampleByInterval ALIGN TO CALENDAR
-- trades
SELECT t.ts, t.price - q.bid AS spread FROM trades t ASOF JOIN quotes q ON (symbol) WHERE $__timeFilter(t.ts)
-- trades quotes
SELECT DISTINCT symbol FROM trades ORDER BY symbol
-- trades
SELECT ts, avg(value) FROM ${table} WHERE $__conditionalAll(node IN ($node), $node) AND $__timeFilter(ts) SAMPLE BY 1m
-- 
SELECT table_name, wal_pending_row_count FROM tables() WHERE walEnabled ORDER BY 2 DESC
-- 

-- mart:    kpi_values
-- title:   The value of every KPI, by week and month, over all and by dimension
-- grain:   one row per KPI, stat, period and dimension value
-- key:     kpi, stat, period, period_start, dim, dim_value
-- reads:   kpi_evidence, kpis, periods, sources
-- tests:   unique(kpi, stat, period, period_start, dim, dim_value); isFinite(ifNull(value, 0)); k <= n
-- note:    the one aggregate for all KPIs. A row counts once in each of its services, so services do not add up to all.
-- columns:
--   kpi: name of the KPI
--   stat: median, p90, mean, max, sum or count of a duration; else rate, share, count or average
--   period: week or month
--   period_start: its first day in the reporting zone
--   dim: all, service, team, severity, and what the KPI adds
--   dim_value: the value of the dimension; empty for all
--   value: seconds for a duration, 0 to 1 for a rate or share, else as counted; NULL on an empty set. A count is 0 in a collected period, NULL in one that was not collected
--   low: lower end of a share's range; NULL for other kinds
--   high: upper end of a share's range; NULL for other kinds
--   k: numerator of a rate or share
--   n: denominator of a rate or share; rows behind a count; finished durations; units of an average; NULL in a period that was not collected
--   unknown: of a rate or share, the value of the rows that count but whose hit is not, or not yet, known
--   open: durations that were still running at the period's end
--   excluded: rows of the period that were left out, each with its reason in kpi_evidence
--   complete: 1 when the period is over, inside the collected range, and nothing in it can settle differently
WITH
    spans AS (
        SELECT period, period_start, starts_at, ends_at FROM periods
    ),
    -- Nothing begins or ends between two neighbouring bounds, so a moment is known
    -- by the last bound before it.
    (
        SELECT arraySort(arrayDistinct(arrayFlatten([[toInt64(-1000000000000000)], groupArray(toUnixTimestamp64Milli(starts_at)), groupArray(toUnixTimestamp64Milli(ends_at))])))
        FROM periods
    ) AS bounds,
    -- Each row stands in all and in each value of its dimensions. The rows of a
    -- stretch between two bounds are added up once, and the stretches to weeks and months.
    stretches AS (
        SELECT kpi, slot.1 AS dim, slot.2 AS dim_value, bound,
               count() AS rows_seen, sum(counts) AS rows, sum(ends) AS finished,
               -- Sums of decimals are the same in any order.
               sum(toDecimal128(weight, 12)) AS value_sum, sum(toDecimal128(weight_hit, 12)) AS hits,
               sum(toDecimal128(weight_known, 12)) AS known, sum(toDecimal128(weight_unknown, 12)) AS unknown_sum,
               quantilesExactInclusiveIfState(0.5, 0.9)(weight, lasts = 1) AS spread, max(weight) AS value_max, max(settled) AS settled_at
        FROM (
            SELECT *, arrayJoin(slots) AS slot
            FROM (
                SELECT kpi, if(isNull(at), NULL, roundDown(toUnixTimestamp64Milli(assumeNotNull(at)), bounds)) AS bound,
                       toUInt8(included = 1) AS counts, toUInt8(included = 1 AND isNotNull(value)) AS ends,
                       toUInt8(ends = 1 AND kpi IN (SELECT kpi FROM kpis WHERE kind = 'duration')) AS lasts, if(included = 1, ifNull(value, 0), 0) AS weight,
                       if(ifNull(hit, 0) = 1, weight, 0) AS weight_hit, if(isNotNull(hit), weight, 0) AS weight_known, if(isNull(hit), weight, 0) AS weight_unknown,
                       ifNull(settles_at, toDateTime64(0, 3, 'UTC')) AS settled,
                       arrayConcat([('all', '')], arrayFlatten(arrayMap(
                           (d, vs) -> arrayMap(v -> (d, v), arrayDistinct(arrayFilter(v -> v != '', vs))), mapKeys(dims), mapValues(dims)))) AS slots
                FROM kpi_evidence
            )
        )
        GROUP BY kpi, dim, dim_value, bound
    ),
    totals AS (
        SELECT t.kpi AS kpi, t.dim AS dim, t.dim_value AS dim_value, p.period AS period, p.period_start AS period_start,
               sum(t.rows) AS rows, sum(t.finished) AS finished, sum(t.rows_seen) - sum(t.rows) AS excluded,
               toFloat64(sum(t.value_sum)) AS value_sum, toFloat64(sum(t.hits)) AS hits, toFloat64(sum(t.known)) AS known, toFloat64(sum(t.unknown_sum)) AS unknown_sum,
               quantilesExactInclusiveIfMerge(0.5, 0.9)(t.spread) AS quantiles, max(t.value_max) AS value_max, max(t.settled_at) AS settled_at
        FROM stretches AS t
        INNER JOIN (
            SELECT period, period_start, arrayJoin(arrayFilter(x -> x >= toUnixTimestamp64Milli(starts_at) AND x < toUnixTimestamp64Milli(ends_at), bounds)) AS bound FROM periods
        ) AS p ON p.bound = t.bound
        GROUP BY kpi, dim, dim_value, period, period_start
    ),
    -- A duration is open at the end of every period that ends within it: all that
    -- had begun by then, without those that had ended. Each row counts at the first
    -- period whose end lies behind its start, and again at the first behind its stop.
    moves AS (
        SELECT kpi, slot.1 AS dim, slot.2 AS dim_value, fromUnixTimestamp64Milli(move.1, 'UTC') AS moved_at, sum(move.2) AS step
        FROM (
            SELECT kpi, slot, arrayJoin(both) AS move
            FROM (
                SELECT kpi, both, arrayJoin(arrayConcat([('all', '')], arrayFlatten(arrayMap(
                           (d, vs) -> arrayMap(v -> (d, v), arrayDistinct(arrayFilter(v -> v != '', vs))), mapKeys(dims), mapValues(dims))))) AS slot
                FROM (
                    SELECT kpi, dims, arrayMap(m -> (roundDown(toUnixTimestamp64Milli(assumeNotNull(m.1)), bounds), m.2),
                                               if(isNull(at), [(from_at, 1)], if(at > from_at, [(from_at, 1), (at, -1)], []))) AS both
                    FROM kpi_evidence
                    WHERE included = 1 AND isNotNull(from_at)
                )
            )
        )
        GROUP BY kpi, dim, dim_value, moved_at
    ),
    still_open AS (
        SELECT kpi, dim, dim_value, period, period_start, toUInt64(open_then) AS open
        FROM (
            SELECT kpi, dim, dim_value, period, period_start,
                   sum(ifNull(m.step, 0)) OVER (PARTITION BY kpi, dim, dim_value, period ORDER BY period_start) AS open_then
            FROM (SELECT DISTINCT kpi, dim, dim_value FROM moves) AS p
            CROSS JOIN spans AS s
            LEFT JOIN (
                SELECT m.kpi AS of_kpi, m.dim AS of_dim, m.dim_value AS of_value, s.period AS of_period, s.period_start AS of_start, sum(m.step) AS step
                FROM (SELECT *, arrayJoin(['week', 'month']) AS period_kind FROM moves) AS m
                ASOF INNER JOIN spans AS s ON s.period = m.period_kind AND s.ends_at > m.moved_at
                GROUP BY of_kpi, of_dim, of_value, of_period, of_start
            ) AS m ON m.of_kpi = p.kpi AND m.of_dim = p.dim AND m.of_value = p.dim_value AND m.of_period = s.period AND m.of_start = s.period_start
        )
        WHERE open_then > 0
    ),
    -- Every value of a dimension has a row in every period, so that "0" and
    -- "none" are said and not left out.
    places AS (
        SELECT DISTINCT kpi, dim, dim_value FROM stretches
        UNION DISTINCT
        SELECT kpi, 'all' AS dim, '' AS dim_value FROM kpis
        UNION DISTINCT
        SELECT kpi, 'severity' AS dim, arrayJoin(['0', '1', '2', '3', '4', '5']) AS dim_value FROM kpis WHERE entity = 'incident'
    ),
    ranges AS (
        SELECT entity, min(collected_from) AS from_at, max(collected_to) AS to_at,
               max(collected_from) AS complete_from, if(countIf(isNull(collected_to)) > 0, NULL, min(collected_to)) AS complete_to
        FROM (SELECT * EXCEPT (entity), arrayJoin(arrayMap(e -> trim(e), splitByChar(',', sources.entity))) AS entity FROM sources) -- one source may deliver several
        GROUP BY entity
    ),
    grid AS (
        SELECT p.kpi AS kpi, k.kind AS kind, k.stock AS stock, p.dim AS dim, p.dim_value AS dim_value,
               s.period AS period, s.period_start AS period_start, s.starts_at AS starts_at, s.ends_at AS ends_at,
               toUInt8(ifNull(r.from_at < s.ends_at AND r.to_at > s.starts_at, 0)) AS collected,
               toUInt8(ifNull(r.complete_from <= s.starts_at AND r.complete_to >= s.ends_at, 0)) AS covered,
               r.complete_to AS complete_to
        FROM places AS p
        INNER JOIN kpis AS k ON k.kpi = p.kpi
        CROSS JOIN spans AS s
        LEFT JOIN ranges AS r ON r.entity = k.entity
    ),
    filled AS (
        SELECT g.kpi AS kpi, g.kind AS kind, g.stock AS stock, g.dim AS dim, g.dim_value AS dim_value, g.period AS period, g.period_start AS period_start,
               g.collected AS collected, g.covered AS covered, g.complete_to AS complete_to,
               ifNull(t.rows, 0) AS rows, ifNull(t.finished, 0) AS finished, ifNull(t.excluded, 0) AS excluded,
               ifNull(t.value_sum, 0) AS value_sum, ifNull(t.hits, 0) AS hits,
               ifNull(t.known, 0) AS known, ifNull(t.unknown_sum, 0) AS unknown_sum, t.quantiles AS quantiles,
               t.value_max AS value_max, t.settled_at AS settled_at, ifNull(o.open, 0) AS open
        FROM grid AS g
        LEFT JOIN totals AS t ON t.kpi = g.kpi AND t.dim = g.dim AND t.dim_value = g.dim_value AND t.period = g.period AND t.period_start = g.period_start
        LEFT JOIN still_open AS o ON o.kpi = g.kpi AND o.dim = g.dim AND o.dim_value = g.dim_value AND o.period = g.period AND o.period_start = g.period_start
    ),
    stats AS (
        SELECT *, arrayJoin(multiIf(
            kind = 'duration', [
                ('median', if(finished = 0, NULL, quantiles[1]), NULL, NULL, NULL, toNullable(toFloat64(finished))),
                ('p90', if(finished = 0, NULL, quantiles[2]), NULL, NULL, NULL, toNullable(toFloat64(finished))),
                ('mean', if(finished = 0, NULL, value_sum / finished), NULL, NULL, NULL, toNullable(toFloat64(finished))),
                ('max', if(finished = 0, NULL, value_max), NULL, NULL, NULL, toNullable(toFloat64(finished))),
                ('sum', if(finished = 0, NULL, value_sum), NULL, NULL, NULL, toNullable(toFloat64(finished))),
                ('count', if(collected = 1 OR finished > 0, toFloat64(finished), NULL), NULL, NULL, NULL, toNullable(toFloat64(finished)))],
            kind = 'rate', [('rate', if(known = 0, NULL, hits / known), NULL, NULL, toNullable(toFloat64(hits)), toNullable(toFloat64(known)))],
            kind = 'share', [('share', if(known + unknown_sum = 0, NULL, hits / (known + unknown_sum)),
                if(known + unknown_sum = 0, NULL, hits / (known + unknown_sum)),
                if(known + unknown_sum = 0, NULL, (hits + unknown_sum) / (known + unknown_sum)),
                toNullable(toFloat64(hits)), toNullable(toFloat64(known)))],
            kind = 'average', [('average', if(rows = 0, NULL, value_sum / rows), NULL, NULL, NULL, toNullable(toFloat64(rows)))],
            stock = 1, [('count', if(collected = 1 OR open > 0, toFloat64(open), NULL), NULL, NULL, NULL, toNullable(toFloat64(open)))],
            [('count', if(collected = 1 OR rows > 0, value_sum, NULL), NULL, NULL, NULL, toNullable(toFloat64(rows)))]
        )::Array(Tuple(String, Nullable(Float64), Nullable(Float64), Nullable(Float64), Nullable(Float64), Nullable(Float64)))) AS s
        FROM filled
    )
SELECT
    kpi, s.1 AS stat, period, period_start, dim, dim_value,
    s.2 AS value, s.3 AS low, s.4 AS high,
    if(collected = 0 AND rows = 0, NULL, s.5) AS k, if(collected = 0 AND rows = 0, NULL, s.6) AS n,
    toFloat64(if(kind IN ('rate', 'share'), unknown_sum, 0)) AS unknown,
    toUInt64(if(kind = 'duration', open, 0)) AS open,
    toUInt64(excluded) AS excluded,
    toUInt8(covered = 1 AND ifNull(settled_at <= complete_to, 1)) AS complete
FROM stats

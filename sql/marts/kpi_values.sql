-- mart:    kpi_values
-- title:   The value of every KPI, by week and month, over all and by dimension
-- grain:   one row per KPI, stat, period and dimension value
-- key:     period, dim, period_start, kpi, stat, dim_value
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
    -- All periods in order. From here on each goes by its place in this list.
    (SELECT groupArray((period, period_start, starts_at, ends_at)) FROM (SELECT period, period_start, starts_at, ends_at FROM periods ORDER BY period, ends_at)) AS spans,
    arrayMap(s -> indexOf(spans.1, s), spans.1) AS first_of_kind,
    arrayDistinct(first_of_kind) AS kinds_from,
    arrayMap(f -> countEqual(first_of_kind, f), kinds_from) AS kinds_long,
    -- Nothing begins or ends between two neighbouring bounds, so a moment is known
    -- by the last bound before it.
    toInt64(-1000000000000000) AS before_all,
    toInt64(1000000000000000) AS after_all,
    arraySort(arrayDistinct(arrayConcat([before_all], arrayMap(s -> toUnixTimestamp64Milli(s), arrayConcat(spans.3, spans.4))))) AS bounds,
    candidates AS (
        SELECT kpi, dims, at, from_at,
               if(isNull(at), after_all, roundDown(toUnixTimestamp64Milli(assumeNotNull(at)), bounds)) AS bound,
               toUInt8(1) AS seen, included AS counts, toUInt8(included = 1 AND isNotNull(value)) AS ends,
               toUInt8(ends = 1 AND kpi IN (SELECT kpi FROM kpis WHERE kind = 'duration')) AS lasts, if(included = 1, ifNull(value, 0), 0) AS weight,
               -- Sums of decimals are the same in any order.
               toDecimal128(weight, 12) AS exact, if(ifNull(hit, 0) = 1, exact, 0) AS exact_hit, if(isNotNull(hit), exact, 0) AS exact_known,
               ifNull(settles_at, toDateTime64(0, 3, 'UTC')) AS settled,
               if(isNull(from_at), bound, roundDown(toUnixTimestamp64Milli(assumeNotNull(from_at)), bounds)) AS began,
               toInt64(-(included = 1 AND began < bound)) AS step
        FROM kpi_evidence
    ),
    -- Each row stands in all and in each value of its dimensions. The rows of a
    -- stretch between two bounds are added up once, and the stretches to weeks and months.
    -- A duration is open at the end of every period that ends within it: it steps
    -- in where it starts, and out where it stops, if these are two stretches.
    stretches AS (
        SELECT kpi, slot, bound,
               sum(seen) AS rows_seen, sum(counts) AS rows, sum(ends) AS finished,
               sum(exact) AS value_sum, sum(exact_hit) AS hits, sum(exact_known) AS known,
               quantilesExactInclusiveIfState(0.5, 0.9)(weight, lasts = 1) AS spread, max(weight) AS value_max, max(settled) AS settled_at,
               sum(step) AS step
        FROM (
            SELECT * EXCEPT (dims), arrayJoin(arrayConcat(['all\0'], arrayFlatten(arrayMap(
                       (d, vs) -> arrayMap(v -> concat(d, '\0', v), arrayDistinct(arrayFilter(v -> v != '', vs))), mapKeys(dims), mapValues(dims))))) AS slot
            FROM (
                SELECT kpi, dims, bound, seen, counts, ends, lasts, weight, exact, exact_hit, exact_known, settled, step FROM candidates
                UNION ALL
                SELECT kpi, dims, began AS bound, 0, 0, 0, 0, 0, 0, 0, 0, toDateTime64(0, 3, 'UTC'), 1
                FROM candidates
                WHERE isNotNull(from_at) AND step = -1 -- most KPIs have no start: they are not read
            )
        )
        GROUP BY kpi, slot, bound
    ),
    -- The spans of a stretch: of each kind the first that ends after it, where one from
    -- before all of them adds only to what is still open. What lies behind all
    -- spans, or is still open, stands in none.
    spanned AS (
        SELECT nth, arrayJoin(arrayFilter(b -> b >= ended AND b < toUnixTimestamp64Milli(spans[nth].4), bounds)) AS bound,
               toUInt8(bound >= toUnixTimestamp64Milli(spans[nth].3)) AS inside
        FROM (SELECT toUInt32(arrayJoin(arrayEnumerate(spans))) AS nth, if(nth = first_of_kind[nth], before_all, toUnixTimestamp64Milli(spans[nth - 1].4)) AS ended)
        UNION ALL
        SELECT toUInt32(0) AS nth, arrayJoin(arrayPushBack(arrayFilter(b -> b >= toUnixTimestamp64Milli(arrayMax(spans.4)), bounds), after_all)) AS bound, toUInt8(0) AS inside
    ),
    cells AS (
        SELECT t.kpi AS kpi, t.slot AS slot, p.nth AS nth,
               sumIf(t.rows, p.inside = 1) AS rows, sumIf(t.finished, p.inside = 1) AS finished, sumIf(t.rows_seen, p.inside = 1) - rows AS excluded,
               toFloat64(sumIf(t.value_sum, p.inside = 1)) AS value_sum, toFloat64(sumIf(t.hits, p.inside = 1)) AS hits, toFloat64(sumIf(t.known, p.inside = 1)) AS known,
               toFloat64(sumIf(t.value_sum, p.inside = 1) - sumIf(t.known, p.inside = 1)) AS unknown_sum,
               quantilesExactInclusiveIfMergeIf(0.5, 0.9)(t.spread, p.inside = 1) AS quantiles, maxIf(t.value_max, p.inside = 1) AS value_max,
               maxIf(t.settled_at, p.inside = 1) AS settled_at, sum(t.step) AS step
        FROM stretches AS t
        INNER JOIN spanned AS p ON p.bound = t.bound
        GROUP BY kpi, slot, nth
    ),
    -- Every value of a dimension has a row in every period, so that "0" and
    -- "none" are said and not left out.
    places AS (
        SELECT kpi, substring(slot, 1, position(slot, '\0') - 1) AS dim, substring(slot, position(slot, '\0') + 1) AS dim_value,
               arrayPopFront(arrayResize(groupArrayInsertAt(toUInt8(1), nth), length(spans) + 1)) AS present,
               arrayMap(n -> (n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, toDateTime64(0, 3, 'UTC'), 0), arrayFilter((n, p) -> p = 0, arrayEnumerate(spans), present)) AS missing,
               groupArrayIf((nth, rows, finished, excluded, value_sum, hits, known, unknown_sum, quantiles[1], quantiles[2], value_max, settled_at, step), nth > 0) AS filled,
               arraySort(c -> c.1, arrayConcat(filled, missing)) AS row_of_cells,
               -- The spans of each kind by themselves.
               arrayFlatten(arrayMap((f, n) -> arrayCumSum(arraySlice(row_of_cells.13, f, n)), kinds_from, kinds_long)) AS still_open
        FROM (
            SELECT * FROM cells
            UNION ALL
            SELECT kpi, slot, 0 AS nth, 0 AS rows, 0 AS finished, 0 AS excluded, 0 AS value_sum, 0 AS hits, 0 AS known, 0 AS unknown_sum,
                   [nan, nan] AS quantiles, 0 AS value_max, toDateTime64(0, 3, 'UTC') AS settled_at, 0 AS step
            FROM (SELECT kpi, arrayJoin(arrayConcat(['all\0'], if(entity = 'incident', arrayMap(s -> concat('severity\0', toString(s)), range(6)), []))) AS slot FROM kpis)
        )
        GROUP BY kpi, slot
    ),
    ranges AS (
        SELECT entity, min(collected_from) AS from_at, max(collected_to) AS to_at,
               max(collected_from) AS complete_from, if(countIf(isNull(collected_to)) > 0, NULL, min(collected_to)) AS complete_to
        FROM (SELECT * EXCEPT (entity), arrayJoin(arrayMap(e -> trim(e), splitByChar(',', sources.entity))) AS entity FROM sources) -- one source may deliver several
        GROUP BY entity
    ),
    ruled AS (
        SELECT k.kpi AS kpi, k.kind AS kind, k.stock AS stock, r.from_at AS from_at, r.to_at AS to_at, r.complete_from AS complete_from, r.complete_to AS complete_to,
               multiIf(k.kind = 'duration', ['median', 'p90', 'mean', 'max', 'sum', 'count'], k.kind IN ('rate', 'share', 'average'), [k.kind], ['count']) AS stats
        FROM kpis AS k
        LEFT JOIN ranges AS r ON r.entity = k.entity
    ),
    grid AS (
        SELECT p.kpi AS kpi, p.dim AS dim, p.dim_value AS dim_value, k.kind AS kind, k.stock AS stock, k.stats AS stats, k.complete_to AS complete_to,
               spans[p.cell.1].1 AS period, spans[p.cell.1].2 AS period_start, spans[p.cell.1].3 AS starts_at, spans[p.cell.1].4 AS ends_at,
               toUInt8(ifNull(k.from_at < ends_at AND k.to_at > starts_at, 0)) AS collected,
               toUInt8(ifNull(k.complete_from <= starts_at AND k.complete_to >= ends_at, 0)) AS covered,
               p.cell.2 AS rows, p.cell.3 AS finished, p.cell.4 AS excluded, p.cell.5 AS value_sum, p.cell.6 AS hits, p.cell.7 AS known, p.cell.8 AS unknown_sum,
               p.cell.9 AS median, p.cell.10 AS p90, p.cell.11 AS value_max, p.cell.12 AS settled_at,
               toUInt64(greatest(p.open, 0)) AS open
        FROM (
            SELECT kpi, dim, dim_value, cell, open
            FROM places
            ARRAY JOIN row_of_cells AS cell, still_open AS open
        ) AS p
        INNER JOIN ruled AS k ON k.kpi = p.kpi
    )
SELECT
    kpi, arrayJoin(stats) AS stat, period, period_start, dim, dim_value,
    multiIf(
        stat = 'median', if(finished = 0, NULL, median),
        stat = 'p90', if(finished = 0, NULL, p90),
        stat = 'mean', if(finished = 0, NULL, value_sum / finished),
        stat = 'max', if(finished = 0, NULL, value_max),
        stat = 'sum', if(finished = 0, NULL, value_sum),
        stat = 'rate', if(known = 0, NULL, hits / known),
        stat = 'share', if(known + unknown_sum = 0, NULL, hits / (known + unknown_sum)),
        stat = 'average', if(rows = 0, NULL, value_sum / rows),
        kind = 'duration', if(collected = 1 OR finished > 0, toFloat64(finished), NULL),
        stock = 1, if(collected = 1 OR open_then > 0, toFloat64(open_then), NULL),
        if(collected = 1 OR rows > 0, value_sum, NULL)) AS value,
    if(stat = 'share', value, NULL) AS low,
    if(stat = 'share' AND known + unknown_sum != 0, (hits + unknown_sum) / (known + unknown_sum), NULL) AS high,
    if(kind IN ('rate', 'share') AND (collected = 1 OR rows > 0), hits, NULL) AS k,
    if(collected = 0 AND rows = 0, NULL, multiIf(kind = 'duration', toFloat64(finished), kind IN ('rate', 'share'), known, stock = 1 AND kind != 'average', toFloat64(open_then), toFloat64(rows))) AS n,
    toFloat64(if(kind IN ('rate', 'share'), unknown_sum, 0)) AS unknown,
    toUInt64(if(kind = 'duration', open_then, 0)) AS open,
    toUInt64(excluded) AS excluded,
    toUInt8(covered = 1 AND ifNull(settled_at <= complete_to, 1)) AS complete
FROM (SELECT * EXCEPT (open), grid.open AS open_then FROM grid)

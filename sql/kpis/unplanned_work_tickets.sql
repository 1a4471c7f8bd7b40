-- kpi:      unplanned_work_ratio_count, unplanned_work_ratio_points
-- title:    Unplanned tickets | Unplanned story points
-- also:     unplanned work ratio, interrupt work, reactive work
-- asks:     How much of what we finish did nobody plan?
-- kind:     share
-- entity:   ticket
-- better:   lower
-- counts:   of the tickets done in the period, or of their story points, those that the rules of work call unplanned; unclassified ones may be either, so the share is a range
-- excludes: not done; of the points, tickets that were not estimated
-- unit:     tickets | points
-- dims:     class
-- reads:    tickets
-- source:   The DevOps Handbook: unplanned work
-- tests:    included = 0 OR value >= 0
WITH counted AS (
    SELECT *, arrayJoin(['unplanned_work_ratio_count', 'unplanned_work_ratio_points']) AS of_kpi, of_kpi = 'unplanned_work_ratio_points' AS by_points,
           multiIf(isNull(resolved_at), 'not done', by_points AND isNull(points), 'not estimated', '') AS left_out
    FROM tickets
)
SELECT
    of_kpi AS kpi, 'ticket' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    coalesce(resolved_at, created_at) AS at,
    if(by_points, points, toNullable(1.0)) AS value,
    if(left_out != '' OR work_class = '', NULL, toNullable(toUInt8(work_class = 'unplanned'))) AS hit,
    map('service', services, 'team', teams, 'class', [if(work_class = '', 'unclassified', work_class)]) AS dims,
    work_class AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    multiIf(left_out != '', left_out, work_class = '', 'no rule of work fits it', '') AS reason
FROM counted

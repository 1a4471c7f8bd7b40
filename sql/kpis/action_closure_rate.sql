-- kpi:      action_closure_rate
-- title:    Actions done by their due date
-- also:     action item closure rate, corrective actions on time
-- asks:     Do we do what we promise after incidents?
-- kind:     rate
-- entity:   action_item
-- better:   higher
-- counts:   of the action items due in the period, those done by the end of that day; a due date that was moved counts as it stands now
-- excludes: no due date
-- reads:    action_items, calendar
-- note:     one that is done before its day waits for it like the others: a running
--           period would else count the early ones alone.
-- source:   Google SRE Workbook, postmortem practices: closing action items
-- tests:    value = 1; included = 0 OR settles_at > at
WITH facts AS (
    SELECT a.*,
           if(isNull(a.due_on), NULL, ifNull(d.starts_at, toDateTime64(assumeNotNull(a.due_on), 3, 'UTC'))) AS due_from,
           if(isNull(a.due_on), NULL, ifNull(d.ends_at, toDateTime64(assumeNotNull(a.due_on) + 1, 3, 'UTC'))) AS due_until,
           toUInt8(ifNull(a.resolved_at < due_until, 0)) AS done,
           toUInt8(ifNull(due_until > {as_of:DateTime64(3, 'UTC')}, 0)) AS pending
    FROM action_items AS a
    LEFT JOIN (SELECT day, starts_at, ends_at FROM calendar WHERE calendar = 'business') AS d ON d.day = a.due_on
)
SELECT
    'action_closure_rate' AS kpi, 'action_item' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    if(isNull(due_on), created_at, due_from) AS at,
    toNullable(1.0) AS value,
    if(isNull(due_on) OR pending = 1, NULL, toNullable(done)) AS hit,
    map('service', services, 'team', if(team = '', [], [team])) AS dims,
    multiIf(isNull(due_on), '', due_moves = 0, 'due date kept', due_moves = 1, 'due date moved once', concat('due date moved ', toString(due_moves), ' times')) AS basis,
    incident_ids AS refs,
    due_until AS settles_at,
    toUInt8(isNotNull(due_on)) AS included,
    multiIf(isNull(due_on), 'no due date', pending = 1, concat('not due yet', if(done = 1, ', done already', '')), '') AS reason
FROM facts

-- kpi:      unplanned_work_ratio
-- title:    Unplanned work
-- also:     unplanned work ratio, interrupt work, reactive work, firefighting
-- asks:     How much of our time goes to what nobody planned?
-- kind:     share
-- entity:   worklog
-- better:   lower
-- counts:   of the hours booked on work that began in the period, those on tickets that the rules of work call unplanned; unclassified hours may be either, so the share is a range
-- excludes: nothing: hours that nobody booked are not seen
-- unit:     h
-- dims:     class
-- reads:    worklogs, tickets
-- source:   The DevOps Handbook: unplanned work; Google SRE Book, eliminating toil
-- tests:    value >= 0
SELECT
    'unplanned_work_ratio' AS kpi, 'worklog' AS entity, w.id AS id, w.ticket_key AS key, ifNull(t.title, '') AS title, ifNull(t.url, '') AS url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    toNullable(w.started_at) AS at,
    toNullable(w.hours) AS value,
    if(w.work_class = '', NULL, toNullable(toUInt8(w.work_class = 'unplanned'))) AS hit,
    map('service', w.services, 'team', w.teams, 'class', [if(w.work_class = '', 'unclassified', w.work_class)]) AS dims,
    w.work_class AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(1) AS included,
    multiIf(w.work_class != '', '',
            w.ticket_key = '', 'its ticket is not known',
            'no rule of work fits its ticket') AS reason
FROM worklogs AS w
LEFT JOIN (SELECT id, title, url FROM tickets) AS t ON t.id = w.ticket_id

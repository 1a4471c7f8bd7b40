-- mart:    ticket_incidents
-- title:   Which incidents a promise or a review is about
-- grain:   one row per action item or post-mortem that names an incident
-- key:     ticket_id
-- reads:   tickets, identities
-- tests:   unique(ticket_id)
-- note:    for the models; analysts read action_items and postmortems.
-- columns:
--   ticket_id: id of the ticket
--   incident_ids: ids of the incidents that its links or its parent name
SELECT t.id AS ticket_id, arraySort(groupUniqArray(i.row_id)) AS incident_ids
FROM (
    SELECT id, source, arrayJoin(arrayDistinct(arrayConcat([parent], arrayMap(l -> l.key, links), arrayMap(l -> l.id, links)))) AS name
    FROM tickets WHERE role IN ('action_item', 'postmortem')
) AS t
INNER JOIN (
    SELECT source, row_id, arrayJoin(arrayDistinct([record_id, key])) AS name FROM identities WHERE entity = 'incident'
) AS i ON i.source = t.source AND i.name = t.name
WHERE t.name != ''
GROUP BY ticket_id

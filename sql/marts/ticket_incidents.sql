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
    SELECT source, row_id, arrayJoin(arrayDistinct([record_id, key])) AS name FROM identities WHERE entity = 'incident'
) AS i
INNER JOIN (
    SELECT id, source, arrayJoin(arrayDistinct(arrayConcat([parent], arrayMap(l -> l.key, links), arrayMap(l -> l.id, links)))) AS name
    FROM tickets WHERE role IN ('action_item', 'postmortem')
) AS t ON t.source = i.source AND t.name = i.name
WHERE t.name != ''
GROUP BY ticket_id

-- mart:    repeats
-- title:   Incidents that came back within 90 days
-- grain:   one row per incident that repeats an earlier one
-- key:     at, incident_id
-- reads:   recurrences
-- tests:   unique(incident_id); gap_days BETWEEN 0 AND 90; earlier_id != ''; (fix_state = '') = empty(fixes)
-- note:    of all that recurrences says of an incident, the surest: the lowest rung,
--          then the shortest gap. A repeat counts as one of that name alone.
-- columns:
--   incident_id: id of the incident
--   at: when it was created
--   rung: 1 problem or duplicate link, 2 alert key, 3 service and cause, 4 service and title
--   means: the rung in words
--   name: what it shares with the earlier one, as in recurrences
--   earlier_id: the incident that it repeats: the latest that bears the name and was resolved before this one began
--   gap_days: days from then until this one began
--   fixes: action items promised before it began, after any earlier incident that bears the name
--   fix_state: 'while its fix was open' when any of these was, 'after its fix was closed' when all were done; empty: there is no fix
SELECT incident_id, at, rung, means, name, earlier_id, assumeNotNull(r.gap_days) AS gap_days, fixes, fix_state
FROM recurrences AS r
WHERE r.gap_days <= 90
ORDER BY rung, r.gap_days, earlier_id, name
LIMIT 1 BY incident_id

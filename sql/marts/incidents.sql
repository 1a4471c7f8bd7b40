-- mart:    incidents
-- title:   Incidents
-- grain:   one row per incident, whatever its source
-- key:     created_at, id
-- reads:   incident_facts, settings, aliases
-- tests:   unique(id); created_at <= {as_of:DateTime64(3, 'UTC')}; severity <= 5
-- note:    nothing later than as_of is known here: such times are NULL, and the
--          status is derived again from what is left. Records of several sources
--          are one row where they name each other: the first in identity.order
--          gives it, the others fill its blanks; incident_sources lists them.
-- columns:
--   id: the source's name in the config, a colon, the source's immutable id
--   source: name of the source in the config
--   key: what people call it; the id where the source has no other name
--   url: where to open it
--   title: as the source says it
--   services: services that it affected, by the names of the config
--   service: the first of them
--   teams: teams that worked on it, by the names of the config
--   team: the first of them
--   severity: 1 (worst) to 5, 0 unknown
--   major: 1 when declared major; where the source does not say, by severity (setting incidents.major)
--   customer_impact: 1 or 0; NULL when not stated, which is not "none"
--   environment: production, staging …; empty when not stated
--   exercise: 1 for a drill or inside planned maintenance
--   status: open, acknowledged, mitigated, resolved, closed (without a resolution time) or merged, as of as_of
--   source_status: the source's own word
--   created_at: when the record was opened, by the pager where one of its records is a pager's; a parent of merged ones keeps its own
--   started_at: created_at, or that of the earliest incident merged into it: where its duration starts
--   impact_started_at: when it began to hurt; NULL when not stated
--   acknowledged_at: first acknowledgement, by the pager where it tells one
--   tells_acknowledgement: 1 when a source of it tells acknowledgements, so that none means nobody acknowledged it
--   escalated_at: first move to the next tier
--   mitigated_at: when it stopped hurting; NULL when not stated
--   first_resolved_at: first resolution, before any reopening; NULL when the source does not tell it
--   resolved_at: final resolution: the last one that was not taken back
--   closed_at: end of the paperwork; not a resolution unless the source's closing_resolves is set
--   reopen_count: how often it was reopened; NULL when the source does not say
--   first_reopened_at: the first reopening, from history; NULL where there is only a counter
--   has_history: 1 when the source tells its life step by step, the resolution included
--   reassignment_count: how often it changed team; NULL when the source does not say
--   resolved_by: person, team or automation
--   merged_into: id of the incident that stands for it; empty while that one is not known
--   flap_of: id of the incident whose episode it belongs to: same alert key, created within 30 minutes (setting incidents.flaps_within) of the last resolution
--   alert_key: key of the alert that raised it
--   alert_source: the source whose key that is
--   title_key: the words of the title that name a problem, see below; empty when it says nothing
--   cause: cause category
--   fix_owner: team that owns the lasting fix
--   caused_by_change: key of the change that caused it
--   caused_by: keys or ids of all that its records say caused it: changes, problems, incidents
--   problem_key: key of the problem record: as stated, else of a problem ticket that it names as cause or as what it repeats
--   repeats: ids of incidents of the same source that it is said to duplicate
--   detected_by: monitoring, customer, staff …
--   attributes: further fields by name
WITH
    -- Merged into a merged one: the last parent stands for all. In a circle the
    -- smallest id does, also for what leads into it from outside. A parent that is
    -- not known merges nothing: an outage must not vanish because its parent was
    -- never collected. Followed for five steps: of a longer chain, or a circle that
    -- does not close within them, the fifth parent stands.
    merged AS (SELECT id AS child, merges_into AS into FROM incident_facts WHERE merges_into != ''),
    merges AS (SELECT child, into FROM merged WHERE into IN (SELECT id FROM incident_facts WHERE id IN (SELECT into FROM merged))),
    chains AS (
        SELECT m.child AS child, arrayFilter(x -> x != '', [m.child, m.into, ifNull(m2.into, ''), ifNull(m3.into, ''), ifNull(m4.into, ''), ifNull(m5.into, '')]) AS way,
               arrayMin(arraySlice(way, indexOf(way, way[-1]))) AS root -- from where the last was met first: the circle, else the last alone
        FROM merges AS m
        LEFT JOIN merges AS m2 ON m2.child = m.into
        LEFT JOIN merges AS m3 ON m3.child = m2.into
        LEFT JOIN merges AS m4 ON m4.child = m3.into
        LEFT JOIN merges AS m5 ON m5.child = m4.into
    ),
    known AS (
        SELECT f.*, if(ifNull(p.root, '') = f.id, '', ifNull(p.root, '')) AS parent,
               coalesce(f.major, toUInt8(has(splitByChar(',', ifNull(m.value, '')), toString(f.severity)))) AS is_major
        FROM incident_facts AS f
        LEFT JOIN chains AS p ON p.child = f.id
        CROSS JOIN (SELECT max(value) AS value FROM settings WHERE name = 'incidents.major') AS m
    ),
    flapping AS (SELECT ifNull(toUInt32OrNull(max(value)), 1800) AS seconds FROM settings WHERE name = 'incidents.flaps_within'),
    -- An alert that comes back so soon after its resolution is the same
    -- episode. The first row of the episode stands for it.
    pulses AS (
        SELECT id, alert_key, alert_source, created_at,
               lagInFrame(toNullable(resolved_at)) OVER w AS resolved_before,
               toUInt8(ifNull(created_at >= resolved_before AND created_at < resolved_before + toIntervalSecond((SELECT seconds FROM flapping)), 0)) AS continues
        FROM known
        WHERE alert_key != '' AND exercise = 0 AND parent = ''
        WINDOW w AS (PARTITION BY alert_source, alert_key ORDER BY created_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ),
    flaps AS (
        SELECT id, first_value(id) OVER (PARTITION BY alert_source, alert_key, episode ORDER BY created_at, id) AS episode_id
        FROM (
            SELECT *, sum(toUInt32(1 - continues)) OVER (PARTITION BY alert_source, alert_key ORDER BY created_at, id) AS episode
            FROM pulses
        )
        QUALIFY continues = 1
    ),
    starts AS (
        SELECT parent AS id, min(created_at) AS earliest FROM known WHERE parent != '' AND exercise = 0 GROUP BY parent
    ),
    -- A title's key is what is left of it without ids, hosts, numbers and dates,
    -- boilerplate, stop words, and the names of services and teams; what sources
    -- call one of them is its name too.
    names AS (
        SELECT arrayDistinct(groupArrayArray(arrayFilter(w -> lengthUTF8(w) > 2, extractAll(lowerUTF8(name), '\\pL+')))) AS words
        FROM (
            SELECT arrayJoin(arrayPushBack(a.called, n.stated)) AS name
            FROM (SELECT DISTINCT arrayJoin(arrayConcat(services, teams)) AS stated FROM incident_facts) AS n
            LEFT JOIN (
                SELECT aliases.name AS named, groupArray(alias) AS called FROM aliases WHERE kind IN ('service', 'team') GROUP BY named
            ) AS a ON a.named = n.stated
        )
    ),
    phrases AS (
        SELECT arraySort(x -> -length(x), groupArray(lowerUTF8(value))) AS openings FROM settings WHERE name = 'recurrence.boilerplate'
    ),
    titled AS (
        SELECT *,
               arrayFold((text, opening) -> replaceAll(text, opening, ' '), (SELECT openings FROM phrases), lowerUTF8(title)) AS plain,
               -- Any letter is a large class, which a pattern that repeats it compiles as often.
               arrayStringConcat(arrayFilter(w -> NOT (match(w, '[0-9_@/]') OR position(w, '.') > 0 AND match(w, '\\pL[.]\\pL')), splitByWhitespace(plain)), ' ') AS without_ids,
               arrayDistinct(arrayFilter(w -> lengthUTF8(w) > 2 AND w NOT IN (
                   'the', 'and', 'for', 'with', 'from', 'into', 'our', 'are', 'was', 'has', 'have', 'been', 'being', 'not', 'all', 'any', 'some', 'due', 'via', 'this', 'that', 'when', 'while',
                   'incident', 'incidents', 'issue', 'issues', 'problem', 'problems', 'disruption', 'disruptions', 'outage', 'outages', 'degraded', 'degradation', 'performance', 'availability', 'partial', 'major', 'minor', 'critical', 'service', 'services', 'several', 'multiple', 'various', 'intermittent', 'elevated', 'increased', 'experiencing', 'affecting', 'affected', 'impacting', 'impacted', 'impact', 'users', 'user', 'customers', 'customer', 'investigating', 'alert', 'alarm', 'prod', 'production',
                   'january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december', 'jan', 'feb', 'mar', 'apr', 'jun', 'jul', 'aug', 'sep', 'sept', 'oct', 'nov', 'dec',
                   'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'utc')
                   AND w NOT IN (SELECT arrayJoin(words) FROM names), extractAll(without_ids, '\\pL+'))) AS words
        FROM known
    )
SELECT
    k.id AS id, k.source AS source, k.key AS key, k.url AS url, k.title AS title,
    k.services AS services, k.services[1] AS service, k.teams AS teams, k.teams[1] AS team,
    k.severity AS severity, k.is_major AS major, k.customer_impact AS customer_impact, k.environment AS environment, k.exercise AS exercise,
    multiIf(k.parent != '', 'merged', isNotNull(k.resolved_at), 'resolved', isNotNull(k.closed_at), 'closed',
            isNotNull(k.mitigated_at), 'mitigated', isNotNull(k.acknowledged_at), 'acknowledged', 'open') AS status,
    k.source_status AS source_status,
    k.created_at AS created_at,
    least(created_at, ifNull(s.earliest, created_at)) AS started_at,
    k.impact_started_at AS impact_started_at, k.acknowledged_at AS acknowledged_at, k.tells_acknowledgement AS tells_acknowledgement, k.escalated_at AS escalated_at,
    k.mitigated_at AS mitigated_at, k.first_resolved_at AS first_resolved_at, k.resolved_at AS resolved_at, k.closed_at AS closed_at,
    k.reopen_count AS reopen_count, k.first_reopened_at AS first_reopened_at, toUInt8(k.has_history) AS has_history,
    k.reassignment_count AS reassignment_count, k.resolved_by AS resolved_by,
    k.parent AS merged_into, ifNull(f.episode_id, '') AS flap_of, k.alert_key AS alert_key, k.alert_source AS alert_source,
    if(length(k.words) >= 2, arrayStringConcat(k.words, ' '), '') AS title_key,
    k.cause AS cause, k.fix_owner AS fix_owner, k.caused_by_change AS caused_by_change, k.caused_by AS caused_by,
    k.problem_key AS problem_key, k.repeats AS repeats, k.detected_by AS detected_by, k.attributes AS attributes
FROM titled AS k
LEFT JOIN flaps AS f ON f.id = k.id
LEFT JOIN starts AS s ON s.id = k.id

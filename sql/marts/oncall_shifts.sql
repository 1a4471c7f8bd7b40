-- mart:    oncall_shifts
-- title:   Who is, was and will be on call
-- grain:   one row per person, level of an escalation policy and shift
-- key:     id
-- reads:   stg_oncall_shifts, stg_people, source_settings
-- tests:   unique(id); tier IN ('L2', 'L3'); ends_at > starts_at
-- note:    shifts to come are plans, so as_of does not cut them off.
-- columns:
--   id: the source's name in the config, a colon, the source's immutable id
--   source: name of the source in the config
--   person_id: the source's id of the person
--   person: name of the person
--   time_zone: where the person lives, an IANA name; empty: not known
--   schedule: the rota; empty: on call without one
--   policy: the escalation policy
--   level: of the policy: 1 is called first
--   tier: L2 for level 1, L3 above it
--   starts_at: start of the shift; NULL: always on call
--   ends_at: end of the shift; NULL: no end
SELECT
    concat(s.source, ':', s.id) AS id, s.source AS source, s.person_id AS person_id,
    coalesce(nullIf(s.person, ''), nullIf(p.name, ''), s.person_id) AS person,
    ifNull(p.time_zone, '') AS time_zone, s.schedule AS schedule, s.policy AS policy, s.level AS level,
    if(s.level <= 1, 'L2', 'L3') AS tier, s.starts_at AS starts_at, s.ends_at AS ends_at
FROM (
    SELECT * FROM stg_oncall_shifts FINAL
    WHERE deleted = 0 AND ifNull(ends_at > starts_at, 1) AND source IN (SELECT source FROM source_settings)
) AS s
LEFT JOIN (SELECT * FROM stg_people FINAL WHERE deleted = 0) AS p ON p.source = s.source AND p.id = s.person_id

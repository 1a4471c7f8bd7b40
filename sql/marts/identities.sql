-- mart:    identities
-- title:   Which records are one incident or one change
-- grain:   one row per record of an incident or change
-- key:     entity, id
-- reads:   identity_records, identity_pairs
-- tests:   unique(entity, id)
-- note:    joined by explicit reference only, never by likeness, and never two
--          records of one source: a record that two of them name joins the
--          first of them, by id, and the other stays apart.
-- columns:
--   entity: incident or change
--   id: the source's name in the config, a colon, the source's immutable id
--   source: name of the source in the config
--   record_id: the source's immutable id
--   key: what people call it; the id where the source has no other name
--   url: where to open it
--   title: as the source says it
--   services: services of the record
--   teams: teams of the record
--   severity: of an incident: 1 (worst) to 5, 0 unknown
--   created_at: when the record was opened; of an incident that does not state it, its first step tells it; NULL when not known
--   ended_at: as the record states it, if not later than as_of: of an incident resolved, else closed; of a change ended, else started
--   rank: 1 gives the row, others fill its blanks in this order
--   pager: 1: the source pages people
--   row_id: id of the row that stands for the record; its own where no other does
--   basis: why the record belongs to that row: its own record, or which record it names or is named by
WITH
    -- From each record along the references, through each source once and not
    -- further than four.
    hop_1 AS (
        SELECT entity, a AS id, a_source AS source, a_rank AS rank, [a_source, b_source] AS seen, b AS via, names,
               b AS reached, b_source AS reached_source, b_rank AS reached_rank, 1 AS hops
        FROM identity_pairs
    ),
    hop_2 AS (
        SELECT w.entity AS entity, w.id AS id, w.source AS source, w.rank AS rank, arrayPushBack(w.seen, e.b_source) AS seen, w.via AS via, w.names AS names,
               e.b AS reached, e.b_source AS reached_source, e.b_rank AS reached_rank, 2 AS hops
        FROM hop_1 AS w INNER JOIN identity_pairs AS e ON e.entity = w.entity AND e.a = w.reached
        WHERE NOT has(w.seen, e.b_source)
    ),
    hop_3 AS (
        SELECT w.entity AS entity, w.id AS id, w.source AS source, w.rank AS rank, arrayPushBack(w.seen, e.b_source) AS seen, w.via AS via, w.names AS names,
               e.b AS reached, e.b_source AS reached_source, e.b_rank AS reached_rank, 3 AS hops
        FROM hop_2 AS w INNER JOIN identity_pairs AS e ON e.entity = w.entity AND e.a = w.reached
        WHERE NOT has(w.seen, e.b_source)
    ),
    hop_4 AS (
        SELECT w.entity AS entity, w.id AS id, w.source AS source, w.rank AS rank, arrayPushBack(w.seen, e.b_source) AS seen, w.via AS via, w.names AS names,
               e.b AS reached, e.b_source AS reached_source, e.b_rank AS reached_rank, 4 AS hops
        FROM hop_3 AS w INNER JOIN identity_pairs AS e ON e.entity = w.entity AND e.a = w.reached
        WHERE NOT has(w.seen, e.b_source)
    ),
    walks AS (
        SELECT * FROM hop_1 UNION ALL SELECT * FROM hop_2 UNION ALL SELECT * FROM hop_3 UNION ALL SELECT * FROM hop_4
    ),
    drawn AS (
        SELECT entity, id, source, argMin(tuple(reached, hops, via, names), (reached_rank, reached_source, reached, hops, via)) AS to
        FROM walks
        WHERE (reached_rank, reached_source, reached) < (rank, source, id)
        GROUP BY entity, id, source
    ),
    joined AS (
        SELECT entity, id, to.1 AS row_id, to.3 AS via, to.4 AS names
        FROM drawn
        WHERE (entity, to.1) NOT IN (SELECT entity, id FROM drawn)
        ORDER BY to.2, id
        LIMIT 1 BY entity, to.1, source
    ),
    -- Few records are joined: these stand in memory, not all that might be named.
    told AS (
        SELECT j.entity AS entity, j.id AS id, j.row_id AS row_id, concat(if(j.names = 1, 'names ', 'named by '), v.key, ' of ', v.source) AS basis
        FROM identity_records AS v
        INNER JOIN joined AS j ON j.entity = v.entity AND j.via = v.id
    )
SELECT
    r.entity AS entity, r.id AS id, r.source AS source, r.record_id AS record_id, r.key AS key, r.url AS url, r.title AS title,
    r.services AS services, r.teams AS teams, r.severity AS severity, r.created_at AS created_at, r.ended_at AS ended_at,
    r.rank AS rank, r.pager AS pager,
    ifNull(j.row_id, r.id) AS row_id,
    ifNull(j.basis, 'its own record') AS basis
FROM identity_records AS r
LEFT JOIN told AS j ON j.entity = r.entity AND j.id = r.id

-- mart:    identity_pairs
-- title:   Records of two sources that name each other
-- grain:   one row per pair of records and direction
-- key:     entity, a, b
-- reads:   identity_records
-- tests:   unique(entity, a, b); a_source != b_source
-- note:    for the models. A record is paired with one record of each other
--          source at most: of several the first, by id.
-- columns:
--   entity: incident or change
--   a: id of one record
--   a_source: its source
--   a_rank: its source's rank
--   b: id of the other record
--   b_source: its source
--   b_rank: its source's rank
--   names: 1 when a names b, 0 when only b names a
WITH
    -- A reference fits a record's id, key or address exactly, else the end of the
    -- one address fits the other's id or key.
    bearers AS (
        SELECT entity, id, source, rank, named.1 AS name, named.2 AS way
        FROM (
            SELECT entity, id, source, rank, arrayJoin(arrayDistinct([
                (record_id, 'name'), (id, 'name'), (key, 'name'), (trim(TRAILING '/' FROM url), 'name'),
                (arrayLast(x -> x != '', splitByChar('/', path(url))), 'end')])) AS named
            FROM identity_records
        )
        WHERE named.1 != ''
    ),
    citations AS (
        SELECT entity, id, source, rank, cited, reads.1 AS name, reads.2 AS way, reads.3 AS precision
        FROM (
            SELECT entity, id, source, rank, trim(TRAILING '/' FROM arrayJoin(same_as)) AS cited,
                   arrayJoin(if(position(cited, '://') > 0,
                       [(cited, 'name', 0), (arrayLast(x -> x != '', splitByChar('/', path(cited))), 'name', 1)],
                       [(cited, 'name', 0), (cited, 'end', 1)])) AS reads
            FROM identity_records
            WHERE notEmpty(same_as)
        )
        WHERE reads.1 != ''
    ),
    -- What fits several records of other sources names none of them for sure.
    named AS (
        SELECT entity, by_id, by_source, by_rank, ids[1].1 AS of_id, ids[1].2 AS of_source, ids[1].3 AS of_rank
        FROM (
            SELECT c.entity AS entity, c.id AS by_id, c.source AS by_source, c.rank AS by_rank, c.cited AS cited, c.precision AS precision,
                   groupUniqArray((b.id, b.source, b.rank)) AS ids
            FROM bearers AS b
            INNER JOIN citations AS c ON c.entity = b.entity AND c.name = b.name AND c.way = b.way
            WHERE b.source != c.source
            GROUP BY entity, by_id, by_source, by_rank, cited, precision
            ORDER BY precision
            LIMIT 1 BY entity, by_id, cited
        )
        WHERE length(ids) = 1
    )
-- Both ways, and for each record one of each other source: the first by id.
SELECT entity, a, a_source, a_rank, b, b_source, b_rank, names
FROM (
    SELECT entity, a, a_source, a_rank, b, b_source, b_rank, max(way) AS names,
           min(b) OVER (PARTITION BY entity, a, b_source) AS first_b, min(a) OVER (PARTITION BY entity, b, a_source) AS first_a
    FROM (
        SELECT entity, by_id AS a, by_source AS a_source, by_rank AS a_rank, of_id AS b, of_source AS b_source, of_rank AS b_rank, 1 AS way FROM named
        UNION ALL
        SELECT entity, of_id AS a, of_source AS a_source, of_rank AS a_rank, by_id AS b, by_source AS b_source, by_rank AS b_rank, 0 AS way FROM named
    )
    GROUP BY entity, a, a_source, a_rank, b, b_source, b_rank
)
WHERE b = first_b AND a = first_a

-- staging:  stg_jira_transitions
-- title:    The changelog of Jira issues, as far as it tells their life
-- type:     jira
-- entity:   changelog
-- fills:    stg_ticket_transitions
-- note:     Data Center names no ids of fields, and the bulk answer of Cloud gives
--           times in milliseconds. A custom field may have the name of one of
--           Jira's own; of custom fields only the sprint is told. What an app or
--           nobody did is done by auto.
SELECT
    source, splitByChar('/', id)[1] AS id, concat(history, '/', toString(place)) AS event_id,
    version, run_id, seq, deleted, at, actor, field,
    ifNull(item.from, '') AS from_id, ifNull(item.fromString, '') AS from_value,
    ifNull(item.to, '') AS to_id, ifNull(item.toString, '') AS to_value,
    multiIf(items_are_text, 'items: is no list', isNull(at), concat('created: "', created, '" is not a time'), '') AS reason
FROM (
    SELECT
        source, raw_id AS id, version, run_id, seq, deleted,
        splitByChar('/', raw_id)[2] AS history,
        ifNull(j.created, '') AS created,
        if(match(created, '^\\d{4}-'), parseDateTime64BestEffortOrNull(created, 3, 'UTC'), fromUnixTimestamp64Milli(toInt64OrNull(created), 'UTC')) AS at,
        if(j.author.accountType = 'app', 'auto',
            coalesce(nullIf(j.author.displayName, ''), nullIf(j.author.name, ''), nullIf(j.author.accountId, ''), 'auto')) AS actor,
        variantType(j.items) = 'String' AS items_are_text,
        variantElement(j.items, 'Array(Tuple(field Nullable(String), fieldtype Nullable(String), fieldId Nullable(String), from Nullable(String), fromString Nullable(String), to Nullable(String), toString Nullable(String)))') AS items,
        arrayMap(i -> multiIf(
            startsWith(ifNull(i.fieldId, ''), 'customfield_') OR (ifNull(i.fieldId, '') = '' AND i.fieldtype = 'custom'),
                if(lower(ifNull(i.field, '')) = 'sprint', 'sprint', ''),
            ifNull(i.fieldId, '') = '' AND ifNull(i.fieldtype, '') != 'jira', '',
            lower(coalesce(nullIf(i.fieldId, ''), i.field, '')) IN ('issuetype', 'issue type'), 'type',
            lower(coalesce(nullIf(i.fieldId, ''), i.field, ''))), items) AS fields,
        arrayJoin(if(items_are_text, [0], arrayFilter((n, f) -> f IN ('status', 'resolution', 'assignee', 'priority', 'duedate', 'sprint', 'key', 'type', 'labels'),
            arrayEnumerate(items), fields))) AS place,
        items[place] AS item, fields[place] AS field
    FROM (
        SELECT *, id AS raw_id, JSONExtract(payload, 'Tuple(
            created Nullable(String),
            author Tuple(displayName Nullable(String), name Nullable(String), accountId Nullable(String), accountType Nullable(String)),
            items Variant(String, Array(Tuple(field Nullable(String), fieldtype Nullable(String), fieldId Nullable(String), from Nullable(String), fromString Nullable(String), to Nullable(String), toString Nullable(String)))))') AS j
        FROM new_records
    )
)

-- staging:  stg_jira_statuses
-- title:    The statuses of Jira's workflows
-- type:     jira
-- entity:   status
-- fills:    stg_statuses
-- note:     the key of a category is the same in every language.
SELECT
    source, id, version, run_id, seq, deleted,
    ifNull(j.name, '') AS name,
    transform(ifNull(j.statusCategory.key, ''), ['new', 'indeterminate', 'done'], ['todo', 'doing', 'done'], '') AS category,
    '' AS reason
FROM (
    SELECT *, JSONExtract(payload, 'Tuple(name Nullable(String), statusCategory Tuple(key Nullable(String)))') AS j
    FROM new_records
)

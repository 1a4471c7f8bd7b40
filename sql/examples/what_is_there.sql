-- example: what_is_there
-- title:   What can be asked
-- asks:    Which tables, views and functions are there, and what are they?
-- reads:   system.tables, system.functions
-- read:    Tables whose comment begins with internal are for the models. A view that takes parameters is called like
--          kpi_trend(kpi = 'backlog', period = 'month', dim = 'all', dim_value = '').
SELECT * FROM (
    SELECT name, multiIf(startsWith(comment, 'internal'), 'internal', notEmpty(parameterized_view_parameters), 'view with parameters', 'table') AS what, comment
    FROM system.tables WHERE database = currentDatabase() AND NOT startsWith(name, 'build_')
    UNION ALL
    SELECT name, 'function' AS what, create_query AS comment FROM system.functions WHERE origin = 'SQLUserDefined')
ORDER BY what, name

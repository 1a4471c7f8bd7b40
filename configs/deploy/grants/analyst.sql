-- What a person or a dashboard needs to read: this database and nothing else. The
-- profile of admin.sql bounds each query.
GRANT SELECT ON srekpi.* TO srekpi_analyst;
GRANT SELECT ON system.databases TO srekpi_analyst;
GRANT SELECT ON system.tables TO srekpi_analyst;
GRANT SELECT ON system.columns TO srekpi_analyst;
GRANT SELECT ON system.functions TO srekpi_analyst;

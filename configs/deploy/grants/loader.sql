-- What the user of run, ingest, transform, report, migrate and forget needs: all
-- within its database, and nothing outside but what tells it about that database.
GRANT SELECT, INSERT, ALTER, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE ON srekpi.* TO srekpi_loader;
-- Temporary names of the engine's own, for a WITH … AS MATERIALIZED.
GRANT CREATE TEMPORARY TABLE ON *.* TO srekpi_loader;
-- Functions are of the whole server: ClickHouse has no right to those of one database.
GRANT CREATE FUNCTION, DROP FUNCTION ON *.* TO srekpi_loader;
-- Needed where the server's config sets select_from_system_db_requires_grant. Each
-- shows only what the user may see.
GRANT SELECT ON system.databases TO srekpi_loader;
GRANT SELECT ON system.tables TO srekpi_loader;
GRANT SELECT ON system.columns TO srekpi_loader;
GRANT SELECT ON system.parts TO srekpi_loader;
GRANT SELECT ON system.functions TO srekpi_loader;
GRANT SELECT ON system.processes TO srekpi_loader;
-- Only with warehouse.cluster: the right to say ON CLUSTER.
-- GRANT CLUSTER ON *.* TO srekpi_loader;

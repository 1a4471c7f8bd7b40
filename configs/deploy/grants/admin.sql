-- Run by an administrator, once, before the other two. srekpi's users need no
-- right to create databases or users.
CREATE DATABASE IF NOT EXISTS srekpi;
-- A query of an analyst is stopped before it hurts the night's run. readonly = 2
-- lets a client choose formats and lower its limits, and write nothing.
CREATE SETTINGS PROFILE IF NOT EXISTS srekpi_analyst SETTINGS
    readonly = 2,
    max_execution_time = 60 MAX 600,
    max_memory_usage = 4000000000 MAX 8000000000,
    max_result_rows = 1000000 MAX 10000000,
    max_threads = 4 MAX 8;
-- Nobody can log in with a hash of zeros: put your own there, as
-- printf %s "$PASSWORD" | sha256sum prints it, or write IDENTIFIED WITH
-- ssl_certificate CN 'srekpi-loader'.
CREATE USER IF NOT EXISTS srekpi_loader
    IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000'
    DEFAULT DATABASE srekpi;
CREATE USER IF NOT EXISTS srekpi_analyst
    IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000'
    DEFAULT DATABASE srekpi
    SETTINGS PROFILE 'srekpi_analyst';

-- The roles of one PostgreSQL server, made once; setup.sh runs this as a superuser.
--
--   owner    owns the tables and migrates; nothing that serves people or phones connects as it
--   app      serves: reads and writes rows of the practice in scope, and no others
--   worker   leases background jobs of every practice; sees no other table
--   gate     reads the rows that access decisions are made from; sees no other table
--   backup   may read past row security, to dump; writes nothing
--
-- None is a superuser, none may make databases or roles, and only backup passes row security.

\set QUIET on
SET client_min_messages = warning;
-- A password must not reach the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET password_encryption = 'scram-sha-256';

SELECT format('CREATE ROLE %I', wanted)
FROM unnest(ARRAY['pocketward_owner', 'pocketward_app', 'pocketward_worker', 'pocketward_gate',
                  'pocketward_backup']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted)
\gexec

ALTER ROLE pocketward_owner  LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'owner_password';
ALTER ROLE pocketward_app    LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'app_password';
ALTER ROLE pocketward_worker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'worker_password';
ALTER ROLE pocketward_gate   LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'gate_password';
ALTER ROLE pocketward_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS
  PASSWORD :'backup_password';

ALTER ROLE pocketward_gate   SET default_transaction_read_only = on;
ALTER ROLE pocketward_backup SET default_transaction_read_only = on;

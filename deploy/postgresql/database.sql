-- One database for Pocketward; setup.sh runs this as a superuser after roles.sql.
-- The rights on single tables come with the tables, in the migrations.

SELECT format('CREATE DATABASE %I OWNER pocketward_owner TEMPLATE template0 ENCODING ''UTF8''', :'name')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name')
\gexec

REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name"
  TO pocketward_app, pocketward_worker, pocketward_gate, pocketward_backup;

\connect :"name"
SET client_min_messages = warning;

-- Before PostgreSQL 15 anybody could make tables here.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO pocketward_owner;
GRANT USAGE ON SCHEMA public TO pocketward_app, pocketward_worker, pocketward_gate, pocketward_backup;

ALTER DEFAULT PRIVILEGES FOR ROLE pocketward_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pocketward_app;
ALTER DEFAULT PRIVILEGES FOR ROLE pocketward_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO pocketward_app;
ALTER DEFAULT PRIVILEGES FOR ROLE pocketward_owner IN SCHEMA public
  GRANT SELECT ON TABLES TO pocketward_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE pocketward_owner IN SCHEMA public
  GRANT SELECT ON SEQUENCES TO pocketward_backup;

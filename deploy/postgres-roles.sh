#!/bin/sh
# Runs once, when the database is made: the role that the application connects as owns nothing and is no superuser.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set password="$APPLICATION_PASSWORD" <<'SQL'
CREATE ROLE cliffhanger_app LOGIN PASSWORD :'password';
SQL

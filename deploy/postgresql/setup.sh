#!/bin/sh
# Makes the roles, their passwords and the empty database that Pocketward asks for on PostgreSQL.
#
#     deploy/postgresql/setup.sh PASSWORD_FOLDER [DATABASE]
#
# Run it as root on the database's own machine, or anywhere as a user whose `psql` reaches the server as a
# superuser (PGHOST, PGUSER and PGPASSWORD say how). Running it again changes nothing that stands, and
# gives each role the password of its file again.
#
# PASSWORD_FOLDER gets one file for each role. Its owner is you: give it to the user that runs Pocketward
# afterwards. Nothing but these files holds the passwords; they are not shown and not in any argument list.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=${1:?"name the folder for the passwords, for example /etc/pocketward/database"}
name=${2:-pocketward}

case $name in
  *[!a-z0-9_]*|'') echo "The database's name may hold only a-z, 0-9 and _." >&2; exit 2 ;;
esac

superuser_psql() {
  if [ "$(id -u)" = 0 ] && [ -z "${PGUSER:-}" ]; then
    # The superuser that Debian's packages make signs in by its name on this machine.
    runuser -u postgres -- psql "$@"
  else
    psql "$@"
  fi
}

umask 077
mkdir -p "$folder"
for role in owner app worker gate backup; do
  if [ ! -s "$folder/$role" ]; then
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$folder/$role"
  fi
done

{
  echo "\\set name $name"
  for role in owner app worker gate backup; do
    echo "\\set ${role}_password $(cat "$folder/$role")"
  done
  cat "$here/roles.sql" "$here/database.sql"
} | superuser_psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres --file -

echo "The database $name is ready. Its passwords are in $folder."

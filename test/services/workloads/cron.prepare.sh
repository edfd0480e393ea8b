# A user alice who has a crontab.
set -e
id alice >/dev/null 2>&1 || useradd --create-home --shell /bin/sh alice

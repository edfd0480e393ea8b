# A source is edited with sed -i, which replaces the file by rename.
sed -i "s/127\.0\.0\.[0-9]*/127.0.0.$((RANDOM % 99 + 100))/" /etc/chrony/sources.d/proof.sources
want=$(grep -o '127[0-9.]*' /etc/chrony/sources.d/proof.sources)
chronyc reload sources | grep -q OK || { echo 'the sources were not read'; exit 1; }
chronyc -n sources | grep -q "$want" || { echo 'the new source is missing'; exit 1; }

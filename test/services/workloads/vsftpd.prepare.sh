# A user alice who may log in with a password and write; sessions are confined to the user's home.
set -e
id alice >/dev/null 2>&1 || useradd --create-home --shell /bin/sh alice
echo alice:correct-horse | chpasswd
cat >/etc/vsftpd.conf <<'CONF'
listen=YES
listen_address=127.0.0.1
local_enable=YES
write_enable=YES
chroot_local_user=YES
allow_writeable_chroot=YES
xferlog_enable=YES
secure_chroot_dir=/var/run/vsftpd/empty
pam_service_name=vsftpd
CONF

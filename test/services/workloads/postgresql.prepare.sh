systemd-tmpfiles --create

# A daemon for the tests of `allowtrace service`: perl daemon.pl NAME [WORD…]. It tells in /run/probe/NAME who and what it is, reads
# /srv/mark/NAME, and lives on. SIGHUP makes it read /srv/mark/NAME.reload.
#   fork      the daemon is a child, the first process ends        pidfile  …and its pid is in /run/probe/NAME.pid
#   child     READY=1 comes from a child                           once     ends at once
use strict;
use Socket;
my ($name, @words) = @ARGV;
my %is = map { $_ => 1 } @words;
sub report { open my $out, '>>', "/run/probe/$name" or die "$name: $!"; print $out @_, "\n"; close $out }
sub mark { open my $in, '<', "/srv/mark/$name" . shift or die; close $in }
sub ready {
	my $path = $ENV{NOTIFY_SOCKET} or return;
	$path =~ s/^@/\0/;
	socket my $to, AF_UNIX, SOCK_DGRAM, 0 or die;
	send $to, 'READY=1', 0, pack_sockaddr_un($path) or die "notify: $!";
}
if ($is{fork}) {
	pipe my $from, my $to;
	if (my $child = fork) { close $to; readline $from; exit 0 }
	require POSIX; POSIX::setsid();
	if ($is{pidfile}) { open my $out, '>', "/run/probe/$name.pid"; print $out "$$\n"; close $out }
}
mark('');
open my $cmdline, '<', '/proc/self/cmdline'; my ($argv0) = split /\0/, readline $cmdline; close $cmdline;
report "pid=$$ uid=$> argv0=$argv0 listen=", ($ENV{LISTEN_PID} // '') eq $$ ? $ENV{LISTEN_FDS} : 0;
exit 0 if $is{once};
if ($is{child} && !fork) { ready(); sleep 1 while 1 }
ready() unless $is{child};
$SIG{HUP} = sub { mark('.reload'); report 'reloaded' };
close STDOUT;
sleep 3600 while 1;

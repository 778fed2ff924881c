# Builds the sandbox of bubblewrap.ts where bubblewrap is not installed. Perl is part of every Debian and Ubuntu, its
# syscall() reaches everything that bubblewrap calls, and nothing needs to be compiled.
#
#   perl enclose.pl ARCHITECTURE PARENT OPTIONS -- PROGRAM ARGUMENTS
#
# OPTIONS are bubblewrap's own, as far as bubblewrap.ts uses them: both modes are built from one description. What is
# not known here is refused, and so is every step that fails: then the program is not started. A failure is one line,
# "namespaces: STEP: REASON". No module is loaded: after the old root is gone none could be found.
use strict;
use warnings;

# In one piece: two processes of the same sandbox may say something at once.
sub fail { syswrite STDERR, join '', 'namespaces: ', @_, "\n"; exit 1 }

my ($architecture, $parent) = splice @ARGV, 0, 2;
my %CALLS = (
    x64 => {
        capset => 126, close_range => 436, ioctl => 16, mount => 165, mount_setattr => 442, openat => 257,
        pivot_root => 155, prctl => 157, sethostname => 170, setsid => 112, socket => 41, umount2 => 166, unshare => 272,
    },
    arm64 => {
        capset => 91, close_range => 436, ioctl => 29, mount => 40, mount_setattr => 442, openat => 56,
        pivot_root => 41, prctl => 167, sethostname => 161, setsid => 157, socket => 198, umount2 => 39, unshare => 97,
    },
);
my $calls = $CALLS{$architecture // ''} or fail("architecture: $architecture is not known");

# syscall() gives a number as a number and a string as an address, and wants both in variables of their own.
sub call { my ($name, @arguments) = @_; return syscall($calls->{$name}, @arguments) }
sub must { my ($step, $name, @arguments) = @_; my $result = call($name, @arguments); fail("$step: $!") if $result == -1; return $result }

# linux/mount.h, linux/sched.h, linux/prctl.h, linux/capability.h, linux/seccomp.h
my ($RDONLY, $NOSUID, $NODEV, $NOEXEC) = (1, 2, 4, 8);    # MS_ and MOUNT_ATTR_ agree on these
my ($BIND, $REC, $PRIVATE) = (0x1000, 0x4000, 0x40000);
my ($AT_FDCWD, $AT_RECURSIVE, $DETACH) = (-100, 0x8000, 2);
my %NEW = (ns => 0x20000, cgroup => 0x2000000, uts => 0x4000000, ipc => 0x8000000, user => 0x10000000, pid => 0x20000000, net => 0x40000000);
my ($PDEATHSIG, $DUMPABLE, $SECCOMP, $CAPBSET_DROP, $NO_NEW_PRIVS, $AMBIENT) = (1, 4, 22, 24, 38, 47);
my %CAPABILITY = (CAP_SETGID => 6, CAP_SETUID => 7);
my ($SIGKILL, $EINTR, $EINVAL) = (9, 4, 22);

# ---------------------------------------------------------------- what is asked for

my %ARITY = (
    (map { $_ => 0 } qw(die-with-parent new-session unshare-pid unshare-ipc unshare-uts unshare-cgroup-try unshare-net unshare-user)),
    (map { $_ => 1 } qw(json-status-fd uid gid hostname perms size tmpfs dir proc dev remount-ro chdir seccomp cap-drop cap-add)),
    (map { $_ => 2 } qw(ro-bind ro-bind-try bind symlink ro-bind-data)),
);
my (%set, @keep, @steps, %next);
while (@ARGV && (my $option = shift @ARGV) ne '--') {
    $option =~ s/^--//;
    my $arity = $ARITY{$option};
    fail("options: --$option is not known") unless defined $arity;
    my @values = splice @ARGV, 0, $arity;
    fail("options: --$option needs $arity") unless @values == $arity;
    if ($option eq 'perms') { $next{perms} = oct $values[0] }
    elsif ($option eq 'size') { $next{size} = $values[0] + 0 }
    elsif ($option eq 'cap-add') { push @keep, $CAPABILITY{ $values[0] } // fail("options: $values[0] is not known") }
    elsif ($option =~ /^(ro-bind(-try|-data)?|bind|symlink|tmpfs|dir|proc|dev|remount-ro)$/) {
        push @steps, [$option, {%next}, @values];
        %next = ();
    }
    else { $set{$option} = $arity ? $values[0] : 1 }
}
for (qw(die-with-parent new-session unshare-pid unshare-ipc unshare-uts unshare-net json-status-fd seccomp)) {
    fail("options: there is no --$_") unless defined $set{$_};
}
fail('options: there is no program') unless @ARGV;

sub whole { my ($descriptor, $what) = @_; open my $in, '<&=', $descriptor + 0 or fail("$what: $!"); binmode $in; local $/; return <$in> // '' }
my $filter = whole($set{seccomp}, 'filter');
fail('filter: it is empty or cut') if length($filter) == 0 || length($filter) % 8;
for (@steps) { $_->[2] = whole($_->[2], 'data') if $_->[0] eq 'ro-bind-data' }

# ---------------------------------------------------------------- new namespaces

# The process that started us may be gone already.
must('end with the parent', 'prctl', $PDEATHSIG, $SIGKILL, 0, 0, 0);
exit 1 if getppid() != $parent;

my ($uid, $gid) = ($> + 0, (split ' ', $))[0] + 0);
my $proc = must('open /proc', 'openat', $AT_FDCWD, '/proc', 0, 0);

sub put {    # into a file of this process in /proc
    my ($name, $text) = @_;
    my $descriptor = must("open $name", 'openat', $proc, "self/$name", 1, 0);
    open my $out, '>&=', $descriptor or fail("$name: $!");
    syswrite($out, $text) == length $text or fail("$name: $!");
    close $out;
}

sub own_users {    # a user namespace in which we are that user
    my ($inside_uid, $outside_uid, $inside_gid, $outside_gid) = @_;
    must('new user namespace', 'unshare', $NEW{user});
    put('uid_map', "$inside_uid $outside_uid 1\n");
    put('setgroups', "deny\n");
    put('gid_map', "$inside_gid $outside_gid 1\n");
}

# Terminals need a root user, so the command's own number comes later.
own_users(0, $uid, 0, $gid) if $set{'unshare-user'};
must('new namespaces', 'unshare', $NEW{ns} | $NEW{pid} | $NEW{net} | $NEW{ipc} | $NEW{uts});
call('unshare', $NEW{cgroup}) if $set{'unshare-cgroup-try'};

pipe my $alive, my $living or fail("pipe: $!");
my $first = fork // fail("fork: $!");
if ($first) {
    # Holds the writing end for as long as it lives, and nothing else.
    close $alive;
    open my $report, '>&=', $set{'json-status-fd'} + 0 or fail("report: $!");
    syswrite $report, "{ \"child-pid\": $first }\n";
    close $report;
    give_up();
    must('end with the parent', 'prctl', $PDEATHSIG, $SIGKILL, 0, 0, 0);
    exit 1 if getppid() != $parent;
    syswrite $living, 'g';
    my $ended;
    do { $ended = waitpid $first, 0 } while $ended == -1 && $! == $EINTR;
    exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
}
close $living;
must('end with the outer process', 'prctl', $PDEATHSIG, $SIGKILL, 0, 0, 0);
sysread($alive, my $word, 1) or exit 1;

# ---------------------------------------------------------------- the tree of mounts

sub mounted { my ($source, $target, $type, $flags, $data) = @_; must("mount $target", 'mount', "$source", "$target", "$type", $flags | 0, "$data") }
sub limited { my ($target, $flags, $how) = @_; must("limit $target", 'mount_setattr', $AT_FDCWD, "$target", $how, pack('Q4', $flags, 0, 0, 0), 32) }

# Links in a source are followed while the old root is the root.
sub real {
    my ($path) = @_;
    my $descriptor = call('openat', $AT_FDCWD, "$path", 0x200000, 0);    # O_PATH
    return undef if $descriptor == -1;
    my $real = readlink "/proc/self/fd/$descriptor";
    call('close_range', $descriptor, $descriptor, 0);
    return $real;
}
for my $step (@steps) {
    next unless $step->[0] =~ /^(ro-)?bind(-try)?$/;
    my $real = real($step->[2]);
    fail("find $step->[2]: $!") unless defined $real || $1 && $2;
    $step->[2] = $real;
}

must('mounts of our own', 'mount', 'none', '/', '', $REC | $PRIVATE, '');
mounted('cody', '/tmp', 'tmpfs', $NOSUID | $NODEV, 'mode=0755,size=1m');
chdir '/tmp' or fail("chdir: $!");
umask 022;
mkdir $_ or fail("mkdir $_: $!") for qw(new old);
mounted('new', 'new', '', $BIND | $REC, '');
must('change the root', 'pivot_root', '.', 'old');
chdir '/' or fail("chdir: $!");

my @closed;    # nothing of ours is made below these: a command may have put a link there

sub place {    # where a path of the new root stands now, the folders above it made
    my ($path) = @_;
    fail("place $path: it is no plain path") if $path !~ m{^(/[^/\0]+)+$} || $path =~ m{/\.\.?(/|$)};
    for my $closed (@closed) { fail("place $path: it is below $closed") if index($path, "$closed/") == 0 }
    my @names = split m{/}, substr $path, 1;
    my $last = pop @names;
    my $at = '/new';
    for my $name (@names) {
        $at .= "/$name";
        fail("place $path: $at is a link") if -l $at;
        -d $at || mkdir $at, 0755 or fail("mkdir $at: $!");
    }
    return "$at/$last";
}

sub folder { my ($place, $mode) = @_; -d $place || mkdir $place or fail("mkdir $place: $!"); chmod $mode, $place if defined $mode; return $place }

sub file {
    my ($place, $text, $mode) = @_;
    fail("write $place: it is a link") if -l $place;
    open my $out, '>', $place or fail("write $place: $!");
    print $out $text;
    close $out or fail("write $place: $!");
    chmod $mode, $place if defined $mode;
}

sub bound {
    my ($source, $path, $flags) = @_;
    my $place = place($path);
    -d "/old$source" ? folder($place) : file($place, '');
    mounted("/old$source", $place, '', $BIND | $REC, '');
    limited($place, $flags | $NOSUID | $NODEV, $AT_RECURSIVE);
    push @closed, $path;
}

sub devices {
    my ($path) = @_;
    my $place = folder(place($path));
    mounted('cody', $place, 'tmpfs', $NOSUID, 'mode=0755,size=64k');
    for (qw(null zero full random urandom tty)) {
        next unless -e "/old/dev/$_";
        file("$place/$_", '');
        mounted("/old/dev/$_", "$place/$_", '', $BIND, '');
    }
    my %links = (fd => '/proc/self/fd', stdin => '/proc/self/fd/0', stdout => '/proc/self/fd/1', stderr => '/proc/self/fd/2', ptmx => 'pts/ptmx');
    symlink $links{$_}, "$place/$_" or fail("link $_: $!") for keys %links;
    folder("$place/$_", 0755) for qw(pts shm);
    mounted('devpts', "$place/pts", 'devpts', $NOSUID | $NOEXEC, 'newinstance,ptmxmode=0666,mode=620');
}

sub processes {
    my ($path) = @_;
    my $place = folder(place($path));
    mounted('proc', $place, 'proc', $NOSUID | $NODEV | $NOEXEC, '');
    for my $name (qw(sys sysrq-trigger irq bus)) {
        next unless -e "$place/$name";
        mounted("$place/$name", "$place/$name", '', $BIND | $REC, '');
        limited("$place/$name", $RDONLY | $NOSUID | $NODEV | $NOEXEC, $AT_RECURSIVE);
    }
    push @closed, $path;
}

for (@steps) {
    my ($kind, $with, $one, $two) = @$_;
    if ($kind =~ /bind(-try)?$/) { bound($one, $two, $kind eq 'bind' ? 0 : $RDONLY) if defined $one }
    elsif ($kind eq 'ro-bind-data') { file(place($two), $one, $with->{perms} // 0600) }
    elsif ($kind eq 'symlink') { symlink $one, place($two) or fail("link $two: $!") }
    elsif ($kind eq 'dir') { folder(place($one), $with->{perms} // 0755) }
    elsif ($kind eq 'tmpfs') { mounted('cody', folder(place($one)), 'tmpfs', $NOSUID | $NODEV, sprintf 'mode=%04o,size=%d', $with->{perms} // 0755, $with->{size} // 1 << 20) }
    elsif ($kind eq 'proc') { processes($one) }
    elsif ($kind eq 'dev') { devices($one) }
    elsif ($kind eq 'remount-ro') { limited($one eq '/' ? '/new' : "/new$one", $RDONLY, 0) }
}

must('leave the old root', 'umount2', '/old', $DETACH);
chdir '/new' or fail("chdir: $!");
must('change the root', 'pivot_root', '.', '.');
must('leave the old root', 'umount2', '.', $DETACH);
chdir '/' or fail("chdir: $!");

# ---------------------------------------------------------------- the rest, and the program

must('name the machine', 'sethostname', "$set{hostname}", length $set{hostname}) if defined $set{hostname};

my $socket = must('loopback', 'socket', 2, 2, 0);
my $request = pack 'a16 s x22', 'lo', 1 | 0x40;    # IFF_UP, IFF_RUNNING
must('loopback', 'ioctl', $socket, 0x8914, $request);    # SIOCSIFFLAGS

own_users($set{uid} + 0, 0, $set{gid} + 0, 0) if $set{'unshare-user'};

sub give_up {    # every capability but these, and every way to one
    my %kept = map { $_ => 1 } @_;
    for my $capability (0 .. 63) {
        next if $kept{$capability};
        last if call('prctl', $CAPBSET_DROP, $capability, 0, 0, 0) == -1 && $! == $EINVAL;
    }
    call('prctl', $AMBIENT, 4, 0, 0, 0);    # PR_CAP_AMBIENT_CLEAR_ALL
    my $bits = 0;
    $bits |= 1 << $_ for keys %kept;
    must('drop capabilities', 'capset', pack('LL', 0x20080522, 0), pack('L6', $bits, $bits, 0, 0, 0, 0));
    must('gain nothing', 'prctl', $NO_NEW_PRIVS, 1, 0, 0, 0);
}

sub filtered { must('filter', 'prctl', $SECCOMP, 2, pack('S x6 P', length($filter) / 8, $filter), 0, 0) }

# The first process of the namespace: signals that a command sends to itself would be ignored in it, and when it ends
# the kernel ends the rest.
my $program = fork // fail("fork: $!");
if ($program) {
    give_up();
    # Dropping capabilities has cleared it.
    must('end with the outer process', 'prctl', $PDEATHSIG, $SIGKILL, 0, 0, 0);
    must('hide from the command', 'prctl', $DUMPABLE, 0, 0, 0, 0);
    filtered();
    my $readable = '';
    vec($readable, fileno($alive), 1) = 1;
    exit 1 if select($readable, undef, undef, 0);    # the outer process is gone
    must('close descriptors', 'close_range', 0, 0xffffffff, 0);
    while ((my $ended = wait) != -1) {
        exit($? & 127 ? 128 + ($? & 127) : $? >> 8) if $ended == $program;
    }
    exit 1;
}
must('close descriptors', 'close_range', 3, 0xffffffff, 4);    # when the program starts
fail("chdir: $!") unless chdir($set{chdir} // '/');
must('new session', 'setsid');
give_up(@keep);
filtered();
exec { $ARGV[0] } @ARGV or fail("start $ARGV[0]: $!");

import test from 'ava';
import { becomeWords, obstacleToBecoming } from '../../src/systemd/become.ts';

const show = (given: Record<string, string>) =>
  Object.assign((name: string) => given[name] ?? '', { has: (name: string) => name in given });

test('A command becomes the unit’s user, in his groups and the unit’s, without what only strace needs', t => {
  const words = becomeWords('/bin/setpriv', show({ User: 'web', CapabilityBoundingSet: 'cap_setuid cap_net_raw' }), {
    gid: '33',
    groups: ['33', '4'],
  });
  t.deepEqual(words, [
    '/bin/setpriv',
    '--reuid=web',
    '--regid=33',
    '--groups=33,4',
    '--bounding-set=-sys_ptrace,-setgid,-setpcap',
    '--',
  ]);
  const other = becomeWords(
    '/bin/setpriv',
    show({
      User: 'web',
      Group: 'adm',
      SupplementaryGroups: 'tty disk',
      CapabilityBoundingSet: 'cap_sys_ptrace cap_setuid cap_setgid cap_setpcap',
      AmbientCapabilities: 'cap_net_raw cap_kill',
    }),
    { gid: '33', groups: ['33', '4'] },
  );
  t.deepEqual(other.slice(2), [
    '--regid=adm',
    '--groups=adm,4,tty,disk',
    '--inh-caps=-all,+net_raw,+kill',
    '--ambient-caps=+net_raw,+kill',
    '--',
  ]);
});

test('Where systemd makes more of a user than setpriv can, strace runs as the service does', t => {
  for (const [name, value] of [
    ['DynamicUser', 'yes'],
    ['PAMName', 'login'],
    ['PrivateUsers', 'yes'],
    ['PrivateUsers', 'self'],
    ['SecureBits', '16'],
  ] as const)
    t.regex(obstacleToBecoming(show({ [name]: value })) ?? '', new RegExp(`^${name}=`));
  t.is(obstacleToBecoming(show({ DynamicUser: 'no', PrivateUsers: 'no', SecureBits: '0' })), null);
});

// What a unit's settings say about its service, and what systemd says of a drop-in for it.

import test from 'ava';
import { assess } from '../../src/systemd/analyze.ts';
import { serviceOf } from '../../src/systemd/service.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { systemdVersion } from '../../src/systemd/version.ts';

const service = (text: string): ReturnType<typeof serviceOf> =>
  serviceOf(readUnitText(Buffer.from(`[Service]\n${text}`), 'x.service'), {
    user: name => (name === 'app' ? { uid: 110, gid: 111 } : null),
    group: name => (name === 'spool' ? 30 : null),
  });

test('user, type, umask, ambient capabilities, commands', t => {
  t.deepEqual(
    service(
      'User=app\nType=exec\nUMask=007\nAmbientCapabilities=CAP_CHOWN CAP_KILL\nExecStart=/bin/app -d\nExecStartPre=+-/bin/mkdir /run/app\n',
    ),
    {
      user: 'app',
      uid: 110,
      owner: { uid: 110, gid: 111 },
      runtimeDirectories: [],
      type: 'exec',
      umask: 7,
      ambient: ['CAP_CHOWN', 'CAP_KILL'],
      commands: [
        { name: 'ExecStart', program: '/bin/app', unconfined: false },
        { name: 'ExecStartPre', program: '/bin/mkdir', unconfined: true },
      ],
    },
  );
});

test('PermissionsStartOnly=yes: every command but ExecStart= runs outside the sandbox', t => {
  const text = 'PermissionsStartOnly=yes\nExecStartPre=/bin/a\nExecStart=/bin/b\nExecReload=/bin/c\nExecStop=/bin/d\n';
  t.deepEqual(
    service(text)
      .commands.filter(({ unconfined }) => !unconfined)
      .map(({ name }) => name),
    ['ExecStart'],
  );
});

test('a command that starts as root whatever User= says: nothing is concluded from the user', t => {
  t.is(service('User=app\nExecStart=!/bin/app\n').uid, undefined);
  t.is(service('User=nobody-here\nExecStart=/bin/app\n').uid, undefined);
});

test('whom the directories that systemd makes belong to', t => {
  t.deepEqual(service('ExecStart=/bin/app\n').owner, { uid: 0, gid: 0 });
  t.deepEqual(service('Group=spool\nExecStart=/bin/app\n').owner, { uid: 0, gid: 30 });
  t.deepEqual(service('User=app\nGroup=spool\nUser=\nGroup=\nExecStart=/bin/app\n').owner, { uid: 0, gid: 0 });
  t.deepEqual(
    service('User=app\nExecStart=!/bin/app\n').owner,
    { uid: 110, gid: 111 },
    'the user, also where the command starts as root',
  );
  t.is(service('User=app\nGroup=nobody-here\nExecStart=/bin/app\n').owner, null);
  t.is(service('User=nobody-here\nExecStart=/bin/app\n').owner, null);
  t.is(service('DynamicUser=1\nUser=app\nExecStart=/bin/app\n').owner, null, 'systemd makes one up');
});

test('directories of /run that the unit has made already', t => {
  const text = 'RuntimeDirectory=old\nRuntimeDirectory=\nRuntimeDirectory=app app/sub:link\nExecStart=/bin/app\n';
  t.deepEqual(service(text).runtimeDirectories, ['/run/app', '/run/app/sub']);
});

test('systemd scores a drop-in and names the lines that it does not take', async t => {
  if ((await systemdVersion()) === null) return t.pass('skipped: systemd is not installed');
  const subject = { name: 'x.service', files: [] };
  const good = await assess(subject)('[Service]\nProtectSystem=strict\n');
  t.deepEqual(good?.problems, []);
  t.true((good?.after?.score ?? 10) < (good?.before?.score ?? 0));
  const bad = await assess(subject)('[Service]\nSystemCallFilter=read no_such_call\n');
  t.is(bad?.problems.length, 1);
  t.like(bad?.problems[0], { line: 2 });
});

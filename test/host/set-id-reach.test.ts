// Whether a unit that starts as root may come to start a program that gains privileges. Real programs of this machine, and scripts.

import { existsSync, mkdtempSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import test from 'ava';
import { setIdInReach } from '../../src/host/set-id-reach.ts';

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-'));
test.after.always(() => rm(folder, { recursive: true }));
const PATH = `/usr/sbin:/usr/bin:/sbin:/bin:${folder}`;

async function program(name: string, content: string, mode = 0o755): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

const reach = (command: string, environment = ''): string | null =>
  setIdInReach([{ words: command.split(' '), environment }], PATH);
const asRoot = process.geteuid?.() === 0 ? test : test.skip;

test('a program that can start nothing, or names nothing that gains privileges, is out of reach of them', t => {
  t.is(reach('/bin/true'), null);
  t.is(reach('/bin/mkdir -p /run/x'), null);
  t.is(reach('/no/such/program'), null);
});

test('what gives commands to a shell, is an interpreter, is static or is named by a variable may start anything', async t => {
  t.regex(reach('/usr/bin/perl -e 1') ?? '', /gives commands to a shell/);
  const script = await program('daemon.pl', '#!/usr/bin/perl\n');
  t.regex(reach(script) ?? '', /is a script of \/usr\/bin\/perl/);
  t.regex(reach('$DAEMON -x') ?? '', /named by a variable/);
  if (existsSync('/sbin/ldconfig')) t.regex(reach('/sbin/ldconfig') ?? '', /linked statically/);
});

test('a set-gid program is found behind words, scripts, what they read, and variables', async t => {
  const gains = await program('gains', '\x7fELF', 0o2755);
  const library = await program('functions', `start() { ${gains}; }\n`, 0o644);
  const script = await program('outer', '#!/bin/sh\nexec inner\n');
  await program('inner', `#!/bin/sh -e\n. ${library}\nstart\n`);
  for (const command of [gains, `/bin/true ${gains}`, script, 'sh -c gains', `nice ${script}`, `/bin/sh ${script}`])
    t.regex(reach(command) ?? '', /gains privileges|\/gains/, command);
  t.regex(reach('/bin/true $WORDS', `WORDS=-x ${gains}`) ?? '', /gains privileges/);
  const unknown = await program('unknown', '#!/bin/sh\n. "$HERE/functions"\n');
  t.regex(reach(unknown) ?? '', /cannot be followed/);
});

asRoot('a program that makes root of others is nothing to root, unless another user may start it', async t => {
  const becomes = await program('becomes', '\x7fELF', 0o4755);
  const script = async (text: string): Promise<string | null> => reach(await program('script', `#!/bin/sh\n${text}\n`));
  t.is(await script(`true && ${becomes} -o x`), null);
  t.is(await script(`setpriv --reuid=1 true\n${becomes}`), null);
  t.is(await script(`setpriv --reuid=1 sh -c "true"\n${becomes}`), null);
  for (const text of [
    `setpriv --reuid=1 \\\n  ${becomes}`,
    `runuser -u nobody -- sh -c "${becomes}"`,
    `X=${becomes}\nsetpriv --reuid=1 $X`,
    `setpriv --reuid=1 sh <<E\n${becomes}\nE`,
    `su nobody -c "true\n${becomes}"`,
  ])
    t.regex((await script(text)) ?? '', /(?:becomes|su), which gains privileges/, text);
});

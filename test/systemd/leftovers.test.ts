import test from 'ava';
import { leftovers, type RunView, slotOf } from '../../src/systemd/leftovers.ts';

const view = (given: Partial<RunView>): RunView => ({
  names: ['web'],
  declared: [],
  made: [],
  owned: [],
  held: [],
  foreign: [],
  entries: [],
  exists: () => true,
  ...given,
});

test('A service has an entry of its own in /run, /run/lock or /run/private; those of the machine are nobody’s', t => {
  t.is(slotOf('/run/web/a/b.sock'), '/run/web');
  t.is(slotOf('/run/web.pid'), '/run/web.pid');
  t.is(slotOf('/run/lock/web/x'), '/run/lock/web');
  t.is(slotOf('/run/private/web'), '/run/private/web');
  for (const path of [
    '/run',
    '/run/lock',
    '/run/systemd/notify',
    '/run/user/1000/bus',
    '/run/utmp',
    '/var/lib/web',
    '/runner/x',
  ])
    t.is(slotOf(path), null, path);
});

test('Set aside is what the unit declares, what goes by its name, belongs to its user, is held or was made by it', t => {
  const entries = ['/run/web', '/run/web.pid', '/run/lock/web', '/run/other', '/run/systemd'];
  t.deepEqual(leftovers(view({ entries })), ['/run/lock/web', '/run/web', '/run/web.pid']);
  t.deepEqual(leftovers(view({ declared: ['/run/state/web'] })), ['/run/state']);
  t.deepEqual(leftovers(view({ owned: ['/run/x'], made: ['/run/y/z.sock', '/etc/passwd'] })), ['/run/x', '/run/y']);
  t.deepEqual(leftovers(view({ entries, exists: path => path !== '/run/web' })), ['/run/lock/web', '/run/web.pid']);
});

test('What processes or units of others have in /run stays; beside it goes only what the service itself made', t => {
  const made = ['/run/pool/a.sock', '/run/pool/a.pid', '/run/pool/b.sock'];
  t.deepEqual(leftovers(view({ made, held: ['/run/pool/b.sock'] })), ['/run/pool/a.pid', '/run/pool/a.sock']);
  t.deepEqual(leftovers(view({ owned: ['/run/pool'], foreign: ['/run/pool'] })), []);
  t.deepEqual(
    leftovers(view({ declared: ['/run/pool'], foreign: ['/run/pool'] })),
    ['/run/pool'],
    'two units, one directory',
  );
  t.deepEqual(leftovers(view({ entries: ['/run/web'], held: ['/run/web/sub/x'] })), []);
});

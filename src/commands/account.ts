// The user who runs a command, as this machine knows him.

import process from 'node:process';
import { UsageError } from '../errors.ts';
import { accountNamed } from '../host/machine.ts';
import type { Account } from '../systemd/specifiers.ts';

/** Who runs this, for `--user`. */
export function account(): Account {
  const uid = process.getuid?.() ?? 0;
  const found = accountNamed(String(uid));
  if (found === null)
    throw new UsageError('no-account', `--user: /etc/passwd has no user ${uid}`, 'run it as the user of the unit');
  return found;
}

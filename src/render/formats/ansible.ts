// A proposal as a play of Ansible: it installs the drop-in, and a handler restarts the service when that changed. `!unsafe`, since a name from a
// log may look like a template of Jinja. Sources: Ansible, «Unsafe or raw strings»; YAML 1.1, 5.4: what counts as the end of a line.

import type { Policy } from '../../policy/policy.ts';
import { headLines, renderDropin } from '../dropin.ts';

/** A double-quoted scalar of YAML in ASCII: JSON is one. */
const yamlString = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/gu, char => `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`);

/** Lines that stand as they are where nothing in them can be an end of line of YAML's own. */
const block = (text: string, indent: string): string =>
  /[^ -~\n]/.test(text)
    ? `!unsafe ${yamlString(text)}`
    : `!unsafe |\n${text
        .trimEnd()
        .split('\n')
        .map(line => (line === '' ? '' : `${indent}${line}`))
        .join('\n')}`;

/** The play. */
export function renderAnsible(policy: Policy): string {
  const name = policy.target.unit ?? 'NAME.service';
  const unit = name.includes('.') ? name : `${name}.service`;
  const directory = `/etc/systemd/system/${unit}.d`;
  return `${headLines(policy).join('\n')}
- name: !unsafe ${yamlString(`Sandbox ${unit}`)}
  hosts: all
  become: true
  tasks:
    - name: Create the directory of the drop-in
      ansible.builtin.file:
        path: !unsafe ${yamlString(directory)}
        state: directory
        mode: "0755"
    - name: Install the drop-in
      ansible.builtin.copy:
        dest: !unsafe ${yamlString(`${directory}/allowtrace.conf`)}
        mode: "0644"
        content: ${block(renderDropin(policy), '          ')}
      notify: Restart the service
  handlers:
    - name: Restart the service
      ansible.builtin.systemd:
        name: !unsafe ${yamlString(unit)}
        state: restarted
        daemon_reload: true
`;
}

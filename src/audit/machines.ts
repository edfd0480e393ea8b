// Which call a number of the kernel's audit stands for. Sources: linux/audit.h (AUDIT_ARCH_*), the names that auparse (`ausearch -i`) gives
// machines (lib/machinetab.h, elf.h of audit-userspace).

import { rowOf } from '../row.ts';
import { CALL_NUMBERS } from './call-numbers.ts';

export type Machine = keyof typeof CALL_NUMBERS;

/** `arch=` of a record, as the kernel writes it. */
const BY_AUDIT_ARCH: Readonly<Record<string, Machine>> = {
  c000003e: 'x86_64',
  '40000003': 'i386',
  c00000b7: 'aarch64',
  '40000028': 'arm',
  c00000f3: 'riscv64',
  c0000102: 'loongarch64',
  c0000015: 'ppc64',
  '80000015': 'ppc64',
  '80000016': 's390x',
  '8': 'mips',
  '40000008': 'mips',
  '80000008': 'mips64',
  c0000008: 'mips64',
};

/** And as `ausearch -i` does. */
const BY_NAME: Readonly<Record<string, Machine>> = {
  x86_64: 'x86_64',
  i386: 'i386',
  aarch64: 'aarch64',
  arm64: 'aarch64',
  arm: 'arm',
  armeb: 'arm',
  riscv64: 'riscv64',
  loongarch64: 'loongarch64',
  ppc64: 'ppc64',
  ppc64le: 'ppc64',
  s390x: 's390x',
};

export const machineOf = (arch: string): Machine | undefined => rowOf(BY_AUDIT_ARCH, arch) ?? rowOf(BY_NAME, arch);

/** Of a number on x86_64: the call is one of x32 (asm/unistd.h, __X32_SYSCALL_BIT). */
const X32 = 0x40000000;
/** Those that x32 has in place of the 64-bit ones of the same name (arch/x86/entry/syscalls/syscall_64.tbl). */
const X32_FIRST = 512;
const X32_OWN =
  'rt_sigaction rt_sigreturn ioctl readv writev recvfrom sendmsg recvmsg execve ptrace rt_sigpending rt_sigtimedwait rt_sigqueueinfo sigaltstack timer_create mq_notify kexec_load waitid set_robust_list get_robust_list vmsplice move_pages preadv pwritev rt_tgsigqueueinfo recvmmsg sendmmsg process_vm_readv process_vm_writev setsockopt getsockopt io_setup io_submit execveat preadv2 pwritev2'.split(
    ' ',
  );

const tables = new Map<Machine, ReadonlyMap<number, string>>();

/** Number → name, unpacked when a record of that machine is read. */
function namesOf(machine: Machine): ReadonlyMap<number, string> {
  const known = tables.get(machine);
  if (known !== undefined) return known;
  const names = new Map<number, string>();
  let number = 0;
  for (const word of CALL_NUMBERS[machine].trim().split(/\s+/))
    if (/^\d+$/.test(word)) number = Number(word);
    else names.set(number++, word);
  tables.set(machine, names);
  return names;
}

/** A call by its number; null where the tables do not hold it. */
export function callOf(machine: Machine, number: number): { name: string; x32: boolean } | null {
  const x32 = machine === 'x86_64' && number >= X32;
  const plain = x32 ? number - X32 : number;
  const own = x32 && plain >= X32_FIRST ? X32_OWN[plain - X32_FIRST] : undefined;
  const name = own ?? namesOf(machine).get(plain);
  return name === undefined ? null : { name, x32 };
}

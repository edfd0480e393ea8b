// Preloaded into a measured program (node --import): writes what it has used to the file that ALLOWTRACE_USAGE names, when it ends.

import { writeFileSync } from 'node:fs';

const path = process.env.ALLOWTRACE_USAGE;
if (path !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(path, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }));
  });
}

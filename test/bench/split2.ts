// The yardstick: split2 cuts a file into lines, and nothing is done with them. Prints their number.

import { createReadStream } from 'node:fs';
import split2 from 'split2';

let lines = 0;
createReadStream(process.argv[2] ?? '')
  .pipe(split2())
  .on('data', () => {
    lines++;
  })
  .on('end', () => {
    process.stdout.write(`${lines}\n`);
  });

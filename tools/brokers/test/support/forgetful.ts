// A process that starts a broker and never disposes of it. It says where the broker lives, and ends as its argument asks.
import { NativeProcess } from '../../src/native-process.js';

let home = '';
await NativeProcess.launch('forgotten', async (directory) => {
  home = directory;
  const script = 'echo ready; sleep 600 & wait';
  return {
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin', HOME: directory },
    ready: /^ready$/m,
    cleanup: '',
    startTimeoutMs: 10_000,
    stopTimeoutMs: 5_000,
    about: undefined,
  };
});
process.stdout.write(`${home}\n`);
if (process.argv[2] === 'wait') setInterval(() => {}, 1_000);

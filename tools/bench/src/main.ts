import { memoryEngine, memoryJson } from './memory-consume.js';
import { line } from './figures.js';
const size = { windows: 5, scale: 1 };
const filter = process.argv.slice(2).join(' ');
for (const bench of [memoryEngine, memoryJson]) {
  if (!bench.name.startsWith(filter)) continue;
  console.log(bench.name);
  for (const f of await bench.run({ size, rabbitmq: undefined })) console.log(line(f));
}

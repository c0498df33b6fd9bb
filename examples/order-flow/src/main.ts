import { findBroker } from './find-broker.js';
import { HELP, options } from './options.js';
import * as print from './print.js';
import { run } from './run.js';
import { configFor, embedded, everywhere } from './transports.js';

async function main(): Promise<boolean> {
  const { help, transport } = options(process.argv.slice(2));
  if (help) {
    console.log(HELP);
    return true;
  }
  let isFine = true;
  for (const name of transport === undefined ? everywhere : [transport])
    isFine = (await runOn(name, transport === name)) && isFine;
  return isFine;
}

/** Where nobody named the transport, a broker that cannot be had here is no failure. */
async function runOn(transport: string, isNamed: boolean): Promise<boolean> {
  if (embedded.includes(transport)) {
    print.title(transport, '');
    return run(await configFor(transport, process.env));
  }
  await configFor(transport, process.env); // says so at once if there is no such transport
  print.line(`looking for ${transport} ...`);
  await using broker = await findBroker(transport).catch((error: unknown) => {
    if (isNamed) throw error;
    print.line(`not run: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  });
  if (broker === undefined) return true;
  print.title(transport, ` (${broker.how})`);
  return await run(await configFor(transport, broker.env)); // before the broker goes
}

process.stdout.on('error', () => {}); // nobody reads on, as in `npm start | head`
try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  print.problem(error);
  process.exitCode = 1;
}

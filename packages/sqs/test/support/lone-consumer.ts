// A service that consumes and does nothing else: what keeps its process alive is the transport alone. Its first argument are the options.
import { createApp, message, queue } from '@omnibus/core';
import { type SqsOptions, sqs } from '@omnibus/sqs';

const anything = { '~standard': { version: 1, vendor: 'omnibus', validate: (value: unknown) => ({ value }) } } as const;
const Note = message('note', anything);
const Notes = queue(process.argv[3] as string, { messages: [Note] });
const definition = sqs(JSON.parse(process.argv[2] as string) as SqsOptions);
const app = await createApp({ config: { name: 'lone', transports: { cloud: definition }, default: 'cloud' }, transports: [sqs] });
app.consumer(Notes).handle(Note, async () => {});
process.once('SIGTERM', () => void app.stop());
await app.start();
process.stdout.write('consumes\n');

// A consumer in a process of its own: gets its script as the first argument and tells by IPC.
import { type ConsumerScript, runConsumer } from '@omnibus/conformance';
import { kafka } from '@omnibus/kafka';

await runConsumer(JSON.parse(process.argv[2] as string) as ConsumerScript, kafka, (told) => process.send?.(told));

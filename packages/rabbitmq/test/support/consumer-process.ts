// A consumer in a process of its own: gets its script as the first argument and tells by IPC.
import { type ConsumerScript, runConsumer } from '@omnibus/conformance';
import { rabbitmq } from '@omnibus/rabbitmq';

await runConsumer(JSON.parse(process.argv[2] as string) as ConsumerScript, rabbitmq, (told) => process.send?.(told));

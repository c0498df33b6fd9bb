// A consumer in a process of its own, for the faults.
import { consumerProcess } from '@omnibus/conformance';
import { rabbitmq } from '@omnibus/rabbitmq';

await consumerProcess(rabbitmq);

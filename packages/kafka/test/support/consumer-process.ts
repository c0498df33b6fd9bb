// A consumer in a process of its own, for the faults.
import { consumerProcess } from '@omnibus/conformance';
import { kafka } from '@omnibus/kafka';

await consumerProcess(kafka);

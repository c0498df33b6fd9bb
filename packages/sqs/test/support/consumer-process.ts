// A consumer in a process of its own, for the faults.
import { consumerProcess } from '@omnibus/conformance';
import { sqs } from '@omnibus/sqs';

await consumerProcess(sqs);

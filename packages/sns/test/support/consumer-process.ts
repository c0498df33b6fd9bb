// A consumer in a process of its own, for the faults.
import { consumerProcess } from '@omnibus/conformance';
import { sns } from '@omnibus/sns';

await consumerProcess(sns);

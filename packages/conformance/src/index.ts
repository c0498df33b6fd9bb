// Entry "@omnibus/conformance": the suite, for the tests of a transport.

export { consumerProcess, forkConsumer } from './faults/child.js';
export type {
  BrokenLink,
  Broker,
  Fault,
  FaultHarness,
  Login,
  Outcome,
  OwnBroker,
  Partitioning,
  Place,
  Refused,
  Slowness,
} from './faults/fault.js';
export { type FaultReport, renderFaults } from './faults/page.js';
export type { ConsumerProcess, ConsumerScript, Told } from './faults/process.js';
export { type FaultOptions, lineOf, testFaults } from './faults/test-faults.js';
export type { BrokerObject, Controls, ForeignMessage, Harness, NotRun } from './harness.js';
export { renderLedger } from './ledger.js';
export type { Report, Result, State } from './result.js';
export { type It, type TestContext, testTransport } from './test-transport.js';

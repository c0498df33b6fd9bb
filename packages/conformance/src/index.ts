// Entry "@omnibus/conformance": the suite, for the tests of a transport.

export type { Counts } from './faults/counts.js';
export type {
  BrokenBroker,
  BrokenLink,
  ConsumerProcess,
  ConsumerScript,
  Fault,
  FaultHarness,
  Field,
  Outcome,
} from './faults/fault.js';
export { runConsumer } from './faults/run-consumer.js';
export { type FaultIt, type FaultOptions, lineOf, testFaults } from './faults/test-faults.js';
export type { BrokerObject, Controls, ForeignMessage, Harness, NotRun } from './harness.js';
export { renderLedger } from './ledger.js';
export type { Report, Result, State } from './result.js';
export { type It, type TestContext, testTransport } from './test-transport.js';

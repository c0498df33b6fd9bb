// Entry "@omnibus/conformance": the suite, for the tests of a transport.
export type { BrokerObject, Controls, ForeignMessage, Harness, NotRun } from './harness.js';
export { renderLedger } from './ledger.js';
export type { Report, Result, State } from './result.js';
export { type It, type TestContext, testTransport } from './test-transport.js';

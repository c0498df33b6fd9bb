export { fakeContext } from './fake-context.js';
export { type FakeProducer, type FakeSend, fakeProducer } from './fake-producer.js';
export { type StartableBroker, type StartBrokerOptions, type StartedBroker, startBroker } from './start-broker.js';
export { testApp } from './test-app.js';
export type { DeadLetter, SettledOptions, TestApp, TestAppOptions, TestClock } from './test-app-types.js';

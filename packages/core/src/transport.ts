// Entry "@omnibus/core/transport": the seam, for those who write a transport.
export { attributeText } from './codec/attribute.js';
export { fromBinary, toBinary } from './codec/cloudevents.js';
export { type Burial, buriedByBroker } from './codec/dead-letter-header.js';
export { fromStructured, STRUCTURED, toStructured } from './codec/structured.js';
export type { Capabilities, Feature, Limits } from './transport/capabilities.js';
export type { Channel, ChannelKind, Drift, FieldTest, Filter, From, Subscription, Topology } from './transport/channel.js';
export { type Clock, sleep, systemClock, type Timer } from './transport/clock.js';
export {
  type ErrorCode,
  isMessagingError,
  MessagingError,
  type MessagingErrorOptions,
  type SendOutcome,
  textOf,
} from './transport/errors.js';
export { type Inbox, inbox, RECEIVE_WAIT_MS } from './transport/inbox.js';
export type { Delivery, Headers, Message } from './transport/message.js';
export type { OptionSpec, OptionSpecs } from './transport/options.js';
export {
  defineTransport,
  type Environment,
  type Failures,
  type Health,
  isSubscription,
  NONE,
  type Permission,
  type Receiver,
  type RedrivePaths,
  type Sender,
  type Sending,
  type Transport,
  type TransportDefinition,
  type TransportFactory,
} from './transport/transport.js';
export { ACK, RELEASE, type Verdict } from './transport/verdict.js';
export { type VirtualClock, virtualClock } from './transport/virtual-clock.js';

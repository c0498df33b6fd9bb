import { type Entry, notBuilt } from '../scenario.js';
import { aBlockedServiceStops } from './a-blocked-service-stops.js';
import { aServiceFollowsAnother } from './a-service-follows-another.js';
import { aSignalDrainsTheService } from './a-signal-drains-the-service.js';
import { aSlowConsumerHoldsNoMoreThanItsWindow } from './a-slow-consumer-holds-no-more-than-its-window.js';
import { aStoppedServiceLeavesNothing } from './a-stopped-service-leaves-nothing.js';
import { concurrencyChangesWhileMessagesFlow } from './concurrency-changes-while-messages-flow.js';
import { healthFollowsTheBroker } from './health-follows-the-broker.js';
import { noMoreHandlersRunThanAllowed } from './no-more-handlers-run-than-allowed.js';
import { pausingLosesNothing } from './pausing-loses-nothing.js';
import { sendingOpensNoReceiver } from './sending-opens-no-receiver.js';
import { stoppingLetsHandlersFinish } from './stopping-lets-handlers-finish.js';
import { tenStopsAtOnceAreOne } from './ten-stops-at-once-are-one.js';
import { whatOutlastsTheStopComesAgain } from './what-outlasts-the-stop-comes-again.js';

/** Other capabilities, flow, lifecycle, observability, topology, portability. */
export const from61to90: readonly Entry[] = [
  notBuilt(61, 'a claim check and an encrypted payload come back as they were, or not at all'),
  notBuilt(62, 'what a committed transaction wrote to the outbox is sent once, whenever the process dies'),
  noMoreHandlersRunThanAllowed,
  concurrencyChangesWhileMessagesFlow,
  aSlowConsumerHoldsNoMoreThanItsWindow,
  pausingLosesNothing,
  notBuilt(67, 'an empty queue costs no more polls than its budget'),
  aServiceFollowsAnother,
  stoppingLetsHandlersFinish,
  whatOutlastsTheStopComesAgain,
  tenStopsAtOnceAreOne,
  aBlockedServiceStops,
  aSignalDrainsTheService,
  sendingOpensNoReceiver,
  aStoppedServiceLeavesNothing,
  healthFollowsTheBroker,
  notBuilt(77, 'a trace goes on from publish to handler to what the handler sends, across retries and dead letters'),
  notBuilt(78, 'spans carry the names that OpenTelemetry gives this broker'),
  notBuilt(79, 'counters equal what happened'),
  notBuilt(80, 'no payload and no secret is logged'),
  notBuilt(81, 'a clean run logs no error'),
  notBuilt(82, 'names are mapped to what the broker allows and back, and collisions are refused'),
  notBuilt(83, 'provisioning twice changes nothing'),
  notBuilt(84, 'verifying shows what differs and changes nothing'),
  notBuilt(85, 'a service runs without the right to create anything'),
  notBuilt(86, 'one service leaves the same log on every transport'),
  notBuilt(87, 'what the capabilities say is true'),
  notBuilt(88, 'the native message can be reached on its own broker, and nowhere else'),
  notBuilt(89, 'the envelope is the same on every broker'),
  notBuilt(90, 'a bridge there and back keeps id, headers and order per key'),
];

import { type Entry, notBuilt } from '../scenario.js';
import { aBlockedServiceStops } from './a-blocked-service-stops.js';
import { aBridgeKeepsWhatItCarries } from './a-bridge-keeps-what-it-carries.js';
import { aClaimCheckGivesBackWhatItKept } from './a-claim-check-gives-back-what-it-kept.js';
import { aCleanRunLogsNoError } from './a-clean-run-logs-no-error.js';
import { aServiceFollowsAnother } from './a-service-follows-another.js';
import { aServiceRunsWithoutCreateRights } from './a-service-runs-without-create-rights.js';
import { aSignalDrainsTheService } from './a-signal-drains-the-service.js';
import { aSlowConsumerHoldsNoMoreThanItsWindow } from './a-slow-consumer-holds-no-more-than-its-window.js';
import { aStoppedServiceLeavesNothing } from './a-stopped-service-leaves-nothing.js';
import { aTraceGoesOn } from './a-trace-goes-on.js';
import { anEmptyQueueCostsLittle } from './an-empty-queue-costs-little.js';
import { concurrencyChangesWhileMessagesFlow } from './concurrency-changes-while-messages-flow.js';
import { countersEqualWhatHappened } from './counters-equal-what-happened.js';
import { healthFollowsTheBroker } from './health-follows-the-broker.js';
import { namesAreKeptApart } from './names-are-kept-apart.js';
import { noMoreHandlersRunThanAllowed } from './no-more-handlers-run-than-allowed.js';
import { nothingSecretIsLogged } from './nothing-secret-is-logged.js';
import { oneServiceLeavesTheSameLogEverywhere } from './one-service-leaves-the-same-log-everywhere.js';
import { pausingLosesNothing } from './pausing-loses-nothing.js';
import { provisioningTwiceChangesNothing } from './provisioning-twice-changes-nothing.js';
import { sendingOpensNoReceiver } from './sending-opens-no-receiver.js';
import { stoppingLetsHandlersFinish } from './stopping-lets-handlers-finish.js';
import { tenStopsAtOnceAreOne } from './ten-stops-at-once-are-one.js';
import { theEnvelopeIsTheSameEverywhere } from './the-envelope-is-the-same-everywhere.js';
import { theNativeMessageCanBeReached } from './the-native-message-can-be-reached.js';
import { verifyingChangesNothing } from './verifying-changes-nothing.js';
import { whatOutlastsTheStopComesAgain } from './what-outlasts-the-stop-comes-again.js';
import { whatTheCapabilitiesSayIsTrue } from './what-the-capabilities-say-is-true.js';

/** Other capabilities, flow, lifecycle, observability, topology, portability. */
export const from61to90: readonly Entry[] = [
  aClaimCheckGivesBackWhatItKept,
  notBuilt(
    62,
    'what a committed transaction wrote to the outbox is sent once, whenever the process dies',
    'there is no outbox yet',
  ),
  noMoreHandlersRunThanAllowed,
  concurrencyChangesWhileMessagesFlow,
  aSlowConsumerHoldsNoMoreThanItsWindow,
  pausingLosesNothing,
  anEmptyQueueCostsLittle,
  aServiceFollowsAnother,
  stoppingLetsHandlersFinish,
  whatOutlastsTheStopComesAgain,
  tenStopsAtOnceAreOne,
  aBlockedServiceStops,
  aSignalDrainsTheService,
  sendingOpensNoReceiver,
  aStoppedServiceLeavesNothing,
  healthFollowsTheBroker,
  aTraceGoesOn,
  notBuilt(
    78,
    'spans carry the names that OpenTelemetry gives this broker',
    'there is no tracing package yet: interceptors are proven by check 77',
  ),
  countersEqualWhatHappened,
  nothingSecretIsLogged,
  aCleanRunLogsNoError,
  namesAreKeptApart,
  provisioningTwiceChangesNothing,
  verifyingChangesNothing,
  aServiceRunsWithoutCreateRights,
  oneServiceLeavesTheSameLogEverywhere,
  whatTheCapabilitiesSayIsTrue,
  theNativeMessageCanBeReached,
  theEnvelopeIsTheSameEverywhere,
  aBridgeKeepsWhatItCarries,
];

import { type Entry, notBuilt, notPlanned } from '../scenario.js';
import { aBatchSaysWhichEntriesFailed } from './a-batch-says-which-entries-failed.js';
import { aDeclaredGroupMissesNothing } from './a-declared-group-misses-nothing.js';
import { aFailedMessageComesAgain } from './a-failed-message-comes-again.js';
import { aFilterLetsTheSameThroughEverywhere } from './a-filter-lets-the-same-through-everywhere.js';
import { aLateGroupReadsFromWhereItWants } from './a-late-group-reads-from-where-it-wants.js';
import { aMessageSaysWhereItComesFrom } from './a-message-says-where-it-comes-from.js';
import { aMessageWaitsForItsConsumer } from './a-message-waits-for-its-consumer.js';
import { aNamedGroupSurvivesAbsence } from './a-named-group-survives-absence.js';
import { aSendResolvesWhenTheBrokerHasTheMessage } from './a-send-resolves-when-the-broker-has-the-message.js';
import { aSendToAMissingQueueIsRefused } from './a-send-to-a-missing-queue-is-refused.js';
import { anAckWaitsForTheHandler } from './an-ack-waits-for-the-handler.js';
import { bodiesOfEverySizeArrive } from './bodies-of-every-size-arrive.js';
import { bodyAndHeadersArriveAsSent } from './body-and-headers-arrive-as-sent.js';
import { bytesThatAreNoTextArrive } from './bytes-that-are-no-text-arrive.js';
import { channelsDoNotMix } from './channels-do-not-mix.js';
import { consumersShareAQueue } from './consumers-share-a-queue.js';
import { everyGroupGetsEveryMessage } from './every-group-gets-every-message.js';
import { failingSeveralTimesLosesNothing } from './failing-several-times-loses-nothing.js';
import { fiftyPublishersLoseNothing } from './fifty-publishers-lose-nothing.js';
import { foreignContentTypesReachTheHandler } from './foreign-content-types-reach-the-handler.js';
import { idsAreUniqueAndStay } from './ids-are-unique-and-stay.js';
import { oddHeadersArrive } from './odd-headers-arrive.js';
import { oneAfterTheOtherAtConcurrencyOne } from './one-after-the-other-at-concurrency-one.js';
import { settlingTwiceIsHarmless } from './settling-twice-is-harmless.js';
import { stoppingIsSafeAtAnyTime } from './stopping-is-safe-at-any-time.js';
import { theContentTypeIsKept } from './the-content-type-is-kept.js';
import { twentyChannelsRunBesideEachOther } from './twenty-channels-run-beside-each-other.js';
import { whatNobodyUnderstandsIsDeadLettered } from './what-nobody-understands-is-dead-lettered.js';

/** Core, subscribing, acknowledging. */
export const from1to30: readonly Entry[] = [
  bodyAndHeadersArriveAsSent,
  bodiesOfEverySizeArrive,
  bytesThatAreNoTextArrive,
  oddHeadersArrive,
  theContentTypeIsKept,
  idsAreUniqueAndStay,
  aMessageSaysWhereItComesFrom,
  channelsDoNotMix,
  twentyChannelsRunBesideEachOther,
  fiftyPublishersLoseNothing,
  aSendResolvesWhenTheBrokerHasTheMessage,
  aSendToAMissingQueueIsRefused,
  aBatchSaysWhichEntriesFailed,
  stoppingIsSafeAtAnyTime,
  aMessageWaitsForItsConsumer,
  aNamedGroupSurvivesAbsence,
  everyGroupGetsEveryMessage,
  consumersShareAQueue,
  aDeclaredGroupMissesNothing,
  notBuilt(20, 'a wildcard subscribes to several types of one channel', 'the core has no way to ask for it yet'),
  aFilterLetsTheSameThroughEverywhere,
  aLateGroupReadsFromWhereItWants,
  notPlanned(23, 'subscriptions can be added and removed while the service runs', 'a service subscribes when it starts'),
  foreignContentTypesReachTheHandler,
  whatNobodyUnderstandsIsDeadLettered,
  anAckWaitsForTheHandler,
  aFailedMessageComesAgain,
  failingSeveralTimesLosesNothing,
  oneAfterTheOtherAtConcurrencyOne,
  settlingTwiceIsHarmless,
];

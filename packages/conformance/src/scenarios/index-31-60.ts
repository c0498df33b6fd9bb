import { type Entry, notBuilt } from '../scenario.js';
import { aDeadLetterTellsTheWholeStory } from './a-dead-letter-tells-the-whole-story.js';
import { aDelayThatIsPastIsNoDelay } from './a-delay-that-is-past-is-no-delay.js';
import { aDelayedMessageArrivesWhenItIsDue } from './a-delayed-message-arrives-when-it-is-due.js';
import { aDelayedMessageOutlivesARestart } from './a-delayed-message-outlives-a-restart.js';
import { aFailingMessageIsHandledAsOftenAsThePolicySays } from './a-failing-message-is-handled-as-often-as-the-policy-says.js';
import { aLockIsRenewedWhileItsHandlerRuns } from './a-lock-is-renewed-while-its-handler-runs.js';
import { aMessageIsHandedOutAgainAfterItsLock } from './a-message-is-handed-out-again-after-its-lock.js';
import { aMessageWhoseDeadLetterCannotBeWrittenStays } from './a-message-whose-dead-letter-cannot-be-written-stays.js';
import { aPoisonMessageHoldsUpOnlyItsOwnKey } from './a-poison-message-holds-up-only-its-own-key.js';
import { aRequestGetsItsReply } from './a-request-gets-its-reply.js';
import { aRetryKeepsTheTimeToLive } from './a-retry-keeps-the-time-to-live.js';
import { aScriptOfFailuresHasTheSameCountsEverywhere } from './a-script-of-failures-has-the-same-counts-everywhere.js';
import { anExpiredMessageIsNotHandled } from './an-expired-message-is-not-handled.js';
import { attemptsCountFailuresNotDeliveries } from './attempts-count-failures-not-deliveries.js';
import { delaysBetweenAttemptsGrow } from './delays-between-attempts-grow.js';
import { differentKeysAreHandledBesideEachOther } from './different-keys-are-handled-beside-each-other.js';
import { higherPriorityOvertakes } from './higher-priority-overtakes.js';
import { messagesOfOneKeyAreHandledInOrder } from './messages-of-one-key-are-handled-in-order.js';
import { ofABatchOnlyTheFailuresComeAgain } from './of-a-batch-only-the-failures-come-again.js';
import { orderOutlivesConsumersThatComeAndGo } from './order-outlives-consumers-that-come-and-go.js';
import { orderOutlivesRedelivery } from './order-outlives-redelivery.js';
import { whatAHandlerDoesToAMessageIsUndone } from './what-a-handler-does-to-a-message-is-undone.js';
import { whatIsNotDeclaredOrderedClaimsNoOrder } from './what-is-not-declared-ordered-claims-no-order.js';
import { whatIsNotWorthARetryIsDeadLetteredAtOnce } from './what-is-not-worth-a-retry-is-dead-lettered-at-once.js';

/** Ack, failure policy, order, time, other capabilities. */
export const from31to60: readonly Entry[] = [
  aMessageIsHandedOutAgainAfterItsLock,
  aLockIsRenewedWhileItsHandlerRuns,
  ofABatchOnlyTheFailuresComeAgain,
  attemptsCountFailuresNotDeliveries,
  whatAHandlerDoesToAMessageIsUndone,
  aFailingMessageIsHandledAsOftenAsThePolicySays,
  delaysBetweenAttemptsGrow,
  whatIsNotWorthARetryIsDeadLetteredAtOnce,
  aDeadLetterTellsTheWholeStory,
  notBuilt(40, 'dead letters can be sent back to where they came from, and keep their history'),
  aMessageWhoseDeadLetterCannotBeWrittenStays,
  notBuilt(42, 'a message is kept when what reports its failure fails itself'),
  aPoisonMessageHoldsUpOnlyItsOwnKey,
  notBuilt(44, 'a consumer that only fails pauses, and goes on when it may'),
  aScriptOfFailuresHasTheSameCountsEverywhere,
  messagesOfOneKeyAreHandledInOrder,
  orderOutlivesRedelivery,
  orderOutlivesConsumersThatComeAndGo,
  differentKeysAreHandledBesideEachOther,
  whatIsNotDeclaredOrderedClaimsNoOrder,
  aDelayedMessageArrivesWhenItIsDue,
  notBuilt(52, 'a scheduled message can be cancelled'),
  aDelayThatIsPastIsNoDelay,
  aDelayedMessageOutlivesARestart,
  anExpiredMessageIsNotHandled,
  aRetryKeepsTheTimeToLive,
  higherPriorityOvertakes,
  notBuilt(58, 'a message sent twice with one id is stored once'),
  notBuilt(59, 'receiving and sending are one step or none'),
  aRequestGetsItsReply,
];

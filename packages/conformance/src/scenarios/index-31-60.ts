import { type Entry, notBuilt, notPlanned } from '../scenario.js';
import { aDeadLetterTellsTheWholeStory } from './a-dead-letter-tells-the-whole-story.js';
import { aDelayThatIsPastIsNoDelay } from './a-delay-that-is-past-is-no-delay.js';
import { aDelayedMessageArrivesWhenItIsDue } from './a-delayed-message-arrives-when-it-is-due.js';
import { aDelayedMessageOutlivesARestart } from './a-delayed-message-outlives-a-restart.js';
import { aFailingMessageIsHandledAsOftenAsThePolicySays } from './a-failing-message-is-handled-as-often-as-the-policy-says.js';
import { aLockIsRenewedWhileItsHandlerRuns } from './a-lock-is-renewed-while-its-handler-runs.js';
import { aMessageIsHandedOutAgainAfterItsLock } from './a-message-is-handed-out-again-after-its-lock.js';
import { aMessageIsKeptWhenWhatReportsItsFailureFails } from './a-message-is-kept-when-what-reports-its-failure-fails.js';
import { aMessageSentTwiceWithOneIdIsHandledOnce } from './a-message-sent-twice-with-one-id-is-handled-once.js';
import { aMessageWhoseDeadLetterCannotBeWrittenStays } from './a-message-whose-dead-letter-cannot-be-written-stays.js';
import { aPoisonMessageHoldsUpOnlyItsOwnKey } from './a-poison-message-holds-up-only-its-own-key.js';
import { aRequestGetsItsReply } from './a-request-gets-its-reply.js';
import { aRetryKeepsTheTimeToLive } from './a-retry-keeps-the-time-to-live.js';
import { aScriptOfFailuresHasTheSameCountsEverywhere } from './a-script-of-failures-has-the-same-counts-everywhere.js';
import { anExpiredMessageIsNotHandled } from './an-expired-message-is-not-handled.js';
import { attemptsCountFailuresNotDeliveries } from './attempts-count-failures-not-deliveries.js';
import { deadLettersCanBeSentBack } from './dead-letters-can-be-sent-back.js';
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
  deadLettersCanBeSentBack,
  aMessageWhoseDeadLetterCannotBeWrittenStays,
  aMessageIsKeptWhenWhatReportsItsFailureFails,
  aPoisonMessageHoldsUpOnlyItsOwnKey,
  notPlanned(
    44,
    'a consumer that only fails pauses, and goes on when it may',
    'a policy decides message by message; app.pause and app.resume are the means',
  ),
  aScriptOfFailuresHasTheSameCountsEverywhere,
  messagesOfOneKeyAreHandledInOrder,
  orderOutlivesRedelivery,
  orderOutlivesConsumersThatComeAndGo,
  differentKeysAreHandledBesideEachOther,
  whatIsNotDeclaredOrderedClaimsNoOrder,
  aDelayedMessageArrivesWhenItIsDue,
  notPlanned(52, 'a scheduled message can be cancelled', "a message that is sent is the broker's"),
  aDelayThatIsPastIsNoDelay,
  aDelayedMessageOutlivesARestart,
  anExpiredMessageIsNotHandled,
  aRetryKeepsTheTimeToLive,
  higherPriorityOvertakes,
  aMessageSentTwiceWithOneIdIsHandledOnce,
  notBuilt(59, 'receiving and sending are one step or none', 'the core has no way to ask for it yet'),
  aRequestGetsItsReply,
];

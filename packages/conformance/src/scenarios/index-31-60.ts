import { type Entry, notBuilt } from '../scenario.js';
import { aDeadLetterTellsTheWholeStory } from './a-dead-letter-tells-the-whole-story.js';
import { aFailingMessageIsHandledAsOftenAsThePolicySays } from './a-failing-message-is-handled-as-often-as-the-policy-says.js';
import { aMessageWhoseDeadLetterCannotBeWrittenStays } from './a-message-whose-dead-letter-cannot-be-written-stays.js';
import { aPoisonMessageHoldsUpOnlyItsOwnKey } from './a-poison-message-holds-up-only-its-own-key.js';
import { attemptsCountFailuresNotDeliveries } from './attempts-count-failures-not-deliveries.js';
import { delaysBetweenAttemptsGrow } from './delays-between-attempts-grow.js';
import { differentKeysAreHandledBesideEachOther } from './different-keys-are-handled-beside-each-other.js';
import { messagesOfOneKeyAreHandledInOrder } from './messages-of-one-key-are-handled-in-order.js';
import { ofABatchOnlyTheFailuresComeAgain } from './of-a-batch-only-the-failures-come-again.js';
import { orderOutlivesConsumersThatComeAndGo } from './order-outlives-consumers-that-come-and-go.js';
import { orderOutlivesRedelivery } from './order-outlives-redelivery.js';
import { whatAHandlerDoesToAMessageIsUndone } from './what-a-handler-does-to-a-message-is-undone.js';
import { whatIsNotWorthARetryIsDeadLetteredAtOnce } from './what-is-not-worth-a-retry-is-dead-lettered-at-once.js';

/** Ack, failure policy, order, time, other capabilities. */
export const from31to60: readonly Entry[] = [
  notBuilt(31, 'a message whose handler never returns is handed out again after its lock'),
  notBuilt(32, 'a handler that outlasts the lock keeps its message, and renewal ends when it is settled'),
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
  notBuilt(45, 'one script of failures gives the same counts on every transport'),
  messagesOfOneKeyAreHandledInOrder,
  orderOutlivesRedelivery,
  orderOutlivesConsumersThatComeAndGo,
  differentKeysAreHandledBesideEachOther,
  notBuilt(50, 'a channel that is not declared ordered never claims order'),
  notBuilt(51, 'a delayed message arrives when it is due, after seconds and after days'),
  notBuilt(52, 'a scheduled message can be cancelled'),
  notBuilt(53, 'a delay that is past already is no delay'),
  notBuilt(54, 'a delayed message outlives a restart of the broker'),
  notBuilt(55, 'an expired message is not handled, and one that is about to expire is'),
  notBuilt(56, 'a retry keeps the time to live, and a dead letter has none'),
  notBuilt(57, 'a message of higher priority overtakes those that wait'),
  notBuilt(58, 'a message sent twice with one id is stored once'),
  notBuilt(59, 'receiving and sending are one step or none'),
  notBuilt(60, 'a request gets its reply, or learns in time that it does not'),
];

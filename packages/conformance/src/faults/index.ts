import { theBrokerRestarts } from './f01-the-broker-restarts.js';
import { theBrokerIsKilled } from './f02-the-broker-is-killed.js';
import { theBrokerIsFrozen } from './f03-the-broker-is-frozen.js';
import { thePublisherIsCutOff } from './f04-the-publisher-is-cut-off.js';
import { theConsumerIsCutOff } from './f05-the-consumer-is-cut-off.js';
import { theAnswerToASendIsLost } from './f06-the-answer-to-a-send-is-lost.js';
import { anAckIsLost } from './f07-an-ack-is-lost.js';
import { aLinkIsHalfOpen } from './f08-a-link-is-half-open.js';
import { theLinkIsSlow } from './f09-the-link-is-slow.js';
import { aLoginEnds } from './f11-a-login-ends.js';
import { callsAreThrottled } from './f12-calls-are-throttled.js';
import { aPartOfABatchFails } from './f13-a-part-of-a-batch-fails.js';
import { aConsumerIsKilledInItsHandler } from './f14-a-consumer-is-killed-in-its-handler.js';
import { aConsumerIsKilledAfterTheEffect } from './f15-a-consumer-is-killed-after-the-effect.js';
import { aConsumerBlocks } from './f16-a-consumer-blocks.js';
import { theConsumerIsSlow } from './f17-the-consumer-is-slow.js';
import { messagesArePoison } from './f18-messages-are-poison.js';
import { messagesAreDuplicated } from './f19-messages-are-duplicated.js';
import { theQueueIsDeleted } from './f21-the-queue-is-deleted.js';
import { theConsumerIsCancelled } from './f22-the-consumer-is-cancelled.js';
import { consumersComeAndGo } from './f23-consumers-come-and-go.js';
import { publishersAreBlocked } from './f25-publishers-are-blocked.js';
import { consumersAreDeployed } from './f28-consumers-are-deployed.js';
import { partitionsAreAdded } from './f29-partitions-are-added.js';
import type { Fault } from './fault.js';

/** The faults, in the order of their numbers. */
export const faults: readonly Fault[] = [
  theBrokerRestarts,
  theBrokerIsKilled,
  theBrokerIsFrozen,
  thePublisherIsCutOff,
  theConsumerIsCutOff,
  theAnswerToASendIsLost,
  anAckIsLost,
  aLinkIsHalfOpen,
  theLinkIsSlow,
  aLoginEnds,
  callsAreThrottled,
  aPartOfABatchFails,
  aConsumerIsKilledInItsHandler,
  aConsumerIsKilledAfterTheEffect,
  aConsumerBlocks,
  theConsumerIsSlow,
  messagesArePoison,
  messagesAreDuplicated,
  theQueueIsDeleted,
  theConsumerIsCancelled,
  consumersComeAndGo,
  publishersAreBlocked,
  consumersAreDeployed,
  partitionsAreAdded,
];

import { type Entry, notBuilt, notPlanned } from '../scenario.js';
import { aMessageSaysWhereItComesFrom } from './a-message-says-where-it-comes-from.js';
import { bodiesOfEverySizeArrive } from './bodies-of-every-size-arrive.js';
import { bodyAndHeadersArriveAsSent } from './body-and-headers-arrive-as-sent.js';
import { bytesThatAreNoTextArrive } from './bytes-that-are-no-text-arrive.js';
import { channelsDoNotMix } from './channels-do-not-mix.js';
import { fiftyPublishersLoseNothing } from './fifty-publishers-lose-nothing.js';
import { idsAreUniqueAndStay } from './ids-are-unique-and-stay.js';
import { oddHeadersArrive } from './odd-headers-arrive.js';
import { theContentTypeIsKept } from './the-content-type-is-kept.js';
import { twentyChannelsRunBesideEachOther } from './twenty-channels-run-beside-each-other.js';

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
  notBuilt(11, 'a send resolves only when the broker has the message'),
  notBuilt(12, 'a send to a queue that does not exist is refused'),
  notBuilt(13, 'a batch that fails in part says which entries failed'),
  notBuilt(14, 'stopping is safe at any time and as often as one likes'),
  notBuilt(15, 'a message waits for a consumer that comes later'),
  notBuilt(16, 'a named group keeps what comes while it is away, and an instance of its own does not'),
  notBuilt(17, 'two groups each get every message'),
  notBuilt(18, 'consumers of one queue share its messages'),
  notBuilt(19, 'a group that the configuration names gets what is sent before its first consumer'),
  notBuilt(20, 'a wildcard subscribes to several types of one channel'),
  notBuilt(21, 'a filter lets the same messages through, wherever it runs'),
  notBuilt(22, 'a late group reads a stream from its beginning, from a time, from a position'),
  notPlanned(23, 'subscriptions can be added and removed while the service runs', 'a service subscribes when it starts'),
  notBuilt(24, 'two content types reach one handler'),
  notBuilt(25, 'a message that nobody understands is dead-lettered, not lost and not looping'),
  notBuilt(26, 'a message is acknowledged only when its handler is done'),
  notBuilt(27, 'a failed message comes again'),
  notBuilt(28, 'a message that fails several times and then succeeds is not lost'),
  notBuilt(29, 'at concurrency 1 the second message waits for the first'),
  notBuilt(30, 'settling twice is harmless'),
];

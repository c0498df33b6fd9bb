import type { Attributes } from './client.js';
import { type ResolvedOptions, TOPIC_BYTES } from './options.js';

/** What a topic is made with. It follows from its type and the options alone, so that every service that names it says the same. */
export function topicAttributes(isFifo: boolean, options: ResolvedOptions): Attributes {
  const { topicKmsKeyId, topicMaxMessageBytes, highThroughputFifo } = options;
  return {
    ...(isFifo
      ? {
          FifoTopic: 'true',
          ContentBasedDeduplication: 'false',
          FifoThroughputScope: highThroughputFifo ? 'MessageGroup' : 'Topic',
        }
      : {}),
    ...(topicKmsKeyId === undefined ? {} : { KmsMasterKeyId: topicKmsKeyId }),
    ...(topicMaxMessageBytes > TOPIC_BYTES ? { MaximumMessageSize: String(topicMaxMessageBytes) } : {}),
  };
}

/** One attribute that is not as wanted. */
export interface Difference {
  readonly property: string;
  readonly wanted: string;
  readonly found: string;
}

/** What of the wanted attributes is otherwise. A topic that takes larger messages is none the worse for it. */
export function differences(wanted: Attributes, found: Attributes): readonly Difference[] {
  return Object.entries(wanted).flatMap(([property, value]): readonly Difference[] => {
    const is = found[property] ?? ABSENT[property] ?? 'unreadable';
    const isFine = property === 'MaximumMessageSize' ? Number(is) >= Number(value) : is === value;
    return isFine ? [] : [{ property, wanted: value, found: is }];
  });
}

/** What it means that SNS does not show an attribute. */
const ABSENT: Attributes = { KmsMasterKeyId: 'none', MaximumMessageSize: String(TOPIC_BYTES), FifoTopic: 'false' };

import type { Clock } from '@omnibus/core/transport';
import type { FailedEntry, SendEntry, SqsClient, SqsMessage } from '../src/client.js';
import { refusalError } from '../src/errors.js';
import { md5OfAttributes, md5OfBody } from '../src/md5.js';

interface Stored {
  readonly id: string;
  readonly entry: SendEntry;
  readonly order: number;
  count: number;
  visibleAt: number;
  handle: string;
}

/** One call, as it was made. */
export interface FakeCall {
  readonly action: 'send' | 'receive' | 'delete' | 'visibility';
  readonly entries: readonly { readonly Id?: string | undefined; readonly VisibilityTimeout?: number | undefined }[];
}

/** What the next calls shall do. */
interface Script {
  /** Entries that fail, by the batch call's name. */
  entry?: ((action: FakeCall['action'], id: string) => Omit<FailedEntry, 'Id'> | undefined) | undefined;
  /** What a whole call throws. */
  call?: ((action: FakeCall['action']) => Error | undefined) | undefined;
  /** Changes what was received, as a broken wire would. */
  damage?: ((message: SqsMessage) => SqsMessage) | undefined;
  /** Of an entry that was sent. */
  sentMd5?: string | undefined;
}

/**
 * One queue of SQS in memory, on a clock of the test's. It stands for what the emulators get wrong, as AWS documents it: a receive of a
 * FIFO queue takes up to ten messages of one group, which gives out no more while one of them is in flight; a receipt handle is good for
 * the last receive only (MessageNotInflight once it is visible again); entries of every batch call can fail alone.
 */
export function fakeSqs(clock: Clock, { isFifo = false }: { readonly isFifo?: boolean } = {}) {
  const stored: Stored[] = [];
  const calls: FakeCall[] = [];
  const script: Script = {};
  const waiting = new Set<() => void>();
  let serial = 0;

  const inFlight = ({ handle, visibleAt }: Stored): boolean => handle !== '' && visibleAt > clock.monotonic();
  const ready = (max: number): readonly Stored[] => {
    const now = clock.monotonic();
    if (!isFifo) return stored.filter(({ visibleAt }) => visibleAt <= now).slice(0, max);
    const busy = new Set(stored.filter(inFlight).map(({ entry }) => entry.MessageGroupId));
    const free = stored.filter(({ entry, visibleAt }) => visibleAt <= now && !busy.has(entry.MessageGroupId));
    const groups = [...new Set(free.map(({ entry }) => entry.MessageGroupId))];
    return groups.flatMap((group) => free.filter(({ entry }) => entry.MessageGroupId === group)).slice(0, max);
  };
  const wake = (): void => {
    for (const look of [...waiting]) look();
  };
  const begin = (action: FakeCall['action'], entries: FakeCall['entries']): void => {
    calls.push({ action, entries });
    const error = script.call?.(action);
    if (error !== undefined) throw error;
  };
  /** Runs `work` on each entry that the script lets pass; gives those that failed. */
  const each = <E extends { Id: string | undefined }>(
    action: FakeCall['action'],
    entries: readonly E[],
    work: (entry: E) => Omit<FailedEntry, 'Id'> | undefined,
  ): FailedEntry[] =>
    entries.flatMap((entry) => {
      const failed = script.entry?.(action, entry.Id ?? '') ?? work(entry);
      return failed === undefined ? [] : [{ ...failed, Id: entry.Id }];
    });
  const give =
    (seconds: number) =>
    (message: Stored): SqsMessage => {
      message.count++;
      message.visibleAt = clock.monotonic() + seconds * 1_000;
      message.handle = `${message.id}:${message.count}`;
      const { MessageBody = '', MessageAttributes = {}, MessageGroupId } = message.entry;
      const raw: SqsMessage = {
        MessageId: message.id,
        ReceiptHandle: message.handle,
        Body: MessageBody,
        MD5OfBody: md5OfBody(MessageBody),
        MessageAttributes,
        MD5OfMessageAttributes: md5OfAttributes(MessageAttributes),
        Attributes: {
          ApproximateReceiveCount: String(message.count),
          SentTimestamp: '0',
          ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
        },
      };
      return script.damage?.(raw) ?? raw;
    };

  const client: Pick<SqsClient, 'sendMessageBatch' | 'receiveMessage' | 'deleteMessageBatch' | 'changeVisibilityBatch'> = {
    async sendMessageBatch(_, { Entries = [] }) {
      begin('send', Entries);
      const Failed = each('send', Entries, (entry) => {
        const delayMs = (entry.DelaySeconds ?? 0) * 1_000;
        stored.push({
          id: `sqs-${serial}`,
          entry,
          order: serial++,
          count: 0,
          visibleAt: clock.monotonic() + delayMs,
          handle: '',
        });
        return undefined;
      });
      const Successful = Entries.filter(({ Id }) => !Failed.some((failed) => failed.Id === Id)).map(
        ({ Id, MessageBody = '', MessageAttributes = {} }) => ({
          Id,
          MessageId: 'any',
          MD5OfMessageBody: script.sentMd5 ?? md5OfBody(MessageBody),
          MD5OfMessageAttributes: md5OfAttributes(MessageAttributes),
        }),
      );
      wake();
      return { Successful, Failed };
    },
    async receiveMessage(_, { MaxNumberOfMessages = 1, WaitTimeSeconds = 0, VisibilityTimeout = 30 }, signal) {
      begin('receive', []);
      const endsAt = clock.monotonic() + WaitTimeSeconds * 1_000;
      const found = await new Promise<readonly SqsMessage[]>((resolve, reject) => {
        let timer = clock.timer(0, () => undefined);
        const end = (): void => {
          waiting.delete(look);
          timer.cancel();
          signal.removeEventListener('abort', cut);
        };
        const look = (): void => {
          const some = ready(MaxNumberOfMessages).map(give(VisibilityTimeout));
          const now = clock.monotonic();
          if (some.length > 0 || now >= endsAt) {
            end();
            return resolve(some);
          }
          const next = Math.min(endsAt, ...stored.map(({ visibleAt }) => visibleAt).filter((at) => at > now));
          timer.cancel();
          timer = clock.timer(next - now, look);
        };
        const cut = (): void => {
          end();
          reject(new Error('aborted'));
        };
        waiting.add(look);
        signal.addEventListener('abort', cut, { once: true });
        look();
      });
      return { Messages: [...found] };
    },
    async deleteMessageBatch(_, { Entries = [] }) {
      begin('delete', Entries);
      const Failed = each('delete', Entries, ({ ReceiptHandle }) => {
        const index = stored.findIndex(({ handle }) => handle === ReceiptHandle);
        if (index >= 0) stored.splice(index, 1); // an old handle deletes nothing, and SQS says that it did
        return undefined;
      });
      wake();
      return { Successful: [], Failed };
    },
    async changeVisibilityBatch(_, { Entries = [] }) {
      begin('visibility', Entries);
      const Failed = each('visibility', Entries, ({ ReceiptHandle, VisibilityTimeout = 0 }) => {
        const message = stored.find(({ handle }) => handle === ReceiptHandle);
        if (message === undefined || !inFlight(message))
          return { Code: 'AWS.SimpleQueueService.MessageNotInflight', Message: 'not in flight', SenderFault: true };
        message.visibleAt = clock.monotonic() + VisibilityTimeout * 1_000;
        return undefined;
      });
      wake();
      return { Successful: [], Failed };
    },
  };
  return {
    client: client as SqsClient,
    calls,
    script,
    /** What the queue has, in the order sent. */
    get stored() {
      return stored.toSorted((one, other) => one.order - other.order);
    },
  };
}

/** What the client makes of AWS's refusal of a whole call. */
export const refused = (code: string): Error => refusalError("call on queue 'orders'", { code, text: code, isOurFault: true });

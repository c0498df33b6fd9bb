// The process of the embedded AWS: fauxqs (SQS, SNS and S3 on one port), on loopback only. Environment: PORT and DATA_DIRECTORY. It
// imports nothing of this package, so that plain Node runs it as TypeScript and as JavaScript alike.
import type { DatabaseSync } from 'node:sqlite';
import { buildApp } from 'fauxqs';

/** What of fauxqs's insides is used here; the package exports none of it, and its version is pinned. */
interface Store {
  persistence?: Persistence;
}
interface Persistence {
  readonly db: DatabaseSync;
  load(...stores: readonly Store[]): void;
  close(): void;
  updateMessageReady(messageId: string): void;
  insertQueue(queue: Queue): void;
}
interface Queue extends Store {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly attributes: object;
  readonly tags: ReadonlyMap<string, string>;
  readonly createdTimestamp: number;
  readonly lastModifiedTimestamp: number;
  readonly sequenceCounter: number;
}

async function inside<Name extends string, Class>(file: string, name: Name): Promise<Class> {
  const module = (await import(new URL(file, import.meta.resolve('fauxqs')).href)) as Record<Name, Class>;
  return module[name];
}

/** The state on disk; fauxqs writes every change before it answers. */
async function openState(folder: string): Promise<Persistence> {
  const Manager = await inside<string, new (folder: string) => Persistence>('persistence.js', 'PersistenceManager');
  const state = new Manager(folder);
  // No fsync: what was answered outlives the process, which is what a test kills, but not the machine.
  state.db.exec('PRAGMA synchronous = OFF');
  // Two defects of fauxqs 2.4.1: a visibility of 0 writes a NULL where none may be (the call fails and the message is gone), and a
  // tag replaces the row of the queue, which deletes the messages that refer to it.
  const ready = state.db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  state.updateMessageReady = (messageId) => void ready.run(messageId);
  const queue = state.db.prepare(`
    INSERT INTO sqs_queues (name, url, arn, attributes, tags, created_timestamp, last_modified_timestamp, sequence_counter)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET tags = excluded.tags, attributes = excluded.attributes`);
  state.insertQueue = (of) => {
    const texts = [of.name, of.url, of.arn, JSON.stringify(of.attributes), JSON.stringify(Object.fromEntries(of.tags))];
    queue.run(...texts, of.createdTimestamp, of.lastModifiedTimestamp, of.sequenceCounter);
  };
  return state;
}

// It refuses characters beyond U+FFFF, which SQS takes ("Message body" of SendMessage: #x10000 to #x10FFFF).
const refused = await inside<string, RegExp>('sqs/sqsTypes.js', 'INVALID_MESSAGE_BODY_CHAR');
const illegal = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
refused.test = (text) => illegal.test(text);
const SqsStore = await inside<string, new () => Store & { allQueues(): Iterable<Queue> }>('sqs/sqsStore.js', 'SqsStore');
const SnsStore = await inside<string, new () => Store>('sns/snsStore.js', 'SnsStore');
const S3Store = await inside<string, new () => Store>('s3/s3Store.js', 'S3Store');
const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
const state = await openState(String(process.env['DATA_DIRECTORY']));
state.load(stores.sqsStore, stores.snsStore, stores.s3Store);
for (const store of [...Object.values(stores), ...stores.sqsStore.allQueues()]) store.persistence = state;
const app = buildApp({ logger: false, stores: stores as never });
app.addHook('onClose', () => state.close());
await app.listen({ port: Number(process.env['PORT']), host: '127.0.0.1' });
process.once('SIGTERM', () => void app.close());
console.log('fauxqs is ready');

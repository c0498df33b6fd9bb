import { createApp, exponential, message, perInstance, queue, reject, retry, topic } from '@omnibus/core';
import { systemClock, type Transport } from '@omnibus/core/transport';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type KafkaOptions, kafka } from '../src/index.js';
import { DEFAULTS } from '../src/options.js';
import { kafkaPermissions } from '../src/permissions.js';
import { channel, note, subscription, topology } from './broker.js';
import { type Allowed, allowedBy, type GuardedBroker, guardedBroker } from './support/guarded-broker.js';

const found = await guardedBroker();
const broker = 'notRun' in found ? undefined : found;
const notRun = 'notRun' in found ? ` [not run: ${found.notRun}]` : '';
afterAll(() => broker?.[Symbol.asyncDispose]());

/** Anything of this type passes. */
const anything = <T>() => ({
  '~standard': {
    version: 1 as const,
    vendor: 'tests',
    validate: (value: unknown) => ({ value: value as T }),
    types: undefined as { readonly input: T; readonly output: T } | undefined,
  },
});
const Book = message('book', anything<{ readonly how: 'well' | 'late' | 'never' }>());
const GetQuote = message('quote.get', anything<{ readonly sku: string }>(), { reply: anything<{ readonly price: number }>() });
const Placed = message('placed', anything<{ readonly n: number }>());
const Parcels = queue('parcels', { messages: [Book, GetQuote] });
const Orders = topic('orders', { messages: [Placed] });
const retries = exponential({ attempts: 3, firstMs: 1_000, maxMs: 2_000 });

/** A service that does all that there is to be allowed, and what its handlers saw. */
async function service(options: KafkaOptions = {}) {
  const config = { name: 'shop', transports: { log: kafka(options) }, default: 'log' };
  const app = await createApp({ config, transports: [kafka], producers: [Parcels, Orders] });
  const seen: string[] = [];
  app
    .consumer(Parcels, { retry: retries })
    .handle(Book, ({ how }, { attempt }) => {
      seen.push(`${how} ${attempt}`);
      if (how === 'never') return reject('never');
      return how === 'late' && attempt === 1 ? retry(1_500) : undefined;
    })
    .handle(GetQuote, () => ({ price: 7 }));
  app.consumer(Orders, { group: 'shipping' }).handle(Placed, ({ n }) => void seen.push(`shipped ${n}`));
  app.consumer(Orders, { group: perInstance }).handle(Placed, ({ n }) => void seen.push(`shown ${n}`));
  return { app, seen };
}

/** What a login needs besides nothing, for every role. */
const allText = ({ app }: Awaited<ReturnType<typeof service>>): string =>
  app.plan.permissions
    .map(({ text }) => text)
    .join('\n')
    .replaceAll('<service>', 'shop');

describe('permissions', () => {
  it('are the least that each login needs, as kafka-acls.sh takes them', async () => {
    const { app } = await service({ partitions: 1 });
    const topics = '--topic orders --topic orders.dead --topic orders.shipping.dead --topic parcels --topic parcels.dead';
    expect(app.plan.permissions.map(({ role, text }) => [role, ...text.split('\n')])).toEqual([
      [
        'produce',
        `--operation Write ${topics} --topic parcels.wait.1s`,
        "--operation Write --resource-pattern-type prefixed --topic '<service>.replies.'",
      ],
      [
        'consume',
        '--operation Read --topic orders --topic parcels --topic parcels.wait.1s --group orders.shipping --group parcels --group parcels.wait.1s',
        '--operation Read --resource-pattern-type prefixed --topic shop.replies. --group orders.shop. --group shop.replies.',
      ],
      [
        'provision',
        `--operation Create ${topics} --topic parcels.wait.1s`,
        '--operation Create --resource-pattern-type prefixed --topic shop.replies.',
        `--operation DescribeConfigs ${topics} --topic parcels.wait.1s`,
        '--operation DescribeConfigs --resource-pattern-type prefixed --topic shop.replies.',
        '--operation Delete --resource-pattern-type prefixed --topic shop.replies. --group orders.shop. --group shop.replies.',
      ],
      // a group of a topic has nowhere of its own that a dead letter could be sent back to
      ['redrive', '--operation Read --topic parcels.dead --group parcels.dead', '--operation Write --topic parcels'],
    ]);
  });

  it('have Describe for what is neither sent nor read, and quotes around what a shell would take apart', () => {
    const [seen, quiet] = [channel({ name: 'seen' }), channel({ name: 'quiet' })];
    const own = subscription(seen, { address: "who's there" });
    const sending = { channels: [], replies: false };
    const none = { from: [], to: [] };
    expect(kafkaPermissions(topology([seen, quiet], [own]), sending, none, DEFAULTS, 'instance')).toEqual([
      { role: 'consume', text: "--operation Read --topic seen --group 'who'\\''s there'" },
      { role: 'provision', text: '--operation Create --topic quiet --topic seen\n--operation Describe --topic quiet' },
    ]);
    expect(kafkaPermissions(topology([]), sending, none, DEFAULTS, 'instance')).toEqual([]);
  });
});

describe.skipIf(broker === undefined)(`a login with nothing but what the plan says${notRun}`, () => {
  const { login, admin, allow, forbid } = broker ?? ({} as GuardedBroker);
  const options = (): KafkaOptions => {
    const { at, username, password } = login;
    return { url: at, username, password, partitions: 1 };
  };

  it('runs a service that sends, consumes, parks, buries, asks, answers and redrives, twice', async () => {
    await allow(allowedBy(allText(await service(options()))));
    for (const round of [1, 2]) {
      const { app, seen } = await service(options());
      await app.start();
      try {
        await app.producer(Orders).send(Placed, { n: round });
        for (const how of ['well', 'late', 'never'] as const) await app.producer(Parcels).send(Book, { how });
        expect(await app.producer(Parcels).request(GetQuote, { sku: 'a' }, { timeoutMs: 20_000 })).toEqual({ price: 7 });
        const all = ['late 1', 'late 2', 'never 1', `shipped ${round}`, `shown ${round}`, 'well 1'];
        await expect.poll(() => [...new Set(seen)].toSorted(), { timeout: 30_000 }).toEqual(all);
        await expect.poll(() => app.stats.consumers['parcels']?.dead, { timeout: 30_000 }).toBeGreaterThan(0);
        await expect.poll(() => app.redrive(Parcels), { timeout: 30_000 }).toBeGreaterThan(0);
      } finally {
        await app.stop();
      }
    }
    const left = async (): Promise<readonly string[]> =>
      (await admin.listTopics()).filter((each) => each.startsWith('shop.replies.'));
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
  }, 120_000);

  describe('but for one thing', () => {
    const [orders, replies] = [channel({ name: 'orders' }), channel({ name: 'shop.replies.1', kind: 'queue', temporary: true })];
    const group = subscription(orders, { group: 'shipping', address: 'orders.shipping' });
    const own = subscription(replies, { group: undefined, address: replies.address, temporary: true });
    const exact = (operation: string, resource: Allowed['resource'], name: string): Allowed => ({
      operation,
      resource,
      name,
      isPrefix: false,
    });
    const connected = async (): Promise<Transport> => {
      const { at, ...rest } = login;
      const environment = { service: 'shop', instance: '1', clock: systemClock };
      const made = kafka.create({ ...DEFAULTS, ...rest, url: [at], partitions: 1 }, environment);
      onTestFinished(() => made.close());
      await made.connect();
      return made;
    };
    const without = async (what: Allowed): Promise<void> => {
      await forbid(what);
      onTestFinished(() => allow([what]));
    };

    it('is DENIED by name what it may not send to', async () => {
      await without(exact('Write', 'topic', 'orders'));
      const [failure] = await (await (await connected()).sender(orders)).send([note()]);
      expect(failure?.error).toMatchObject({ code: 'DENIED', message: expect.stringContaining("topic 'orders'") });
    });

    it('is DENIED by name the topic that it may not read', async () => {
      await without(exact('Read', 'topic', 'orders'));
      await without(exact('Write', 'topic', 'orders')); // which would let it look, and join
      const refused = (await connected()).receiver(group);
      await expect(refused).rejects.toMatchObject({ code: 'DENIED', message: expect.stringContaining("'orders'") });
    });

    it('is told the group that it may not join', async () => {
      await without(exact('Read', 'group', 'orders.shipping'));
      const refused = (await connected()).receiver(group);
      // kafkajs says of a refusal that it found no coordinator
      await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(/group 'orders.shipping'.*ACL for Read/) });
    });

    it('is DENIED by name what it may not make', async () => {
      await without({ ...exact('Create', 'topic', 'shop.replies.'), isPrefix: true });
      const refused = (await connected()).provision(topology([replies]), 'create');
      await expect(refused).rejects.toMatchObject({ code: 'DENIED', message: expect.stringContaining('shop.replies.1') });
    });

    it('is DENIED by name what it may not compare', async () => {
      await without(exact('DescribeConfigs', 'topic', 'orders'));
      const refused = (await connected()).provision(topology([orders]), 'verify');
      await expect(refused).rejects.toMatchObject({ code: 'DENIED', message: expect.stringContaining('orders') });
    });

    it('leaves behind what was its own where it may not delete it', async () => {
      await without({ ...exact('Delete', 'topic', 'shop.replies.'), isPrefix: true });
      const to = await connected();
      await to.provision(topology([replies], [own]), 'create');
      await (await to.receiver(own)).close();
      expect(await admin.listTopics()).toContain('shop.replies.1');
    });
  });
});

import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.js';
import { queue } from '../../src/api/channels.js';
import { claimCheck } from '../../src/runtime/claim-check.js';
import type { ClaimStore, ClaimUses } from '../../src/runtime/claim-store.js';
import { memoryClaimStore } from '../../src/runtime/memory-claim-store.js';
import { kept } from './app-fixture.js';
import { Ask, Asks, Blob, Blobs, Dead, large, make, News, Raw } from './claim-fixture.js';
import { FakeBroker, fake } from './fake-transport.js';

describe('what the plan and the broker are told', () => {
  it('where bodies go, at what cost, and who deletes them', async () => {
    const { app } = await make({ producers: [Blobs, News] });
    app.consumer(Blobs).handle(Blob, () => {});
    expect(app.plan.caveats).toEqual([
      'claim check: messages over 4,000 bytes (less where a broker takes less) to blobs, news leave their body in memory and travel as a pointer, at one write a message and one read an attempt; who consumes them needs the same claim check',
      'claim check: bodies of blobs are deleted once handled and acknowledged, so a duplicate that comes later is a dead letter (claim-missing) unless the consumer has an idempotency store',
      'claim check: bodies of news are never deleted, as every group needs them: let memory remove them by a rule of its own, later than any message or dead letter waits',
    ]);
  });

  it('what the login of the store must be allowed, by what the app does with it', async () => {
    const store: ClaimStore = {
      ...memoryClaimStore(),
      permissions: (uses) => [
        {
          role: 'consume',
          text: Object.keys(uses)
            .filter((use) => uses[use as keyof ClaimUses])
            .join(' '),
        },
      ],
    };
    type Made = Parameters<typeof make>[0] & { readonly consumes?: typeof Blobs | typeof Asks };
    const said = async ({ consumes, ...made }: Made): Promise<string | undefined> => {
      const { app } = await make({ producers: [], ...made, claims: { ...made.claims, store } });
      if (consumes === Blobs) app.consumer(Blobs).handle(Blob, () => {});
      if (consumes === Asks) app.consumer(Asks).handle(Ask, () => ({ text: '' }));
      return app.plan.permissions.find(({ transport }) => transport === 'memory')?.text;
    };
    expect(await said({ producers: [Blobs] })).toBe('writes');
    expect(await said({ producers: [Blobs], claims: { channels: ['news'] } })).toBe('');
    expect(await said({ producers: [Asks] })).toBe('writes reads deletes'); // its replies
    expect(await said({ consumes: Blobs })).toBe('reads deletes');
    expect(await said({ consumes: Asks })).toBe('writes reads deletes');
    expect(await said({ consumes: Blobs, claims: { cleanup: 'none' } })).toBe('reads');
    expect(await said({ consumes: Blobs, claims: { transports: ['two'] } })).toBe('');
  });

  it('sends as ever where it is not asked for', async () => {
    const { app, broker, turn } = await make({ claims: { channels: ['blobs'] } });
    const got: unknown[] = [];
    app.consumer(Dead).handle(Blob, (payload) => void got.push(payload));
    await app.start();
    await app.producer(Dead).send(Blob, large(1));
    await app.producer(Blobs).send(Blob, large(2));
    broker.put('blobs.dead', broker.queue('blobs').pop()!);
    await turn();
    expect(broker.sent.map(({ message: { headers } }) => headers['ExtendedPayloadSize'] !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    expect(got).toEqual([large(1), large(2)]);
    const other = await make({ claims: { transports: ['two'] }, producers: [Blobs] });
    await other.app.start();
    await other.app.producer(Blobs).send(Blob, large());
    expect(other.store.objects.size).toBe(0);
    expect(other.app.plan.caveats).toEqual([
      'fake: at most 258,048 bytes a message with its headers, to blobs; more is TOO_LARGE without a claim check',
    ]);
  });

  it.each([
    ['a JSON body on the wire', Blobs, {}, true],
    ['a claim check', Blobs, { claimCheck: claimCheck({ store: memoryClaimStore() }) }, false],
    ['a claim check elsewhere', Blobs, { claimCheck: claimCheck({ store: memoryClaimStore(), channels: ['news'] }) }, true],
    ['a codec of its own beside it', queue('blobs', { messages: [Blob, Raw] }), {}, false],
  ] as const)('a filter for the broker with %s', async (_, channel, options, given) => {
    const broker = new FakeBroker();
    const app = await createApp({
      config: { name: 'shop', transports: { one: fake({ broker }) }, default: 'one' },
      transports: [fake],
      ...options,
    });
    kept(app);
    const consumer = app.consumer(channel as typeof Blobs, { ignore: [Raw] } as object);
    consumer.handle(Blob, { where: { id: 2 } }, () => {});
    const { ruling } = app.plan.rulings.find(({ feature }) => feature === 'filter')!;
    await app.start();
    expect([broker.topologies[0]!.subscriptions[0]!.filter !== undefined, ruling]).toEqual([given, given ? 'native' : 'emulate']);
  });

  it('no filter where the channel has messages of others', async () => {
    const broker = new FakeBroker();
    const app = await createApp({
      config: {
        name: 'shop',
        transports: { one: fake({ broker }) },
        default: 'one',
        channels: { blobs: { foreign: { type: 'blob' } } },
      },
      transports: [fake],
    });
    kept(app);
    app.consumer(Blobs).handle(Blob, { where: { id: 2 } }, () => {});
    await app.start();
    expect(broker.topologies[0]!.subscriptions[0]!.filter).toBeUndefined();
  });

  it.each([
    ['thresholdBytes', -1],
    ['thresholdBytes', Number.NaN],
    ['maxBytes', 0],
    ['timeoutMs', 0],
    ['timeoutMs', Number.POSITIVE_INFINITY],
  ])('%s cannot be %d', (name, value) => {
    expect(() => claimCheck({ store: memoryClaimStore(), [name]: value })).toThrow(`claimCheck: ${name} is ${value}`);
  });
});

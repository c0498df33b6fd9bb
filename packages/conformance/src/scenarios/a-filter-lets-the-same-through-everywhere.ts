import { deepEqual } from 'node:assert/strict';
import { type Channel, message } from '@omnibus/core';
import { shape } from '../messages.js';
import type { Scenario } from '../scenario.js';

interface Order {
  readonly id: number;
  readonly total: number;
  readonly country: string;
  readonly express: boolean;
}

const OrderPlaced = message('conformance.order-placed', shape<Order>());

const WHERE = { total: { gte: 100, lt: 200 }, country: { prefix: 'de' }, express: true } as const;
const wanted = ({ total, country, express }: Order): boolean =>
  total >= 100 && total < 200 && country.startsWith('de') && express;

const ORDERS: readonly Order[] = [99, 100, 199, 200].flatMap((total, row) =>
  ['de', 'de-by', 'fr', 'DE'].flatMap((country, column) =>
    [true, false].map((express, depth) => ({ id: row * 8 + column * 2 + depth, total, country, express })),
  ),
);

/** All values around the borders of a filter, on a queue and, where there are topics, in a group. */
export const aFilterLetsTheSameThroughEverywhere: Scenario = {
  check: 21,
  title: 'a filter lets the same messages through, wherever it runs',
  feature: 'filter',
  async run(world) {
    const Direct = world.queue('direct', { messages: [OrderPlaced] });
    const Spread = world.topic('spread', { messages: [OrderPlaced] });
    const channels: readonly Channel<'queue' | 'topic', string, typeof OrderPlaced>[] = world.carries('topic')
      ? [Direct, Spread]
      : [Direct];
    const service = await world.service({ producers: channels });
    const direct = world.handled(OrderPlaced);
    const spread = world.handled(OrderPlaced);
    service.consumer(Direct).handle(OrderPlaced, { where: WHERE }, direct.handler);
    if (world.carries('topic'))
      service.consumer(Spread, { group: 'germany' }).handle(OrderPlaced, { where: WHERE }, spread.handler);
    await world.start(service);

    const expected = ORDERS.filter(wanted).map(({ id }) => id);
    for (const channel of channels) {
      const orders = channel === Direct ? direct : spread;
      for (const order of ORDERS) await service.producer(channel).send(OrderPlaced, order);
      await orders.reaches(expected.length);
      const name = channel === Direct ? Direct.name : `${Spread.name}/germany`;
      await world.until('nothing is held any more', () => service.stats.consumers[name]!.held === 0);
      deepEqual(
        orders.payloads.map(({ id }) => id).sort((one, other) => one - other),
        expected,
      );
    }
  },
};

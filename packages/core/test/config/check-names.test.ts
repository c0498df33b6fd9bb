import { expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check-config.js';
import { checkNames } from '../../src/config/check-names.js';
import { configError } from '../../src/config/problem.js';

const config = checkConfig({
  name: 'shop',
  transports: { local: { use: 'memory' } },
  default: 'local',
  channels: {
    ordres: {},
    parcels: { deadLetter: 'parcels-dead', groups: { a: { deadLetter: 'a-dead' } } },
    'parcels-dead': {},
    'a-dead': {},
    invoices: {},
  },
  consumers: { orders: {}, 'orders/shiping': {}, parcels: {} },
});

test('names that no code has are found, with what was probably meant', () => {
  const problems = checkNames(config, ['orders', 'parcels'], ['orders/shipping', 'parcels']);
  expect(configError(problems).message).toBe(`The configuration has 3 problems:
- channels.ordres is a channel that no code has. Did you mean "orders"?
- channels.invoices is a channel that no code has. There are: orders, parcels, parcels-dead, a-dead.
- consumers.orders/shiping is a consumer that no code has. Did you mean "orders/shipping"?`);
});

test('a producer without consumers is told that there is none', () => {
  expect(configError(checkNames({ ...config, channels: {}, consumers: { 'orders/shipping': {} } }, ['orders'], [])).message).toBe(
    'consumers.orders/shipping is a consumer that no code has. There is no consumer at all.',
  );
});

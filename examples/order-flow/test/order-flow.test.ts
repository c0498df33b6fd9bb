import type {} from '@omnibus/brokers/vitest-setup';
import { describe, expect, inject, it } from 'vitest';
import { start } from './start.js';

/** 12 orders: 2 cards are declined three times, 2 work on the second attempt, 2 parcels stumble once. */
const LEDGER = {
  'dead-lettered': '2',
  'order kept': 'yes, over 10 keys',
  'request/reply': 'ok, 12 of 12',
};
/** Where every message comes exactly once, as it does while nothing fails. */
const COUNTS = { sent: '74', handled: '84', retried: '8' };

const rabbitmq = inject('rabbitmq');
const kafka = inject('kafka');
const aws = inject('aws');
const notOnAws = aws.available ? '' : `: ${aws.reason}`;
const onAws = aws.available ? { OMNIBUS_AWS_URL: aws.url } : {};

describe.concurrent('npm start', () => {
  it.skipIf(!aws.available)(`runs in memory and on SNS, prints plan and ledger, and ends by itself${notOnAws}`, async () => {
    const { code, out, err, ledgers } = await start();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('== memory ==  omnibus.yaml: default: memory');
    expect(out).toMatch(/== sns == {2}omnibus\.yaml: default: sns \(fauxqs [\d.]+, an emulator of its own\)/);
    expect(out.match(/\d\d native, \d+ emulated, 0 refused/g)).toHaveLength(2);
    expect(out.match(/dead-lettered {2}shop\.payments {2}card\.charge {2}attempt 3: card declined/g)).toHaveLength(4);
    expect(ledgers).toMatchObject([
      { ...COUNTS, ...LEDGER },
      { ...COUNTS, ...LEDGER },
    ]);
  });

  it.skipIf(!aws.available)(`runs on the SNS that is named${notOnAws}`, async () => {
    const { code, out, err, ledger } = await start(['--transport', 'sns'], onAws);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('== sns ==  omnibus.yaml: default: sns (OMNIBUS_AWS_URL)');
    expect(ledger).toMatchObject(LEDGER);
  });

  it('runs on the transport that is named', async () => {
    const { code, out } = await start(['--transport', 'memory']);
    expect(code).toBe(0);
    expect(out.match(/^== /gm)).toHaveLength(1);
  });

  it.skipIf(!rabbitmq.available)(`runs on RabbitMQ${rabbitmq.available ? '' : `: ${rabbitmq.reason}`}`, async () => {
    const url = rabbitmq.available ? rabbitmq.url : '';
    const { code, out, err, ledger } = await start(['--transport', 'rabbitmq'], { OMNIBUS_RABBITMQ_URL: url });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('== rabbitmq ==');
    expect(ledger).toMatchObject(LEDGER);
  });

  it.skipIf(!kafka.available)(`runs on Kafka${kafka.available ? '' : `: ${kafka.reason}`}`, async () => {
    const url = kafka.available ? kafka.url : '';
    const { code, out, err, ledger } = await start(['--transport', 'kafka'], { OMNIBUS_KAFKA_URL: url });
    // kafkajs sets a timer to a negative time, which Node.js warns of once
    expect({ code, err: err.replace(/^.*(?:Timeout|--trace-warnings).*\n/gm, '') }).toEqual({ code: 0, err: '' });
    expect(out).toContain('== kafka ==');
    expect(ledger).toMatchObject(LEDGER);
  });

  it('says in one line what it does not know', async () => {
    const { code, out, err } = await start(['--transport', 'pigeon']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^order-flow: CONFIG: .*Transports: "memory", "rabbitmq", "kafka", "sns"\.\n$/);
    expect(await start(['--fast'])).toMatchObject({ code: 1, err: "order-flow: Unknown option '--fast'\n" });
  });

  it('says in one line that a broker cannot be reached', async () => {
    const { code, err } = await start(['--transport', 'rabbitmq'], { OMNIBUS_RABBITMQ_URL: 'amqp://guest:secret@127.0.0.1:9' });
    expect(code).toBe(1);
    expect(err).toMatch(/^order-flow: CONNECTION: transport "rabbitmq" .*127\.0\.0\.1:9 .*ECONNREFUSED.*\n$/);
    expect(err).not.toContain('secret');
  });

  it('helps', async () => {
    const { code, out } = await start(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('npm start -- --transport rabbitmq');
  });
});

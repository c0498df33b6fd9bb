import { type DeadLetter, message, queue, reject } from '@omnibus/core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { testApp } from '../src/index.js';

const Mail = message('mail.send', z.object({ to: z.string() }));
const Mails = queue('mails', { messages: [Mail] });
const Graveyard = queue('mails.dead', { messages: [Mail] });

it('tells who consumes a dead-letter channel why a message died, and nobody else', async () => {
  const told: (DeadLetter | undefined)[] = [];
  await using t = await testApp({
    consumers: (app) => {
      app.consumer(Mails).handle(Mail, (_, context) => {
        told.push(context.dead);
        return reject('no such mailbox');
      });
      app.consumer(Graveyard).handle(Mail, (_, context) => void told.push(context.dead));
    },
  });
  await t.send(Mails, Mail, { to: 'a' });
  await t.settled({ allowErrors: true });
  expect(told[0]).toBeUndefined();
  expect(told[1]).toMatchObject({ reason: 'no such mailbox', attempts: 1, channel: 'mails' });
});

it('keeps its counters when it has stopped', async () => {
  const t = await testApp({ consumers: (app) => void app.consumer(Mails).handle(Mail, () => {}) });
  await t.send(Mails, Mail, { to: 'a' });
  await t.settled();
  await t.stop();
  expect(t.stats.consumers['mails']).toMatchObject({ handled: 1 });
});

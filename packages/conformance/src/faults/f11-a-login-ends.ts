import { equal, ok } from 'node:assert/strict';
import type { App } from '@omnibus/core';
import { type Login, needed, type SharingFault } from './fault.js';
import { REST } from './outlive.js';
import { type Running, steady } from './steady.js';
import { became, until } from './until.js';

/** What was given out ends; where a new one can be asked for nobody notices, where none is valid health says so. */
export const aLoginEnds: SharingFault = {
  id: 'F11',
  title: 'a login that ends is asked for anew; while it is refused health says why, and all go on afterwards',
  does: 'the login of publisher and consumer is replaced by another, where it can be asked for; then it is refused for a while',
  breaks: 'its own',
  run: async (field) => {
    await using login = await needed(field.broker.login, 'broker.login')();
    let refusedMs = 0;
    const outcome = await steady(field, {
      publisher: login.definition(),
      consumer: login.definition(),
      at: [
        [1 / 4, (run) => expire(run, login)],
        [1 / 2, async (run) => void (refusedMs = await refuse(run, login, field.deadlineMs))],
        REST,
      ],
    });
    const asked =
      login.expire === undefined ? 'what was given is all there is: nothing was replaced' : 'one was replaced unnoticed';
    return { ...outcome, notes: [asked, `one was refused for ${refusedMs} ms`] };
  },
};

/** Everything that is sent meanwhile and until all is quiet arrives, without a failure. */
async function expire({ busy, quiet, books }: Running, login: Login): Promise<void> {
  if (login.expire === undefined) return;
  await busy();
  await login.expire();
  await quiet(async () => {
    const failed = [...books.rejected].map(([code, count]) => `${count} by ${code}`);
    equal(failed.length, 0, `sends failed when the login was replaced: ${failed.join(', ')}`);
  });
}

/** Gives the ms in which it was refused. */
async function refuse({ busy, quiet, publisher, consumer }: Running, login: Login, deadlineMs: number): Promise<number> {
  const began = performance.now();
  await quiet(() => login.refuse()); // it takes a while: sends that go on meanwhile would all be over
  try {
    await busy();
    for (const app of [publisher, consumer]) tells(await complaint(app, deadlineMs), login);
  } finally {
    await login.renew();
  }
  const took = Math.round(performance.now() - began);
  const isWell = async (): Promise<boolean> => (await publisher.health()).ok && (await consumer.health()).ok;
  await until('the services are healthy again', isWell, deadlineMs);
  return took;
}

/** What an app's health says once it speaks of the login: the link may be seen to end before the login is seen to be refused. */
async function complaint(app: App, deadlineMs: number): Promise<string> {
  let why = '';
  const speaks = async (): Promise<boolean> => {
    why = (await app.health()).endpoints.map((endpoint) => endpoint.why ?? '').join('\n');
    return /login|credential|token|key|sign/i.test(why) && /refuse|den(y|ied)|expired|invalid/i.test(why);
  };
  if (!(await became(speaks, deadlineMs))) throw new Error(`health does not say that the login is refused, but: ${why}`);
  return why;
}

function tells(why: string, { secrets }: Login): void {
  for (const secret of secrets) ok(!why.includes(secret), 'health tells the secret');
}

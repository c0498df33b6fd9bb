import { deepEqual, ok } from 'node:assert/strict';
import { type App, isMessagingError } from '@omnibus/core';
import { rejection, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { Handled } from '../world/journal.js';
import type { World } from '../world/world.js';

/** Pairs of them would be one where a broker is careless: capitals, separators, letters that look alike, what is cut off at the end. */
const NAMES: readonly string[] = [
  'plain',
  'PLAIN',
  'a.b',
  'a-b',
  'a_b',
  'a/b',
  'a b',
  'a%20b',
  'a+b',
  'a#b',
  'a*b',
  'a:b',
  'é',
  'e\u0301',
  '日本',
  'queue.fifo',
  '$share',
  ...times(2, (index) => `${'long-'.repeat(30)}${index}`),
  'x'.repeat(300),
];

/**
 * Each name either works, and gets its own messages only, or is refused when the service starts, by an error that names it. Two
 * channels at one address are refused in any case.
 */
export const namesAreKeptApart: Scenario = {
  check: 82,
  title: 'names are mapped to what the broker allows and back, and collisions are refused',
  async run(world) {
    const working: {
      readonly name: string;
      readonly service: App;
      readonly send: () => Promise<unknown>;
      readonly notes: Handled<{ readonly n: number }>;
    }[] = [];
    for (const [n, name] of NAMES.entries()) {
      const Notes = world.queue(name, { messages: [Note] });
      const service = await world.service({ producers: [Notes] });
      const notes = world.handled(Note);
      service.consumer(Notes).handle(Note, notes.handler);
      const refusal = await starts(service);
      if (refusal === undefined) working.push({ name, service, notes, send: () => service.producer(Notes).send(Note, { n }) });
      else ok(refusal.includes(Notes.name), `the refusal does not name the channel: ${refusal}`);
    }
    for (const { send } of working) await send();
    for (const { notes } of working) await notes.reaches(1);
    for (const { name, notes } of working) deepEqual(notes.payloads, [{ n: NAMES.indexOf(name) }], name);
    ok(working.length > 3, 'most names work');
    await collides(world);
  },
};

/** Undefined where it starts; else what it says. */
async function starts(service: App): Promise<string | undefined> {
  try {
    await service.start();
    return undefined;
  } catch (error) {
    if (isMessagingError(error) && ['CONFIG', 'TOPOLOGY', 'INVALID', 'CAPABILITY'].includes(error.code)) return error.message;
    throw error;
  }
}

async function collides(world: World): Promise<void> {
  const One = world.queue('one', { messages: [Note] });
  const Two = world.queue('two', { messages: [Note] });
  const service = await world.service({ producers: [One, Two], config: { channels: { [One.name]: { address: Two.name } } } });
  const { message } = await rejection('CONFIG', service.start());
  ok(message.includes(One.name) && message.includes(Two.name), 'both channels are named');
}

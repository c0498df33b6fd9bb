import { deepEqual, equal } from 'node:assert/strict';
import { rejection, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const ODD: Readonly<Record<string, string>> = {
  empty: '',
  'with space': ' leading and trailing ',
  'UPPER.and-lower_0': 'Straße',
  größe: '漢字 🚚 \u0000 \n \t "\'\\',
  lang: 'x'.repeat(2_000),
  'x-json': '{"a":[1,null]}',
  number: '007',
  constructor: 'not a function',
  ['__proto__']: 'no prototype',
  CC: 'an address to a broker that reads it so',
  [`x-${'long'.repeat(100)}`]: 'a name of 402 characters',
  half: 'half a pair: \ud83d',
};

const MANY = 64; // more than any broker with a low limit takes

/** Names and values that a broker, or a careless mapping, could choke on; and more of them than some brokers take. */
export const oddHeadersArrive: Scenario = {
  check: 4,
  title: 'headers arrive whatever they are called, and however many there are',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const service = await world.service({ producers: [Notes] });
    const notes = world.handled(Note);
    service.consumer(Notes, { concurrency: 1 }).handle(Note, notes.handler);
    await world.start(service);

    const many = Object.fromEntries(times(MANY, (index) => [`h${index}`, String(index)]));
    const sent = [ODD, many, {}];
    for (const [n, headers] of sent.entries()) await service.producer(Notes).send(Note, { n }, { headers });
    await notes.reaches(sent.length);
    equal(notes.all.length, sent.length);
    for (const { payload, context } of notes.all) deepEqual({ ...context.headers }, sent[payload.n]);

    for (const name of ['omnibus-attempts', 'ce-id', 'content-type'])
      await rejection('INVALID', service.producer(Notes).send(Note, { n: 9 }, { headers: { [name]: '4' } }));
  },
};

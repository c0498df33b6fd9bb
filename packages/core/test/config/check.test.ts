import { describe, expect, test } from 'vitest';
import { type Check, checkFields } from '../../src/config/check.js';
import { pathText } from '../../src/config/problem.js';
import type { OptionSpec } from '../../src/transport/options.js';

function run(
  specs: Readonly<Record<string, OptionSpec>>,
  value: object,
): { readonly value: object; readonly problems: readonly string[] } {
  const check: Check = { problems: [] };
  const checked = checkFields(specs, value, [], check);
  return { value: checked, problems: check.problems.map(({ path, message, fix }) => `${pathText(path)} ${message}. ${fix}`) };
}

const D = { description: 'What it is.' };

describe('a text', () => {
  test.each([
    [{ type: 'string', ...D }, 5, 'a must be a text, but is 5. Put it in quotes.'],
    [{ type: 'string', ...D }, ['x'], 'a must be a text, but is a list. What it is.'],
    [
      { type: 'string', ...D, values: ['red', 'green'] },
      'gren',
      'a must be one of "red", "green", but is "gren". Did you mean "green"?',
    ],
    [{ type: 'string', ...D, values: ['red'] }, 'blue', 'a must be "red", but is "blue". What it is.'],
    [
      { type: 'string', ...D, pattern: /^a+$/ },
      'x'.repeat(80),
      `a must be a text that matches /^a+$/, but is "${'x'.repeat(60)}…". What it is.`,
    ],
    [{ type: 'string', ...D, required: true }, '', 'a is empty. What it is.'],
    [{ type: 'string', ...D, required: true }, undefined, 'a is missing. What it is.'],
    [{ type: 'string', ...D, required: true }, null, 'a is missing. What it is.'],
  ] as const)('%o refuses %j', (spec, value, problem) => {
    expect(run({ a: spec }, { a: value }).problems).toEqual([problem]);
  });

  test('matches a pattern that remembers its last match every time', () => {
    const spec: OptionSpec = { type: 'string', ...D, pattern: /a/g };
    expect(run({ a: spec, b: spec }, { a: 'a', b: 'a' }).problems).toEqual([]);
  });

  test.each([
    [
      { type: 'string', ...D, secret: true, pattern: /^x/ },
      'a must be a text that matches /^x/, but is a value that is not shown. What it is.',
    ],
    [{ type: 'string', ...D, pattern: /^x/ }, 'a must be a text that matches /^x/, but is a URL (amqp://…). What it is.'],
    [
      {
        type: 'oneOf',
        ...D,
        alternatives: [
          { type: 'number', ...D },
          { type: 'string', ...D, secret: true, pattern: /^x/ },
        ],
      },
      'a must be a number, or a text that matches /^x/, but is a value that is not shown. What it is.',
    ],
  ] as const)('that is secret, or a URL, is never shown (%#)', (spec, problem) => {
    expect(
      run({ a: spec }, { a: spec.type === 'string' && !('secret' in spec) ? 'amqp://me:hunter2@host/x' : 'hunter2' }).problems,
    ).toEqual([problem]);
  });

  test('that may hold credentials is never shown', () => {
    const spec: OptionSpec = { type: 'number', ...D };
    expect(run({ a: spec }, { a: 'me:hunter2@host' }).problems).toEqual([
      'a must be a number, but is a text that may hold credentials and is not shown. What it is.',
    ]);
    expect(run({ a: spec }, { a: 'failover:(ssl://me:hunter2@host)' }).problems).toEqual([
      'a must be a number, but is a text that may hold credentials and is not shown. What it is.',
    ]);
  });

  test('a number that is meant to be a secret is never shown either', () => {
    expect(run({ a: { type: 'string', ...D, secret: true } }, { a: 1234 }).problems).toEqual([
      'a must be a text, but is a value that is not shown. Put it in quotes.',
    ]);
    expect(run({ a: { type: 'strings', ...D, secret: true } }, { a: [1234] }).problems).toEqual([
      'a[0] must be a text, but is a value that is not shown. Put it in quotes.',
    ]);
  });
});

describe('a number', () => {
  test.each([
    [7, 7],
    ['7', 7],
    [' 30_000 ', 30_000],
    ['-1.5e3', -1_500],
  ])('is read from %j', (value, expected) => {
    expect(run({ a: { type: 'number', ...D } }, { a: value })).toEqual({ value: { a: expected }, problems: [] });
  });

  test.each(['', '0x10', '1_', 'Infinity', 'NaN', Number.NaN, Number.POSITIVE_INFINITY, true, 5n, '1e999', {}])(
    'is not read from %o',
    (value) => {
      expect(run({ a: { type: 'number', ...D } }, { a: value }).problems).toHaveLength(1);
    },
  );

  test.each([
    [{ min: 1 }, 0, 'of at least 1'],
    [{ max: 9 }, 10, 'of at most 9'],
    [{ min: 1, max: 9 }, '10', 'from 1 to 9'],
  ])('within %o refuses %j', (range, value, said) => {
    expect(run({ a: { type: 'number', ...D, ...range } }, { a: value }).problems).toEqual([
      `a must be a number ${said}, but is ${JSON.stringify(value)}. What it is.`,
    ]);
  });

  test('of milliseconds that is written with a unit is refused with the number to write', () => {
    const fix = (key: string, value: string): string | undefined =>
      run({ [key]: { type: 'number', ...D } }, { [key]: value }).problems[0];
    expect(fix('waitMs', '1.5 h')).toBe(
      'waitMs must be a number, but is "1.5 h". Durations are numbers of milliseconds: 5400000.',
    );
    expect(fix('waitMs', '5 constructor')).toBe('waitMs must be a number, but is "5 constructor". What it is.');
    expect(fix('count', '5s')).toBe('count must be a number, but is "5s". What it is.');
  });
});

describe('other kinds', () => {
  test('true and false are read from their texts alone', () => {
    const spec: OptionSpec = { type: 'boolean', ...D };
    expect(run({ a: spec, b: spec, c: spec }, { a: 'true', b: 'false', c: 'no' })).toEqual({
      value: { a: true, b: false },
      problems: ['c must be true or false, but is "no". What it is.'],
    });
  });

  test('one text makes a list of it, and every wrong entry is named', () => {
    const spec: OptionSpec = { type: 'strings', ...D };
    expect(run({ a: spec, b: spec, c: spec }, { a: 'x', b: ['x', 'y'], c: ['x', 1, null] })).toEqual({
      value: { a: ['x'], b: ['x', 'y'] },
      problems: ['c[1] must be a text, but is 1. Put it in quotes.', 'c[2] must be a text, but is nothing. What it is.'],
    });
  });

  test('objects inside objects are checked and get their defaults; an absent one stays absent', () => {
    const spec: OptionSpec = {
      type: 'object',
      ...D,
      fields: { port: { type: 'number', ...D, default: 1 }, host: { type: 'string', ...D } },
    };
    expect(run({ a: spec, b: spec, c: spec }, { a: {}, c: { hots: 'x' } })).toEqual({
      value: { a: { port: 1 }, c: { port: 1 } },
      problems: ['c.hots is not a known key. Did you mean "host"?'],
    });
  });

  test('defaults of every kind are filled in, null counting as absent', () => {
    const specs: Readonly<Record<string, OptionSpec>> = {
      a: { type: 'string', ...D, default: 'x' },
      b: { type: 'boolean', ...D, default: false },
      c: { type: 'strings', ...D, default: ['x'] },
      d: { type: 'oneOf', ...D, alternatives: [], default: 5 },
    };
    expect(run(specs, { a: null })).toEqual({ value: { a: 'x', b: false, c: ['x'], d: 5 }, problems: [] });
  });

  test('what only code can give passes as it stands', () => {
    const given = (): void => {};
    expect((run({ a: { type: 'any', ...D } }, { a: given }).value as { a: unknown }).a).toBe(given);
  });

  test('keys are own keys: constructor is not known, __proto__ not taken over', () => {
    const { value, problems } = run(
      { a: { type: 'map', ...D, of: { type: 'string', ...D } } },
      { a: JSON.parse('{"__proto__":"x"}') as object, constructor: 1 },
    );
    expect(problems).toEqual(['constructor is not a known key. Known here: a.']);
    expect(Object.entries((value as { a: object }).a)).toEqual([['__proto__', 'x']]);
  });

  test('everything that was made is frozen', () => {
    const { value } = run(
      {
        o: { type: 'object', ...D, fields: {} },
        m: { type: 'map', ...D, of: { type: 'any', ...D } },
        s: { type: 'strings', ...D },
      },
      { o: {}, m: {}, s: ['x'] },
    );
    for (const part of [value, ...Object.values<unknown>({ ...value })]) expect(Object.isFrozen(part)).toBe(true);
  });
});

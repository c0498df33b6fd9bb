import { expect, it } from 'vitest';
import { isRequired } from '../src/require.js';

const known = ['rabbitmq', 'kafka'];
const required = (list: string | undefined, name = 'rabbitmq'): boolean => isRequired(name, known, { OMNIBUS_REQUIRE: list });

it('requires nothing unless told', () => {
  expect(required(undefined)).toBe(false);
  expect(required('')).toBe(false);
});

it('requires everything, or what the list names', () => {
  expect(required('all')).toBe(true);
  expect(required('kafka')).toBe(false);
  expect(required(' kafka , rabbitmq,')).toBe(true);
});

it('refuses a name that nobody knows', () => {
  expect(() => required('rabitmq,kafka')).toThrow("OMNIBUS_REQUIRE names 'rabitmq'; known are: all, rabbitmq, kafka");
});

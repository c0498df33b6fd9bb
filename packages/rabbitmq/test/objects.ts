import { expect } from 'vitest';

export { channel, message, messages, subscription, topology, unique } from '@omnibus/brokers/seam-objects';

/** vitest's matchers, of a type that may stand anywhere in an expectation. */
export const like = (facts: object): unknown => expect.objectContaining(facts);
export const containing = (text: string): unknown => expect.stringContaining(text);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

import { type Codec, decodeText, encodeText, invalid } from './codec.js';

/** JSON in UTF-8: the codec of every message that names no other. */
export const jsonCodec: Codec = Object.freeze({
  contentType: 'application/json',
  encode(value: unknown) {
    let text: string | undefined;
    try {
      text = JSON.stringify(value);
    } catch (cause) {
      throw invalid('The payload has no JSON form: it holds a bigint or a cycle, or a toJSON of its own threw.', cause);
    }
    if (text === undefined)
      throw invalid(`The payload has no JSON form: it is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}.`);
    return encodeText(legalText(text));
  },
  decode(body: Uint8Array) {
    const text = decodeText(body);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      // the engine's own words quote the payload: only the position is taken over
      const position = /at position (\d+)/.exec((error as Error).message)?.[1];
      throw invalid(
        `The body is not JSON${text === '' ? ': it is empty' : position === undefined ? '' : `: it breaks off or goes wrong at character ${position} of ${text.length}`}.`,
      );
    }
  },
});

/**
 * JSON text in the characters that SQS, SNS and XML 1.0 take: JSON escapes all others by itself, but for U+FFFE and U+FFFF. Costs
 * nothing where the text is Latin-1, else two searches for one character.
 */
export const legalText = (json: string): string =>
  json.includes('\uFFFE') || json.includes('\uFFFF')
    ? json.replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
    : json;

/** Whether a content type says JSON: `application/json`, `application/problem+json; charset=utf-8`. */
export const isJson = (contentType: string): boolean => /^\s*[\w.+-]+\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(contentType);

import { type KeyObject, X509Certificate } from 'node:crypto';
import { type Clock, textOf } from '@omnibus/core/transport';
import type { Get, Got } from './get.js';
import { snsUrl } from './hosts.js';

/** The keys that SNS signs with, by the URL that a post names. */
export interface Certificates {
  /**
   * The key; `untrusted` where the URL is none of SNS's or what is there is no valid certificate; `unavailable` where it could
   * not be had for now. Never rejects.
   */
  keyOf(url: string): Promise<KeyObject | 'untrusted' | 'unavailable'>;
  /** Why no certificate can be had, while none can. */
  readonly why: string | undefined;
}

export interface CertificatesOptions {
  readonly get: Get;
  readonly clock: Clock;
}

const PATH = /^\/[\w.-]+\.pem$/;
const MOST_BYTES = 64 * 1024;
const GET_MS = 5_000;
/** SNS changes its certificate about once a year. */
const MOST_KEYS = 16;
const MOST_MISSING = 1_024;
const MISSING_MS = 60_000;
/** More than these at one time wait for nobody: SNS posts again. */
const MOST_GETS = 4;
const LEAST_BITS = 2_048;

interface Known {
  readonly key: KeyObject;
  /** Valid within these, in ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/**
 * Certificates by https from SNS's own hosts only, each fetched once and kept while it is valid. Bounds: 16 keys, 4 requests at
 * one time, 5 s and 64 KB each; a URL where there is none is not asked again for 1 min.
 */
export function certificates({ get, clock }: CertificatesOptions): Certificates {
  const keys = new Map<string, Known>();
  const missing = new Map<string, number>(); // until when
  const pending = new Map<string, Promise<Known | 'untrusted' | 'unavailable'>>();
  let why: string | undefined;

  const load = async (url: string): Promise<Known | 'untrusted' | 'unavailable'> => {
    const timeout = new AbortController();
    const timer = clock.timer(GET_MS, () => timeout.abort(new Error(`no whole answer within ${GET_MS} ms`)));
    try {
      const known = read(await get(url, MOST_BYTES, timeout.signal));
      if (known === 'unavailable') why = 'SNS has no certificate to give for now';
      else if (known === 'untrusted') put(missing, url, clock.monotonic() + MISSING_MS, MOST_MISSING);
      else {
        why = undefined;
        put(keys, url, known, MOST_KEYS);
      }
      return known;
    } catch (error) {
      why = `the certificate that SNS signs with cannot be fetched from ${new URL(url).host}: ${textOf(error)}`;
      return 'unavailable';
    } finally {
      timer.cancel();
    }
  };

  const known = (url: string): Promise<Known | 'untrusted' | 'unavailable'> | Known | 'untrusted' | 'unavailable' => {
    const key = keys.get(url);
    if (key !== undefined) return key;
    if ((missing.get(url) ?? Number.NEGATIVE_INFINITY) > clock.monotonic()) return 'untrusted';
    const under = pending.get(url);
    if (under !== undefined) return under;
    if (pending.size >= MOST_GETS) return 'unavailable';
    const loading = load(url).finally(() => pending.delete(url));
    pending.set(url, loading);
    return loading;
  };

  return {
    async keyOf(text) {
      const url = snsUrl(text);
      if (url === undefined || url.search !== '' || !PATH.test(url.pathname)) return 'untrusted';
      const found = await known(url.href);
      if (typeof found === 'string') return found;
      const now = clock.now();
      if (now >= found.from && now <= found.to) return found.key;
      keys.delete(url.href);
      return 'untrusted';
    },
    get why() {
      return why;
    },
  };
}

function read({ status, body }: Got): Known | 'untrusted' | 'unavailable' {
  if (status === 429 || status >= 500) return 'unavailable';
  if (status !== 200) return 'untrusted';
  try {
    const { publicKey: key, validFrom, validTo } = new X509Certificate(body);
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (key.asymmetricKeyType !== 'rsa' || bits < LEAST_BITS) return 'untrusted';
    return { key, from: Date.parse(validFrom), to: Date.parse(validTo) };
  } catch {
    return 'untrusted';
  }
}

/** Bounded: the oldest entry makes room. */
function put<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.set(key, value);
  if (map.size > most) for (const oldest of map.keys()) return void map.delete(oldest);
}

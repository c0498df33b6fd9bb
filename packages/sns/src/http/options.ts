import type { OptionSpec, OptionSpecs } from '@omnibus/core/transport';
import type { SnsEndpoint } from './door.js';
import type { ListenOptions } from './server.js';
import type { SignatureVersion } from './signature.js';

/** How one group of a topic is posted to by SNS, instead of having it wait in a queue. */
export interface EndpointOptions {
  /** Where SNS reaches it from the internet, without a login: `https://public.example/hooks/orders`. */
  readonly url: string;
  /** Listens by itself. One of `listen` and `endpoint` is needed. */
  readonly listen?: ListenOptions;
  /** What `snsEndpoint()` made, mounted in a server of the application's own. From code only. */
  readonly endpoint?: SnsEndpoint;
  /** Age from which a post is refused, in ms; at least as long as the subscription's delivery policy tries. Default: 3,900,000. */
  readonly maxAgeMs?: number;
  /** Signatures that are taken: version 1 is SHA-1, 2 is SHA-256. `['2']` where the topic's `SignatureVersion` is 2. Default: both. */
  readonly signatureVersions?: readonly SignatureVersion[];
}

const LISTEN: OptionSpecs<ListenOptions> = {
  host: { type: 'string', default: '0.0.0.0', description: 'Address to listen on; 0.0.0.0 is all of them.' },
  port: { type: 'number', whole: true, min: 0, max: 65_535, required: true, description: 'Port to listen on.' },
  path: { type: 'string', pattern: /^\//, description: 'Path of the endpoint; the path of its url where nothing is said.' },
  cert: { type: 'string', description: 'PEM text of the certificate; plain HTTP without it.' },
  key: { type: 'string', secret: true, description: 'PEM text of the private key of cert.' },
};

const ENDPOINT: OptionSpecs<EndpointOptions> = {
  url: {
    type: 'string',
    required: true,
    pattern: /^https?:\/\/[^\s/@]+(?:\/[^\s@]*)?$/,
    description: 'Where SNS reaches the endpoint.',
  },
  listen: { type: 'object', fields: LISTEN, description: 'Where to listen, without a server of the application.' },
  endpoint: { type: 'any', description: 'What snsEndpoint() made, from code.' },
  maxAgeMs: {
    type: 'number',
    min: 1_000,
    default: 3_900_000,
    description: 'Age in ms from which a post is refused; at least as long as the delivery policy tries.',
  },
  signatureVersions: {
    type: 'strings',
    values: ['1', '2'],
    default: ['1', '2'],
    description: 'Signatures that are taken: 1 is SHA-1, 2 is SHA-256.',
  },
};

/** The option `endpoints` of the transport: by `channel/group`. */
export const endpointsOption: OptionSpec = {
  type: 'map',
  of: { type: 'object', fields: ENDPOINT, description: 'How one group is posted to.' },
  description: 'Groups of topics, as channel/group, that SNS posts to over HTTP; all others wait in a queue.',
};

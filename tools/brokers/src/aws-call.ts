import type { IncomingMessage } from 'node:http';
import type { AwsProtocol } from './aws-errors.js';

/** What AWS bills a call by: 64 KB of payload or a part of it. */
const UNIT_BYTES = 64 * 1024;

/** A call that came to the proxy. */
export interface AwsCall {
  readonly protocol: AwsProtocol;
  /** `SendMessage`, `PublishBatch`, `GetObject`; what S3's URL does not name is called by its method. */
  readonly operation: string;
  /** How many of this operation have come, this one included. */
  readonly number: number;
  /** The parameters: JSON as it stands, a query as its pairs, of S3 the path. Parsed when asked for. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** What tells the operation apart before the body is read; a query names it only there. */
export function protocolOf({ headers }: IncomingMessage): AwsProtocol {
  if (headers['x-amz-target'] !== undefined) return 'json';
  return headers['content-type']?.includes('x-www-form-urlencoded') === true ? 'query' : 'rest';
}

/** The name of the operation. */
export function operationOf(protocol: AwsProtocol, { method = '', url = '', headers }: IncomingMessage, body?: Buffer): string {
  switch (protocol) {
    case 'json':
      return String(headers['x-amz-target']).replace(/^.*\./, '');
    case 'query':
      return /(?:^|&)Action=([A-Za-z]+)/.exec(body?.toString('latin1', 0, 4_096) ?? '')?.[1] ?? 'unknown';
    case 'rest':
      return /[?&]x-id=([A-Za-z]+)/.exec(url)?.[1] ?? method;
  }
}

/** The call; what it carries is parsed when somebody looks. */
export function callOf(protocol: AwsProtocol, operation: string, number: number, url: string, body: Buffer | undefined): AwsCall {
  let input: Record<string, unknown> | undefined;
  return {
    protocol,
    operation,
    number,
    get input() {
      input ??= inputOf(protocol, url, body?.toString() ?? '');
      return input;
    },
  };
}

function inputOf(protocol: AwsProtocol, url: string, body: string): Record<string, unknown> {
  if (protocol === 'json') return JSON.parse(body || '{}') as Record<string, unknown>;
  return protocol === 'query' ? Object.fromEntries(new URLSearchParams(body)) : { path: url };
}

/**
 * The units that a call is billed as: sends and publishes by what they carry, receives by what they bring, everything else one. The
 * coded form is never smaller than the payload, so only a body above 64 KB has to be looked into.
 */
export function unitsOf(protocol: AwsProtocol, operation: string, request: Buffer | undefined, reply: Buffer): number {
  const receives = operation === 'ReceiveMessage';
  if (!receives && !/^(SendMessage|Publish)/.test(operation)) return 1;
  const carrier = receives ? reply : request;
  if (carrier === undefined || carrier.length <= UNIT_BYTES) return 1;
  return Math.max(1, Math.ceil((protocol === 'json' ? jsonBytes(carrier) : queryBytes(carrier)) / UNIT_BYTES));
}

interface WireMessage {
  readonly MessageBody?: string;
  readonly Body?: string;
  readonly MessageAttributes?: Readonly<Record<string, { DataType?: string; StringValue?: string; BinaryValue?: string }>>;
}

function jsonBytes(body: Buffer): number {
  const parsed = JSON.parse(body.toString()) as WireMessage & { Entries?: WireMessage[]; Messages?: WireMessage[] };
  let bytes = 0;
  for (const { MessageBody = '', Body = '', MessageAttributes = {} } of parsed.Entries ?? parsed.Messages ?? [parsed]) {
    bytes += Buffer.byteLength(MessageBody) + Buffer.byteLength(Body);
    for (const [name, { DataType = '', StringValue = '', BinaryValue = '' }] of Object.entries(MessageAttributes))
      bytes += Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, 'base64');
  }
  return bytes;
}

function queryBytes(body: Buffer): number {
  let bytes = 0;
  for (const [key, value] of new URLSearchParams(body.toString())) {
    if (key.endsWith('BinaryValue')) bytes += Buffer.byteLength(value, 'base64');
    else if (/(^|\.)(Message|Name|DataType|StringValue)$/.test(key)) bytes += Buffer.byteLength(value);
  }
  return bytes;
}

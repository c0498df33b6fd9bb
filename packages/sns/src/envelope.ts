/** What SNS puts around a message for a subscription without raw delivery. */
export interface Envelope {
  readonly id: string;
  /** Ms since 1970. */
  readonly time: number;
  readonly subject: string | undefined;
  readonly body: string;
  /** Text, or bytes where the attribute is Binary. */
  readonly attributes: Readonly<Record<string, string | Uint8Array>>;
}

const TOPIC = /^arn:aws[a-z-]*:sns:[a-z0-9-]*:\d*:[A-Za-z0-9_.-]+$/;

/** Every field that SNS writes by itself; another document that has all of them by chance would be a copy of one. */
const SIGNS: readonly string[] = ['MessageId', 'Message', 'Timestamp', 'SignatureVersion', 'Signature', 'SigningCertURL'];

/**
 * The message in the body of a queue's message, where that body surely is SNS's envelope of a Notification; else undefined.
 * Never throws. (docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html)
 */
export function openEnvelope(body: Uint8Array): Envelope | undefined {
  const text = looksLikeOne(body) ? parse(body) : undefined;
  if (text === undefined || text['Type'] !== 'Notification') return undefined;
  const isWhole = SIGNS.every((name) => typeof text[name] === 'string') && TOPIC.test(String(text['TopicArn']));
  const time = Date.parse(String(text['Timestamp']));
  const attributes = attributesOf(text['MessageAttributes']);
  if (!isWhole || Number.isNaN(time) || attributes === undefined) return undefined;
  const subject = text['Subject'];
  return {
    id: text['MessageId'] as string,
    time,
    subject: typeof subject === 'string' ? subject : undefined,
    body: text['Message'] as string,
    attributes,
  };
}

const BRACE = 0x7b;

/** Cheap: most bodies are none. */
const looksLikeOne = (body: Uint8Array): boolean =>
  body[0] === BRACE && Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('"SigningCertURL"');

function parse(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where they are not as SNS writes them. `String.Array` stays the JSON text that it is. */
function attributesOf(given: unknown): Envelope['attributes'] | undefined {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null) return undefined;
  const entries: [string, string | Uint8Array][] = [];
  for (const [name, attribute] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    const { Type: type, Value: value } = (attribute ?? {}) as { readonly Type?: unknown; readonly Value?: unknown };
    if (typeof type !== 'string' || typeof value !== 'string') return undefined;
    entries.push([name, type.startsWith('Binary') ? Buffer.from(value, 'base64') : value]);
  }
  return Object.fromEntries(entries);
}

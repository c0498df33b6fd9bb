/** The three kinds of POST that SNS makes ("Parsing Amazon SNS message formats", SNS developer guide). */
type PostType = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

/** One message attribute of a Notification; a Binary value is base64. */
interface PostAttribute {
  readonly Type: string;
  readonly Value: string;
}

/** The JSON document of one POST, its fields checked for type and form but not yet for truth. */
export interface Post {
  readonly type: PostType;
  /** The same on every try of one message to one subscription. */
  readonly messageId: string;
  readonly topicArn: string;
  readonly message: string;
  readonly subject: string | undefined;
  /** RFC 3339, as SNS wrote it: the signature is over this text. */
  readonly timestamp: string;
  /** Confirmations only. */
  readonly token: string | undefined;
  /** Confirmations only. */
  readonly subscribeUrl: string | undefined;
  readonly signatureVersion: string;
  readonly signature: string;
  readonly signingCertUrl: string;
  /** SNS does not sign them. */
  readonly attributes: Readonly<Record<string, PostAttribute>>;
}

const TYPES: ReadonlySet<string> = new Set<PostType>(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']);

const MESSAGE_ID = /^[\w-]{1,100}$/;
const TOPIC_ARN = /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The document in a body; undefined for anything that SNS does not send. Never throws. */
export function parsePost(body: Uint8Array): Post | undefined {
  const fields = jsonObject(body);
  if (fields === undefined) return undefined;
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const type = text('Type') ?? '';
  const messageId = text('MessageId') ?? '';
  const topicArn = text('TopicArn') ?? '';
  const timestamp = text('Timestamp') ?? '';
  const message = text('Message');
  const signature = text('Signature');
  const signatureVersion = text('SignatureVersion');
  const signingCertUrl = text('SigningCertURL');
  const attributes = attributesOf(fields['MessageAttributes']);
  const isWhole = message !== undefined && signature !== undefined && signatureVersion !== undefined;
  if (!isWhole || signingCertUrl === undefined || attributes === undefined || !isType(type)) return undefined;
  if (!MESSAGE_ID.test(messageId) || !TOPIC_ARN.test(topicArn) || !TIMESTAMP.test(timestamp)) return undefined;
  const token = text('Token');
  const subscribeUrl = text('SubscribeURL');
  if (type !== 'Notification' && (token === undefined || subscribeUrl === undefined)) return undefined;
  const subject = text('Subject');
  return {
    type,
    messageId,
    topicArn,
    message,
    subject,
    timestamp,
    token,
    subscribeUrl,
    signatureVersion,
    signature,
    signingCertUrl,
    attributes,
  };
}

const isType = (text: string): text is PostType => TYPES.has(text);

function jsonObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(body));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function attributesOf(value: unknown): Post['attributes'] | undefined {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return undefined;
  const good = Object.values(value).every(
    (entry) => isObject(entry) && typeof entry['Type'] === 'string' && typeof entry['Value'] === 'string',
  );
  return good ? (value as Post['attributes']) : undefined;
}

import { type ErrorCode, MessagingError, type MessagingErrorOptions, textOf } from '@omnibus/core/transport';

/** An error of this transport. */
export const kafkaError = (code: ErrorCode, message: string, options?: MessagingErrorOptions): MessagingError =>
  new MessagingError(code, `kafka: ${message}`, options);

/** Kafka's error names (protocol guide, "Error codes") that say more than "it failed". */
const NAMES: Readonly<Record<string, ErrorCode>> = {
  TOPIC_AUTHORIZATION_FAILED: 'DENIED',
  GROUP_AUTHORIZATION_FAILED: 'DENIED',
  CLUSTER_AUTHORIZATION_FAILED: 'DENIED',
  SASL_AUTHENTICATION_FAILED: 'DENIED',
  UNKNOWN_TOPIC_OR_PARTITION: 'NOT_FOUND',
  MESSAGE_TOO_LARGE: 'TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'TOO_LARGE',
  INVALID_RECORD: 'INVALID',
  INVALID_TOPIC_EXCEPTION: 'TOPOLOGY',
  INVALID_PARTITIONS: 'TOPOLOGY',
  INVALID_REPLICATION_FACTOR: 'TOPOLOGY',
  INVALID_CONFIG: 'TOPOLOGY',
  POLICY_VIOLATION: 'TOPOLOGY',
  INCONSISTENT_GROUP_PROTOCOL: 'TOPOLOGY',
  GROUP_ID_NOT_FOUND: 'NOT_FOUND',
  ILLEGAL_GENERATION: 'LOST',
  UNKNOWN_MEMBER_ID: 'LOST',
  REBALANCE_IN_PROGRESS: 'LOST',
  FENCED_INSTANCE_ID: 'LOST',
  THROTTLING_QUOTA_EXCEEDED: 'THROTTLED',
  NOT_ENOUGH_REPLICAS: 'THROTTLED',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'THROTTLED',
};

/** What to do, where the name of a failure does not tell. */
const ADVICE: Readonly<Record<string, string>> = {
  INCONSISTENT_GROUP_PROTOCOL:
    'others are in this group with another protocol or assignor: give this group another address, or stop them',
};

/** What kafkajs names its own refusals. */
const CLASSES: Readonly<Record<string, ErrorCode>> = {
  KafkaJSSASLAuthenticationError: 'DENIED',
  KafkaJSNotImplemented: 'CONFIG',
};

/** The failure at the bottom: kafkajs wraps what it gave up retrying. */
function root(error: unknown): unknown {
  let found = error;
  for (let depth = 0; depth < 8; depth++) {
    const { errors, cause } = (typeof found === 'object' && found !== null ? found : {}) as {
      readonly errors?: readonly unknown[];
      readonly cause?: unknown;
    };
    const inner = errors?.[0] ?? cause;
    if (inner === undefined || inner === null) break;
    found = inner;
  }
  return found;
}

/** Kafka's own name of a failure: `MESSAGE_TOO_LARGE`; undefined for what no broker said. */
export function nameOf(error: unknown): string | undefined {
  const { type } = (root(error) ?? {}) as { readonly type?: unknown };
  return typeof type === 'string' ? type : undefined;
}

/** Why a call failed. What the broker does not refuse by name is CONNECTION. */
export function callError(what: string, error: unknown, options?: MessagingErrorOptions): MessagingError {
  if (error instanceof MessagingError) return error;
  const bottom = root(error);
  const name = nameOf(error);
  const code = NAMES[name ?? ''] ?? CLASSES[(bottom as Error | undefined)?.name ?? ''] ?? 'CONNECTION';
  const advice = ADVICE[name ?? ''];
  const said = `${textOf(bottom)}${name === undefined ? '' : ` (${name})`}${advice === undefined ? '' : `; ${advice}`}`;
  return kafkaError(code, `${what} failed: ${said}`, {
    cause: error,
    ...options,
  });
}

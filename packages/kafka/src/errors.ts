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
  UNSUPPORTED_SASL_MECHANISM: 'DENIED',
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
  FENCED_INSTANCE_ID: 'another process has joined under the same instanceId: give each one of its own',
  ILLEGAL_SASL_STATE: "this listener takes no login: check the port, or leave out 'username' and 'token'",
  UNSUPPORTED_SASL_MECHANISM: "set the option 'mechanism' to one that the listener has",
  KafkaJSGroupCoordinatorNotFound: 'kafkajs says so too where an ACL for Read on the group is missing',
};

/** Where the other side hung up on a TLS greeting, in the words of Node.js. */
const NO_TLS = /before secure TLS connection was established|wrong version number|packet length too long/;

/** What the clients call their own refusals: kafkajs by the error's name, @platformatic/kafka by its code. */
const OWN: Readonly<Record<string, ErrorCode>> = {
  KafkaJSSASLAuthenticationError: 'DENIED',
  KafkaJSNotImplemented: 'CONFIG',
  PLT_KFK_AUTHENTICATION: 'DENIED',
  PLT_KFK_UNSUPPORTED_API: 'CONFIG',
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
  const { type, apiId } = (root(error) ?? {}) as { readonly type?: unknown; readonly apiId?: unknown };
  const name = type ?? apiId; // kafkajs, @platformatic/kafka
  return typeof name === 'string' ? name : undefined;
}

/** Why a call failed. What the broker does not refuse by name is CONNECTION. */
export function callError(what: string, error: unknown, options?: MessagingErrorOptions): MessagingError {
  if (error instanceof MessagingError) return error;
  const bottom = root(error);
  const name = nameOf(error);
  const own = (bottom ?? {}) as { readonly name?: string; readonly code?: string };
  const code = NAMES[name ?? ''] ?? OWN[own.name ?? ''] ?? OWN[own.code ?? ''] ?? 'CONNECTION';
  const text = textOf(bottom);
  const advice = NO_TLS.test(text)
    ? "this listener may not speak TLS: check the port and the options 'tls', 'ca' and 'cert'"
    : ADVICE[name ?? own.name ?? ''];
  const said = `${text}${name === undefined ? '' : ` (${name})`}${advice === undefined ? '' : `; ${advice}`}`;
  return kafkaError(code, `${what} failed: ${said}`, {
    cause: error,
    ...options,
  });
}

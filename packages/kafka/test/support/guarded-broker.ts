import { type KafkaLogin, startOwn, until } from '@omnibus/brokers';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';

/** One thing that is allowed, as `kafka-acls.sh` names it. */
export interface Allowed {
  /** `Read`, `DescribeConfigs`, … */
  readonly operation: string;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly isPrefix: boolean;
}

/** A Kafka where a login may do what it was allowed to, and nothing else. */
export interface GuardedBroker {
  readonly login: KafkaLogin;
  /** Nobody is kept from anything here. */
  readonly admin: Admin;
  /** Resolves when it holds. */
  allow(what: readonly Allowed[]): Promise<void>;
  forbid(what: Allowed): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What lines of arguments for `kafka-acls.sh` allow. */
export function allowedBy(text: string): readonly Allowed[] {
  return text.split('\n').flatMap((line) => {
    const words = line.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
    const pairs = words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]!] as const] : []));
    const { '--operation': operation = '', '--resource-pattern-type': pattern } = Object.fromEntries(pairs);
    return pairs.flatMap(([flag, name]) =>
      flag === '--topic' || flag === '--group'
        ? [{ operation, resource: flag.slice(2) as Allowed['resource'], name, isPrefix: pattern === 'prefixed' }]
        : [],
    );
  });
}

/** One of its own, or why there is none to be had. */
export async function guardedBroker(): Promise<GuardedBroker | { readonly notRun: string }> {
  const settings = { 'allow.everyone.if.no.acl.found': 'false', 'super.users': 'User:ANONYMOUS' };
  const found = await startOwn('kafka', { sasl: true, acls: true, settings });
  if (!found.available) return { notRun: found.reason };
  const login = found.login!;
  const admin = new Kafka({ brokers: [...found.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const entry = ({ operation, resource, name, isPrefix }: Allowed) => ({
    resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    principal: `User:${login.username}`,
    host: '*',
    operation: AclOperationTypes[constantOf(operation)],
    permissionType: AclPermissionTypes.ALLOW,
  });
  /** What the broker goes by: it hears of changes a moment after they were made. */
  const holds = (one: Allowed, wanted: boolean): Promise<void> =>
    until(10_000, `the ACL on ${one.resource} '${one.name}'`, async () => {
      const { resources } = await admin.describeAcls(entry(one));
      if (resources.length > 0 !== wanted) throw new Error('not yet');
    });
  return {
    login,
    admin,
    async allow(what) {
      await admin.createAcls({ acl: what.map(entry) });
      for (const one of what) await holds(one, true);
    },
    async forbid(what) {
      await admin.deleteAcls({ filters: [entry(what)] });
      await holds(what, false);
    },
    async [Symbol.asyncDispose]() {
      await admin.disconnect();
      await found.dispose();
    },
  };
}

/** `DescribeConfigs` as `DESCRIBE_CONFIGS`. */
const constantOf = (operation: string) =>
  operation.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() as keyof typeof AclOperationTypes;

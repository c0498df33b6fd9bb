import { createHash } from 'node:crypto';

/** One statement of an IAM policy, of anybody's making. */
interface Statement {
  readonly Sid?: unknown;
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

/** SNS itself, as IAM names it. */
const SNS = 'sns.amazonaws.com';

/**
 * The queue's policy with one statement more: SNS may write to it, for this topic. Undefined where it may already. What else stands
 * in the policy stays. Throws for a policy that is no JSON object.
 */
export function letTopicWrite(policy: string | undefined, queueArn: string, topicArn: string): string | undefined {
  const { Statement: given, ...rest } = (
    policy === undefined || policy === '' ? { Version: '2012-10-17' } : JSON.parse(policy)
  ) as {
    readonly Statement?: Statement | readonly Statement[];
  };
  const statements = list<Statement>(given);
  if (statements.some((statement) => lets(statement, queueArn, topicArn))) return undefined;
  return JSON.stringify({ ...rest, Statement: [...statements, statement(queueArn, topicArn)] });
}

const statement = (queueArn: string, topicArn: string): Statement => ({
  Sid: `omnibus${createHash('sha256').update(topicArn).digest('hex').slice(0, 16)}`,
  Effect: 'Allow',
  Principal: { Service: SNS },
  Action: 'sqs:SendMessage',
  Resource: queueArn,
  Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
});

/** Whether a statement says the same, in whatever words IAM takes for it. One with further conditions does not. */
function lets({ Effect, Principal, Action, Resource, Condition }: Statement, queueArn: string, topicArn: string): boolean {
  const actions = list<string>(Action).map((action) => action.toLowerCase());
  const { Service } = (Principal ?? {}) as { readonly Service?: unknown }; // '*' has none
  return (
    Effect === 'Allow' &&
    list(Service).includes(SNS) &&
    actions.some((action) => action === 'sqs:sendmessage' || action === 'sqs:*') &&
    list<string>(Resource).some((resource) => resource === queueArn || resource === '*') &&
    isFor(Condition, topicArn)
  );
}

/** Without a condition it is for every topic; with more than one it is for fewer cases than needed. */
function isFor(condition: unknown, topicArn: string): boolean {
  const tests = Object.entries((condition ?? {}) as Readonly<Record<string, object>>).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => ({
      operator,
      key: key.toLowerCase(),
      value: value as string | readonly string[],
    })),
  );
  return tests.every(
    ({ operator, key, value }) =>
      /^(?:Arn|String)(?:Equals|Like)$/.test(operator) && key === 'aws:sourcearn' && list(value).includes(topicArn),
  );
}

function list<T>(value: unknown): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

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
  const { Statement: given, ...rest } = (policy === undefined || policy === '' ? { Version: '2012-10-17' } : JSON.parse(policy)) as {
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
  const actions = list<string>(Action).map((action) => String(action).toLowerCase());
  const principals = typeof Principal === 'object' ? list<string>((Principal as { readonly Service?: unknown } | null)?.Service) : [];
  return (
    Effect === 'Allow' &&
    principals.includes(SNS) &&
    actions.some((action) => action === 'sqs:sendmessage' || action === 'sqs:*') &&
    list<string>(Resource).some((resource) => resource === queueArn || resource === '*') &&
    isFor(Condition, topicArn)
  );
}

function isFor(condition: unknown, topicArn: string): boolean {
  if (condition === undefined) return true;
  const [[operator, keys], ...others] = Object.entries(condition as object) as [[string, object], ...unknown[]];
  const [[key, value], ...more] = Object.entries(keys) as [[string, unknown], ...unknown[]];
  if (others.length > 0 || more.length > 0 || !/^(?:Arn|String)(?:Equals|Like)$/.test(operator)) return false;
  return key.toLowerCase() === 'aws:sourcearn' && list<string>(value).includes(topicArn);
}

const list = <T>(value: unknown): readonly T[] => (value === undefined ? [] : Array.isArray(value) ? value : [value as T]);

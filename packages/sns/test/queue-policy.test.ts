import { describe, expect, it } from 'vitest';
import { letTopicWrite } from '../src/queue-policy.js';

const QUEUE = 'arn:aws:sqs:eu-west-1:123456789012:orders--shipping';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:orders';

const policy = (...statements: object[]): string => JSON.stringify({ Version: '2008-10-17', Statement: statements });
const [own] = (JSON.parse(letTopicWrite(undefined, QUEUE, TOPIC)!) as { readonly Statement: readonly object[] }).Statement;

describe("the right of SNS in a queue's policy", () => {
  it('is there once, and for one topic', () => {
    const once = letTopicWrite(undefined, QUEUE, TOPIC)!;
    expect(letTopicWrite(once, QUEUE, TOPIC)).toBeUndefined();
    const twice = JSON.parse(letTopicWrite(once, QUEUE, `${TOPIC}2`)!) as { Statement: { Sid: string }[] };
    expect(twice.Statement).toHaveLength(2);
    expect(new Set(twice.Statement.map(({ Sid }) => Sid)).size).toBe(2);
  });

  it.each([
    ['other words', { ...own, Sid: 'x', Action: 'SQS:SendMessage', Condition: { ArnLike: { 'AWS:SourceArn': [TOPIC] } } }],
    [
      'lists',
      {
        ...own,
        Principal: { Service: ['sns.amazonaws.com', 's3.amazonaws.com'] },
        Action: ['sqs:SendMessage'],
        Resource: [QUEUE],
      },
    ],
    ['more', { ...own, Action: 'sqs:*', Resource: '*', Condition: undefined }],
  ])('is known in %s', (_, statement) => {
    expect(letTopicWrite(policy(statement), QUEUE, TOPIC)).toBeUndefined();
  });

  it.each([
    ['another effect', { ...own, Effect: 'Deny' }],
    ['another queue', { ...own, Resource: `${QUEUE}-2` }],
    ['another topic', { ...own, Condition: { ArnEquals: { 'aws:SourceArn': `${TOPIC}-2` } } }],
    ['another action', { ...own, Action: 'sqs:ReceiveMessage' }],
    ['another principal', { ...own, Principal: { AWS: '*' } }],
    ['one condition more', { ...own, Condition: { ArnEquals: { 'aws:SourceArn': TOPIC, 'aws:PrincipalArn': 'x' } } }],
    ['a condition that it must not be', { ...own, Condition: { ArnNotEquals: { 'aws:SourceArn': TOPIC } } }],
  ])('is added to %s, which stays', (_, statement) => {
    const added = JSON.parse(letTopicWrite(policy(statement), QUEUE, TOPIC)!) as { Version: string; Statement: object[] };
    expect(added).toEqual({ Version: '2008-10-17', Statement: [statement, own] });
  });
});

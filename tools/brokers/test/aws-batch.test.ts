import { expect, it } from 'vitest';
import { partBatch } from '../src/aws-batch.js';
import { awsEntryErrors } from '../src/aws-errors.js';

const member = 'PublishBatchRequestEntries.member';
const entry = (place: number, id: string): [string, string][] => [
  [`${member}.${place}.Id`, id],
  [`${member}.${place}.Message`, `a & b of ${id}`],
];

it('passes the rest of a PublishBatch on with its members numbered without a gap', () => {
  const pairs: [string, string][] = [['Action', 'PublishBatch'], ...entry(1, 'x'), ...entry(2, 'y'), ...entry(3, 'z')];
  const body = Buffer.from(new URLSearchParams(pairs).toString());
  const { rest, failed } = partBatch('query', body, (id) => id === 'y', awsEntryErrors.internal);
  expect(failed).toBe(1);
  expect([...new URLSearchParams(String(rest))]).toEqual([['Action', 'PublishBatch'], ...entry(1, 'x'), ...entry(2, 'z')]);
});

it.each([
  ['<Failed/><Successful/>', '<Failed>NEW</Failed><Successful/>'],
  ['<Failed><member>OLD</member></Failed><Successful/>', '<Failed><member>OLD</member>NEW</Failed><Successful/>'],
  ['<Successful></Successful>', '<Successful></Successful><Failed>NEW</Failed>'],
])('adds the failures to an answer that says %s', (said, expected) => {
  const body = Buffer.from(new URLSearchParams(entry(1, 'x')).toString());
  const { answer } = partBatch('query', body, () => true, awsEntryErrors.internal);
  const added =
    '<member><Id>x</Id><Code>InternalError</Code><Message>Internal Error</Message><SenderFault>false</SenderFault></member>';
  const wrapped = (text: string): string => `<R><PublishBatchResult>${text}</PublishBatchResult></R>`;
  expect(String(answer(Buffer.from(wrapped(said))))).toBe(wrapped(expected.replace('NEW', added)));
});

it('refuses to part a call that is no batch', () => {
  const message = 'this call is no batch';
  expect(() => partBatch('json', Buffer.from('{"MessageBody":"x"}'), () => true, awsEntryErrors.internal)).toThrow(message);
  expect(() => partBatch('query', Buffer.from('Action=Publish'), () => true, awsEntryErrors.internal)).toThrow(message);
});

import { expect, it } from 'vitest';
import { answerOf, awsErrors } from '../src/aws-errors.js';

const ID = '11111111-2222-3333-4444-555555555555';

it('writes an error of SQS as JSON with its type, and the code of the older protocol in a header', () => {
  expect(answerOf(awsErrors.notFound, 'json', ID)).toEqual({
    status: 400,
    headers: {
      'x-amzn-requestid': ID,
      'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender',
      'content-type': 'application/x-amz-json-1.0',
    },
    body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}',
  });
});

it('writes an error of SNS as XML in its namespace, and says whose fault it is', () => {
  expect(answerOf(awsErrors.internal, 'query', ID)).toEqual({
    status: 500,
    headers: { 'x-amzn-requestid': ID, 'content-type': 'text/xml' },
    body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <Error>
    <Type>Receiver</Type>
    <Code>InternalError</Code>
    <Message>We encountered an internal error. Please try again.</Message>
  </Error>
  <RequestId>${ID}</RequestId>
</ErrorResponse>
`,
  });
});

it('writes an error of S3 as XML without a namespace', () => {
  expect(answerOf(awsErrors.throttled, 'rest', ID)).toEqual({
    status: 503,
    headers: { 'x-amz-request-id': ID, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>${ID}</RequestId></Error>`,
  });
});

it('has no form of an error for a service that never answers so', () => {
  expect(() => answerOf(awsErrors.overLimit, 'rest', ID)).toThrow('rest of AWS has no such error');
});

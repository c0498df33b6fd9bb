/** How an AWS endpoint speaks: SQS in JSON 1.0, SNS in query with XML answers, S3 in REST with XML errors. */
export type AwsProtocol = 'json' | 'query' | 'rest';

/** An error of one service as it stands on the wire. */
export interface AwsErrorForm {
  readonly status: number;
  /** `__type` of JSON, with its namespace; not sent by the XML protocols. */
  readonly type?: string;
  /** `<Code>` of XML, and the first half of `x-amzn-query-error` of JSON. */
  readonly code: string;
  readonly message: string;
}

/** An error that AWS answers a whole call with, in each protocol that has it. */
export interface AwsError {
  /** When AWS answers so. */
  readonly about: string;
  readonly forms: Partial<Readonly<Record<AwsProtocol, AwsErrorForm>>>;
}

/** An error of one entry of a batch that was answered with 200. */
export interface AwsEntryError {
  readonly about: string;
  readonly code: string;
  /** False when AWS, not the sender, is to blame. */
  readonly senderFault: boolean;
  readonly message: string;
}

/** An error that the service's own model names: the type and the code of the older query protocol differ. */
const sqs = (status: number, shape: string, code: string, message: string): { json: AwsErrorForm } => ({
  json: { status, type: `com.amazonaws.sqs#${shape}`, code, message },
});

/** An error that is answered before the service, by the layer that all of AWS has. */
const common = (status: number, type: string, code: string, message: string): { json: AwsErrorForm; query: AwsErrorForm } => ({
  json: { status, type: `com.amazon.coral.${type}`, code, message },
  query: { status, code, message },
});

const xml = (status: number, code: string, message: string): AwsErrorForm => ({ status, code, message });

/** The key-management errors, which SQS and SNS spell differently. */
const kms = (about: string, status: number, shape: string, snsCode: string, sqsCode: string, message: string): AwsError => ({
  about,
  forms: { ...sqs(status, shape, `KMS.${sqsCode}`, message), query: xml(status, snsCode, message) },
});

/**
 * The errors of AWS. Codes and statuses of modelled errors are those of the models of SQS (2012-11-05) and SNS (2010-03-31), traits
 * httpError and awsQueryError, as the SDK carries them; the others are of the services' pages "Common Errors", and S3's "Error
 * responses". What `__type` says of a common error was not seen of SQS itself: it is what AWS's other JSON services answer. The SDK
 * names such an error by its code.
 */
export const awsErrors = {
  throttled: {
    about: 'more calls than the quota of this queue or topic',
    forms: {
      ...sqs(403, 'RequestThrottled', 'RequestThrottled', 'Request is throttled.'),
      query: xml(429, 'Throttled', 'Rate exceeded'),
      rest: xml(503, 'SlowDown', 'Please reduce your request rate.'),
    },
  },
  rateExceeded: {
    about: 'more calls than the account may make, refused before they reach the service',
    forms: {
      json: {
        status: 400,
        type: 'com.amazon.coral.availability#ThrottlingException',
        code: 'Throttling',
        message: 'Rate exceeded',
      },
      query: xml(400, 'Throttling', 'Rate exceeded'),
    },
  },
  overLimit: {
    about: 'as many messages in flight as a queue may have (120,000; a FIFO queue likewise)',
    forms: sqs(403, 'OverLimit', 'OverLimit', 'Too many messages in flight.'),
  },
  internal: {
    about: 'AWS failed; the call may have been done or not',
    forms: {
      ...common(500, 'service#InternalFailure', 'InternalFailure', 'We encountered an internal error. Please try again.'),
      query: xml(500, 'InternalError', 'We encountered an internal error. Please try again.'),
      rest: xml(500, 'InternalError', 'We encountered an internal error. Please try again.'),
    },
  },
  unavailable: {
    about: 'AWS is down for the moment',
    forms: {
      ...common(503, 'service#ServiceUnavailableException', 'ServiceUnavailable', 'Service is temporarily unavailable.'),
      rest: xml(503, 'ServiceUnavailable', 'Service is unable to handle request.'),
    },
  },
  accessDenied: {
    about: 'no policy allows this call, or one forbids it',
    forms: {
      ...common(403, 'service#AccessDeniedException', 'AccessDenied', 'User is not authorized to perform this action.'),
      query: xml(403, 'AuthorizationError', 'User is not authorized to perform this action.'),
      rest: xml(403, 'AccessDenied', 'Access Denied'),
    },
  },
  expiredToken: {
    about: 'temporary credentials are past their time; new ones heal it',
    forms: {
      ...common(403, 'service#ExpiredTokenException', 'ExpiredToken', 'The security token included in the request is expired'),
      rest: xml(400, 'ExpiredToken', 'The provided token has expired.'),
    },
  },
  invalidClientTokenId: {
    about: 'no such access key: deleted, or never there',
    forms: {
      ...common(
        403,
        'service#UnrecognizedClientException',
        'InvalidClientTokenId',
        'The security token included in the request is invalid.',
      ),
      rest: xml(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'),
    },
  },
  notFound: {
    about: 'the queue, topic or object was deleted, or is another account’s',
    forms: {
      ...sqs(400, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist.'),
      query: xml(404, 'NotFound', 'Topic does not exist'),
      rest: xml(404, 'NoSuchKey', 'The specified key does not exist.'),
    },
  },
  messageNotInflight: {
    about: 'the visibility of a message that nobody holds any more: its time ran out',
    forms: {
      json: {
        status: 400,
        type: 'com.amazonaws.sqs#MessageNotInflight',
        code: 'AWS.SimpleQueueService.MessageNotInflight',
        message: 'Message is not in flight.',
      },
    },
  },
  receiptHandleIsInvalid: {
    about: 'a receipt handle that is not one of this queue',
    forms: sqs(404, 'ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid', 'The input receipt handle is invalid.'),
  },
  batchRequestTooLong: {
    about: 'the entries of a batch are larger than 1 MiB (SNS: 256 KiB) together',
    forms: {
      ...sqs(
        400,
        'BatchRequestTooLong',
        'AWS.SimpleQueueService.BatchRequestTooLong',
        'Batch requests cannot be longer than 1048576 bytes.',
      ),
      query: xml(400, 'BatchRequestTooLong', 'The length of all the batch messages put together is more than the limit.'),
    },
  },
  kmsAccessDenied: kms(
    'the key policy does not let this caller encrypt or decrypt',
    400,
    'KmsAccessDenied',
    'KMSAccessDenied',
    'AccessDeniedException',
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  ),
  kmsDisabled: kms('the key is switched off', 400, 'KmsDisabled', 'KMSDisabled', 'DisabledException', 'The key is disabled.'),
  kmsInvalidState: kms(
    'the key is waiting for its deletion or its material',
    400,
    'KmsInvalidState',
    'KMSInvalidState',
    'InvalidStateException',
    'The key is pending deletion.',
  ),
  kmsNotFound: kms('the key does not exist', 400, 'KmsNotFound', 'KMSNotFound', 'NotFoundException', 'The key does not exist.'),
  kmsThrottled: kms(
    'the quota of the key service, which every encrypted queue of the account shares',
    400,
    'KmsThrottled',
    'KMSThrottling',
    'ThrottlingException',
    'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  ),
} as const satisfies Record<string, AwsError>;

/** Errors of single entries of a batch. */
export const awsEntryErrors = {
  internal: { about: 'AWS failed for this entry', code: 'InternalError', senderFault: false, message: 'Internal Error' },
  throttled: {
    about: 'the quota ran out within the batch',
    code: 'RequestThrottled',
    senderFault: true,
    message: 'Request is throttled.',
  },
  invalidParameter: {
    about: 'this entry is wrong and will be wrong again',
    code: 'InvalidParameterValue',
    senderFault: true,
    message: 'Value for a parameter is invalid.',
  },
  receiptHandleIsInvalid: {
    about: 'the receipt handle of this entry is not one of this queue',
    code: 'ReceiptHandleIsInvalid',
    senderFault: true,
    message: 'The input receipt handle is invalid.',
  },
} as const satisfies Record<string, AwsEntryError>;

/** A whole answer. */
export interface AwsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The answer as the service would write it.
 * @throws Error for a protocol that does not have this error
 */
export function answerOf({ about, forms }: AwsError, protocol: AwsProtocol, requestId: string): AwsAnswer {
  const form = forms[protocol];
  if (form === undefined) throw new Error(`${protocol} of AWS has no such error: ${about}`);
  const { status, code, message } = form;
  const fault = status < 500 ? 'Sender' : 'Receiver';
  const id = { 'x-amzn-requestid': requestId };
  switch (protocol) {
    case 'json': {
      const headers = { ...id, 'x-amzn-query-error': `${code};${fault}`, 'content-type': 'application/x-amz-json-1.0' };
      return { status, headers, body: JSON.stringify({ __type: form.type, message }) };
    }
    case 'query': {
      const error = `  <Error>\n    <Type>${fault}</Type>\n    <Code>${code}</Code>\n    <Message>${message}</Message>\n  </Error>\n`;
      const body = `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">\n${error}  <RequestId>${requestId}</RequestId>\n</ErrorResponse>\n`;
      return { status, headers: { ...id, 'content-type': 'text/xml' }, body };
    }
    case 'rest': {
      const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId></Error>`;
      return { status, headers: { 'x-amz-request-id': requestId, 'content-type': 'application/xml' }, body };
    }
  }
}

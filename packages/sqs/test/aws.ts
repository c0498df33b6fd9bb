import { createRequire } from 'node:module';
import { SQSClient } from '@aws-sdk/client-sqs';
import { sqs } from '../src/index.js';

/** The options by which everything here reaches the emulator. */
export const REGION = 'eu-west-1';
export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'not-so-secret-test-key' } as const;

/** An SQS emulator of this process: fauxqs on a port of its own. */
export interface Emulator {
  readonly endpoint: string;
  readonly version: string;
  close(): Promise<void>;
}

import type { TransportDefinition } from '@omnibus/core';
import type { AwsCredentials } from '../aws-endpoint.js';

/** What the suites say to a transport on AWS. */
export interface AwsReach {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: AwsCredentials | (() => Promise<AwsCredentials>);
  readonly waitMs: number;
  readonly callTimeoutMs: number;
  readonly visibilityMs?: number;
}

/** The transport that a suite is about; the names of its queues are its own. */
export interface AwsSubject {
  readonly define: (reach: AwsReach) => TransportDefinition;
  /** Throws TOPOLOGY for an address that makes no name. */
  readonly queueName: (address: string, isFifo: boolean) => string;
  /** Address of the queue that what kills its consumer is put into. */
  readonly backstopOf: (address: string) => string | undefined;
}

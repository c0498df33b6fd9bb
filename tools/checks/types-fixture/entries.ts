// Every entry of every package, seen as an application sees it.
import * as conformance from '@omnibus/conformance';
import * as core from '@omnibus/core';
import * as inversify from '@omnibus/core/inversify';
import * as transport from '@omnibus/core/transport';
import * as kafka from '@omnibus/kafka';
import * as kafkaCapabilities from '@omnibus/kafka/capabilities';
import * as memory from '@omnibus/memory';
import * as memoryCapabilities from '@omnibus/memory/capabilities';
import * as rabbitmq from '@omnibus/rabbitmq';
import * as rabbitmqCapabilities from '@omnibus/rabbitmq/capabilities';
import * as s3 from '@omnibus/s3';
import * as sns from '@omnibus/sns';
import * as snsCapabilities from '@omnibus/sns/capabilities';
import * as sqs from '@omnibus/sqs';
import * as sqsCapabilities from '@omnibus/sqs/capabilities';
import * as testing from '@omnibus/testing';

export const entries = [
  conformance,
  core,
  inversify,
  transport,
  kafka,
  kafkaCapabilities,
  memory,
  memoryCapabilities,
  rabbitmq,
  rabbitmqCapabilities,
  s3,
  sns,
  snsCapabilities,
  sqs,
  sqsCapabilities,
  testing,
];

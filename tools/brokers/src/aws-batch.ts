import type { AwsEntryError, AwsProtocol } from './aws-errors.js';

/** A batch parted into what is passed on and what is answered with an error. */
export interface PartedBatch {
  /** What goes on; undefined when nothing is left. */
  readonly rest: Buffer | undefined;
  /** How many entries fail. */
  readonly failed: number;
  /** The answer with the failures added; `reply` is undefined when nothing went on. */
  answer(reply: Buffer | undefined): Buffer;
}

/** Chooses entries of a batch by their id and place. */
export type EntryChoice = (id: string, index: number) => boolean;

/**
 * Parts a batch of SQS (JSON) or SNS (query). A signature no longer fits what is passed on: emulators do not look.
 * @throws Error for a call that is no batch
 */
export function partBatch(protocol: AwsProtocol, body: Buffer, chosen: EntryChoice, error: AwsEntryError): PartedBatch {
  return protocol === 'json' ? partJson(body, chosen, error) : partQuery(body, chosen, error);
}

function partJson(body: Buffer, chosen: EntryChoice, { code, senderFault, message }: AwsEntryError): PartedBatch {
  const request = JSON.parse(body.toString()) as { readonly Entries?: readonly { readonly Id: string }[] };
  const { Entries = none() } = request;
  const failed = Entries.filter(({ Id }, index) => chosen(Id, index));
  const rest = Entries.filter((entry) => !failed.includes(entry));
  const failures = failed.map(({ Id }) => ({ Code: code, Id, Message: message, SenderFault: senderFault }));
  return {
    failed: failed.length,
    rest: rest.length === 0 ? undefined : Buffer.from(JSON.stringify({ ...request, Entries: rest })),
    answer: (reply) => {
      const answer = JSON.parse(reply?.toString() ?? '{}') as { readonly Failed?: object[]; readonly Successful?: object[] };
      const Failed = [...(answer.Failed ?? []), ...failures];
      return Buffer.from(JSON.stringify({ ...answer, Successful: answer.Successful ?? [], Failed }));
    },
  };
}

const ENTRY = /^(PublishBatchRequestEntries\.member\.)(\d+)(\..*)$/;

function partQuery(body: Buffer, chosen: EntryChoice, { code, senderFault, message }: AwsEntryError): PartedBatch {
  const pairs = [...new URLSearchParams(body.toString())];
  const entries = pairs.flatMap(([key, id]) => {
    const [, , number = '', field] = ENTRY.exec(key) ?? [];
    return field === '.Id' ? [{ id, number }] : [];
  });
  if (entries.length === 0) none();
  const failed = entries.filter(({ id }, index) => chosen(id, index));
  const rest = entries.filter((entry) => !failed.includes(entry));
  const renumbered = pairs.flatMap(([key, value]): [string, string][] => {
    const [, start, number, field] = ENTRY.exec(key) ?? [];
    if (number === undefined) return [[key, value]];
    const place = rest.findIndex((entry) => entry.number === number);
    return place < 0 ? [] : [[`${start}${place + 1}${field}`, value]];
  });
  const failures = failed
    .map(
      ({ id }) =>
        `<member><Id>${id}</Id><Code>${code}</Code><Message>${message}</Message><SenderFault>${senderFault}</SenderFault></member>`,
    )
    .join('');
  return {
    failed: failed.length,
    rest: rest.length === 0 ? undefined : Buffer.from(new URLSearchParams(renumbered).toString()),
    answer: (reply) => Buffer.from(withFailures(reply?.toString() ?? EMPTY, failures)),
  };
}

const EMPTY =
  '<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult><Failed/><Successful/></PublishBatchResult></PublishBatchResponse>';

function withFailures(answer: string, failures: string): string {
  if (/<Failed\s*\/>/.test(answer)) return answer.replace(/<Failed\s*\/>/, () => `<Failed>${failures}</Failed>`);
  if (answer.includes('</Failed>')) return answer.replace('</Failed>', () => `${failures}</Failed>`);
  return answer.replace('</PublishBatchResult>', () => `<Failed>${failures}</Failed></PublishBatchResult>`);
}

function none(): never {
  throw new Error('this call is no batch: it has no entries to fail');
}

import { type ClaimPointer, MessagingError } from '@omnibus/core';

const LONGEST_SHOWN = 200;

/** Refuses a pointer that leads where this store may not look. */
export type Allow = (pointer: ClaimPointer) => void;

/** A bucket, or the ARN of an access point, and behind a slash a prefix. */
const PLACE = /^(arn:.*?accesspoint[/:][^/]+|[^/]+)\/?(.*)$/;

/** `buckets`, each `bucket` or `bucket/prefix`, taken apart. */
export const placesOf = (buckets: readonly string[]): readonly { readonly bucket: string; readonly prefix: string }[] =>
  buckets.map((place) => {
    const [, bucket = place, prefix = ''] = PLACE.exec(place) ?? [];
    return { bucket, prefix };
  });

/** @throws MessagingError INVALID, by what it gives, naming the place and the option. */
export function allow(buckets: readonly string[]): Allow {
  const places = placesOf(buckets);
  return ({ bucket, key }) => {
    if (places.some((place) => place.bucket === bucket && key.startsWith(place.prefix))) return;
    throw new MessagingError(
      'INVALID',
      `the pointer names ${shown(bucket, key)}, and this store reads ${places.map((place) => shown(place.bucket, place.prefix)).join(', ')} only: name it in \`buckets\` of s3Store if it may be read`,
    );
  };
}

/** An object as errors name it, without what would break a line. */
export function shown(bucket: string, key: string): string {
  const text = `s3://${bucket}/${key}`.replace(/[^\u0021-\u007E]/g, '?');
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

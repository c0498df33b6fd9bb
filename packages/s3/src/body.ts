import { MessagingError } from '@omnibus/core';

/**
 * Reads a body into memory, and never more of it than `maxBytes`, whatever its length is said to be.
 * @param bytes its length as the answer says it; undefined where it says none.
 * @throws MessagingError TOO_LARGE, as soon as that is known; CONNECTION where it ends before it is whole.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  bytes: number | undefined,
  maxBytes: number,
  where: string,
): Promise<Uint8Array> {
  const tooLarge = (size: string): MessagingError =>
    new MessagingError(
      'TOO_LARGE',
      `s3: ${where} has ${size} bytes, and at most ${maxBytes} are taken: raise maxBytes of the claim check`,
    );
  if (bytes !== undefined && bytes > maxBytes) throw tooLarge(String(bytes));
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    if (read > maxBytes) throw tooLarge(`more than ${maxBytes}`);
    chunks.push(chunk);
  }
  if (bytes !== undefined && read !== bytes)
    throw new MessagingError('CONNECTION', `s3: ${where} broke off after ${read} of ${bytes} bytes`);
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, read);
}

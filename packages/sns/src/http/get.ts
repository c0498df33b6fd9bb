/** What came back for a GET. */
export interface Got {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Makes one GET: follows no redirect, reads at most `maxBytes`, throws where nothing whole came before the signal. */
export type Get = (url: string, maxBytes: number, signal: AbortSignal) => Promise<Got>;

/** A GET by Node's own `fetch`. */
export const httpsGet: Get = async (url, maxBytes, signal) => {
  const response = await fetch(url, { redirect: 'error', signal });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // leaving the loop cancels the rest of the body
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new RangeError(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return { status: response.status, body: Buffer.concat(chunks) };
};

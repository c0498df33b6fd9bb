import { describe, expect, test } from 'vitest';
import { aws, bucket, calm, notRun, store } from './aws.js';

describe.skipIf(!aws.available)(`an S3 store${notRun}`, () => {
  test('gives back what it was given, text or not, under a key of its own each time', async () => {
    const { name, text } = await bucket();
    const s3 = store({ bucket: name, prefix: 'payloads/' });
    const bodies = ['{"ä":"€"}', '', '\uFFFE'].map((each) => Buffer.from(each));
    bodies.push(Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256)));
    const pointers = await Promise.all(bodies.map((body) => s3.put(body, calm())));
    expect(new Set(pointers.map(({ key }) => key)).size).toBe(bodies.length);
    for (const [index, pointer] of pointers.entries()) {
      expect(pointer).toEqual({ bucket: name, key: expect.stringMatching(/^payloads\/[0-9a-f-]{36}$/) as string });
      expect(Buffer.from(await s3.get(pointer, calm()))).toEqual(bodies[index]);
    }
    expect(await text(pointers[0]!.key)).toBe('{"ä":"€"}');
    expect(s3.name).toBe(`s3://${name}/payloads/`);
  });

  test('says of an object that is gone that it is gone, and deletes it once more without a word', async () => {
    const { name, keys } = await bucket();
    const s3 = store({ bucket: name });
    const pointer = await s3.put(Buffer.from('x'), calm());
    await s3.delete(pointer, calm());
    await s3.delete(pointer, calm());
    expect(await keys()).toEqual([]);
    await expect(s3.get(pointer, calm())).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`s3://${name}/${pointer.key}`) as string,
    });
  });

  test('says that there is no such bucket', async () => {
    const s3 = store({ bucket: 'no-such-bucket-anywhere' });
    await expect(s3.put(Buffer.from('x'), calm())).rejects.toMatchObject({ code: 'TOPOLOGY' });
    await expect(s3.get({ bucket: 'no-such-bucket-anywhere', key: 'k' }, calm())).rejects.toMatchObject({ code: 'TOPOLOGY' });
  });

  test('follows no pointer out of its bucket and prefix, unless it is named', async () => {
    const [mine, others] = [await bucket(), await bucket()];
    await others.put('k', 'secret');
    await mine.put('elsewhere', 'secret');
    const s3 = store({ bucket: mine.name, prefix: 'payloads/' });
    for (const pointer of [
      { bucket: others.name, key: 'k' },
      { bucket: mine.name, key: 'elsewhere' },
    ]) {
      await expect(s3.get(pointer, calm())).rejects.toMatchObject({
        code: 'INVALID',
        message: expect.stringContaining('`buckets` of s3Store') as string,
      });
      await expect(s3.delete(pointer, calm())).rejects.toMatchObject({ code: 'INVALID' });
    }
    expect([await others.keys(), await mine.keys()]).toEqual([['k'], ['elsewhere']]);
    const wider = store({ bucket: mine.name, prefix: 'payloads/', buckets: [others.name, `${mine.name}/else`] });
    for (const pointer of [
      { bucket: others.name, key: 'k' },
      { bucket: mine.name, key: 'elsewhere' },
    ])
      expect(Buffer.from(await wider.get(pointer, calm())).toString()).toBe('secret');
  });

  test('takes at most maxBytes', async () => {
    const { name } = await bucket();
    const s3 = store({ bucket: name });
    const pointer = await s3.put(Buffer.alloc(1_000), calm());
    expect(await s3.get(pointer, { ...calm(), maxBytes: 1_000 })).toHaveLength(1_000);
    await expect(s3.get(pointer, { ...calm(), maxBytes: 999 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  test('is open again with the first call after close, which waits for what runs', async () => {
    const { name } = await bucket();
    const s3 = store({ bucket: name });
    const putting = s3.put(Buffer.from('x'), calm());
    await s3.close?.();
    const pointer = await putting;
    expect(Buffer.from(await s3.get(pointer, calm())).toString()).toBe('x');
  });

  test('does nothing for a signal that has aborted', async () => {
    const { name, keys } = await bucket();
    const s3 = store({ bucket: name });
    const options = { ...calm(), signal: AbortSignal.abort(new Error('enough')) };
    await expect(s3.put(Buffer.from('x'), options)).rejects.toThrow('enough');
    expect(await keys()).toEqual([]);
  });
});

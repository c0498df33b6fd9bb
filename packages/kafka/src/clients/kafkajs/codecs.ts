import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { kafkaError } from '../../errors.js';
import type { ResolvedOptions } from '../../options.js';
import { library } from './connection.js';

/** Kafka's numbers for the codecs ("Record batch", attributes). */
export const CODECS = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** Throws CONFIG where the codec of `compression` is not there. Zstandard is Node's own, unless another was registered. */
export async function checkCodec({ compression }: Pick<ResolvedOptions, 'compression'>): Promise<void> {
  const codecs = (await library()).CompressionCodecs as Record<number, () => unknown>;
  registerZstd(codecs);
  try {
    if (compression !== 'none') codecs[CODECS[compression]]?.();
  } catch (cause) {
    const [codec, type] = compression === 'lz4' ? ['lz4-napi', 'LZ4'] : ['kafkajs-snappy', 'Snappy'];
    const how = `install a codec (${codec}) and register it: CompressionCodecs[CompressionTypes.${type}] = …, both from kafkajs`;
    throw kafkaError('CONFIG', `compression: ${compression} has no codec; ${how}`, { cause });
  }
}

function registerZstd(codecs: Record<number, () => unknown>): void {
  try {
    codecs[CODECS.zstd]?.();
  } catch {
    const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)];
    codecs[CODECS.zstd] = () => ({
      compress: ({ buffer }: { readonly buffer: Buffer }) => compress(buffer),
      decompress: (buffer: Buffer) => decompress(buffer),
    });
  }
}

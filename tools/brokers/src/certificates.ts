import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './native-process.js';

/** A throw-away certificate authority with a server's and a client's certificate, all PEM. */
export interface Certificates {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  /** Its common name is `client`. */
  readonly client: { readonly cert: string; readonly key: string };
}

const OPENSSL_MS = 10_000;

/**
 * Makes the certificates by the openssl command, in the folder given: valid for two days, the server's for localhost and 127.0.0.1.
 * @throws Error when openssl is missing or fails
 */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const openssl = (...args: string[]): Promise<string> =>
    runCommand('openssl', args, { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder }, OPENSSL_MS);
  const file = (name: string): string => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    '/CN=Omnibus test authority',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  );
  const issue = async (name: string, subject: string, extensions: string): Promise<{ cert: string; key: string }> => {
    await writeFile(file(`${name}.ext`), extensions);
    await openssl(
      'req',
      '-new',
      ...newKey,
      '-subj',
      `/CN=${subject}`,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.csr`),
    );
    await openssl(
      'x509',
      '-req',
      '-days',
      '2',
      '-in',
      file(`${name}.csr`),
      '-extfile',
      file(`${name}.ext`),
      '-CA',
      file('ca.pem'),
      '-CAkey',
      file('ca.key'),
      '-set_serial',
      name === 'server' ? '2' : '3',
      '-out',
      file(`${name}.pem`),
    );
    return { cert: await readFile(file(`${name}.pem`), 'utf8'), key: await readFile(file(`${name}.key`), 'utf8') };
  };
  return {
    server: await issue('server', 'localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n'),
    client: await issue('client', 'client', 'extendedKeyUsage=clientAuth\n'),
    ca: await readFile(file('ca.pem'), 'utf8'),
  };
}

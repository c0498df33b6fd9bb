import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bareEnvironment, runCommand } from './command.js';

/** A throw-away certificate authority with a server's and a client's certificate, all PEM. */
export interface Certificates {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  /** Its common name is `client`. */
  readonly client: { readonly cert: string; readonly key: string };
}

const OPENSSL_MS = 10_000;
const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';

/**
 * Makes the certificates by the openssl command, in the folder given: valid for two days, the server's for localhost and 127.0.0.1.
 * @throws Error when openssl is missing or fails
 */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const openssl = (words: string): Promise<string> =>
    runCommand('openssl', words.split(' '), { env: bareEnvironment(folder), folder, timeoutMs: OPENSSL_MS });
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

  const issue = async (name: string, serial: number, extensions: string): Promise<{ cert: string; key: string }> => {
    await writeFile(join(folder, `${name}.ext`), extensions);
    await openssl(`req -new ${NEW_KEY} -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`);
    const signing = `-CA ca.pem -CAkey ca.key -set_serial ${serial} -days 2`;
    await openssl(`x509 -req ${signing} -in ${name}.csr -extfile ${name}.ext -out ${name}.pem`);
    return { cert: await read(`${name}.pem`), key: await read(`${name}.key`) };
  };

  await openssl(`req -x509 ${NEW_KEY} -days 2 -subj /CN=omnibus-test-authority -keyout ca.key -out ca.pem`);
  return {
    ca: await read('ca.pem'),
    server: await issue('server', 2, 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n'),
    client: await issue('client', 3, 'extendedKeyUsage=clientAuth\n'),
  };
}
